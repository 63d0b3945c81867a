//! The client of files: its life.

use std::borrow::Cow;
use std::ffi::c_char;
use std::ptr;

use super::file_client_options::rustchat_file_client_options;
use super::guard;
use super::handle::{self, Kind, Object};
use super::options;
use super::out::Out;
use super::serving::{self, Addressed};
use super::status::rustchat_status;
use crate::net::{Address, Deadline};
use crate::transfer::FileClient;

/// A connection to a file server. Not memory: a number that the library looks up, so that a client freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time; one call at a time goes
/// over the connection, and the others wait for it, as long as their time. Whoever wants several transfers at a time connects
/// several times.
///
/// Paths at the server are UTF-8 with "/" between names, from its root on; "" is the root. Time that is up ends a call and leaves
/// the connection usable.
#[derive(Debug)]
pub struct rustchat_file_client {
    _opaque: [u8; 0],
}

impl Object for FileClient {
    type Handle = rustchat_file_client;
    const KIND: Kind = Kind::FileClient;

    fn close(&self) {
        FileClient::close(self);
    }
}

impl Addressed for FileClient {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(self.peer())
    }
}

/// Connects to a file server, and learns what it takes.
///
/// @param options how to connect; read during the call.
/// @param out receives the client, which the caller ends with rustchat_file_client_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret, beyond this machine with neither tls nor
///   allow_plaintext, or for an option that is out of range; RUSTCHAT_EADDRINVAL; RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET;
///   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the server has no place; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
///   address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build without it,
///   or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
///
/// Blocking: for the option timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_client_connect(
    options: *const rustchat_file_client_options,
    out: *mut *mut rustchat_file_client,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_file_client_connect", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options whose pointers can be read.
        let options = unsafe { options::read(options)?.convert() }?;
        out.set(handle::insert(FileClient::connect(&options, Deadline::never())?)?);
        Ok(())
    })
}

/// Whether a client is connected.
///
/// @param client the client.
/// @param out receives a rustchat_client_condition, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_client_state(
    client: *mut rustchat_file_client,
    out: *mut i32,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::state("rustchat_file_client_state", client, out, |client: &FileClient| client.is_closed()) }
}

/// The server's address.
///
/// @param client the client.
/// @param buf receives the address and a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
///   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_client_peer_address(
    client: *mut rustchat_file_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<FileClient>("rustchat_file_client_peer_address", client, buf, cap, len) }
}

/// Ends a client's connection at once: a call that uses it ends with
/// RUSTCHAT_ECLOSED. May be repeated.
///
/// @param client the client.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_file_client_close(client: *mut rustchat_file_client) -> rustchat_status {
    guard::close::<FileClient>("rustchat_file_client_close", client)
}

/// Closes a client and releases it.
///
/// Other threads may be inside calls on the client: they end with RUSTCHAT_ECLOSED, and the last one releases it. After fork, in the child, this does nothing.
///
/// @param client the client, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_file_client_free(client: *mut rustchat_file_client) {
    guard::free::<FileClient>("rustchat_file_client_free", client);
}
