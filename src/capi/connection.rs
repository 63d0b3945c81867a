//! Connections of whole messages.

use std::borrow::Cow;
use std::ffi::{c_char, c_int, c_void};
use std::os::fd::AsRawFd;
use std::ptr;

use super::bytes::{self, Buffer};
use super::connection_options::rustchat_connection_options;
use super::content::Content;
use super::content::rustchat_message;
use super::guard;
use super::handle::{self, Kind, Object};
use super::message;
use super::options::{self, deadline};
use super::out::Out;
use super::pending::Pending;
use super::serving::{self, Addressed};
use super::status::rustchat_status;
use crate::connection::{Connection, Received};
use crate::net::Address;

/// A connection that carries whole messages. Not memory: a number that the library looks up, so that a connection freed
/// already is RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
#[derive(Debug)]
pub struct rustchat_connection {
    _opaque: [u8; 0],
}

pub(super) struct Peer {
    pub(super) connection: Connection,
    pub(super) pending: Pending<Vec<u8>>,
}

impl Peer {
    pub(super) fn new(connection: Connection) -> Peer {
        connection.keep_from_children();
        Peer { connection, pending: Pending::new() }
    }
}

impl Object for Peer {
    type Handle = rustchat_connection;
    const KIND: Kind = Kind::Connection;

    fn close(&self) {
        self.connection.close();
    }
}

impl Addressed for Peer {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(self.connection.peer())
    }
}

/// Connects to a listener, and shakes hands if there is a secret.
///
/// @param options how to connect; read during the call.
/// @param out receives the connection, which the caller ends with rustchat_connection_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL or an option is out of range; RUSTCHAT_EADDRINVAL;
///   RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
///   address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build without it,
///   or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
///   With TLS, a peer that is not trusted is RUSTCHAT_EAUTH, one that does not speak it RUSTCHAT_EPROTO.
///
/// Blocking: for the option timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_open(
    options: *const rustchat_connection_options,
    out: *mut *mut rustchat_connection,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_connection_open", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options.
        let options = unsafe { options::read(options) }?;
        out.set(handle::insert(Peer::new(options.open()?))?);
        Ok(())
    })
}

/// Sends one message, whole.
///
/// @param connection the connection.
/// @param data the message; may be NULL when len is 0.
/// @param len its length in bytes; 0 is a message too.
/// @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the connection is closed if a part
///   was sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL and len is not
///   0, timeout_ms is below -1, or a line holds a line feed; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_send(
    connection: *mut rustchat_connection,
    data: *const c_void,
    len: usize,
    timeout_ms: i64,
) -> rustchat_status {
    guard::on("rustchat_connection_send", connection, |peer: &Peer| {
        // SAFETY: the header asks for `len` readable bytes.
        let bytes = unsafe { bytes::input(data, len) }?;
        peer.connection.send(bytes, deadline(timeout_ms)?)
    })
}

/// Sends the content of a message, whole, like rustchat_connection_send.
///
/// @param connection the connection.
/// @param message the message, which stays the caller's.
/// @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the connection is closed if a part
///   was sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when timeout_ms is below -1, or a
///   line holds a line feed; RUSTCHAT_EHANDLE for the connection or the message; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_send_message(
    connection: *mut rustchat_connection,
    message: *mut rustchat_message,
    timeout_ms: i64,
) -> rustchat_status {
    guard::on("rustchat_connection_send_message", connection, |peer: &Peer| {
        // SAFETY: the header asks for a live message.
        let message = unsafe { message::expect(message) }?;
        peer.connection.send(message.bytes(), deadline(timeout_ms)?)
    })
}

/// Receives one message, whole.
///
/// @param connection the connection.
/// @param out receives the message, which the caller ends with rustchat_message_release; NULL on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all. What has come of a message by then is kept.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED at the end; RUSTCHAT_ECONNRESET when it broke in a message;
///   RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO for what is no message, after which the connection is closed; RUSTCHAT_EINVAL
///   when out is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_recv(
    connection: *mut rustchat_connection,
    out: *mut *mut rustchat_message,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::on("rustchat_connection_recv", connection, |peer: &Peer| {
        let (out, deadline) = (out?, deadline(timeout_ms)?);
        let bytes = match peer.pending.take() {
            Some(bytes) => bytes,
            None => peer.connection.recv(deadline)?,
        };
        out.set(Content::of_bytes(bytes).into_raw());
        Ok(())
    })
}

