/**
 * @file message.hpp
 * A part of rustchat.hpp: messages.
 */
#ifndef RUSTCHAT_MESSAGE_HPP
#define RUSTCHAT_MESSAGE_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace rustchat {

/// A reference to a message; copies are references to the same one.
class message {
  public:
    explicit message(std::string_view content)
    {
        rustchat_message *made = nullptr;
        check(rustchat_message_new(content.data(), content.size(), &made));
        held_.reset(made);
    }
    /// Takes over a reference.
    explicit message(rustchat_message *reference) noexcept : held_(reference) {}
    message(const message &other) noexcept : held_(rustchat_message_retain(other.get())) {}
    message(message &&) noexcept = default;
    message &operator=(message other) noexcept
    {
        held_.swap(other.held_);
        return *this;
    }
    ~message() = default;

    rustchat_message *get() const noexcept { return held_.get(); }
    std::string_view content() const noexcept { return detail::view(rustchat_message_bytes(get())); }
    rustchat_peer_id sender() const noexcept { return rustchat_message_sender(get()); }
    std::string_view sender_address() const noexcept { return detail::view(rustchat_message_sender_address(get())); }
    std::string_view sender_name() const noexcept { return detail::view(rustchat_message_sender_name(get())); }
    /// Whether the server itself said it, and no member.
    bool from_server() const noexcept { return rustchat_message_from_server(get()) != 0; }
    std::uint64_t seq() const noexcept { return rustchat_message_seq(get()); }
    std::chrono::nanoseconds since_epoch() const noexcept
    {
        return std::chrono::nanoseconds(rustchat_message_timestamp_ns(get()));
    }
    /// Line chat: the server's stamp with the digits YYYYMMDDhhmmss, of which no point in time follows; 0 without one.
    std::uint64_t wall_time() const noexcept { return rustchat_message_wall_time(get()); }
    std::int32_t kind() const noexcept { return rustchat_message_kind(get()); }
    /// Whether it is for one member alone, and not to be repeated to the room.
    bool is_private() const noexcept { return rustchat_message_private(get()) != 0; }
    rustchat_peer_id recipient() const noexcept { return rustchat_message_recipient(get()); }
    std::string_view recipient_name() const noexcept { return detail::view(rustchat_message_recipient_name(get())); }
    bool again() const noexcept { return rustchat_message_again(get()) != 0; }

  private:
    detail::owner<rustchat_message, rustchat_message_release> held_;
};

} // namespace rustchat

#endif
