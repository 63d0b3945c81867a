//! What a member of a room receives.

use std::net::SocketAddr;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Deserialize;

use super::sender::{self, Sender};
use super::wall::WallTime;
use crate::chat::LeaveReason;
use crate::frame::Framing;
use crate::{Error, Result, Status};

/// What an [`Incoming`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IncomingKind {
    /// Somebody said something to the room.
    Message,
    /// The server, or another member, said something to this member alone.
    Direct,
    /// A member joined (if the server announces it).
    Join,
    /// A member left; the text says why.
    Leave,
    /// We are in: `seq` is the number of the newest message before us, `from` is ourselves.
    Welcome,
    /// We have the name in `from`, or none any more.
    Named,
    /// The server did not like what we sent; the text says what was wrong.
    Refused,
    /// The server says goodbye; the text says why.
    Bye,
}

/// One thing received, whichever protocol it came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What it is.
    pub kind: IncomingKind,
    /// Its number in the room; 0 outside the numbering, and in line chat.
    pub seq: u64,
    /// Names the numbering; empty in line chat.
    pub epoch: String,
    /// When the server stamped it, to the millisecond (message chat), else when it came. In line chat it is when it came:
    /// no point in time follows from the server's `stamp` there.
    pub time: SystemTime,
    /// Line chat: what the server's own clock showed, in a zone that the wire does not name. `None` in message chat, and for
    /// a line without a stamp.
    pub stamp: Option<WallTime>,
    /// Who said it.
    pub from: Sender,
    /// What was said.
    pub text: String,
    /// Of what kind a refusal is (`Refused`), else `None`. Line chat has only the sentence to tell it from.
    pub status: Option<Status>,
}

impl Incoming {
    /// A refusal as the error that stands for it; `None` for everything else.
    pub fn refusal(&self) -> Option<Error> {
        self.status.map(|status| Error::new(status, format!("the server refused: {}", self.text)))
    }

    /// Whether the server has not let us in, or does not keep us: the end of the connection follows.
    pub fn is_last(&self) -> bool {
        let turned_away = matches!(self.status, Some(Status::AuthenticationFailed | Status::Overflow));
        turned_away || self.kind == IncomingKind::Bye
    }
}

/// One JSON object of message chat.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    #[serde(rename = "type")]
    kind: Option<String>,
    epoch: String,
    seq: u64,
    time: String,
    from: Sender,
    you: Option<Sender>,
    id: u64,
    name: Option<String>,
    text: String,
    reason: String,
    code: String,
    limit: Option<u64>,
}

/// What a frame means to the reader.
pub(super) enum Parsed {
    Incoming(Incoming),
    /// We are in, and may say so many bytes at once, if the server tells.
    Welcome(Incoming, Option<u64>),
    /// The server wants a sign of life.
    Ping,
    /// Half of something, or of no interest.
    Nothing,
}

/// Makes sense of frames, one after the other.
pub(super) struct Parser {
    framing: Framing,
    server: String,
    /// The stamp line whose text line has not come yet.
    stamp: Option<(WallTime, String)>,
    /// Nothing has come yet.
    fresh: bool,
}

/// What some programs write before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Parser {
    pub(super) fn new(framing: Framing, server: String) -> Parser {
        Parser { framing, server, stamp: None, fresh: true }
    }

    pub(super) fn parse(&mut self, frame: &[u8]) -> Result<Parsed> {
        if self.framing != Framing::Line {
            return object(frame);
        }
        let frame = match std::mem::take(&mut self.fresh) {
            true => frame.strip_prefix(BYTE_ORDER_MARK).unwrap_or(frame),
            false => frame,
        };
        let line = String::from_utf8_lossy(frame);
        match (self.stamp.take(), parse_stamp(&line)) {
            (Some((stamp, address)), _) => Ok(Parsed::Incoming(self.said(Some(stamp), address, line.into_owned()))),
            (None, Some(stamp)) => {
                self.stamp = Some(stamp);
                Ok(Parsed::Nothing)
            }
            // A server that stamps in another way, or not at all.
            (None, None) => Ok(Parsed::Incoming(self.said(None, String::new(), line.into_owned()))),
        }
    }

    /// A server that listens on every interface signs with that, not with the address by which we reach it, nor always with
    /// its port: there may be a mapping in between. No peer comes from there. The path of a Unix socket may read like it.
    fn is_server(&self, address: &str) -> bool {
        let is_everywhere = |address: &str| address.parse().is_ok_and(|at: SocketAddr| at.ip().is_unspecified());
        address == self.server || (self.server.parse::<SocketAddr>().is_ok() && is_everywhere(address))
    }

    fn said(&self, stamp: Option<WallTime>, head: String, text: String) -> Incoming {
        let server = self.is_server(&head);
        let from = if server { Sender { address: head, ..Sender::server() } } else { sender::of(&head) };
        let (kind, from, text) = if server { notice(from, text) } else { (IncomingKind::Message, from, text) };
        Incoming {
            kind,
            seq: 0,
            epoch: String::new(),
            time: SystemTime::now(),
            stamp,
            from,
            status: (kind == IncomingKind::Refused).then(|| status_of(&text)),
            text,
        }
    }
}

