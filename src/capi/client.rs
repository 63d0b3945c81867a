//! The chat client: its life, and what it sends.

use std::borrow::Cow;
use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use super::bytes;
use super::callbacks::{Callbacks, client_handler};
use super::choices::rustchat_client_condition::*;
use super::client_options::rustchat_client_options;
use super::content::rustchat_message;
use super::guard;
use super::handle::{self, Kind, Object};
use super::message;
use super::options::{self, deadline};
use super::out::Out;
use super::serving::{self, Addressed};
use super::status::rustchat_status;
use crate::chat::ChatClient;
use crate::error::utf8;
use crate::net::{Address, Deadline};
use crate::{Error, Result, Status};

/// A connected chat client. Not memory: a number that the library looks up, so that a client freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
#[derive(Debug)]
pub struct rustchat_client {
    _opaque: [u8; 0],
}

pub(super) struct Client {
    pub(super) chat: ChatClient,
    polled: bool,
    /// Without a callback nobody else keeps them until the end.
    _callbacks: Option<Arc<Callbacks>>,
}

/// What is longer than this and than the server's limit is not even looked at.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

impl Object for Client {
    type Handle = rustchat_client;
    const KIND: Kind = Kind::Client;

    fn close(&self) {
        self.chat.close();
    }
}

impl Addressed for Client {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Owned(self.chat.peer())
    }
}

impl Client {
    fn connect(options: &rustchat_client_options) -> Result<Client> {
        // SAFETY: the header asks for options whose pointers can be read.
        let converted = unsafe { options.convert() }?;
        let callbacks = Callbacks::of_client(options);
        let polled = options.on_event.is_none();
        let connected = if polled {
            ChatClient::connect(&converted, Deadline::never())
        } else {
            ChatClient::connect_with(&converted, Deadline::never(), client_handler(Arc::clone(&callbacks)))
        };
        match connected {
            Ok(chat) => Ok(Client { chat, polled, _callbacks: polled.then_some(callbacks) }),
            Err(error) => {
                callbacks.disarm();
                Err(error)
            }
        }
    }

    pub(super) fn check_polled(&self) -> Result<()> {
        if self.polled {
            return Ok(());
        }
        Err(Error::new(Status::BadState, "events go to a callback"))
    }
}

/// Connects to a chat server, shakes hands if there is a secret, and joins.
///
/// @param options how to connect; read during the call, except userdata, which must live until on_drop.
/// @param out receives the client, which the caller ends with rustchat_client_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL or an option is out of range; RUSTCHAT_EADDRINVAL;
///   RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
///   address, key_id, name or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build
///   without it, or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot
///   be read. With TLS, a server that is not trusted is RUSTCHAT_EAUTH, one that does not speak it RUSTCHAT_EPROTO.
///
/// Blocking: for the option timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_connect(
    options: *const rustchat_client_options,
    out: *mut *mut rustchat_client,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_client_connect", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options.
        let options = unsafe { options::read(options) }?;
        out.set(handle::insert(Client::connect(&options)?)?);
        Ok(())
    })
}

/// Says something to the room. White space at its end is not sent; of nothing but white space nothing is sent.
///
/// In line chat the word quit alone leaves. Of a client that comes back (option reconnect) it returns when the text stands in the
/// queue, whether or not the server can be reached, and waits where 256 messages or 1 MiB were not acknowledged: then
/// RUSTCHAT_ETIMEDOUT, and in a callback RUSTCHAT_EOVERFLOW at once, is told of a text that goes nowhere.
///
/// @param client the client.
/// @param data the text, UTF-8; may be NULL when len is 0.
/// @param len its length in bytes.
/// @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
///   sent; RUSTCHAT_ECLOSED, also after quit; RUSTCHAT_ECONNRESET; RUSTCHAT_EOVERFLOW; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
///   control characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL and len is not 0, or timeout_ms is below -1;
///   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_send(
    client: *mut rustchat_client,
    data: *const c_void,
    len: usize,
    timeout_ms: i64,
) -> rustchat_status {
    guard::on("rustchat_client_send", client, |client: &Client| {
        // SAFETY: the header asks for `len` readable bytes.
        let text = unsafe { bytes::text(data, len, client.chat.message_limit().unwrap_or(0).max(LONGEST)) }?;
        client.chat.send(text, deadline(timeout_ms)?)
    })
}

/// Says the content of a message to the room, like rustchat_client_send.
///
/// @param client the client.
/// @param message the message, which stays the caller's.
/// @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
///   sent; RUSTCHAT_ECLOSED, also after quit; RUSTCHAT_ECONNRESET; RUSTCHAT_EOVERFLOW; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
///   control characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE for the client or the message;
///   RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_send_message(
    client: *mut rustchat_client,
    message: *mut rustchat_message,
    timeout_ms: i64,
) -> rustchat_status {
    guard::on("rustchat_client_send_message", client, |client: &Client| {
        // SAFETY: the header asks for a live message.
        let message = unsafe { message::expect(message) }?;
        client.chat.send(utf8(message.bytes())?, deadline(timeout_ms)?)
    })
}

/// Waits until the server has acknowledged all that was said. Only a client that comes back (option reconnect) knows of that;
/// for others it does nothing. In line chat, where nothing is acknowledged, until the system has all of it.
///
/// @param client the client.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the client has ended before; RUSTCHAT_EDEADLK in a callback of
///   this client that comes back; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_client_drain(client: *mut rustchat_client, timeout_ms: i64) -> rustchat_status {
    guard::on("rustchat_client_drain", client, |client: &Client| client.chat.drain(deadline(timeout_ms)?))
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
pub unsafe extern "C" fn rustchat_client_state(client: *mut rustchat_client, out: *mut i32) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, 0) };
    guard::on("rustchat_client_state", client, |client: &Client| {
        let condition = match (client.chat.is_closed(), client.chat.is_reconnecting()) {
            (true, _) => RUSTCHAT_CLIENT_CLOSED,
            (_, true) => RUSTCHAT_CLIENT_RECONNECTING,
            _ => RUSTCHAT_CLIENT_OPEN,
        };
        out?.set(condition as i32);
        Ok(())
    })
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
pub unsafe extern "C" fn rustchat_client_peer_address(
    client: *mut rustchat_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<Client>("rustchat_client_peer_address", client, buf, cap, len) }
}

/// Ends a client's connection at once; every call that waits in it ends with RUSTCHAT_ECLOSED.
///
/// May be repeated, and called in callbacks.
///
/// @param client the client.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_client_close(client: *mut rustchat_client) -> rustchat_status {
    guard::close::<Client>("rustchat_client_close", client)
}

/// Waits until a client's connection has ended and its callbacks, on_drop included, have been called.
///
/// @param client the client.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EDEADLK in a callback of this client; RUSTCHAT_EINVAL when timeout_ms is
///   below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_client_join(client: *mut rustchat_client, timeout_ms: i64) -> rustchat_status {
    guard::always("rustchat_client_join", client, |client: &Client| client.chat.join(deadline(timeout_ms)?))
}

/// Closes a client and releases it.
///
/// Other threads may be inside calls on the client: they end with RUSTCHAT_ECLOSED, and the last one releases it. After
/// fork, in the child, this does nothing.
///
/// @param client the client, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: until the client's thread has ended, a moment; in a callback not at all, and the client is released a moment
///   later.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_client_free(client: *mut rustchat_client) {
    guard::free::<Client>("rustchat_client_free", client);
}
