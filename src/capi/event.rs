//! Events: values in the caller's memory.

use std::ffi::{CStr, c_char};
use std::ptr;
use std::sync::Arc;
use std::time::SystemTime;

use super::content::{Content, rustchat_message, rustchat_peer_id};
use super::contents::{Contents, Releases};
use super::guard;
use super::options::now_ns;
use super::out::Slots;
use crate::chat::{ClientEvent, Event, Incoming, IncomingKind, Member, Message, Question};
use crate::net::Address;
use crate::{Error, Status};

/// What an event is about.
#[repr(i32)]
#[derive(Debug, Clone, Copy)]
pub enum rustchat_event_kind {
    /// Server: it accepts connections; the message has the address as its sender address.
    RUSTCHAT_EVENT_LISTENING = 1,
    /// A member joined. To a client only if the server announces it.
    RUSTCHAT_EVENT_PEER_JOINED = 2,
    /// Server: a peer failed to prove that it holds a key; the message has its address, status is RUSTCHAT_EAUTH. The first
    /// failure is told at once; those that follow within a second are told together, count says how many they are and
    /// the address is the last one's.
    RUSTCHAT_EVENT_PEER_AUTH_FAILED = 3,
    /// A member said something to the room.
    RUSTCHAT_EVENT_MESSAGE = 4,
    /// A member left; status says why, 0 when of its own accord; the message says it in words.
    RUSTCHAT_EVENT_PEER_LEFT = 5,
    /// Events were lost because the program did not take them in time; count says how many.
    RUSTCHAT_EVENT_OVERFLOW = 6,
    /// Something failed that belongs to no member; status, os_code and the message say what. With RUSTCHAT_EPANIC, an internal
    /// error has ended the server: RUSTCHAT_EVENT_CLOSED comes next, and calls on its members give that status, too.
    RUSTCHAT_EVENT_ERROR = 7,
    /// The end. Comes exactly once, and last. To a client with the reason, status 0 when this side closed.
    RUSTCHAT_EVENT_CLOSED = 8,
    /// Client: the server, or another member, said something to this member alone.
    RUSTCHAT_EVENT_DIRECT = 9,
    /// Client: we are in; the sender is ourselves, seq the newest number before us.
    RUSTCHAT_EVENT_WELCOME = 10,
    /// Client: we have the sender name; an empty one is none.
    RUSTCHAT_EVENT_NAMED = 11,
    /// Client: the server did not like what we sent, or does not let us in; status and the message say what was wrong.
    RUSTCHAT_EVENT_REFUSED = 12,
    /// Client: the server says goodbye; the message says why.
    RUSTCHAT_EVENT_FAREWELL = 13,
    /// Server, by rustchat_server_poll: may this peer join? It waits for rustchat_server_answer with the question's number, and
    /// is no member yet; the message has its address and what it has proved. Nobody else waits for the answer.
    RUSTCHAT_EVENT_ASK_JOIN = 14,
    /// Server, by rustchat_server_poll: what becomes of this message? It waits for rustchat_server_answer with the question's
    /// number, and so do all messages that were said after it.
    RUSTCHAT_EVENT_ASK_MESSAGE = 15,
    /// Client, option reconnect: the connection has broken, status and the message say why; the client tries to come back.
    RUSTCHAT_EVENT_DISCONNECTED = 16,
    /// Client, option reconnect: it is back.
    RUSTCHAT_EVENT_RECONNECTED = 17,
    /// Client, option reconnect: what was said while it was away is missing here; count says how many entries of the room's log that
    /// are, 0 if nobody knows, and the message says it in words.
    RUSTCHAT_EVENT_GAP = 18,
    /// Client, option reconnect: the message is what this member has said; it may be in the room or not, since the connection broke
    /// before the server had acknowledged it, and it is not said once more.
    RUSTCHAT_EVENT_UNCONFIRMED = 19,
    /// Server: a member has taken a name, another one, or none; the sender name is what it is called, the message what it was
    /// called before, which is empty for no name.
    RUSTCHAT_EVENT_PEER_RENAMED = 20,
}

