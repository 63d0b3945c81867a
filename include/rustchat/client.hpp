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
