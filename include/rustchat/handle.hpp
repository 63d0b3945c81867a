/**
 * @file handle.hpp
 * A part of rustchat.hpp: what the owners of handles have in common: how long they wait, texts and bytes.
 */
#ifndef RUSTCHAT_HANDLE_HPP
#define RUSTCHAT_HANDLE_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace rustchat {

/// How long a call may wait; forever has no end.
using milliseconds = std::chrono::milliseconds;
inline constexpr milliseconds forever{-1};

namespace detail {

template <class T, void (*Free)(T *)> struct deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};
template <class T, void (*Free)(T *)> using owner = std::unique_ptr<T, deleter<T, Free>>;

inline std::string_view view(rustchat_bytes bytes) noexcept
{
    return {static_cast<const char *>(bytes.data), bytes.len};
}

template <class T> std::string text(T *handle, rustchat_status (*get)(T *, char *, std::size_t, std::size_t *))
{
    char buffer[256];
    std::size_t length = 0;
    check(get(handle, buffer, sizeof buffer, &length));
    return {buffer, length};
}

} // namespace detail

/// The bytes of a text that lives longer than the call, for the field secret of options.
inline rustchat_bytes bytes(std::string_view text) noexcept
{
    return {text.data(), text.size()};
}

} // namespace rustchat

#endif