use rustchat_event_kind::*;

/// Something that happened. It takes 64 bytes on every 64-bit system, and never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_event {
    /// What it is about, a rustchat_event_kind.
    pub kind: i32,
    /// A rustchat_status: the reason of an end or a failure, else 0.
    pub status: i32,
    /// The member it is about; 0 when none.
    pub peer: rustchat_peer_id,
    /// The number in the room; 0 outside the numbering.
    pub seq: u64,
    /// When it happened, in nanoseconds since 1970-01-01 00:00:00 UTC; to a client of line chat, when it came.
    pub timestamp_ns: u64,
    /// How many events were lost (RUSTCHAT_EVENT_OVERFLOW), peers failed (RUSTCHAT_EVENT_PEER_AUTH_FAILED) or entries of the log are
    /// missing (RUSTCHAT_EVENT_GAP), else 0.
    pub count: u64,
    /// What was said, or who and what the event is about in words; may be NULL. Released by rustchat_event_clear.
    pub message: *mut rustchat_message,
    /// The errno of the operating system where it was the one to complain, else 0.
    pub os_code: i32,
    /// 0.
    pub reserved_code: u32,
    /// The number of the question that rustchat_server_answer answers (RUSTCHAT_EVENT_ASK_JOIN, RUSTCHAT_EVENT_ASK_MESSAGE), else 0.
    pub question: u64,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<rustchat_event>() == 64);

impl rustchat_event {
    fn new(kind: rustchat_event_kind, message: Option<Content>, into: &mut Contents) -> rustchat_event {
        let (peer, seq, timestamp_ns) =
            message.as_ref().map_or((0, 0, 0), |message| (message.sender(), message.seq, message.timestamp_ns));
        rustchat_event {
            kind: kind as i32,
            status: 0,
            peer,
            seq,
            timestamp_ns: if timestamp_ns == 0 { now_ns() } else { timestamp_ns },
            count: 0,
            message: message.map_or(ptr::null_mut(), |message| into.put(message)),
            os_code: 0,
            reserved_code: 0,
            question: 0,
        }
    }

    fn with_status(mut self, status: Option<Status>) -> rustchat_event {
        self.status = status.map_or(0, Status::code);
        self
    }

    fn of_error(kind: rustchat_event_kind, error: &Error, into: &mut Contents) -> rustchat_event {
        let sentence = Content::of_sentence(error.message().to_owned(), String::new());
        let mut event = rustchat_event::new(kind, Some(sentence), into).with_status(Some(error.status()));
        event.os_code = error.os_code().unwrap_or(0);
        event
    }

    fn of_failures(count: u64, last: &Address, into: &mut Contents) -> rustchat_event {
        let failed = Status::AuthenticationFailed;
        let message = Content::of_sentence(failed.message().to_owned(), last.to_string());
        let event = rustchat_event::new(RUSTCHAT_EVENT_PEER_AUTH_FAILED, Some(message), into);
        rustchat_event { count, ..event.with_status(Some(failed)) }
    }

    /// Adds what a server tells to `events`, its message put `into`. The caller releases that.
    #[inline(always)]
    pub(super) fn add(event: Event, events: &mut Slots<rustchat_event>, into: &mut Contents) {
        match event {
            // Taken apart at once: in one piece it would be copied from place to place.
            Event::Message(Message { seq, time, from, text, .. }) => {
                events.push_with(|| rustchat_event::of_message(seq, time, from, text, into));
            }
            event => events.push(rustchat_event::of_server(event, into)),
        }
    }

    /// Most events of a busy room are messages, so that what is done for one counts.
    #[inline(always)]
    fn of_message(
        seq: u64,
        time: SystemTime,
        from: Arc<Member>,
        text: Arc<str>,
        into: &mut Contents,
    ) -> rustchat_event {
        let (peer, timestamp_ns) = (from.id(), into.timestamp(time));
        rustchat_event {
            kind: RUSTCHAT_EVENT_MESSAGE as i32,
            status: 0,
            peer,
            seq,
            timestamp_ns,
            count: 0,
            message: into.put_said(text, from, seq, timestamp_ns),
            os_code: 0,
            reserved_code: 0,
            question: 0,
        }
    }

