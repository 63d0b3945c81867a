/**
 * @file connection.hpp
 * A part of rustchat.hpp: connections of whole messages.
 */
#ifndef RUSTCHAT_CONNECTION_HPP
#define RUSTCHAT_CONNECTION_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/message.hpp>
#include <rustchat/tls.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rustchat {

/// Room for messages that are received together, to be used again and again. They live until the next receiving.
class batch {
  public:
    /// Room for so many bytes, more for a message that needs it, and so many messages.
    explicit batch(std::size_t bytes = 65536, std::size_t most = 1024) : memory_(bytes), messages_(most) {}

    std::size_t size() const noexcept { return count_; }
    std::string_view operator[](std::size_t index) const noexcept { return detail::view(messages_[index]); }
    /// The messages as connection::send_many takes them.
    const rustchat_bytes *begin() const noexcept { return messages_.data(); }
    const rustchat_bytes *end() const noexcept { return messages_.data() + count_; }

  private:
    friend class connection;
    void receive(rustchat_connection *connection, milliseconds timeout)
    {
        rustchat_status status;
        while ((status = rustchat_connection_recv_many(connection, memory_.data(), memory_.size(), messages_.data(),
                                                       messages_.size(), &count_, timeout.count())) == RUSTCHAT_EBUFSIZE)
            memory_.resize(messages_[0].len);
        check(status);
    }
    std::vector<char> memory_;
    std::vector<rustchat_bytes> messages_;
    std::size_t count_ = 0;
};

/// A connection of whole messages; closed and released at its end.
class connection {
  public:
    explicit connection(const rustchat_connection_options &options) : held_(detail::made(rustchat_connection_open, options)) {}
    /// Takes over a handle.
    explicit connection(rustchat_connection *handle) noexcept : held_(handle) {}

    rustchat_connection *get() const noexcept { return held_.get(); }
    std::string peer_address() const { return detail::text(get(), rustchat_connection_peer_address); }
    std::string key_id() const { return detail::text(get(), rustchat_connection_key_id); }
    /// What protects what is sent and received.
    rustchat_protection protection() const { return detail::protection(get(), rustchat_connection_protection); }
    void send(std::string_view data, milliseconds timeout = forever)
    {
        check(rustchat_connection_send(get(), data.data(), data.size(), timeout.count()));
    }
    /// All of them, with few system calls; what() of a failure says how many went out before.
    void send_many(const rustchat_bytes *begin, const rustchat_bytes *end, milliseconds timeout = forever)
    {
        check(rustchat_connection_send_many(get(), begin, static_cast<std::size_t>(end - begin), nullptr, timeout.count()));
    }
    void send_many(const batch &messages, milliseconds timeout = forever)
    {
        send_many(messages.begin(), messages.end(), timeout);
    }
    void send_many(const std::vector<std::string_view> &messages, milliseconds timeout = forever)
    {
        std::vector<rustchat_bytes> pieces;
        pieces.reserve(messages.size());
        for (std::string_view message : messages)
            pieces.push_back(bytes(message));
        send_many(pieces.data(), pieces.data() + pieces.size(), timeout);
    }
    /// At least one message, and those that have come with it.
    void recv_many(batch &room, milliseconds timeout = forever) { room.receive(get(), timeout); }
    void send(const message &said, milliseconds timeout = forever)
    {
        check(rustchat_connection_send_message(get(), said.get(), timeout.count()));
    }
    message recv(milliseconds timeout = forever)
    {
        rustchat_message *received = nullptr;
        check(rustchat_connection_recv(get(), &received, timeout.count()));
        return message(received);
    }
    int fd() const
    {
        int fd = -1;
        check(rustchat_connection_fd(get(), &fd));
        return fd;
    }
    void close() { check(rustchat_connection_close(get())); }

  private:
    detail::owner<rustchat_connection, rustchat_connection_free> held_;
};

} // namespace rustchat

#endif
