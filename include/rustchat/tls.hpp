/**
 * @file tls.hpp
 * A part of rustchat.hpp: TLS, and by what the other end is trusted.
 */
#ifndef RUSTCHAT_TLS_HPP
#define RUSTCHAT_TLS_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rustchat {

/// A public key by its fingerprint: the SHA-256 of its SubjectPublicKeyInfo.
using pin = std::array<std::uint8_t, 32>;

/// TLS for one end, owning its texts. As it is made it is enough where both ends share a secret in the profile mutual:
///
///     rustchat::tls tls;
///     auto options = rustchat::options<rustchat_server_options>();
///     options.secret = rustchat::bytes(secret);
///     options.tls = tls.get();
///     rustchat::server server(options);
///
/// It is read while the call that takes the options runs, and not used later.
class tls {
  public:
    /// The server's certificate and those that vouch for it, and its key, as texts (PEM); without a key it is in the same text.
    tls &certificate(std::string chain, std::string key = {})
    {
        certificate_ = std::move(chain);
        key_ = std::move(key);
        return *this;
    }
    /// The same of files.
    tls &certificate_file(std::string chain, std::string key = {})
    {
        certificate_file_ = std::move(chain);
        key_file_ = std::move(key);
        return *this;
    }
    /// The only roots that a client trusts, as text (PEM).
    tls &ca(std::string roots)
    {
        ca_ = std::move(roots);
        return *this;
    }
    /// The same of a file.
    tls &ca_file(std::string path)
    {
        ca_file_ = std::move(path);
        return *this;
    }
    /// A public key that a client trusts, whatever the certificate says; may be repeated.
    tls &trust(const pin &key)
    {
        pins_.push_back(key);
        return *this;
    }
    /// Whom a client trusts where neither roots nor pins say it.
    tls &trust(rustchat_trust whom) noexcept
    {
        trust_ = whom;
        return *this;
    }
    /// The name that a client asks for and verifies instead of the host of the address.
    tls &server_name(std::string name)
    {
        server_name_ = std::move(name);
        return *this;
    }
    /// Lets a server take proofs that are not bound to the channel.
    tls &allow_unbound(bool allow = true) noexcept
    {
        allow_unbound_ = allow;
        return *this;
    }

    /// As the field tls of options takes it; good until this object is changed, copied over or gone.
    const rustchat_tls_options *get() const noexcept
    {
        options_ = RUSTCHAT_TLS_OPTIONS_INIT;
        options_.certificate = bytes(certificate_);
        options_.key = bytes(key_);
        options_.certificate_file = text(certificate_file_);
        options_.key_file = text(key_file_);
        options_.ca = bytes(ca_);
        options_.ca_file = text(ca_file_);
        options_.pins = pins_.empty() ? nullptr : pins_.front().data();
        options_.pin_count = pins_.size();
        options_.server_name = text(server_name_);
        options_.trust = trust_;
        options_.allow_unbound = allow_unbound_;
        return &options_;
    }

  private:
    static const char *text(const std::string &text) noexcept { return text.empty() ? nullptr : text.c_str(); }
    std::string certificate_, key_, certificate_file_, key_file_, ca_, ca_file_, server_name_;
    std::vector<pin> pins_;
    rustchat_trust trust_ = RUSTCHAT_TRUST_DEFAULT;
    bool allow_unbound_ = false;
    mutable rustchat_tls_options options_ = RUSTCHAT_TLS_OPTIONS_INIT;
};

namespace detail {

template <class T> rustchat_protection protection(T *handle, rustchat_status (*get)(T *, rustchat_protection *))
{
    rustchat_protection found = RUSTCHAT_PROTECTION_INIT;
    check(get(handle, &found));
    return found;
}

template <class T> rustchat::pin pin_of(T *handle, rustchat_status (*get)(T *, std::uint8_t[32]))
{
    rustchat::pin found{};
    check(get(handle, found.data()));
    return found;
}

} // namespace detail

} // namespace rustchat

#endif
