//! What line chat and message chat look like on the wire; `docs/protocol.md` is the reference.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::event::Message;
use super::member::{Member, MemberId};
use super::session::Receipt;
use crate::frame::Framing;
use crate::{Error, Result, Status};

/// The only room, for now.
pub(super) const LOBBY: &str = "lobby";

/// The writing side of a server's protocol.
pub(super) struct Wire {
    pub(super) framing: Framing,
    /// Line chat has commands, and shows names.
    pub(super) commands: bool,
    /// Names the numbering of this log; a new log, a new epoch.
    pub(super) epoch: String,
    /// The address of the server, which signs its own lines.
    pub(super) label: String,
}

/// The kinds of entries in the room's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Message,
    Join,
    Leave,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Message => "message",
            Kind::Join => "join",
            Kind::Leave => "leave",
        }
    }
}

/// Who speaks, as every copy of a message carries it in this protocol. Made once a member, not once a message.
pub(super) struct Signature(Box<str>);

#[derive(Serialize)]
struct From<'a> {
    id: u64,
    address: &'a str,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    server: bool,
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("strings and numbers always serialize")
}

/// Entries of the log on their way to it: encoded but for their numbers.
#[derive(Default)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    entries: Vec<(Kind, usize)>,
    /// The same messages as events, when somebody wants them.
    pub(super) messages: Vec<Message>,
    /// Who is told of them, by the index of their entry.
    pub(super) receipts: Vec<(usize, Arc<Receipt>)>,
    /// What the embedder has reserved for them with each worker; 0 for what members say.
    pub(super) reserved: usize,
    /// When the turn began that has read them; `None` for what is said this very moment.
    pub(super) said: Option<Instant>,
}

impl Draft {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Keeps the entries of which `keep` says so by their index, their messages, which are all there or none,
    /// and their receipts.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let whole = std::mem::take(self);
        let (mut start, mut messages) = (0, whole.messages.into_iter());
        let mut receipts = whole.receipts.into_iter().peekable();
        for (index, (kind, end)) in whole.entries.into_iter().enumerate() {
            let message = messages.next();
            let receipt = receipts.next_if(|(of, _)| *of == index);
            if keep(index) {
                self.receipts.extend(receipt.map(|(_, receipt)| (self.entries.len(), receipt)));
                self.bytes.extend_from_slice(&whole.bytes[start..end]);
                self.entries.push((kind, self.bytes.len()));
                self.messages.extend(message);
            }
            start = end;
        }
    }

    /// Forgets everything, keeps the memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.messages.clear();
        self.receipts.clear();
        self.reserved = 0;
        self.said = None;
    }
}

impl Wire {
    pub(super) fn is_line(&self) -> bool {
        self.framing == Framing::Line
    }

    /// How a member signs; its name is that of this moment.
    pub(super) fn sign(&self, member: &Member) -> Signature {
        self.signature(&From { id: member.id(), address: member.label(), name: member.name(), server: false })
    }

    /// How the server itself signs.
    pub(super) fn sign_own(&self) -> Signature {
        self.signature(&From { id: 0, address: &self.label, name: None, server: true })
    }

    fn signature(&self, from: &From<'_>) -> Signature {
        let line = || format!(" {}\n", self.head(from.name, from.address));
        Signature(if self.is_line() { line().into() } else { json(from).into() })
    }

    /// A member as line chat shows it: by its address, behind its name if it has one.
    pub(super) fn called(&self, member: &Member) -> String {
        self.head(member.name(), member.label())
    }

    /// The same for a member of that name and address.
    pub(super) fn head(&self, name: Option<&str>, address: &str) -> String {
        match name {
            Some(name) if self.commands => format!("{name} ({address})"),
            _ => address.to_owned(),
        }
    }

    /// Adds what a member says, whose receipt is concluded when it is in the room.
    pub(super) fn append_said(
        &self,
        draft: &mut Draft,
        clock: &Clock,
        from: &Signature,
        text: &str,
        receipt: Option<&Arc<Receipt>>,
    ) {
        let index = draft.entries.len();
        self.append(draft, Kind::Message, clock, from, text);
        let Some(receipt) = receipt else { return };
        if receipt.again {
            // Only message chat has numbers, and so receipts.
            mark_again(&mut draft.bytes);
            draft.entries[index].1 = draft.bytes.len();
        }
        draft.receipts.push((index, Arc::clone(receipt)));
    }

    /// Adds an entry to `draft`. For line chat the text of a join or leave says so itself.
    pub(super) fn append(&self, draft: &mut Draft, kind: Kind, clock: &Clock, from: &Signature, text: &str) {
        let out = &mut draft.bytes;
        if self.is_line() {
            line(out, clock, from, text);
        } else {
            out.extend_from_slice(b",\"time\":\"");
            out.extend_from_slice(clock.message().as_bytes());
            out.extend_from_slice(b"\",\"from\":");
            out.extend_from_slice(from.0.as_bytes());
            out.extend_from_slice(b",\"text\":");
            serde_json::to_writer(&mut *out, text).expect("writing to memory does not fail");
            out.push(b'}');
        }
        draft.entries.push((kind, draft.bytes.len()));
    }

