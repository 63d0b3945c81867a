//! What a member of a room receives.

use std::net::SocketAddr;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Deserialize;

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
    /// The server said something to this member alone.
    Direct,
    /// A member joined (if the server announces it).
    Join,
    /// A member left; the text says why.
    Leave,
    /// We are in: `seq` is the number of the newest message before us, `from` is ourselves.
    Welcome,
    /// The server has given us the name in `from`.
    Named,
    /// The server did not like what we sent; the text says what was wrong.
    Refused,
    /// The server says goodbye; the text says why.
    Bye,
}

/// Who is at the other end of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// The member's number; 0 for the server, and where it is not known (line chat).
    pub id: u64,
    /// The address as the server sees it, empty if not known.
    pub address: String,
    /// The name the member chose.
    pub name: Option<String>,
    /// Whether it is the server itself that speaks, and no member. Nobody can make a message of its own look so.
    pub server: bool,
}

impl Sender {
    fn server() -> Sender {
        Sender { server: true, ..Sender::default() }
    }
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
    pub(super) fn is_last(&self) -> bool {
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

    fn said(&self, stamp: Option<WallTime>, address: String, text: String) -> Incoming {
        let server = self.is_server(&address);
        let (kind, text) = if server { notice(text) } else { (IncomingKind::Message, text) };
        Incoming {
            kind,
            seq: 0,
            epoch: String::new(),
            time: SystemTime::now(),
            stamp,
            from: Sender { address, server, ..Sender::default() },
            status: (kind == IncomingKind::Refused).then(|| status_of(&text)),
            text,
        }
    }
}

/// What a line means that the server has signed.
fn notice(text: String) -> (IncomingKind, String) {
    if let Some(what) = text.strip_prefix("* error: ") {
        return (IncomingKind::Refused, what.to_owned());
    }
    match text.strip_prefix("* ").filter(|reason| LeaveReason::ALL.iter().any(|known| known.as_str() == *reason)) {
        Some(reason) => (IncomingKind::Bye, reason.to_owned()),
        None => (IncomingKind::Message, text),
    }
}

/// Of what kind a refusal is that line chat has no code for: all but a few are about the text that was sent.
fn status_of(refusal: &str) -> Status {
    const BEGINNINGS: [(&str, Status); 5] = [
        ("not admitted", Status::AuthenticationFailed),
        ("the server is full", Status::Overflow),
        ("too many connections", Status::Overflow),
        ("line is over the limit", Status::MessageTooLong),
        ("not said: the server's filter", Status::Io),
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
mod tests {
    use super::*;

    fn line(parser: &mut Parser, text: &str) -> Option<Incoming> {
        match parser.parse(text.as_bytes()).unwrap() {
            Parsed::Incoming(incoming) | Parsed::Welcome(incoming, _) => Some(incoming),
            Parsed::Ping | Parsed::Nothing => None,
        }
    }

    #[test]
    fn a_stamp_and_a_text_make_one_message() {
        let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
        assert_eq!(line(&mut parser, "2026/11/21 09:07:29 127.0.0.1:34774"), None);
        // A text that looks like a stamp is a text.
        let message = line(&mut parser, "2026/11/21 09:07:29 127.0.0.1:1").unwrap();
        assert_eq!(message.from.address, "127.0.0.1:34774");
        assert_eq!(message.stamp.unwrap().to_string(), "2026/11/21 09:07:29");
        assert_eq!(message.text, "2026/11/21 09:07:29 127.0.0.1:1");
        let unstamped = line(&mut parser, "hello").unwrap();
        assert_eq!((unstamped.text.as_str(), unstamped.from.address.as_str()), ("hello", ""));
    }

    #[test]
    fn a_byte_order_mark_belongs_to_no_message() {
        let parser = || Parser::new(Framing::Line, "127.0.0.1:60000".into());
        assert_eq!(line(&mut parser(), "\u{feff}hello").unwrap().text, "hello");
        let mut stamped = parser();
        assert_eq!(line(&mut stamped, "\u{feff}2026/11/21 09:07:29 127.0.0.1:5"), None);
        let message = line(&mut stamped, "\u{feff}hi").unwrap();
        assert_eq!((message.from.address.as_str(), message.text.as_str()), ("127.0.0.1:5", "\u{feff}hi"));
        // Behind the beginning it is a character like others.
        let mut alone = parser();
        assert_eq!(line(&mut alone, "\u{feff}").unwrap().text, "");
        assert_eq!(line(&mut alone, "\u{feff}hello").unwrap().text, "\u{feff}hello");
    }

    #[test]
    fn only_the_server_itself_can_refuse() {
        let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
        for (address, kind) in [
            ("127.0.0.1:60000", IncomingKind::Refused),
            ("0.0.0.0:60000", IncomingKind::Refused),
            ("[::]:60000", IncomingKind::Refused),
            ("0.0.0.0:8000", IncomingKind::Refused),
            ("127.0.0.1:5", IncomingKind::Message),
            ("unix", IncomingKind::Message),
        ] {
            line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
            let heard = line(&mut parser, "* error: too long").unwrap();
            assert_eq!((heard.kind, heard.from.server), (kind, kind == IncomingKind::Refused), "{address}");
        }
        let mut parser = Parser::new(Framing::Line, "/run/chat.sock".into());
        for (address, server) in [("/run/chat.sock", true), ("0.0.0.0:5", false), ("unix", false)] {
            line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
            assert_eq!(line(&mut parser, "* error: too long").unwrap().from.server, server, "{address}");
        }
    }

    #[test]
    fn what_the_server_says_last_is_a_farewell_and_not_somebodys_words() {
        let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
        for (address, text, kind) in [
            ("127.0.0.1:60000", "* server stopped", IncomingKind::Bye),
            ("127.0.0.1:60000", "* server stopped, more or less", IncomingKind::Message),
            ("127.0.0.1:5", "* server stopped", IncomingKind::Message),
        ] {
            line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
            assert_eq!(line(&mut parser, text).unwrap().kind, kind, "{address} {text}");
        }
    }

    #[test]
    fn a_refusal_is_of_a_kind_in_either_chat() {
        let refused = |code: &str| {
            let frame = format!(r#"{{"type":"error","code":"{code}","text":"no"}}"#);
            let Parsed::Incoming(incoming) = object(frame.as_bytes()).unwrap() else { panic!() };
            incoming.refusal().unwrap()
        };
        assert_eq!(refused("RUSTCHAT_EINVAL"), Error::new(Status::InvalidArgument, "the server refused: no"));
        assert_eq!(refused("from the future").status(), Status::ProtocolViolation);
        assert_eq!(status_of("not admitted"), Status::AuthenticationFailed);
        assert_eq!(status_of("invalid UTF-8: byte 0xff at offset 0"), Status::InvalidText);
    }

    #[test]
    fn an_object_is_read_with_its_number_and_time() {
        let frame = br#"{"type":"message","room":"lobby","epoch":"e","seq":3,"time":"2026-11-21T09:07:29.250Z",
            "from":{"id":4,"address":"a:1","name":"ann"},"text":"hi"}"#;
        let Parsed::Incoming(incoming) = object(frame).unwrap() else { panic!() };
        assert_eq!((incoming.seq, incoming.epoch.as_str(), incoming.text.as_str()), (3, "e", "hi"));
        assert_eq!((incoming.from.id, incoming.from.name.as_deref()), (4, Some("ann")));
        let since = incoming.time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(since.as_millis(), 1_795_252_049_250);
        assert_eq!(object(b"[1]").err().unwrap().status(), Status::ProtocolViolation);
    }
}
