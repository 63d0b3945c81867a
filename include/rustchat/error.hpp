/**
 * @file error.hpp
 * A part of rustchat.hpp: the statuses of the library as exceptions.
 */
#ifndef RUSTCHAT_ERROR_HPP
#define RUSTCHAT_ERROR_HPP

#include <rustchat.h>

#include <cstdint>
#include <system_error>

namespace rustchat {

/// The statuses as an error category: value() is a rustchat_status.
inline const std::error_category &category() noexcept
{
    class table final : public std::error_category {
        const char *name() const noexcept override { return "rustchat"; }
        std::string message(int status) const override { return rustchat_status_message(status); }
    };
    static const table instance;
    return instance;
}

/// A call has failed; status() says how, what() has the sentence.
class error : public std::system_error {
  public:
    error(std::int32_t status, int os_code, const char *sentence)
        : std::system_error(status, category(), sentence), os_code_(os_code)
    {
    }
    rustchat_status status() const noexcept { return static_cast<rustchat_status>(code().value()); }
    /// The errno of the operating system where it was the one to complain, else 0.
    int os_code() const noexcept { return os_code_; }

  private:
    int os_code_;
};

/// The time was up.
struct timed_out : error {
    using error::error;
};
/// This side, or the peer in good order, has closed.
struct closed : error {
    using error::error;
};
/// A wake-up has ended the wait.
struct interrupted : error {
    using error::error;
};
/// Authentication failed.
struct authentication_failed : error {
    using error::error;
};

/// The rules of a server do not allow what was asked for; rule() says which one it was.
struct refused : error {
    refused(std::int32_t status, int os_code, const char *sentence, std::int32_t rule)
        : error(status, os_code, sentence), rule_(rule)
    {
    }
    /// A rustchat_command_refusal or a rustchat_file_refusal; 0 for one that is not known here.
    std::int32_t rule() const noexcept { return rule_; }

  private:
    std::int32_t rule_;
};

/// Throws unless status is RUSTCHAT_OK; call it right after the call that gave the status, on the same thread.
inline void check(std::int32_t status)
{
    if (status == RUSTCHAT_OK)
        return;
    const std::int32_t rule = rustchat_last_refusal();
    rustchat_error record{};
    if (rustchat_last_error(&record) != RUSTCHAT_OK || record.status != status)
        record = rustchat_error{};
    switch (status) {
    case RUSTCHAT_ETIMEDOUT:
        throw timed_out(status, record.os_code, record.message);
    case RUSTCHAT_ECLOSED:
        throw closed(status, record.os_code, record.message);
    case RUSTCHAT_EINTR:
        throw interrupted(status, record.os_code, record.message);
    case RUSTCHAT_EAUTH:
        throw authentication_failed(status, record.os_code, record.message);
    case RUSTCHAT_EREFUSED:
        throw refused(status, record.os_code, record.message, rule);
    default:
        throw error(status, record.os_code, record.message);
    }
}

/// Throws when the library that is running has another ABI than the header. The owners below call it at their start.
inline void check_abi()
{
    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        throw error(RUSTCHAT_ENOTSUP, 0, "the rustchat library that is running has another ABI than rustchat.hpp");
}

} // namespace rustchat

#endif