    /// The bytes every receiver gets, numbered from `first_seq`.
    pub(super) fn seal(&self, draft: &Draft, first_seq: u64) -> Bytes {
        if self.is_line() {
            return Bytes::copy_from_slice(&draft.bytes);
        }
        let head = self.epoch.len() + 96;
        let mut sealed = Vec::with_capacity(draft.bytes.len() + draft.entries.len() * head);
        let mut object = Vec::new();
        let mut start = 0;
        for (seq, (kind, end)) in (first_seq..).zip(&draft.entries) {
            object.clear();
            for part in ["{\"type\":\"", kind.as_str(), "\",\"room\":\"", LOBBY, "\",\"epoch\":\"", &self.epoch] {
                object.extend_from_slice(part.as_bytes());
            }
            object.extend_from_slice(b"\",\"seq\":");
            object.extend_from_slice(seq.to_string().as_bytes());
            object.extend_from_slice(&draft.bytes[start..*end]);
            self.frame(&object, &mut sealed);
            start = *end;
        }
        sealed.into()
    }

    /// What the server says to one member, outside the room's numbering. Line chat shows `text`, message chat
    /// carries `fields` besides.
    pub(super) fn private(&self, clock: &Clock, from: &Signature, text: &str, fields: &serde_json::Value) -> Bytes {
        let mut out = Vec::new();
        if self.is_line() {
            line(&mut out, clock, from, text);
        } else {
            self.frame(json(fields).as_bytes(), &mut out);
        }
        out.into()
    }

    /// Tells one peer that what it sent, or it itself, was not taken, and why.
    pub(super) fn refusal(&self, clock: &Clock, from: &Signature, error: &Error) -> Bytes {
        let fields = serde_json::json!({"type": "error", "code": error.status().name(), "text": error.message()});
        self.private(clock, from, &format!("* error: {error}"), &fields)
    }

    /// An object of message chat, in its frame.
    pub(super) fn put(&self, fields: &serde_json::Value, out: &mut Vec<u8>) {
        self.frame(json(fields).as_bytes(), out);
    }

    /// What one member says to another alone.
    pub(super) fn direct(&self, clock: &Clock, from: &Signature, text: &str, again: bool) -> Bytes {
        let head = format!("{{\"type\":\"direct\",\"room\":\"{LOBBY}\"");
        let mut draft = Draft { bytes: head.into(), ..Draft::default() };
        self.append(&mut draft, Kind::Message, clock, from, text);
        if again {
            mark_again(&mut draft.bytes);
        }
        let mut out = Vec::new();
        self.frame(&draft.bytes, &mut out);
        out.into()
    }

    fn frame(&self, payload: &[u8], out: &mut Vec<u8>) {
        // Sizes were checked when the message came in; the envelope adds a few hundred bytes.
        self.framing.encode_into(payload, usize::MAX, out).expect("a checked message fits a frame");
    }
}

/// Says of the object that ends there that it was said before.
fn mark_again(object: &mut Vec<u8>) {
    object.pop();
    object.extend_from_slice(b",\"again\":true}");
}

fn line(out: &mut Vec<u8>, clock: &Clock, from: &Signature, text: &str) {
    for part in [clock.line(), &from.0, text, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// One frame of a client of message chat.
#[derive(Deserialize)]
pub(super) struct Request<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) to: Option<Recipient>,
    #[serde(default, rename = "ref")]
    pub(super) number: Option<u64>,
    #[serde(default)]
    pub(super) again: bool,
    #[serde(borrow, default)]
    pub(super) session: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) after: MemberId,
}

/// Whom a message is for.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Recipient {
    Id(MemberId),
    Name(String),
}

impl Request<'_> {
    pub(super) fn parse(payload: &[u8]) -> Result<Request<'_>> {
        let wrong = |what: &str| {
            let expected = "expected an object such as {\"type\":\"message\",\"text\":\"hi\"}";
            Error::new(Status::ProtocolViolation, format!("not a request: {what}; {expected}"))
        };
        // What is derived would take an array of the fields as well.
        let is_object = |payload: &[u8]| payload.trim_ascii_start().first() == Some(&b'{');
        let payload = match payload.strip_prefix("\u{feff}".as_bytes()) {
            _ if is_object(payload) => payload,
            // Some programs of Windows write it before all UTF-8 text.
            Some(unmarked) if is_object(unmarked) => unmarked,
            _ => return Err(wrong("it is not an object")),
        };
        serde_json::from_slice(payload).map_err(|error| wrong(&error.to_string()))
    }
}

#[cfg(test)]
mod tests;
