//! Accepting connections of whole messages.

use std::borrow::Cow;
use std::ffi::c_char;
use std::ptr;

use super::bytes::{rustchat_bytes, string};
use super::connection::{Peer, rustchat_connection};
use super::guard;
use super::handle::{self, Kind, Object};
use super::key_ring::rustchat_key_ring;
use super::options::{self, deadline};
use super::out::Out;
use super::rows;
use super::serving::{self, Addressed};
use super::status::rustchat_status;
use super::tls_options::rustchat_tls_options;
use crate::connection::{AcceptOptions, MessageListener};
use crate::net::{Address, Endpoint};
use crate::{Error, Result, Status};

/// Listens for connections. Not memory: a number that the library looks up, so that a listener freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
#[derive(Debug)]
pub struct rustchat_listener {
    _opaque: [u8; 0],
}

/// How to listen for connections. Begin with RUSTCHAT_LISTENER_OPTIONS_INIT and set what differs: 0 and NULL are the
/// defaults. All of it is read during rustchat_listener_open.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_listener_options {
    /// sizeof(rustchat_listener_options).
    pub struct_size: usize,
    /// Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8; must not be NULL. Port 0 lets the system choose.
    pub address: *const c_char,
    /// What peers must prove to hold; empty lets everybody in. Copied, and overwritten when the listener ends.
    pub secret: rustchat_bytes,
    /// The id of the secret for peers that name one, at most 64 bytes; NULL for peers that do not.
    pub key_id: *const c_char,
    /// How they prove it, a rustchat_profile; 0 is mutual.
    pub profile: i32,
    /// A rustchat_framing; 0 is u32be.
    pub framing: i32,
    /// Longest message in bytes, in both directions; 0 is 8192 for lines, 16777216 otherwise.
    pub frame_limit: usize,
    /// Not 0: listen beyond this machine without a secret. Else such an opening is RUSTCHAT_EINVAL.
    pub allow_anonymous: i32,
    /// Connections that the system keeps until they are accepted; 0 is 4096.
    pub backlog: u32,
    /// For a whole handshake, in milliseconds; 0 is 5000.
    pub handshake_timeout_ms: i64,
    /// Handshakes under way at a time, past which the oldest fails; 0 is 128.
    pub handshake_limit: u32,
    /// 0.
    pub reserved_limit: u32,
    /// How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds:
    /// for a quick dialogue. 0 is 100, more than 10000 counts as that; -1 always sleeps. An idle or irregular connection is never polled.
    pub polling_us: i64,
    /// Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
    /// this user alone, or 0660 with a group. Only with the path of a Unix socket.
    pub mode: u32,
    /// 0.
    pub reserved_mode: u32,
    /// The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
    /// Unix socket.
    pub group: *const c_char,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The listener keeps what it is given.
    pub keys: *mut rustchat_key_ring,
    /// 0.
    pub reserved: [u64; 3],
}

impl Object for MessageListener {
    type Handle = rustchat_listener;
    const KIND: Kind = Kind::Listener;

    fn close(&self) {
        MessageListener::close(self);
    }
}

impl Addressed for MessageListener {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(MessageListener::address(self))
    }
}

impl rustchat_listener_options {
    fn open(&self) -> Result<MessageListener> {
        // SAFETY: the header asks for options whose pointers can be read.
        let address = unsafe { string("address", self.address) }?;
        let address = address.ok_or_else(|| Error::new(Status::InvalidArgument, "address is NULL"))?;
        let mut options = AcceptOptions::default();
        // SAFETY: the same.
        unsafe { rows::fill(&mut options, self) }?;
        MessageListener::bind(address.parse::<Endpoint>()?, options)
    }
}

/// Listens for connections of whole messages.
///
/// With a secret or TLS, a thread of the listener's own shakes hands with all newcomers at once.
///
/// @param options how to listen; read during the call.
/// @param out receives the listener, which the caller ends with rustchat_listener_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, or the address is beyond this
///   machine with neither secret nor allow_anonymous, or for TLS with a certificate that cannot be used, or with neither that
///   nor a secret in the profile mutual; RUSTCHAT_ENOTSUP for tls in a build without it; RUSTCHAT_EADDRINVAL;
///   RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for an address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length;
///   RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
///
/// Blocking: while a name in the address is looked up.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_listener_open(
    options: *const rustchat_listener_options,
    out: *mut *mut rustchat_listener,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_listener_open", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options.
        let options = unsafe { options::read(options) }?;
        out.set(handle::insert(options.open()?)?);
        Ok(())
    })
}

/// Waits for a connection; with a secret, for one that has proved to hold it.
///
/// @param listener the listener.
/// @param out receives the connection, which the caller ends with rustchat_connection_free; NULL on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_EINVAL when out is NULL or timeout_ms is below -1;
///   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example when no descriptor is left.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_listener_accept(
    listener: *mut rustchat_listener,
    out: *mut *mut rustchat_connection,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::on("rustchat_listener_accept", listener, |listener: &MessageListener| {
        let out = out?;
        let connection = listener.accept(deadline(timeout_ms)?)?;
        out.set(handle::insert(Peer::new(connection))?);
        Ok(())
    })
}

/// The address a listener listens on, with the port that the system chose.
///
/// @param listener the listener.
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
pub unsafe extern "C" fn rustchat_listener_address(
    listener: *mut rustchat_listener,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<MessageListener>("rustchat_listener_address", listener, buf, cap, len) }
}

/// The port a listener listens on.
///
/// @param listener the listener.
/// @param out receives the port, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOTSUP for a Unix socket; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_listener_port(listener: *mut rustchat_listener, out: *mut u16) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::port::<MessageListener>("rustchat_listener_port", listener, out) }
}

/// Refuses further connections; every call that waits in the listener ends with RUSTCHAT_ECLOSED. Connections that were
/// accepted go on. May be repeated.
///
/// @param listener the listener.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_listener_close(listener: *mut rustchat_listener) -> rustchat_status {
    guard::close::<MessageListener>("rustchat_listener_close", listener)
}

/// Closes a listener and releases it.
///
/// Other threads may be inside calls on the listener: they end with RUSTCHAT_ECLOSED, and the last one releases it. After
/// fork, in the child, this does nothing.
///
/// @param listener the listener, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: until the listener's thread has ended, a moment.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_listener_free(listener: *mut rustchat_listener) {
    guard::free::<MessageListener>("rustchat_listener_free", listener);
}