    /// What was said to the room, or is asked about whether it may be said, perhaps to one member alone.
    fn of_said(message: Message, into: &mut Contents) -> rustchat_event {
        let Message { seq, time, from, text, .. } = message;
        let Some(to) = message.to else { return rustchat_event::of_message(seq, time, from, text, into) };
        let content = Content::of_private(text, from, to, into.timestamp(time));
        rustchat_event::new(RUSTCHAT_EVENT_MESSAGE, Some(content), into)
    }

    /// What a server tells, its message put `into`. The caller releases that.
    #[cold]
    pub(super) fn of_server(event: Event, into: &mut Contents) -> rustchat_event {
        let about = |address: String, text: &str| Some(Content::of_sentence(text.to_owned(), address));
        match event {
            Event::Listening(address) => {
                rustchat_event::new(RUSTCHAT_EVENT_LISTENING, about(address.to_string(), ""), into)
            }
            Event::Joined(member) => {
                rustchat_event::new(RUSTCHAT_EVENT_PEER_JOINED, Some(Content::of_member(member, "")), into)
            }
            Event::AuthenticationFailed(address) => rustchat_event::of_failures(1, &address, into),
            Event::AuthenticationsFailed(count, address) => rustchat_event::of_failures(count, &address, into),
            Event::Message(message) => rustchat_event::of_said(message, into),
            Event::Renamed(member, before) => {
                let message = Content::of_member_before(member, before);
                rustchat_event::new(RUSTCHAT_EVENT_PEER_RENAMED, Some(message), into)
            }
            Event::Left(member, reason) => {
                let message = Content::of_member(member, reason.as_str());
                rustchat_event::new(RUSTCHAT_EVENT_PEER_LEFT, Some(message), into).with_status(reason.status())
            }
            Event::Overflow(count) => {
                let event = rustchat_event::new(RUSTCHAT_EVENT_OVERFLOW, None, into);
                rustchat_event { count, ..event.with_status(Some(Status::Overflow)) }
            }
            Event::Error(error) => rustchat_event::of_error(RUSTCHAT_EVENT_ERROR, &error, into),
            Event::Ask(question, Question::Join(member)) => {
                let message = Content::of_member(member, "");
                rustchat_event { question, ..rustchat_event::new(RUSTCHAT_EVENT_ASK_JOIN, Some(message), into) }
            }
            Event::Ask(question, Question::Message(message)) => {
                let kind = RUSTCHAT_EVENT_ASK_MESSAGE as i32;
                rustchat_event { kind, question, ..rustchat_event::of_said(message, into) }
            }
            Event::Closed => rustchat_event::new(RUSTCHAT_EVENT_CLOSED, None, into),
        }
    }

    /// What a client tells, its message put `into`. The caller releases that.
    pub(super) fn of_client(event: ClientEvent, into: &mut Contents) -> rustchat_event {
        match event {
            ClientEvent::Incoming(incoming) => {
                let (kind, status, count) = (kind_of(&incoming), incoming.status, incoming.missed.unwrap_or(0));
                let event = rustchat_event::new(kind, Some(Content::of_incoming(incoming)), into);
                rustchat_event { count, ..event.with_status(status) }
            }
            ClientEvent::Closed(None) => rustchat_event::new(RUSTCHAT_EVENT_CLOSED, None, into),
            ClientEvent::Closed(Some(reason)) => rustchat_event::of_error(RUSTCHAT_EVENT_CLOSED, &reason, into),
        }
    }
}

