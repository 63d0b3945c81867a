//! The chat client: what it receives.

use std::ffi::{c_int, c_void};
use std::ptr;

use super::bytes::Buffer;
use super::client::{Client, rustchat_client};
use super::content::Content;
use super::content::rustchat_message;
use super::contents::Contents;
use super::event::rustchat_event;
use super::guard;
use super::options::deadline;
use super::out::{Out, Slots};
use super::status::rustchat_status;

/// Waits for the next thing that somebody says, to the room or to this member, or for the gap where some of that is missing (option
/// reconnect; rustchat_message_kind tells which it is); other events are passed over.
///
/// What the server refuses is the status of one call, and the connection goes on; rustchat_last_error has the sentence.
/// Whom the server does not let in, or sends away, it tells why with RUSTCHAT_ECLOSED in the same way.
///
/// @param client the client.
/// @param out receives the message, which the caller ends with rustchat_message_release; NULL on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after rustchat_client_wake; RUSTCHAT_ECLOSED when the connection
///   has ended and every message was taken, RUSTCHAT_ECONNRESET, RUSTCHAT_EPROTO or RUSTCHAT_EMSGSIZE once when that is
///   why; once for what the server refused: RUSTCHAT_EINVAL for a name that is taken, RUSTCHAT_EMSGSIZE, RUSTCHAT_EUTF8,
///   RUSTCHAT_EPROTO, RUSTCHAT_ESTATE for a second name, RUSTCHAT_EIO when its filter failed; RUSTCHAT_ESTATE when a callback
///   takes the events; RUSTCHAT_EINVAL when out is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_recv(
    client: *mut rustchat_client,
    out: *mut *mut rustchat_message,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::on("rustchat_client_recv", client, |client: &Client| {
        let (out, deadline) = (out?, deadline(timeout_ms)?);
        client.check_polled()?;
        out.set(Content::of_incoming(client.chat.recv(deadline)?).into_raw());
        Ok(())
    })
}

/// Waits like rustchat_client_recv, and copies what was said into the caller's memory.
///
/// A message that does not fit stays, and is the next one that any receiving call gives.
///
/// @param client the client.
/// @param buf receives the bytes, without a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length of the message, whether or not it fits; 0 on any other failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than len; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after
///   rustchat_client_wake; RUSTCHAT_ECLOSED when the connection has ended and every message was taken,
///   RUSTCHAT_ECONNRESET, RUSTCHAT_EPROTO or RUSTCHAT_EMSGSIZE once when that is why; what rustchat_client_recv gives for
///   a refusal; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EINVAL when len is NULL, buf is NULL and cap is not 0, or timeout_ms is below -1;
///   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_recv_into(
    client: *mut rustchat_client,
    buf: *mut c_void,
    cap: usize,
    len: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf, cap, len) };
    guard::on("rustchat_client_recv_into", client, |client: &Client| {
        let (buffer, deadline) = (buffer.checked_with_length()?, deadline(timeout_ms)?);
        client.check_polled()?;
        let incoming = client.chat.recv(deadline)?;
        buffer.put(incoming.text.as_bytes()).inspect_err(|_| client.chat.put_back(incoming))
    })
}

/// Waits for events and takes them, several at a time, in order.
///
/// @param client the client.
/// @param events receives the events, the former contents of which are not looked at; each is ended with
///   rustchat_event_clear.
/// @param cap how many fit, at least 1.
/// @param count receives how many came, at least 1 with RUSTCHAT_OK; 0 on failure.
/// @param timeout_ms milliseconds to wait for the first event; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after rustchat_client_wake; RUSTCHAT_ECLOSED when the connection
///   has ended and every event was taken; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EINVAL when a
///   pointer is NULL, cap is 0 or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_poll(
    client: *mut rustchat_client,
    events: *mut rustchat_event,
    cap: usize,
    count: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or places that can be written.
    let slots = unsafe { Slots::new(events, cap, count) };
    guard::on("rustchat_client_poll", client, |client: &Client| {
        let (mut slots, deadline) = (slots?, deadline(timeout_ms)?);
        client.check_polled()?;
        let mut taken = slots.store();
        client.chat.poll(&mut taken, slots.capacity(), deadline)?;
        let mut contents = Contents::expecting(taken.len());
        taken.into_iter().for_each(|event| slots.push(rustchat_event::of_client(event, &mut contents)));
        Ok(())
    })
}

/// A descriptor that is readable while rustchat_client_poll would not wait: for select, poll and epoll.
///
/// @param client the client.
/// @param fd receives the descriptor, -1 on failure. It belongs to the client: wait for it, do nothing else with it, and
///   not after rustchat_client_free.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EINVAL when fd is NULL; RUSTCHAT_EIO when
///   no descriptor is left; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_poll_fd(client: *mut rustchat_client, fd: *mut c_int) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let fd = unsafe { Out::new(fd, -1) };
    guard::on("rustchat_client_poll_fd", client, |client: &Client| {
        let fd = fd?;
        client.check_polled()?;
        fd.set(client.chat.poll_fd()?);
        Ok(())
    })
}

/// Makes one waiting rustchat_client_recv, _recv_into or _poll, or else the next one, end with RUSTCHAT_EINTR.
///
/// @param client the client.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no. Not for signal handlers.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_client_wake(client: *mut rustchat_client) -> rustchat_status {
    guard::on("rustchat_client_wake", client, |client: &Client| {
        client.check_polled()?;
        client.chat.wake();
        Ok(())
    })
}
