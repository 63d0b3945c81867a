//! What a member of a room receives.

use std::net::SocketAddr;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::chat::zone;
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
    /// When the server stamped it, in seconds for line chat and milliseconds for message chat; else when it came.
    pub time: SystemTime,
    /// Who said it.
    pub from: Sender,
    /// What was said.
    pub text: String,
}

/// One JSON object of message chat.
#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    epoch: String,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    time: String,
    #[serde(default)]
    from: Sender,
    #[serde(default)]
    you: Option<Sender>,
    #[serde(default)]
    id: u64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    reason: String,
}

/// What a frame means to the reader.
pub(super) enum Parsed {
    Incoming(Incoming),
    /// The server wants a sign of life.
    Ping,
    /// Half of something, or of no interest.
    Nothing,
}

/// Makes sense of frames, one after the other.
pub(super) struct Parser {
    framing: Framing,
    server: String,
    zone: TimeZone,
    /// The stamp line whose text line has not come yet.
    stamp: Option<(SystemTime, String)>,
}

impl Parser {
    pub(super) fn new(framing: Framing, server: String) -> Parser {
        Parser { framing, server, zone: zone::read(None), stamp: None }
    }

    pub(super) fn parse(&mut self, frame: &[u8]) -> Result<Parsed> {
        if self.framing != Framing::Line {
            return object(frame);
        }
        let line = String::from_utf8_lossy(frame);
        match (self.stamp.take(), parse_stamp(&line, &self.zone)) {
            (Some((time, address)), _) => Ok(Parsed::Incoming(self.said(time, address, line.into_owned()))),
            (None, Some(stamp)) => {
                self.stamp = Some(stamp);
                Ok(Parsed::Nothing)
            }
            // A server that stamps in another way, or not at all.
            (None, None) => Ok(Parsed::Incoming(self.said(SystemTime::now(), String::new(), line.into_owned()))),
        }
    }

    /// A server that listens on every interface signs with that, not with the address by which we reach it.
    fn is_server(&self, address: &str) -> bool {
        let everywhere = |address: &SocketAddr| address.ip().is_unspecified();
        let port = |address: &str| address.parse::<SocketAddr>().ok().map(|address| address.port());
        address == self.server
            || (address.parse().is_ok_and(|address| everywhere(&address)) && port(address) == port(&self.server))
    }

    fn said(&self, time: SystemTime, address: String, text: String) -> Incoming {
        let notice = self.is_server(&address);
        let (kind, text) = match text.strip_prefix("* error: ") {
            Some(what) if notice => (IncomingKind::Refused, what.to_owned()),
            _ => (IncomingKind::Message, text),
        };
        let from = Sender { address, server: notice, ..Sender::default() };
        Incoming { kind, seq: 0, epoch: String::new(), time, from, text }
    }
}

/// Reads `YYYY/MM/DD HH:MM:SS address`.
fn parse_stamp(line: &str, zone: &TimeZone) -> Option<(SystemTime, String)> {
    let (stamp, address) = line.split_at_checked(19)?;
    let address = address.strip_prefix(' ').filter(|address| !address.is_empty())?;
    let local = DateTime::strptime("%Y/%m/%d %H:%M:%S", stamp).ok()?;
    let zoned = local.to_zoned(zone.clone()).ok()?;
    Some((zoned.timestamp().into(), address.to_owned()))
}

fn object(frame: &[u8]) -> Result<Parsed> {
    let object: Object = serde_json::from_slice(frame).map_err(|error| {
        Error::new(Status::ProtocolViolation, format!("the server sent what is not an event: {error}"))
    })?;
    let kind = match object.kind.as_str() {
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
    Ok(Parsed::Incoming(Incoming { kind, seq: object.seq, epoch: object.epoch, time, from, text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(parser: &mut Parser, text: &str) -> Option<Incoming> {
        match parser.parse(text.as_bytes()).unwrap() {
            Parsed::Incoming(incoming) => Some(incoming),
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
        assert_eq!(message.text, "2026/11/21 09:07:29 127.0.0.1:1");
        let unstamped = line(&mut parser, "hello").unwrap();
        assert_eq!((unstamped.text.as_str(), unstamped.from.address.as_str()), ("hello", ""));
    }

    #[test]
    fn only_the_server_itself_can_refuse() {
        let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
        for (address, kind) in [
            ("127.0.0.1:60000", IncomingKind::Refused),
            ("0.0.0.0:60000", IncomingKind::Refused),
            ("0.0.0.0:5", IncomingKind::Message),
            ("127.0.0.1:5", IncomingKind::Message),
        ] {
            line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
            assert_eq!(line(&mut parser, "* error: too long").unwrap().kind, kind);
        }
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
