//! The last words of a connection.

use crate::{Error, Status};

/// Why a connection is ended by the one that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Farewell {
    /// The other side has broken a rule, which is named.
    Protocol = 1,
    /// The server stops.
    Stopping = 2,
    /// No place is free.
    Full = 3,
    /// The other side has been silent, or has not read, for too long.
    Unresponsive = 4,
    /// All is said.
    Done = 5,
}

impl Farewell {
    /// One that this version does not know is an end like any other.
    pub(crate) fn from_wire(byte: u8) -> Farewell {
        match byte {
            1 => Farewell::Protocol,
            2 => Farewell::Stopping,
            3 => Farewell::Full,
            4 => Farewell::Unresponsive,
            _ => Farewell::Done,
        }
    }

    /// The error that it is for a client whom a server says it to, with this text.
    pub(crate) fn error(self, text: &str) -> Error {
        let text = shown(text);
        match self {
            Farewell::Protocol => {
                Error::new(Status::ProtocolViolation, format!("the server refuses what was sent: {text}"))
            }
            Farewell::Stopping => Error::new(Status::Closed, "the server stops".to_owned()),
            Farewell::Full => Error::new(Status::Closed, format!("the server has no place: {text}")),
            Farewell::Unresponsive => {
                Error::new(Status::Closed, format!("the server has closed the connection: {text}"))
            }
            Farewell::Done => Error::new(Status::Closed, "the server has closed the connection".to_owned()),
        }
    }
}

/// A text of the other side's as it may stand in an error: not too long, and with nothing in it that commands a terminal.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(400) {
        match c {
            // What the other side has spelled out already is not spelled out again.
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown
}
