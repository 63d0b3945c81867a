//! Messages: counted references to what was said.

use super::bytes::{self, rustchat_bytes};
use super::content::{self, Content, rustchat_message, rustchat_peer_id};
use super::contents::Releases;
use super::event::kind_of;
use super::guard;
use super::out::Out;
use super::status::rustchat_status;
use crate::{Error, Result, Status};

/// The message behind a pointer, for functions with a status.
///
/// # Safety
/// As for [`content::get`].
pub(super) unsafe fn expect<'a>(message: *const rustchat_message) -> Result<&'a Content> {
    // SAFETY: as promised by the caller.
    unsafe { content::get(message) }.ok_or_else(|| Error::new(Status::BadHandle, "not a message"))
}

/// What `read` finds in the message behind a pointer, `none` where there is no message.
///
/// # Safety
/// As for [`content::get`].
unsafe fn about<R: Copy>(
    name: &'static str,
    message: *const rustchat_message,
    none: R,
    read: impl FnOnce(&Content) -> R,
) -> R {
    // SAFETY: as promised by the caller.
    guard::value(name, none, || unsafe { content::get(message) }.map_or(none, read))
}

/// Makes a message of bytes, to send it once or several times.
///
/// @param data the bytes, copied; may be NULL when len is 0.
/// @param len how many, at most 2147483647.
/// @param out receives the message, which the caller ends with rustchat_message_release; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL, or data is NULL and len is not 0; RUSTCHAT_EMSGSIZE when len is
///   too large; RUSTCHAT_ENOMEM.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_new(
    data: *const std::ffi::c_void,
    len: usize,
    out: *mut *mut rustchat_message,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, std::ptr::null_mut()) };
    guard::call("rustchat_message_new", || {
        let out = out?;
        // SAFETY: the header asks for `len` readable bytes.
        let bytes = unsafe { bytes::input(data, len) }?;
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len())
            .map_err(|_| Error::new(Status::OutOfMemory, format!("no memory for a message of {len} bytes")))?;
        copy.extend_from_slice(bytes);
        out.set(Content::of_bytes(copy).into_raw());
        Ok(())
    })
}

/// Adds a reference to a message.
///
/// @param message a message to which the caller has a reference, or that is lent to it; may be NULL.
/// @return the same message, to be ended once more with rustchat_message_release; NULL when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_retain(message: *mut rustchat_message) -> *mut rustchat_message {
    guard::value("rustchat_message_retain", std::ptr::null_mut(), || {
        // SAFETY: the header asks for NULL or a live message.
        let Some(content) = (unsafe { content::get(message) }) else { return std::ptr::null_mut() };
        content.retain();
        message
    })
}

/// Ends a reference to a message; the last one frees it.
///
/// @param message a reference of the caller's, not to be used by it any more; may be NULL.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_release(message: *mut rustchat_message) {
    guard::value("rustchat_message_release", (), || {
        // SAFETY: the header asks for NULL or a live message, and the caller gives up a reference of its own.
        unsafe { Releases::new().add(message) };
    });
}

/// What was said.
///
/// @param message a live message; may be NULL.
/// @return the bytes, which belong to the message and live as long; none when it is no message. There is no NUL behind
///   them.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_bytes(message: *const rustchat_message) -> rustchat_bytes {
    // SAFETY: the header asks for NULL or a live message.
    unsafe {
        about("rustchat_message_bytes", message, rustchat_bytes::EMPTY, |message| rustchat_bytes::of(message.bytes()))
    }
}

/// Who said it.
///
/// @param message a live message; may be NULL.
/// @return the member's id; 0 for the server, for what the program made itself, and in line chat for a client.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_sender(message: *const rustchat_message) -> rustchat_peer_id {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_sender", message, 0, |message| message.sender()) }
}

/// The address of who said it, as the server sees it, for example "127.0.0.1:51234".
///
/// @param message a live message; may be NULL.
/// @return UTF-8 that belongs to the message and lives as long, without a NUL; empty when not known.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_sender_address(message: *const rustchat_message) -> rustchat_bytes {
    // SAFETY: the header asks for NULL or a live message.
    unsafe {
        about("rustchat_message_sender_address", message, rustchat_bytes::EMPTY, |message| {
            rustchat_bytes::of(message.address().as_bytes())
        })
    }
}

