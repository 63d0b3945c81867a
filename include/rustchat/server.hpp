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
#include <rustchat/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rustchat {

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
    void send(rustchat_peer_id peer, std::string_view text)
    {
        check(rustchat_server_send(get(), peer, text.data(), text.size()));
    }
    void disconnect(rustchat_peer_id peer, rustchat_status reason = RUSTCHAT_ECLOSED)
    {
        check(rustchat_server_disconnect(get(), peer, reason));
    }
    /// Gives a member a name, or with nullptr takes it away.
    void rename(rustchat_peer_id peer, const char *name) { check(rustchat_server_rename(get(), peer, name)); }
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
    /// At least one event; throws timed_out, interrupted, or closed after the last one.
    std::vector<event> poll(milliseconds timeout = forever, std::size_t most = 64)
    {
        return detail::poll(get(), rustchat_server_poll, most, timeout);
    }
    int poll_fd() const
    {
        int fd = -1;
        check(rustchat_server_poll_fd(get(), &fd));
        return fd;
    }
    void wake() { check(rustchat_server_wake(get())); }
    void close() { check(rustchat_server_close(get())); }
    /// Of several calls, those of close() included, the one whose end comes first counts.
    void close_within(milliseconds drain) { check(rustchat_server_close_within(get(), drain.count())); }
    void join(milliseconds timeout = forever) { check(rustchat_server_join(get(), timeout.count())); }

  private:
    detail::owner<rustchat_server, rustchat_server_free> held_;
};

} // namespace rustchat

#endif
