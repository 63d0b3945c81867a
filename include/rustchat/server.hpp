/**
 * @file server.hpp
 * A part of rustchat.hpp: the chat server.
 */
#ifndef RUSTCHAT_SERVER_HPP
#define RUSTCHAT_SERVER_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/event.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/message.hpp>
#include <rustchat/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rustchat {

/// A socket that somebody else has bound and listens with; its descriptor stays the caller's.
struct adopted {
    int fd;
};

/// A running chat server; closed and released at its end.
class server {
  public:
    explicit server(const rustchat_server_options &options) : held_(detail::made(rustchat_server_start, options)) {}
    /// Tells on_event of every event, one at a time, on a thread of the library. An exception there ends the program.
    server(rustchat_server_options options, detail::listener_function on_event)
    {
        auto function = detail::attach(options, std::move(on_event));
        held_.reset(detail::made<rustchat_server, rustchat_server_options>(rustchat_server_start, options));
        function.release();
    }
    /// The same at a socket that is there.
    server(adopted socket, const rustchat_server_options &options) : held_(started_at(socket, options)) {}
    server(adopted socket, rustchat_server_options options, detail::listener_function on_event)
    {
        auto function = detail::attach(options, std::move(on_event));
        held_.reset(started_at(socket, options));
        function.release();
    }

