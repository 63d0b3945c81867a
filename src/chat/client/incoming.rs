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
    /// The connection has broken, and the client [comes back](super::ClientOptions::reconnect); the text says why, and so does
    /// [`Incoming::loss`].
    Disconnected,
    /// The client is back.
    Reconnected,
    /// The client was away: here what was said meanwhile is missing, as far as it is known `missed` entries of the log.
    Gap,
    /// Something that we have said may be in the room or not: the text is what it was. The connection broke before the server had
    /// acknowledged it, and it is not said once more.
    Unconfirmed,
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
    /// Its sender had said it before and was told nothing: whoever was there may have it already.
    pub again: bool,
    /// Of a `Gap`: how many entries of the room's log are missing; `None` where nobody knows, since the log has begun anew,
    /// or is line chat's, and for everything else.
    pub missed: Option<u64>,
    /// Of something that we have said to one member alone, whom it was for: `Unconfirmed`, and `Refused` of a client that [comes
    /// back](super::ClientOptions::reconnect). `None` for everything else.
    pub to: Option<String>,
}

impl Incoming {
    /// A refusal as the error that stands for it; `None` for everything else.
    pub fn refusal(&self) -> Option<Error> {
        let status = self.status.filter(|_| self.kind == IncomingKind::Refused)?;
        Some(Error::new(status, format!("the server refused: {}", self.text)))
    }

    /// Why the connection has broken (`Disconnected`); `None` for everything else.
    pub fn loss(&self) -> Option<Error> {
        let status = self.status.filter(|_| self.kind == IncomingKind::Disconnected)?;
        Some(Error::new(status, self.text.clone()))
    }

    /// Whether it is for one member alone: for us, or of us for somebody. It is not to be repeated to the room.
    pub fn is_private(&self) -> bool {
        self.kind == IncomingKind::Direct || self.to.is_some()
    }

    /// What a client tells of itself.
    pub(super) fn own(kind: IncomingKind, text: String) -> Incoming {
        Incoming {
            kind,
            seq: 0,
            epoch: String::new(),
            time: SystemTime::now(),
            stamp: None,
            from: Sender::default(),
            text,
            status: None,
            again: false,
            missed: None,
            to: None,
        }
    }

    /// Whether the server has not let us in, or does not keep us: the end of the connection follows.
    pub fn is_last(&self) -> bool {
        let turned_away = matches!(self.status, Some(Status::AuthenticationFailed | Status::Overflow));
        (turned_away && self.kind == IncomingKind::Refused) || self.kind == IncomingKind::Bye
    }

    /// The same, and that we are banned: a refusal of that kind which is about no message of ours is about ourselves.
    pub(super) fn is_farewell(&self) -> bool {
        self.is_last() || (self.kind == IncomingKind::Refused && self.status == Some(Status::Refused))
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
    #[serde(rename = "ref")]
    number: Option<u64>,
    again: bool,
    session: Option<String>,
    known: bool,
    joined: Vec<Sender>,
    more: bool,
}

/// What a frame means to the reader.
pub(super) enum Parsed {
    Incoming(Incoming),
    /// We are in.
    Welcome(Incoming, Terms),
    /// A message of ours with that number is said.
    Acknowledged(u64),
    /// What of us has that number is refused: a message, or a question.
    Refused(Incoming, u64),
    /// We have the name that we have asked for with that number.
    Named(Incoming, u64),
    /// Some of those who are there.
    Present(Page),
    /// Whether the server knows what we have said on an earlier connection.
    Resumed(bool),
    /// The server wants a sign of life.
    Ping,
    /// Half of something, or of no interest.
    Nothing,
}

/// A part of what answers who is there.
pub(super) struct Page {
    /// Of the question.
    pub(super) number: Option<u64>,
    pub(super) members: Vec<Sender>,
    /// There are others behind these.
    pub(super) more: bool,
}

/// What the server says of itself in its welcome.
pub(super) struct Terms {
    /// So many bytes may be said at once.
    pub(super) limit: Option<u64>,
    /// Names what it remembers of what we say, if it does.
    pub(super) session: Option<String>,
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
            again: false,
            missed: None,
            to: None,
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
    const BEGINNINGS: [(&str, Status); 10] = [
        ("not admitted", Status::AuthenticationFailed),
        ("you are banned here", Status::Refused),
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
        "ack" => return Ok(object.number.map_or(Parsed::Nothing, Parsed::Acknowledged)),
        "resumed" => return Ok(Parsed::Resumed(object.known)),
        "presence" => {
            let (number, members, more) = (object.number, object.joined, object.more);
            return Ok(Parsed::Present(Page { number, members, more }));
        }
        // Newer servers may say more; what this client does not know does not concern it.
        _ => return Ok(Parsed::Nothing),
    };
    let time = object.time.parse::<Timestamp>().map_or_else(|_| SystemTime::now(), SystemTime::from);
    let from = match kind {
        IncomingKind::Welcome => object.you.unwrap_or_default(),
        IncomingKind::Named => Sender { id: object.id, name: object.name, ..Sender::default() },
        IncomingKind::Refused | IncomingKind::Bye => Sender::server(),
        _ => object.from,
    };
    let text = if kind == IncomingKind::Bye { object.reason } else { object.text };
    let status = (kind == IncomingKind::Refused).then(|| {
        let named = Status::all().find(|status| status.name() == object.code);
        named.unwrap_or(Status::ProtocolViolation)
    });
    let Object { seq, epoch, again, .. } = object;
    let incoming = Incoming { kind, seq, epoch, time, stamp: None, from, text, status, again, missed: None, to: None };
    Ok(match (kind, object.number) {
        (IncomingKind::Welcome, _) => Parsed::Welcome(incoming, Terms { limit: object.limit, session: object.session }),
        (IncomingKind::Refused, Some(number)) => Parsed::Refused(incoming, number),
        (IncomingKind::Named, Some(number)) => Parsed::Named(incoming, number),
        _ => Parsed::Incoming(incoming),
    })
}

#[cfg(test)]
mod tests;