/// The name of who said it.
///
/// @param message a live message; may be NULL.
/// @return UTF-8 that belongs to the message and lives as long, without a NUL; empty when there is none.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_sender_name(message: *const rustchat_message) -> rustchat_bytes {
    // SAFETY: the header asks for NULL or a live message.
    unsafe {
        about("rustchat_message_sender_name", message, rustchat_bytes::EMPTY, |message| {
            rustchat_bytes::of(message.name().as_bytes())
        })
    }
}

/// Whether the server itself said it to a client, and no member. No member can make a message of its own look so.
///
/// @param message a live message; may be NULL.
/// @return 1 if the server said it; 0 for what members say, for what a server tells its program, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_from_server(message: *const rustchat_message) -> i32 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_from_server", message, 0, |message| i32::from(message.is_of_server())) }
}

/// The number of the message in its room: 1, 2, 3 and so on without a gap.
///
/// @param message a live message; may be NULL.
/// @return the number; 0 outside the numbering, which for a client includes all of line chat.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_seq(message: *const rustchat_message) -> u64 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_seq", message, 0, |message| message.seq) }
}

/// When it was said, by the server's clock; to a client of line chat, whose stamps name no time zone, when it came.
///
/// @param message a live message; may be NULL.
/// @return nanoseconds since 1970-01-01 00:00:00 UTC; 0 when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_timestamp_ns(message: *const rustchat_message) -> u64 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_timestamp_ns", message, 0, |message| message.timestamp_ns) }
}

/// What the server's clock showed when a client's message of line chat was said: the stamp on the wire, which names no
/// time zone, so that no point in time follows from it.
///
/// @param message a live message; may be NULL.
/// @return a number with the digits YYYYMMDDhhmmss, 20261121090729 for 2026/11/21 09:07:29; 0 in message chat, for a line
///   without a stamp, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_wall_time(message: *const rustchat_message) -> u64 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_wall_time", message, 0, |message| message.wall_time()) }
}

/// As what a client received a message, for who has it of rustchat_client_recv: RUSTCHAT_EVENT_MESSAGE, RUSTCHAT_EVENT_DIRECT, or
/// RUSTCHAT_EVENT_GAP for the place where messages are missing (option reconnect).
///
/// @param message a live message; may be NULL.
/// @return a rustchat_event_kind; 0 for what no client received, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_kind(message: *const rustchat_message) -> i32 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe {
        about("rustchat_message_kind", message, 0, |message| {
            message.incoming().map_or(0, |incoming| kind_of(incoming) as i32)
        })
    }
}

/// Whether a member had said it before, to a server that told it nothing: whoever was there may have it already.
///
/// @param message a live message; may be NULL.
/// @return 1 if it had; 0 if not, for what no client received, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_again(message: *const rustchat_message) -> i32 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe {
        about("rustchat_message_again", message, 0, |message| {
            i32::from(message.incoming().is_some_and(|incoming| incoming.again))
        })
    }
}

/// Whether something is for one member alone: what a client has as RUSTCHAT_EVENT_DIRECT, what is asked about by
/// RUSTCHAT_EVENT_ASK_MESSAGE or a filter and has a recipient, and what a client is told of its own private words. It is not to be
/// repeated to the room.
///
/// @param message a live message; may be NULL.
/// @return 1 if it is; 0 if not, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_private(message: *const rustchat_message) -> i32 {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_private", message, 0, |message| i32::from(message.is_private())) }
}

/// To a server's program: the one member that a message is for, of which a filter or RUSTCHAT_EVENT_ASK_MESSAGE asks.
///
/// @param message a live message; may be NULL.
/// @return the member's id; 0 when it is for the room, to a client, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_recipient(message: *const rustchat_message) -> rustchat_peer_id {
    // SAFETY: the header asks for NULL or a live message.
    unsafe { about("rustchat_message_recipient", message, 0, |message| message.recipient()) }
}

/// The name of the one member that a message is for: to a server's program as rustchat_message_recipient, to a client of what
/// it has said itself, in RUSTCHAT_EVENT_UNCONFIRMED and, with the option reconnect, RUSTCHAT_EVENT_REFUSED.
///
/// @param message a live message; may be NULL.
/// @return UTF-8 that belongs to the message and lives as long, without a NUL; empty when it is for the room, where it has no
///   name, and when it is no message.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_message_recipient_name(message: *const rustchat_message) -> rustchat_bytes {
    // SAFETY: the header asks for NULL or a live message.
    unsafe {
        about("rustchat_message_recipient_name", message, rustchat_bytes::EMPTY, |message| {
            rustchat_bytes::of(message.recipient_name().as_bytes())
        })
    }
}
