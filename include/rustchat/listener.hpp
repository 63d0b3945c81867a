/**
 * @file listener.hpp
 * A part of rustchat.hpp: what accepts connections of whole messages.
 */
#ifndef RUSTCHAT_LISTENER_HPP
#define RUSTCHAT_LISTENER_HPP

#include <rustchat.h>

#include <rustchat/connection.hpp>
#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/tls.hpp>

#include <cstdint>
#include <string>

namespace rustchat {

/// Listens for connections; closed and released at its end.
class listener {
  public:
    explicit listener(const rustchat_listener_options &options) : held_(detail::made(rustchat_listener_open, options)) {}

    rustchat_listener *get() const noexcept { return held_.get(); }
    std::string address() const { return detail::text(get(), rustchat_listener_address); }
    std::uint16_t port() const { return detail::number(get(), rustchat_listener_port); }
    /// Shows those who come from here on another certificate.
    void replace_certificate(const tls &with) { check(rustchat_listener_replace_certificate(get(), with.get())); }
    /// The public key that clients may be told to trust.
    rustchat::pin pin() const { return detail::pin_of(get(), rustchat_listener_pin); }
    connection accept(milliseconds timeout = forever)
    {
        rustchat_connection *accepted = nullptr;
        check(rustchat_listener_accept(get(), &accepted, timeout.count()));
        return connection(accepted);
    }
    void close() { check(rustchat_listener_close(get())); }

  private:
    detail::owner<rustchat_listener, rustchat_listener_free> held_;
};

} // namespace rustchat

#endif
