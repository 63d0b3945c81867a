//! The chat server: what is said, and to whom.

use std::ffi::{c_int, c_void};

use super::bytes;
use super::content::{rustchat_message, rustchat_peer_id};
use super::guard;
use super::message;
use super::options;
use super::out::{Out, Slots};
use super::peer_info::rustchat_peer_info;
use super::server::{Server, rustchat_server};
use super::status::rustchat_status;
use crate::chat::{Delivery, LeaveReason, Verdict};
use crate::error::utf8;
use crate::{Error, Result, Status};

/// What became of something that was sent to several members. This structure never grows.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct rustchat_delivery {
    /// Members for whom it is on its way.
    pub queued: u64,
    /// Members who will not get it: all of them when the call gives RUSTCHAT_EOVERFLOW, else none.
    pub dropped: u64,
}

impl rustchat_delivery {
    const NOTHING: rustchat_delivery = rustchat_delivery { queued: 0, dropped: 0 };

    fn of(delivery: Delivery) -> rustchat_delivery {
        rustchat_delivery { queued: delivery.queued, dropped: 0 }
    }

    /// What became of something for which there was no room.
    fn overflow(server: &Server, except: rustchat_peer_id) -> rustchat_delivery {
        let members = server.chat.members();
        rustchat_delivery { queued: 0, dropped: members.iter().filter(|member| member.id() != except).count() as u64 }
    }
}

/// Says something to every member but one, numbered and in order with what members say; in a callback, after whatever the
/// filter has let pass before.
///
/// @param server the server.
/// @param data the text, UTF-8, copied; may be NULL when len is 0.
/// @param len its length in bytes.
/// @param except a member that does not get it; 0 excepts nobody.
/// @param out receives how many members get it; may be NULL.
/// @return RUSTCHAT_OK, also when nobody is there; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control characters;
///   RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when members that read have yet to take what was said before;
///   RUSTCHAT_EINVAL when data is NULL and len is not 0; RUSTCHAT_ECLOSED when the server stops, but in its
///   own callbacks RUSTCHAT_OK with nobody to hear it; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for the option send_timeout_ms; in a callback not at all.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_broadcast(
    server: *mut rustchat_server,
    data: *const c_void,
    len: usize,
    except: rustchat_peer_id,
    out: *mut rustchat_delivery,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::optional(out, rustchat_delivery::NOTHING) };
    guard::on("rustchat_server_broadcast", server, |server: &Server| {
        // SAFETY: the header asks for `len` readable bytes.
        let text = unsafe { bytes::text(data, len, server.chat.options().message_limit()) }?;
        broadcast(server, text, except, out)
    })
}

/// Says the content of a message to every member but one, numbered and in order with what members say; in a callback, after
/// whatever the filter has let pass before.
///
/// @param server the server.
/// @param message the message, which stays the caller's.
/// @param except a member that does not get it; 0 excepts nobody.
/// @param out receives how many members get it; may be NULL.
/// @return RUSTCHAT_OK, also when nobody is there; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control characters;
///   RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when members that read have yet to take what was said before;
///   RUSTCHAT_ECLOSED when the server stops, but in its own callbacks RUSTCHAT_OK with nobody to hear it;
///   RUSTCHAT_EHANDLE for the server or the message; RUSTCHAT_EFORK.
///
/// Blocking: for the option send_timeout_ms; in a callback not at all.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_broadcast_message(
    server: *mut rustchat_server,
    message: *mut rustchat_message,
    except: rustchat_peer_id,
    out: *mut rustchat_delivery,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::optional(out, rustchat_delivery::NOTHING) };
    guard::on("rustchat_server_broadcast_message", server, |server: &Server| {
        // SAFETY: the header asks for a live message.
        let message = unsafe { message::expect(message) }?;
        broadcast(server, utf8(message.bytes())?, except, out)
    })
}

