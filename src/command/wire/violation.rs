//! The rules of the protocol, by what breaks them.

use std::fmt;

use crate::wire::Broken;

/// A rule of the protocol that the peer has broken, after which nothing that it says can be relied on: it is told the rule,
/// and the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A message without a type and a channel.
    Headless,
    /// A type that there is not.
    UnknownType(u8),
    /// The message of that name has fewer bytes than it must.
    Short(&'static str),
    /// The message of that name has bytes behind its end.
    LeftOver(&'static str),
    /// A text of the message of that name is no UTF-8.
    Text(&'static str),
    /// A byte of the message of that name is neither 0 nor 1.
    Flag(&'static str, u8),
    /// The first message is no HELLO.
    NotGreeted,
    /// A second HELLO.
    GreetedTwice,
    /// HELLO does not begin with the protocol's name.
    Magic,
    /// A version of the protocol that is not spoken here.
    Version(u8),
    /// A message about the connection names a command.
    ChannelNotZero(&'static str),
    /// A message about a command names none.
    ChannelZero(&'static str),
    /// RUN names another number than the next one.
    OutOfOrder {
        /// The number.
        channel: u32,
        /// The next one.
        expected: u32,
    },
    /// A message about a command that was never begun.
    NeverBegun(u32),
    /// A message about a command that is over.
    Over(u32),
    /// A stream that is neither 1 nor 2.
    UnknownStream(u8),
    /// A signal that cannot be sent.
    UnknownSignal(u8),
    /// Flags of RUN that there are not.
    UnknownFlags(u8),
    /// A kind of end that there is not.
    UnknownKind(u8),
    /// CREDIT of nothing.
    NoCredit,
    /// More credit than 2^31 bytes at a time.
    CreditOverflow,
    /// More bytes than there was credit for.
    OverCredit,
    /// STDIN for a command that was begun without.
    NoStdin,
    /// STDIN behind its end.
    StdinEnded,
    /// A command is started a second time, or refused after its start.
    StartedTwice,
    /// Output or an end of a command that was not started.
    NotStarted,
    /// Output behind the end of its stream, or a second end.
    StreamEnded,
    /// A total that is not the sum of what was sent.
    Total,
    /// EXIT before the end of both streams.
    EndMissing,
    /// A frame over the limit.
    TooLong,
}

impl From<Broken> for Violation {
    fn from(broken: Broken) -> Violation {
        match broken {
            Broken::Short(name) => Violation::Short(name),
            Broken::LeftOver(name) => Violation::LeftOver(name),
            Broken::Text(name) => Violation::Text(name),
            Broken::Flag(name, byte) => Violation::Flag(name, byte),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Headless => f.write_str("a message has a type and a channel"),
            Violation::UnknownType(kind) => write!(f, "there is no message of type {kind:#04x}"),
            Violation::Short(name) => write!(f, "{name} is too short"),
            Violation::LeftOver(name) => write!(f, "{name} has bytes behind its end"),
            Violation::Text(name) => write!(f, "the text of {name} is not UTF-8"),
            Violation::Flag(name, byte) => write!(f, "a flag of {name} is {byte}, expected 0 or 1"),
            Violation::NotGreeted => f.write_str("the first message is HELLO"),
            Violation::GreetedTwice => f.write_str("HELLO comes once"),
            Violation::Magic => f.write_str("HELLO begins with 'rcmd'"),
            Violation::Version(version) => write!(f, "version {version} is not spoken here, only 1"),
            Violation::ChannelNotZero(name) => write!(f, "{name} has channel 0"),
            Violation::ChannelZero(name) => write!(f, "{name} names a command, not channel 0"),
            Violation::OutOfOrder { channel, expected } => {
                write!(f, "channels are numbered in order: {channel} came, {expected} is next")
            }
            Violation::NeverBegun(channel) => write!(f, "command {channel} was never begun"),
            Violation::Over(channel) => write!(f, "command {channel} is over"),
            Violation::UnknownStream(stream) => write!(f, "stream {stream} is neither 1 nor 2"),
            Violation::UnknownSignal(signal) => write!(f, "signal {signal} cannot be sent"),
            Violation::UnknownFlags(flags) => write!(f, "flags {flags:#04x} of RUN are unknown"),
            Violation::UnknownKind(kind) => write!(f, "there is no end of kind {kind}"),
            Violation::NoCredit => f.write_str("CREDIT is for at least one byte"),
            Violation::CreditOverflow => f.write_str("credit is at most 2^31 bytes at a time"),
            Violation::OverCredit => f.write_str("more bytes than there was credit for"),
            Violation::NoStdin => f.write_str("STDIN for a command that was begun without"),
            Violation::StdinEnded => f.write_str("STDIN behind its end"),
            Violation::StartedTwice => f.write_str("a command is started or refused once"),
            Violation::NotStarted => f.write_str("a command speaks when it was started"),
            Violation::StreamEnded => f.write_str("a stream ends once, behind its last byte"),
            Violation::Total => f.write_str("a total is not the sum of what was sent"),
            Violation::EndMissing => f.write_str("EXIT comes behind the end of both streams"),
            Violation::TooLong => f.write_str("a message is longer than the limit"),
        }
    }
}