/// What a line means that the server has signed, and whose words they are.
fn notice(server: Sender, text: String) -> (IncomingKind, Sender, String) {
    let Some(what) = text.strip_prefix("* ") else { return (IncomingKind::Message, server, text) };
    if let Some(error) = what.strip_prefix("error: ") {
        return (IncomingKind::Refused, server, error.to_owned());
    }
    if LeaveReason::ALL.iter().any(|known| known.as_str() == what) {
        return (IncomingKind::Bye, server, what.to_owned());
    }
    let named = |name: Option<&str>| Sender { name: name.map(str::to_owned), ..Sender::default() };
    if let Some(name) = what.strip_prefix("your name is ") {
        return (IncomingKind::Named, named(Some(name)), String::new());
    }
    if what == "you have no name" {
        return (IncomingKind::Named, named(None), String::new());
    }
    match sender::direct(what) {
        Some((from, text)) => (IncomingKind::Direct, from, text),
        None => (IncomingKind::Message, server, text),
    }
}

/// Of what kind a refusal is that line chat has no code for: all but a few are about the text that was sent.
fn status_of(refusal: &str) -> Status {
    const BEGINNINGS: [(&str, Status); 9] = [
        ("not admitted", Status::AuthenticationFailed),
        ("the server is full", Status::Overflow),
        ("too many connections", Status::Overflow),
        ("line is over the limit", Status::MessageTooLong),
        ("not said: the server's filter", Status::Io),
        ("the name '", Status::InvalidArgument),
        ("nobody here has the name", Status::NoSuchPeer),
        ("unknown command '/", Status::ProtocolViolation),
        ("expected /", Status::ProtocolViolation),
    ];
    let known = BEGINNINGS.iter().find(|(beginning, _)| refusal.starts_with(beginning));
    known.map_or(Status::InvalidText, |(_, status)| *status)
}

/// Reads `YYYY/MM/DD HH:MM:SS address`.
fn parse_stamp(line: &str) -> Option<(WallTime, String)> {
    let (stamp, address) = line.split_at_checked(19)?;
    let address = address.strip_prefix(' ').filter(|address| !address.is_empty())?;
    Some((WallTime::parse(stamp)?, address.to_owned()))
}

fn object(frame: &[u8]) -> Result<Parsed> {
    let wrong =
        |what: &str| Error::new(Status::ProtocolViolation, format!("the server sent what is not an event: {what}"));
    let object: Object = serde_json::from_slice(frame).map_err(|error| wrong(&error.to_string()))?;
    let kind = match object.kind.as_deref().ok_or_else(|| wrong("it has no type"))? {
        "message" => IncomingKind::Message,
        "direct" => IncomingKind::Direct,
        "join" => IncomingKind::Join,
        "leave" => IncomingKind::Leave,
        "welcome" => IncomingKind::Welcome,
        "name" => IncomingKind::Named,
        "error" => IncomingKind::Refused,
        "bye" => IncomingKind::Bye,
        "ping" => return Ok(Parsed::Ping),
        // Newer servers may say more; what this client does not know does not concern it.
        _ => return Ok(Parsed::Nothing),
    };
    let time = object.time.parse::<Timestamp>().map_or_else(|_| SystemTime::now(), SystemTime::from);
    let from = match kind {
        IncomingKind::Welcome => object.you.unwrap_or_default(),
        IncomingKind::Named => Sender { id: object.id, name: object.name, ..Sender::default() },
        IncomingKind::Refused | IncomingKind::Bye => Sender::server(),
        IncomingKind::Message | IncomingKind::Direct | IncomingKind::Join | IncomingKind::Leave => object.from,
    };
    let text = if kind == IncomingKind::Bye { object.reason } else { object.text };
    let status = (kind == IncomingKind::Refused).then(|| {
        let named = Status::all().find(|status| status.name() == object.code);
        named.unwrap_or(Status::ProtocolViolation)
    });
    let incoming = Incoming { kind, seq: object.seq, epoch: object.epoch, time, stamp: None, from, text, status };
    Ok(match kind {
        IncomingKind::Welcome => Parsed::Welcome(incoming, object.limit),
        _ => Parsed::Incoming(incoming),
    })
}

#[cfg(test)]
mod tests;
