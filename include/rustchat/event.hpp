/**
 * @file event.hpp
 * A part of rustchat.hpp: events, taken one by one or told to a function.
 */
#ifndef RUSTCHAT_EVENT_HPP
#define RUSTCHAT_EVENT_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace rustchat {

/// An event that was taken; cleared at its end.
class event {
  public:
    event() noexcept : value_{} {}
    /// Takes over what a poll has filled.
    explicit event(const rustchat_event &value) noexcept : value_(value) {}
    event(event &&other) noexcept : value_(std::exchange(other.value_, rustchat_event{})) {}
    event &operator=(event &&other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~event() { rustchat_event_clear(&value_); }

    const rustchat_event *operator->() const noexcept { return &value_; }
    const char *name() const noexcept { return rustchat_event_name(value_.kind); }
    std::string_view text() const noexcept { return detail::view(rustchat_message_bytes(value_.message)); }
    std::string_view address() const noexcept { return detail::view(rustchat_message_sender_address(value_.message)); }

  private:
    rustchat_event value_;
};

namespace detail {

template <class T>
std::vector<event> poll(T *handle, rustchat_status (*take)(T *, rustchat_event *, std::size_t, std::size_t *, std::int64_t),
                        std::size_t most, milliseconds timeout)
{
    std::vector<rustchat_event> raw(most);
    std::vector<event> events;
    events.reserve(most);
    std::size_t count = 0;
    check(take(handle, raw.data(), raw.size(), &count, timeout.count()));
    for (std::size_t i = 0; i < count; i++)
        events.emplace_back(raw[i]);
    return events;
}

/// What a program wants to be told, owned by the library from a start that worked until on_drop.
using listener_function = std::function<void(const rustchat_event &)>;

template <class Options> std::unique_ptr<listener_function> attach(Options &options, listener_function &&function)
{
    auto owned = std::make_unique<listener_function>(std::move(function));
    options.userdata = owned.get();
    // An exception must not reach the library; what is thrown here has nobody else to catch it.
    options.on_event = [](void *data, const rustchat_event *event) noexcept {
        (*static_cast<listener_function *>(data))(*event);
    };
    options.on_drop = [](void *data) noexcept { delete static_cast<listener_function *>(data); };
    return owned;
}

} // namespace detail

} // namespace rustchat

#endif