/// Receives one message, whole, into the caller's memory.
///
/// A message that does not fit stays, and is the next one that any receiving call gives. What lies in buf behind the
/// message, and after a failure, is not defined.
///
/// @param connection the connection.
/// @param buf receives the message, without a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length of the message, whether or not it fits; 0 on any other failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all. What has come of a message by then is kept.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than len; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED at the end;
///   RUSTCHAT_ECONNRESET when it broke in a message; RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO for what is no message, after
///   which the connection is closed; RUSTCHAT_EINVAL when len is NULL, buf is NULL and cap is not 0, or timeout_ms is
///   below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_recv_into(
    connection: *mut rustchat_connection,
    buf: *mut c_void,
    cap: usize,
    len: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf, cap, len) };
    guard::on("rustchat_connection_recv_into", connection, |peer: &Peer| {
        let (mut buffer, deadline) = (buffer.checked_with_length()?, deadline(timeout_ms)?);
        if let Some(bytes) = peer.pending.take() {
            return buffer.put(&bytes).inspect_err(|_| peer.pending.put_back(bytes));
        }
        // SAFETY: the header asks for `cap` writable bytes, which nobody else uses during the call.
        match peer.connection.recv_into(unsafe { buffer.as_slice() }, deadline)? {
            Received::Whole(length) => buffer.report(length),
            Received::TooLong(bytes) => return buffer.put(&bytes).inspect_err(|_| peer.pending.keep(bytes)),
        }
        Ok(())
    })
}

/// The address of the other end.
///
/// @param connection the connection.
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
pub unsafe extern "C" fn rustchat_connection_peer_address(
    connection: *mut rustchat_connection,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<Peer>("rustchat_connection_peer_address", connection, buf, cap, len) }
}

/// The id of the key that the peer has proved to hold.
///
/// @param connection the connection.
/// @param buf receives the id, empty without authentication or with a key that has none, and a NUL; may be NULL when cap
///   is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
///   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_key_id(
    connection: *mut rustchat_connection,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf.cast(), cap, len) };
    guard::on("rustchat_connection_key_id", connection, |peer: &Peer| {
        buffer.checked()?.put_text(peer.connection.identity().map_or("", |identity| &identity.key_id))
    })
}

/// The descriptor of a connection's socket: for select, poll and epoll.
///
/// When it is readable, receive with a timeout of 0 until RUSTCHAT_ETIMEDOUT: one read may bring several messages.
///
/// @param connection the connection.
/// @param fd receives the descriptor, -1 on failure. It belongs to the connection: wait for it, do nothing else with it,
///   and not after rustchat_connection_free.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when fd is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_fd(
    connection: *mut rustchat_connection,
    fd: *mut c_int,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let fd = unsafe { Out::new(fd, -1) };
    guard::on("rustchat_connection_fd", connection, |peer: &Peer| {
        fd?.set(peer.connection.as_raw_fd());
        Ok(())
    })
}

/// Ends a connection in both directions; every call that waits in it ends with RUSTCHAT_ECLOSED. The peer gets what was
/// sent before. May be repeated.
///
/// @param connection the connection.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_connection_close(connection: *mut rustchat_connection) -> rustchat_status {
    guard::close::<Peer>("rustchat_connection_close", connection)
}

/// Closes a connection and releases it.
///
/// Other threads may be inside calls on the connection: they end with RUSTCHAT_ECLOSED, and the last one releases it.
/// After fork, in the child, this does nothing.
///
/// @param connection the connection, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_connection_free(connection: *mut rustchat_connection) {
    guard::free::<Peer>("rustchat_connection_free", connection);
}