fn broadcast(server: &Server, text: &str, except: rustchat_peer_id, out: Option<Out<rustchat_delivery>>) -> Result<()> {
    let result = server.chat.broadcast_except(text, except);
    let delivery = match &result {
        Ok(delivery) => rustchat_delivery::of(*delivery),
        Err(error) if error.status() == Status::Overflow => rustchat_delivery::overflow(server, except),
        Err(_) => rustchat_delivery::NOTHING,
    };
    if let Some(out) = out {
        out.set(delivery);
    }
    result.map(|_| ())
}

/// Says something to one member, outside the room's numbering.
///
/// @param server the server.
/// @param peer the member.
/// @param data the text, UTF-8, copied; may be NULL when len is 0.
/// @param len its length in bytes.
/// @return RUSTCHAT_OK when it is queued; RUSTCHAT_ENOPEER when the member is gone or sent away, but RUSTCHAT_OK in a callback of
///   a server that stops; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control
///   characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when the member has yet to take what was said before;
///   RUSTCHAT_EINVAL when data is NULL and len is not 0; RUSTCHAT_ECLOSED;
///   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for the option send_timeout_ms; in a callback not at all.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_send(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    data: *const c_void,
    len: usize,
) -> rustchat_status {
    guard::on("rustchat_server_send", server, |server: &Server| {
        // SAFETY: the header asks for `len` readable bytes.
        let text = unsafe { bytes::text(data, len, server.chat.options().message_limit()) }?;
        server.chat.send(peer, text)
    })
}

/// Says the content of a message to one member, outside the room's numbering.
///
/// @param server the server.
/// @param peer the member.
/// @param message the message, which stays the caller's.
/// @return RUSTCHAT_OK when it is queued; RUSTCHAT_ENOPEER when the member is gone or sent away, but RUSTCHAT_OK in a callback of
///   a server that stops; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control
///   characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when the member has yet to take what was said before;
///   RUSTCHAT_ECLOSED; RUSTCHAT_EHANDLE for the server or the message; RUSTCHAT_EFORK.
///
/// Blocking: for the option send_timeout_ms; in a callback not at all.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_send_message(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    message: *mut rustchat_message,
) -> rustchat_status {
    guard::on("rustchat_server_send_message", server, |server: &Server| {
        // SAFETY: the header asks for a live message.
        let message = unsafe { message::expect(message) }?;
        server.chat.send(peer, utf8(message.bytes())?)
    })
}

/// A descriptor that is readable while it is worth to say again what gave RUSTCHAT_EOVERFLOW: for programs that must not wait in
/// rustchat_server_broadcast and rustchat_server_send, and have the option send_timeout_ms at -1.
///
/// What is tried may find no room again; the descriptor then is readable no more until something has changed.
///
/// @param server the server.
/// @param fd receives the descriptor, -1 on failure. It belongs to the server: wait for it, do nothing else with it, and
///   not after rustchat_server_free.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when fd is NULL; RUSTCHAT_EIO when no descriptor is left; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_speech_fd(server: *mut rustchat_server, fd: *mut c_int) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let fd = unsafe { Out::new(fd, -1) };
    guard::on("rustchat_server_speech_fd", server, |server: &Server| {
        let fd = fd?;
        fd.set(server.chat.speech_fd()?);
        Ok(())
    })
}

