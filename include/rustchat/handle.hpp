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
#include <utility>

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

/// What a function makes of options, the first call of every owner.
template <class T, class Options> T *made(rustchat_status (*make)(const Options *, T **), const Options &options)
{
    check_abi();
    T *handle = nullptr;
    check(make(&options, &handle));
    return handle;
}

template <class T, class Number> Number number(T *handle, rustchat_status (*get)(T *, Number *))
{
    Number found{};
    check(get(handle, &found));
    return found;
}

/// A structure of ours that refers to memory of the library's until it is cleared, at its end.
template <class T, void (*Clear)(T *)> class lent {
  public:
    lent(lent &&other) noexcept : value_(std::exchange(other.value_, T{})) {}
    lent &operator=(lent &&other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~lent() { Clear(&value_); }

    const T *operator->() const noexcept { return &value_; }
    /// For the functions of C, which fill it anew.
    T *reset() noexcept
    {
        Clear(&value_);
        return &value_;
    }

  protected:
    explicit lent(const T &fresh) noexcept : value_(fresh) {}
    T value_;
};

} // namespace detail

/// The bytes of a text that lives longer than the call, for the field secret of options.
inline rustchat_bytes bytes(std::string_view text) noexcept
{
    return {text.data(), text.size()};
}

} // namespace rustchat

#endif
