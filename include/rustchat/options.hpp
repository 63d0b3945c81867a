/**
 * @file options.hpp
 * A part of rustchat.hpp: the options of C with their defaults.
 */
#ifndef RUSTCHAT_OPTIONS_HPP
#define RUSTCHAT_OPTIONS_HPP

#include <rustchat.h>

namespace rustchat {

/// Options with their defaults, for example options<rustchat_server_options>().
template <class T> T options() noexcept;
template <> inline rustchat_server_options options() noexcept
{
    return RUSTCHAT_SERVER_OPTIONS_INIT;
}
template <> inline rustchat_client_options options() noexcept
{
    return RUSTCHAT_CLIENT_OPTIONS_INIT;
}
template <> inline rustchat_listener_options options() noexcept
{
    return RUSTCHAT_LISTENER_OPTIONS_INIT;
}
template <> inline rustchat_connection_options options() noexcept
{
    return RUSTCHAT_CONNECTION_OPTIONS_INIT;
}
template <> inline rustchat_tls_options options() noexcept
{
    return RUSTCHAT_TLS_OPTIONS_INIT;
}
template <> inline rustchat_handshake_options options() noexcept
{
    return RUSTCHAT_HANDSHAKE_OPTIONS_INIT;
}
template <> inline rustchat_command_server_options options() noexcept
{
    return RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT;
}
template <> inline rustchat_command_client_options options() noexcept
{
    return RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT;
}
template <> inline rustchat_command_template options() noexcept
{
    return RUSTCHAT_COMMAND_TEMPLATE_INIT;
}
template <> inline rustchat_command_options options() noexcept
{
    return RUSTCHAT_COMMAND_OPTIONS_INIT;
}
template <> inline rustchat_file_server_options options() noexcept
{
    return RUSTCHAT_FILE_SERVER_OPTIONS_INIT;
}
template <> inline rustchat_file_client_options options() noexcept
{
    return RUSTCHAT_FILE_CLIENT_OPTIONS_INIT;
}
template <> inline rustchat_file_transfer_options options() noexcept
{
    return RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
}

} // namespace rustchat

#endif
