//! Connections of whole messages: several messages a call.

use std::ffi::c_void;
use std::ptr;

use super::bytes::{self, rustchat_bytes};
use super::connection::{Peer, rustchat_connection};
use super::guard;
use super::options::deadline;
use super::out::{Out, Slots};
use super::status::rustchat_status;
use crate::{Error, Result, Status};

/// Sends several messages, each whole and in order, with as few system calls as they allow: small ones go out 64 KiB at a
/// time.
///
/// On failure the first sent of them are with the system and the others are not, unless the connection had to be closed:
/// whoever goes on begins with messages[sent]. Every data and len is checked before the first byte is sent. Messages of
/// other threads do not come in between.
///
/// @param connection the connection.
/// @param messages the messages, for example those of rustchat_connection_recv_many; data may be NULL where len is 0. May
///   be NULL when count is 0.
/// @param count how many.
/// @param sent receives how many the system has taken, also on failure; may be NULL.
/// @param timeout_ms milliseconds to wait for the system to take all of it; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the connection is closed if only
///   a part of what one system call had was sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EMSGSIZE when one is too long or count is absurd;
///   RUSTCHAT_EINVAL when messages is NULL and count is not 0, a data is NULL and its len is not 0, timeout_ms is below
///   -1, or a line holds a line feed; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_send_many(
    connection: *mut rustchat_connection,
    messages: *const rustchat_bytes,
    count: usize,
    sent: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let sent = unsafe { Out::optional(sent, 0) };
    guard::on("rustchat_connection_send_many", connection, |peer: &Peer| {
        // SAFETY: the header asks for `count` messages that can be read.
        let messages = unsafe { bytes::inputs(messages, count) }?;
        let mut done = 0;
        let result = peer.connection.send_counting(messages, &mut done, deadline(timeout_ms)?);
        if let Some(sent) = sent {
            sent.set(done);
        }
        result
    })
}

/// Where messages go that are received together.
struct Room {
    messages: Slots<rustchat_bytes>,
    next: *mut u8,
    left: usize,
    /// The length of the message that did not fit.
    needed: Option<usize>,
}

impl Room {
    /// # Safety
    /// `start` is NULL or begins `capacity` bytes that can be written until the call returns.
    unsafe fn new(start: *mut c_void, capacity: usize, messages: Result<Slots<rustchat_bytes>>) -> Result<Room> {
        let messages = messages?;
        if start.is_null() && capacity > 0 {
            return Err(Error::new(Status::InvalidArgument, format!("the buffer is NULL, but its size is {capacity}")));
        }
        Ok(Room { messages, next: start.cast(), left: capacity, needed: None })
    }

    /// Copies a message behind the others, if it fits.
    #[inline]
    fn add(&mut self, message: &[u8]) -> bool {
        if message.len() > self.left {
            self.needed = Some(message.len());
            return false;
        }
        self.messages.push(rustchat_bytes { data: self.next.cast(), len: message.len() });
        if !message.is_empty() {
            // SAFETY: not NULL since there is room, within the caller's memory as just checked, and writable until the
            // call returns as promised to `new`; `message` is memory of the library's.
            unsafe {
                ptr::copy_nonoverlapping(message.as_ptr(), self.next, message.len());
                self.next = self.next.add(message.len());
            }
        }
        self.left -= message.len();
        true
    }

    /// What the call gives: a message that did not fit is a failure only if it was the first.
    fn finish(mut self) -> Result<()> {
        match self.needed {
            Some(needed) if self.messages.is_empty() => {
                self.messages.propose(rustchat_bytes { data: ptr::null(), len: needed });
                let left = self.left;
                Err(Error::new(Status::BufferTooSmall, format!("the buffer has {left} bytes, {needed} are needed")))
            }
            _ => Ok(()),
        }
    }
}

/// Waits for one message, and takes it and those that have come with it into the caller's memory: one wake-up and one copy
/// for all of them, and no allocation.
///
/// The messages lie in buf one behind the other, and messages says where each begins and ends: they live as long as buf,
/// and may be given to rustchat_connection_send_many as they are. The call waits for the first message only. It ends with
/// RUSTCHAT_OK before a message that does not fit into the rest of buf, before the end of the stream and before a fault:
/// each of them is what the next call finds. After a failure nothing is taken, and what lies in buf is not defined.
///
/// @param connection the connection.
/// @param buf receives the messages, without NULs; may be NULL when cap is 0.
/// @param cap the size of buf in bytes; 65536 is what one system call brings.
/// @param messages receives where in buf they are. After RUSTCHAT_EBUFSIZE the first has the length of the message that is
///   waiting, and data NULL.
/// @param most how many fit into messages, at least 1.
/// @param count receives how many came, at least 1 with RUSTCHAT_OK; 0 on failure.
/// @param timeout_ms milliseconds to wait for the first; -1 for ever, 0 not at all. What has come of a message by then is
///   kept.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than the first message, which stays; RUSTCHAT_ETIMEDOUT;
///   RUSTCHAT_ECLOSED at the end; RUSTCHAT_ECONNRESET when it broke in a message; RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO for
///   what is no message, after which the connection is closed; RUSTCHAT_EINVAL when messages or count is NULL, most is 0,
///   buf is NULL and cap is not 0, or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_connection_recv_many(
    connection: *mut rustchat_connection,
    buf: *mut c_void,
    cap: usize,
    messages: *mut rustchat_bytes,
    most: usize,
    count: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or places that can be written.
    let room = unsafe { Room::new(buf, cap, Slots::new(messages, most, count)) };
    guard::on("rustchat_connection_recv_many", connection, |peer: &Peer| {
        let (mut room, deadline) = (room?, deadline(timeout_ms)?);
        while !room.messages.is_full()
            && let Some(bytes) = peer.pending.take()
        {
            if !room.add(&bytes) {
                peer.pending.put_back(bytes);
                break;
            }
        }
        if room.messages.is_empty() && room.needed.is_none() {
            peer.connection.recv_while(most, deadline, |message| room.add(message))?;
        }
        room.finish()
    })
}
