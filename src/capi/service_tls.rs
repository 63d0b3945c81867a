//! What running ends of services have of TLS: certificates, and what protects their connections.

use super::command_client::rustchat_command_client;
use super::command_server::rustchat_command_server;
use super::file_client::rustchat_file_client;
use super::file_server::rustchat_file_server;
use super::serving;
use super::status::rustchat_status;
use super::tls::{self, rustchat_protection};
use super::tls_options::rustchat_tls_options;
use crate::command::{CommandClient, CommandServer};
use crate::transfer::{FileClient, FileServer};

/// Shows another certificate to clients that come from here on; those that are there keep their connections. For a certificate that
/// is renewed while the server runs: the options of the start with files, once more, read them anew.
///
/// @param server the server.
/// @param tls options whose certificate and key are taken, and nothing else of them; read during the call.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when tls is NULL or its struct_size is wrong, for no certificate, or one that cannot
///   be used; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EIO for a file that cannot be read; RUSTCHAT_EUTF8 for its
///   path; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in a build without TLS; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: while files are read.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_server_replace_certificate(
    server: *mut rustchat_command_server,
    tls: *const rustchat_tls_options,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { tls::replace_certificate::<CommandServer>("rustchat_command_server_replace_certificate", server, tls) }
}

/// The fingerprint of the public key that a command server shows its clients: what they may be told to trust.
///
/// @param server the server.
/// @param out receives 32 bytes, all 0 on failure: the SHA-256 of the key's SubjectPublicKeyInfo.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[out;32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_server_pin(
    server: *mut rustchat_command_server,
    out: *mut u8,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { tls::pin::<CommandServer>("rustchat_command_server_pin", server, out) }
}

/// What protects what a command client sends and receives.
///
/// @param client the client.
/// @param out receives it; begin with RUSTCHAT_PROTECTION_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_client_protection(
    client: *mut rustchat_command_client,
    out: *mut rustchat_protection,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        serving::report("rustchat_command_client_protection", client, out, |client: &CommandClient| {
            client.protection().into()
        })
    }
}

/// Shows another certificate to clients that come from here on; those that are there keep their connections. For a certificate that
/// is renewed while the server runs: the options of the start with files, once more, read them anew.
///
/// @param server the server.
/// @param tls options whose certificate and key are taken, and nothing else of them; read during the call.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when tls is NULL or its struct_size is wrong, for no certificate, or one that cannot
///   be used; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EIO for a file that cannot be read; RUSTCHAT_EUTF8 for its
///   path; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in a build without TLS; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: while files are read.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_server_replace_certificate(
    server: *mut rustchat_file_server,
    tls: *const rustchat_tls_options,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { tls::replace_certificate::<FileServer>("rustchat_file_server_replace_certificate", server, tls) }
}

/// The fingerprint of the public key that a file server shows its clients: what they may be told to trust.
///
/// @param server the server.
/// @param out receives 32 bytes, all 0 on failure: the SHA-256 of the key's SubjectPublicKeyInfo.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[out;32]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_server_pin(server: *mut rustchat_file_server, out: *mut u8) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { tls::pin::<FileServer>("rustchat_file_server_pin", server, out) }
}

/// What protects what a file client sends and receives.
///
/// @param client the client.
/// @param out receives it; begin with RUSTCHAT_PROTECTION_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_client_protection(
    client: *mut rustchat_file_client,
    out: *mut rustchat_protection,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        serving::report("rustchat_file_client_protection", client, out, |client: &FileClient| {
            client.protection().into()
        })
    }
}