    rustchat_server *get() const noexcept { return held_.get(); }
    std::string address() const { return detail::text(get(), rustchat_server_address); }
    std::uint16_t port() const { return detail::number(get(), rustchat_server_port); }
    /// Shows those who come from here on another certificate.
    void replace_certificate(const tls &with) { check(rustchat_server_replace_certificate(get(), with.get())); }
    /// The public key that clients may be told to trust.
    rustchat::pin pin() const { return detail::pin_of(get(), rustchat_server_pin); }
    rustchat_delivery broadcast(std::string_view text, rustchat_peer_id except = 0)
    {
        rustchat_delivery delivery{};
        check(rustchat_server_broadcast(get(), text.data(), text.size(), except, &delivery));
        return delivery;
    }
    rustchat_delivery broadcast(const message &said, rustchat_peer_id except = 0)
    {
        rustchat_delivery delivery{};
        check(rustchat_server_broadcast_message(get(), said.get(), except, &delivery));
        return delivery;
    }
    void send(rustchat_peer_id peer, std::string_view text)
    {
        check(rustchat_server_send(get(), peer, text.data(), text.size()));
    }
    void send(rustchat_peer_id peer, const message &said)
    {
        check(rustchat_server_send_message(get(), peer, said.get()));
    }
    /// Readable while it is worth to say again what has thrown overflow.
    int speech_fd() const { return detail::number(get(), rustchat_server_speech_fd); }
    /// Answers what an event has asked; text is for RUSTCHAT_VERDICT_REPLACE.
    void answer(std::uint64_t question, rustchat_verdict verdict, std::string_view text = {})
    {
        check(rustchat_server_answer(get(), question, verdict, text.data(), text.size()));
    }
    void disconnect(rustchat_peer_id peer, rustchat_status reason = RUSTCHAT_ECLOSED)
    {
        check(rustchat_server_disconnect(get(), peer, reason));
    }
    /// Gives a member a name, or with nullptr takes it away.
    void rename(rustchat_peer_id peer, const char *name) { check(rustchat_server_rename(get(), peer, name)); }
    std::string peer_name(rustchat_peer_id peer) const
    {
        char name[136];
        std::size_t length = 0;
        check(rustchat_server_peer_name(get(), peer, name, sizeof name, &length));
        return {name, length};
    }
    /// Attaches an object to a member, which goes when the program has heard that the member has left; an empty pointer takes away
    /// what there is. Its destructor must not throw.
    template <class T> void set_data(rustchat_peer_id peer, std::unique_ptr<T> data)
    {
        check(rustchat_server_set_peer_data(get(), peer, data.get(), [](void *held) noexcept { delete static_cast<T *>(held); }));
        (void)data.release();
    }
    /// What is attached to a member, of the type with which that was done; nullptr for nothing.
    template <class T> T *data(rustchat_peer_id peer) const
    {
        void *held = nullptr;
        check(rustchat_server_peer_data(get(), peer, &held));
        return static_cast<T *>(held);
    }
    /// Keeps somebody out from now on, for ever unless a duration is given; how many members are sent away.
    std::uint64_t ban(rustchat_ban_kind kind, const std::string &subject, const std::string &reason = {},
                      milliseconds duration = forever)
    {
        std::uint64_t sent_away = 0;
        check(rustchat_server_ban(get(), kind, subject.c_str(), reason.c_str(), duration.count(), &sent_away));
        return sent_away;
    }
    /// Lifts a ban; throws where there is none.
    void unban(rustchat_ban_kind kind, const std::string &subject)
    {
        check(rustchat_server_unban(get(), kind, subject.c_str()));
    }
    /// The bans in force, a JSON object a line.
    std::string bans() const
    {
        std::string all;
        std::size_t size = 0;
        rustchat_status status;
        while ((status = rustchat_server_bans(get(), &all[0], all.size(), &size)) == RUSTCHAT_EBUFSIZE)
            all.resize(size + 1);
        check(status);
        all.resize(size);
        return all;
    }
    void reload_bans() { check(rustchat_server_reload_bans(get())); }
    /// The member of that name or that key, nullptr standing for any; throws when nobody who is there is that.
    rustchat_peer_id find(const char *name, const char *key_id = nullptr) const
    {
        rustchat_peer_id peer = 0;
        check(rustchat_server_find(get(), name, key_id, &peer));
        return peer;
    }
    std::vector<rustchat_peer_id> peers() const
    {
        std::vector<rustchat_peer_id> ids(16);
        std::size_t count = 0;
        rustchat_status status;
        while ((status = rustchat_server_peers(get(), ids.data(), ids.size(), &count)) == RUSTCHAT_EBUFSIZE)
            ids.resize(count + 16);
        check(status);
        ids.resize(count);
        return ids;
    }
    rustchat_peer_info peer(rustchat_peer_id id) const
    {
        rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
        check(rustchat_server_peer_info(get(), id, &info));
        return info;
    }
    rustchat_server_stats_data stats() const
    {
        rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
        check(rustchat_server_stats(get(), &stats));
        return stats;
    }
    /// How long turns and deliveries take.
    rustchat_server_times_data times() const
    {
        rustchat_server_times_data times = RUSTCHAT_SERVER_TIMES_INIT;
        check(rustchat_server_times(get(), &times));
        return times;
    }
    /// Returns when every thread has come to the end of what it does; throws timed_out when one hangs.
    void probe(milliseconds timeout = milliseconds(1000)) { check(rustchat_server_probe(get(), timeout.count())); }
    /// At least one event; throws timed_out, interrupted, or closed after the last one.
    std::vector<event> poll(milliseconds timeout = forever, std::size_t most = 64)
    {
        return detail::poll(get(), rustchat_server_poll, most, timeout);
    }
    int poll_fd() const { return detail::number(get(), rustchat_server_poll_fd); }
    void wake() { check(rustchat_server_wake(get())); }
    void close() { check(rustchat_server_close(get())); }
    /// Of several calls, those of close() included, the one whose end comes first counts.
    void close_within(milliseconds drain) { check(rustchat_server_close_within(get(), drain.count())); }
    void join(milliseconds timeout = forever) { check(rustchat_server_join(get(), timeout.count())); }

  private:
    static rustchat_server *started_at(adopted socket, const rustchat_server_options &options)
    {
        check_abi();
        rustchat_server *started = nullptr;
        check(rustchat_server_start_at(socket.fd, &options, &started));
        return started;
    }
    detail::owner<rustchat_server, rustchat_server_free> held_;
};

} // namespace rustchat

#endif
