//! The chat client: who is there, words for one member alone, and its name.

use std::ffi::{c_char, c_void};

use super::bytes::{self, Buffer, string};
use super::client::{Client, LONGEST, rustchat_client};
use super::guard;
use super::member_listing::{self, rustchat_member_listing};
use super::options::{Report, deadline};
use super::status::rustchat_status;
use crate::{Error, Status};

/// Asks the server who is there; the client is among them. Message chat only: line chat answers /who in words.
///
/// The answer comes behind what the server has said before: where event_limit events wait to be taken, it is not waited for.
///
/// @param client the client.
/// @param out receives it; begin with RUSTCHAT_MEMBER_LISTING_INIT, or clear that of an earlier call first. All but struct_size is
///   0 on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the connection has ended; RUSTCHAT_ECONNRESET when it breaks, and
///   while a client that comes back (option reconnect) is away; RUSTCHAT_EOVERFLOW when event_limit events wait to be taken;
///   RUSTCHAT_ENOTSUP in line chat; RUSTCHAT_EDEADLK in a callback of this client; RUSTCHAT_EINVAL when out is NULL, timeout_ms is below
///   -1, or the struct_size of out is wrong; RUSTCHAT_EPROTO; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_who(
    client: *mut rustchat_client,
    out: *mut rustchat_member_listing,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let out = unsafe { Report::new(out) };
    guard::on("rustchat_client_who", client, |client: &Client| {
        let (out, deadline) = (out?, deadline(timeout_ms)?);
        member_listing::tell(client.chat.who(deadline)?, &out);
        Ok(())
    })
}

/// Says something to one member alone, which gets it as RUSTCHAT_EVENT_DIRECT; message chat only, since a server of line chat without commands would
/// say it to everybody. Apart from that it is like rustchat_client_send: a client that comes back says it again once where it was not
/// acknowledged.
///
/// That nobody has the name is told as whatever else the server refuses: by RUSTCHAT_EVENT_REFUSED, or by rustchat_client_recv, with
/// RUSTCHAT_ENOPEER.
///
/// @param client the client.
/// @param to the name of the member, UTF-8.
/// @param data the text, UTF-8; may be NULL when len is 0.
/// @param len its length in bytes.
/// @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
///   sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EOVERFLOW; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
///   control characters, and for what cannot be a name; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in line chat; RUSTCHAT_EINVAL when to is NULL, data is NULL and
///   len is not 0, or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_send_to(
    client: *mut rustchat_client,
    to: *const c_char,
    data: *const c_void,
    len: usize,
    timeout_ms: i64,
) -> rustchat_status {
    guard::on("rustchat_client_send_to", client, |client: &Client| {
        // SAFETY: the header asks for NULL or a string.
        let to = unsafe { string("to", to) }?.ok_or_else(|| Error::new(Status::InvalidArgument, "to is NULL"))?;
        // SAFETY: the header asks for `len` readable bytes.
        let text = unsafe { bytes::text(data, len, client.chat.message_limit().unwrap_or(0).max(LONGEST)) }?;
        client.chat.send_to(to, text, deadline(timeout_ms)?)
    })
}

/// Takes another name, or none any more, and waits until the server has said yes. A client that comes back (option reconnect) takes the new
/// name again. In line chat the server must know commands: one that does not says /name to the room, and never answers.
///
/// In a callback of the client it asks and returns: RUSTCHAT_EVENT_NAMED or RUSTCHAT_EVENT_REFUSED tells of what comes of it.
///
/// @param client the client.
/// @param name the name, UTF-8; NULL gives up the one that there is, in message chat only.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_EUTF8 for what may not be a name; RUSTCHAT_EINVAL when somebody else has it, or one that looks like
///   it, and when timeout_ms is below -1; RUSTCHAT_ESTATE when the client has had very many names; RUSTCHAT_ENOTSUP for NULL in line chat;
///   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the connection has ended, also by a name that is banned; RUSTCHAT_ECONNRESET and
///   RUSTCHAT_EOVERFLOW as for rustchat_client_who; RUSTCHAT_EPROTO; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms; in a callback of this client not at all.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_rename(
    client: *mut rustchat_client,
    name: *const c_char,
    timeout_ms: i64,
) -> rustchat_status {
    guard::on("rustchat_client_rename", client, |client: &Client| {
        // SAFETY: the header asks for NULL or a string.
        let name = unsafe { string("name", name) }?;
        client.chat.rename(name, deadline(timeout_ms)?)
    })
}

/// The name that the server has said a client has.
///
/// @param client the client.
/// @param buf receives the name, empty when there is none, and a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
///   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_name(
    client: *mut rustchat_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf.cast(), cap, len) };
    guard::on("rustchat_client_name", client, |client: &Client| {
        buffer.checked()?.put_text(&client.chat.name().unwrap_or_default())
    })
}