/// Disconnects a member, which is told so and gone a moment later. What it has said and the filter has not let pass before
/// this call is not heard.
///
/// @param server the server.
/// @param peer the member.
/// @param reason becomes the status of its RUSTCHAT_EVENT_PEER_LEFT: RUSTCHAT_ECLOSED or 0 (the program's decision),
///   RUSTCHAT_EPROTO (it did not keep to the rules) or RUSTCHAT_ETIMEDOUT (it said nothing for too long).
/// @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when it is gone, but not in a callback of a server that stops; RUSTCHAT_EINVAL for
///   another reason; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_disconnect(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    reason: i32,
) -> rustchat_status {
    guard::on("rustchat_server_disconnect", server, |server: &Server| {
        let reason = match Status::from_code(reason) {
            None if reason == 0 => LeaveReason::Disconnected,
            Some(Status::Closed) => LeaveReason::Disconnected,
            Some(Status::ProtocolViolation) => LeaveReason::ProtocolViolation,
            Some(Status::TimedOut) => LeaveReason::Idle,
            _ => {
                return Err(Error::new(
                    Status::InvalidArgument,
                    format!("reason is {reason}, expected 0, RUSTCHAT_ECLOSED, RUSTCHAT_EPROTO or RUSTCHAT_ETIMEDOUT"),
                ));
            }
        };
        server.chat.disconnect_for(peer, reason)
    })
}

/// Answers a question that rustchat_server_poll has brought, once: RUSTCHAT_EVENT_ASK_JOIN, RUSTCHAT_EVENT_ASK_MESSAGE.
///
/// Answers may come in any order; messages are delivered in the order in which they were said, each when all before it are
/// answered. So many are asked before an answer comes as event_limit says; then members are not read. An answer about who has left
/// meanwhile does nothing.
///
/// @param server the server.
/// @param question the event's question.
/// @param verdict a rustchat_verdict. About a join every verdict but RUSTCHAT_VERDICT_DELIVER keeps out.
/// @param text with RUSTCHAT_VERDICT_REPLACE, the text that the room gets, UTF-8; one that may not be said goes to nobody, and
///   who said the message is told. Else NULL.
/// @param len its length in bytes, else 0.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL for a number that is no open question's, for another verdict, or when text is NULL and
///   len is not 0; RUSTCHAT_EUTF8; RUSTCHAT_EMSGSIZE; RUSTCHAT_ESTATE when the server asks nothing; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_answer(
    server: *mut rustchat_server,
    question: u64,
    verdict: i32,
    text: *const c_void,
    len: usize,
) -> rustchat_status {
    guard::on("rustchat_server_answer", server, |server: &Server| {
        // SAFETY: the header asks for `len` readable bytes.
        let text = unsafe { bytes::text(text, len, server.chat.options().message_limit()) }?;
        let verdict = match verdict {
            0 => Verdict::Deliver,
            1 => Verdict::Drop,
            2 => Verdict::Replace(text.to_owned()),
            3 => Verdict::Failed,
            _ => {
                let message = format!("verdict is {verdict}, expected 0 to 3");
                return Err(Error::new(Status::InvalidArgument, message));
            }
        };
        server.chat.answer(question, verdict)
    })
}

/// The ids of all members, in the order in which they connected.
///
/// @param server the server.
/// @param ids receives the ids; may be NULL when cap is 0.
/// @param cap how many fit.
/// @param count receives how many members there are, whether or not they fit.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than count, and no id is written; RUSTCHAT_EINVAL when count is
///   NULL, or ids is NULL and cap is not 0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_peers(
    server: *mut rustchat_server,
    ids: *mut rustchat_peer_id,
    cap: usize,
    count: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` places that can be written, and NULL or a place for their number.
    let slots = unsafe { Slots::new_or_empty(ids, cap, count) };
    guard::on("rustchat_server_peers", server, |server: &Server| {
        let members = server.chat.members();
        let mut slots = slots?;
        slots.require(members.len())?;
        members.iter().for_each(|member| slots.push(member.id()));
        Ok(())
    })
}

/// What is known of a member.
///
/// @param server the server.
/// @param peer the member.
/// @param out receives it; begin with RUSTCHAT_PEER_INFO_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOPEER; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_peer_info(
    server: *mut rustchat_server,
    peer: rustchat_peer_id,
    out: *mut rustchat_peer_info,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let out = unsafe { options::Report::new(out) };
    guard::on("rustchat_server_peer_info", server, |server: &Server| {
        let out = out?;
        out.set(rustchat_peer_info::of(&*server.chat.member(peer)?));
        Ok(())
    })
}
