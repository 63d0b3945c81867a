/**
 * @file client.hpp
 * A part of rustchat.hpp: the chat client.
 */
#ifndef RUSTCHAT_CLIENT_HPP
#define RUSTCHAT_CLIENT_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/event.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/message.hpp>
#include <rustchat/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rustchat {

/// Who is in a chat: for (const rustchat_member &member : members).
class member_listing : public detail::lent<rustchat_member_listing, rustchat_member_listing_clear> {
  public:
    member_listing() noexcept : lent(RUSTCHAT_MEMBER_LISTING_INIT) {}
    std::size_t size() const noexcept { return value_.count; }
    const rustchat_member *begin() const noexcept { return value_.members; }
    const rustchat_member *end() const noexcept { return value_.members + value_.count; }
};

/// A connected chat client; closed and released at its end.
class client {
  public:
    explicit client(const rustchat_client_options &options) : held_(detail::made(rustchat_client_connect, options)) {}
    /// Tells on_event of every event, one at a time, on a thread of the library. An exception there ends the program.
    client(rustchat_client_options options, detail::listener_function on_event)
    {
        auto function = detail::attach(options, std::move(on_event));
        held_.reset(detail::made<rustchat_client, rustchat_client_options>(rustchat_client_connect, options));
        function.release();
    }

    rustchat_client *get() const noexcept { return held_.get(); }
    std::string peer_address() const { return detail::text(get(), rustchat_client_peer_address); }
    /// What protects what is sent and received.
    rustchat_protection protection() const { return detail::protection(get(), rustchat_client_protection); }
    void send(std::string_view text, milliseconds timeout = forever)
    {
        check(rustchat_client_send(get(), text.data(), text.size(), timeout.count()));
    }
    /// To the member of that name alone; message chat only.
    void send_to(const std::string &name, std::string_view text, milliseconds timeout = forever)
    {
        check(rustchat_client_send_to(get(), name.c_str(), text.data(), text.size(), timeout.count()));
    }
    /// Who is there; message chat only.
    member_listing who(milliseconds timeout = forever)
    {
        member_listing listing;
        check(rustchat_client_who(get(), listing.reset(), timeout.count()));
        return listing;
    }
    void rename(const std::string &name, milliseconds timeout = forever)
    {
        check(rustchat_client_rename(get(), name.c_str(), timeout.count()));
    }
    /// Gives the name up that there is; message chat only.
    void rename(std::nullptr_t, milliseconds timeout = forever)
    {
        check(rustchat_client_rename(get(), nullptr, timeout.count()));
    }
    /// The one that the server has said we have.
    std::string name() const { return detail::text(get(), rustchat_client_name); }
    void send(const message &said, milliseconds timeout = forever)
    {
        check(rustchat_client_send_message(get(), said.get(), timeout.count()));
    }
    rustchat_client_stats_data stats() const
    {
        rustchat_client_stats_data stats = RUSTCHAT_CLIENT_STATS_INIT;
        check(rustchat_client_stats(get(), &stats));
        return stats;
    }
    message recv(milliseconds timeout = forever)
    {
        rustchat_message *received = nullptr;
        check(rustchat_client_recv(get(), &received, timeout.count()));
        return message(received);
    }
    std::vector<event> poll(milliseconds timeout = forever, std::size_t most = 64)
    {
        return detail::poll(get(), rustchat_client_poll, most, timeout);
    }
    int poll_fd() const { return detail::number(get(), rustchat_client_poll_fd); }
    void drain(milliseconds timeout = forever) { check(rustchat_client_drain(get(), timeout.count())); }
    bool is_open() const { return detail::number(get(), rustchat_client_state) == RUSTCHAT_CLIENT_OPEN; }
    void wake() { check(rustchat_client_wake(get())); }
    void close() { check(rustchat_client_close(get())); }
    void join(milliseconds timeout = forever) { check(rustchat_client_join(get(), timeout.count())); }

  private:
    detail::owner<rustchat_client, rustchat_client_free> held_;
};

} // namespace rustchat

#endif
