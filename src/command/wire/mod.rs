//! The messages of remote commands: pure, with every refusal named.
//!
//! A message is a type, the channel of a command (0 is the connection) and a body, in a frame of four bytes of length. What
//! a client says is a [`Request`], what a server says a [`Report`]. Who may say what when is in [`mux`](super::mux).

mod refusal;
mod report;
mod request;
mod signal;
mod violation;

pub use refusal::Refusal;
pub(crate) use report::{OUTPUT_HEAD, Report, ServerHello};
pub(crate) use request::{Flags, Request, Run};
pub use signal::Signal;
pub use violation::Violation;

use crate::wire;
pub(crate) use crate::wire::Farewell;

/// The version of the protocol.
pub(crate) const VERSION: u8 = 1;

/// Output in one message, at most.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A whole message, at most.
pub(crate) const MESSAGE_LIMIT: usize = CHUNK + 32;

/// A command's name, arguments and variables with their lengths, at most: what fits into one message.
pub(crate) const ARGUMENT_BYTES: u32 = 60 * 1024;

/// A type and a channel.
pub(crate) const HEAD: usize = 5;

/// Input that a client may send of a command before the server has said anything of it, in bytes.
pub(crate) const INITIAL_STDIN: u32 = 64 * 1024;

/// Credit for one stream at a time.
pub(crate) const MOST_CREDIT: u32 = 1 << 31;

/// How much of an output was not sent, where there was more and nobody has counted.
pub(crate) const UNCOUNTED: u64 = u64::MAX;

/// What a command writes to. The numbers are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Output {
    /// Its standard output.
    Stdout = 1,
    /// Its standard error.
    Stderr = 2,
}

impl Output {
    /// Both.
    pub(crate) const BOTH: [Output; 2] = [Output::Stdout, Output::Stderr];

    /// 0 or 1.
    pub(crate) fn index(self) -> usize {
        self as usize - 1
    }

    fn from_wire(byte: u8) -> Result<Output, Violation> {
        match byte {
            1 => Ok(Output::Stdout),
            2 => Ok(Output::Stderr),
            other => Err(Violation::UnknownStream(other)),
        }
    }
}

/// The numbers of the types.
mod kind {
    pub(super) const CLIENT_HELLO: u8 = 0x01;
    pub(super) const RUN: u8 = 0x10;
    pub(super) const STDIN: u8 = 0x11;
    pub(super) const STDIN_END: u8 = 0x12;
    pub(super) const CREDIT: u8 = 0x13;
    pub(super) const SIGNAL: u8 = 0x14;
    pub(super) const STOP: u8 = 0x15;
    pub(super) const PING: u8 = 0x7d;
    pub(super) const PONG: u8 = 0x7e;
    pub(super) const GOAWAY: u8 = 0x7f;
    pub(super) const SERVER_HELLO: u8 = 0x81;
    pub(super) const STARTED: u8 = 0x90;
    pub(super) const OUT: u8 = 0x91;
    pub(super) const ERR: u8 = 0x92;
    pub(super) const END: u8 = 0x93;
    pub(super) const STDIN_CREDIT: u8 = 0x94;
    pub(super) const EXIT: u8 = 0x95;
    pub(super) const REFUSED: u8 = 0x96;
    pub(super) const STDIN_CLOSED: u8 = 0x97;
}

/// Type, channel and body.
fn split(message: &[u8]) -> Result<(u8, u32, &[u8]), Violation> {
    wire::split(message).ok_or(Violation::Headless)
}

/// The name of a message about the connection.
fn of_connection(channel: u32, name: &'static str) -> Result<(), Violation> {
    if channel == 0 { Ok(()) } else { Err(Violation::ChannelNotZero(name)) }
}

/// The name of a message about a command.
fn of_command(channel: u32, name: &'static str) -> Result<u32, Violation> {
    if channel == 0 { Err(Violation::ChannelZero(name)) } else { Ok(channel) }
}

#[cfg(test)]
mod tests;
