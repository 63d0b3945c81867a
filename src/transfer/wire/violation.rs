//! The rules of the protocol, by what breaks them.

use std::fmt;

use super::{BLOCK, WINDOW};
use crate::wire::Broken;

/// A rule of the protocol that the peer has broken, after which nothing that it says can be relied on: it is told the rule,
/// and the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A message without a type and a request.
    Headless,
    /// A type that there is not.
    UnknownType(u8),
    /// The message of that name has fewer bytes than it must.
    Short(&'static str),
    /// The message of that name has bytes behind its end.
    LeftOver(&'static str),
    /// A text of the message of that name is no UTF-8.
    Text(&'static str),
    /// The first message is no HELLO.
    NotGreeted,
    /// A second HELLO.
    GreetedTwice,
    /// HELLO does not begin with the protocol's name.
    Magic,
    /// A version of the protocol that is not spoken here.
    Version(u8),
    /// A message about the connection names a request.
    IdNotZero(&'static str),
    /// A message about a request names none.
    IdZero(&'static str),
    /// A request has another number than the next one.
    OutOfOrder {
        /// The number.
        id: u32,
        /// The next one.
        expected: u32,
    },
    /// A message about a request that was never made.
    NeverAsked(u32),
    /// Flags that the message of that name does not have.
    UnknownFlags(&'static str, u8),
    /// A kind of file that there is not.
    UnknownKind(u8),
    /// Nanoseconds of more than a second.
    Nanoseconds(u32),
    /// A block of no bytes, or of too many.
    BlockLength(usize),
    /// Hashes that are no whole number of hashes.
    HashLength(usize),
    /// The message of that name comes before its time, behind it, or about another kind of request.
    OutOfPlace(&'static str),
    /// More blocks than the window takes.
    OverWindow,
    /// More requests at a time than a server takes.
    TooMany,
    /// A frame over the limit.
    TooLong,
}

impl From<Broken> for Violation {
    fn from(broken: Broken) -> Violation {
        match broken {
            Broken::Short(name) => Violation::Short(name),
            Broken::LeftOver(name) => Violation::LeftOver(name),
            Broken::Text(name) => Violation::Text(name),
            Broken::Flag(name, byte) => Violation::UnknownFlags(name, byte),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Headless => f.write_str("a message has a type and a request"),
            Violation::UnknownType(kind) => write!(f, "there is no message of type {kind:#04x}"),
            Violation::Short(name) => write!(f, "{name} is too short"),
            Violation::LeftOver(name) => write!(f, "{name} has bytes behind its end"),
            Violation::Text(name) => write!(f, "the text of {name} is not UTF-8"),
            Violation::NotGreeted => f.write_str("the first message is HELLO"),
            Violation::GreetedTwice => f.write_str("HELLO comes once"),
            Violation::Magic => f.write_str("HELLO begins with 'rfil'"),
            Violation::Version(version) => write!(f, "version {version} is not spoken here, only 1"),
            Violation::IdNotZero(name) => write!(f, "{name} has request 0"),
            Violation::IdZero(name) => write!(f, "{name} names a request, not 0"),
            Violation::OutOfOrder { id, expected } => {
                write!(f, "requests are numbered in order: {id} came, {expected} is next")
            }
            Violation::NeverAsked(id) => write!(f, "request {id} was never made"),
            Violation::UnknownFlags(name, flags) => write!(f, "flags {flags:#04x} of {name} are unknown"),
            Violation::UnknownKind(kind) => write!(f, "there is no file of kind {kind}"),
            Violation::Nanoseconds(count) => write!(f, "{count} nanoseconds are more than a second"),
            Violation::BlockLength(length) => write!(f, "a block has 1 to {BLOCK} bytes, not {length}"),
            Violation::HashLength(length) => write!(f, "{length} bytes are no hashes of 32"),
            Violation::OutOfPlace(name) => write!(f, "{name} has no place here"),
            Violation::OverWindow => write!(f, "more than {WINDOW} blocks before TAKEN"),
            Violation::TooMany => f.write_str("too many requests at a time"),
            Violation::TooLong => f.write_str("a message is longer than the limit"),
        }
    }
}