pub(super) fn kind_of(incoming: &Incoming) -> rustchat_event_kind {
    match incoming.kind {
        IncomingKind::Message => RUSTCHAT_EVENT_MESSAGE,
        IncomingKind::Direct => RUSTCHAT_EVENT_DIRECT,
        IncomingKind::Join => RUSTCHAT_EVENT_PEER_JOINED,
        IncomingKind::Leave => RUSTCHAT_EVENT_PEER_LEFT,
        IncomingKind::Welcome => RUSTCHAT_EVENT_WELCOME,
        IncomingKind::Named => RUSTCHAT_EVENT_NAMED,
        IncomingKind::Refused => RUSTCHAT_EVENT_REFUSED,
        IncomingKind::Bye => RUSTCHAT_EVENT_FAREWELL,
        IncomingKind::Disconnected => RUSTCHAT_EVENT_DISCONNECTED,
        IncomingKind::Reconnected => RUSTCHAT_EVENT_RECONNECTED,
        IncomingKind::Gap => RUSTCHAT_EVENT_GAP,
        IncomingKind::Unconfirmed => RUSTCHAT_EVENT_UNCONFIRMED,
    }
}

fn name_of(kind: i32) -> &'static CStr {
    const NAMES: [&CStr; 21] = [
        c"UNKNOWN",
        c"LISTENING",
        c"PEER_JOINED",
        c"PEER_AUTH_FAILED",
        c"MESSAGE",
        c"PEER_LEFT",
        c"OVERFLOW",
        c"ERROR",
        c"CLOSED",
        c"DIRECT",
        c"WELCOME",
        c"NAMED",
        c"REFUSED",
        c"FAREWELL",
        c"ASK_JOIN",
        c"ASK_MESSAGE",
        c"DISCONNECTED",
        c"RECONNECTED",
        c"GAP",
        c"UNCONFIRMED",
        c"PEER_RENAMED",
    ];
    usize::try_from(kind).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or(NAMES[0])
}

/// The name of a kind of event, for example "PEER_JOINED".
///
/// @param kind any number.
/// @return a constant string, "UNKNOWN" for a number that is no kind; never NULL, not to be freed.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_event_name(kind: i32) -> *const c_char {
    name_of(kind).as_ptr()
}

/// Releases what an event holds and sets all of it to 0, after which it may be cleared again or filled anew.
///
/// @param event an event that a poll has filled, or all zero; may be NULL. Not for events that are lent to a callback.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_event_clear(event: *mut rustchat_event) {
    // SAFETY: the header asks for NULL or an event that can be read and written.
    guard::value("rustchat_event_clear", (), || unsafe { clear(event, 1) });
}

/// Releases what events hold and sets all of them to 0: rustchat_event_clear for all that a poll has filled.
///
/// @param events the events; may be NULL.
/// @param count how many; 0 when events is NULL.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_events_clear(events: *mut rustchat_event, count: usize) {
    // SAFETY: the header asks for NULL or `count` events that can be read and written.
    guard::value("rustchat_events_clear", (), || unsafe { clear(events, count) });
}

/// # Safety
/// `first` is NULL or begins `count` events that can be read and written and hold the references they seem to.
unsafe fn clear(first: *mut rustchat_event, count: usize) {
    if first.is_null() {
        return;
    }
    let mut releases = Releases::new();
    for index in 0..count {
        // SAFETY: within the events.
        let event = unsafe { first.add(index) };
        // SAFETY: as promised by the caller.
        let message = unsafe { (*event).message };
        // SAFETY: as promised by the caller; all of its fields may be zero.
        unsafe { event.write_bytes(0, 1) };
        // SAFETY: the event held a reference to its message, which ends here.
        unsafe { releases.add(message) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_kind_has_the_last_name() {
        assert_eq!(name_of(RUSTCHAT_EVENT_PEER_RENAMED as i32), c"PEER_RENAMED");
        assert_eq!(name_of(RUSTCHAT_EVENT_CLOSED as i32), c"CLOSED");
        for kind in [0, -1, 21, i32::MAX] {
            assert_eq!(name_of(kind), c"UNKNOWN");
        }
    }
}
