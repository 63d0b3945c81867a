//! Telnet's commands (RFC 854), which programs of that name put between what people type.

use std::borrow::Cow;

const IAC: u8 = 255;
const SUBNEGOTIATION: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;

/// From here on a byte behind `IAC` is a command: the oldest ones begin with the end of the file.
const FIRST_COMMAND: u8 = 236;

/// `WILL`, `WONT`, `DO` and `DONT`, which an option follows.
const NEGOTIATION: std::ops::RangeInclusive<u8> = 251..=DONT;
const DONT: u8 = 254;

/// The longest subnegotiation, in bytes: who never ends one is heard again behind that.
const LONGEST_SUBNEGOTIATION: u16 = 1024;

/// Takes the commands out of a stream, however it is cut, and makes a line feed of the NUL behind a carriage return.
///
/// None of what it takes out can stand in UTF-8 text: `IAC` is no byte of it, and NUL is refused as a control character.
#[derive(Debug, Default)]
pub(super) struct Telnet {
    state: State,
    /// Bytes of the subnegotiation.
    length: u16,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    CarriageReturn,
    Command,
    Option,
    Subnegotiation,
    SubnegotiationCommand,
}

impl Telnet {
    /// Whether `bytes` hold a command, with its option if it has one, or a telnet end of line.
    pub(super) fn is_met(bytes: &[u8]) -> bool {
        let begins = |bytes: &[u8]| match bytes {
            [IAC, SUBNEGOTIATION..=DONT, ..] => bytes.len() > 2,
            [IAC, command, ..] => (FIRST_COMMAND..SUBNEGOTIATION).contains(command),
            _ => bytes.starts_with(b"\r\0"),
        };
        (0..bytes.len()).any(|start| begins(&bytes[start..]))
    }

    /// What of `bytes` is text.
    pub(super) fn filter<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if matches!(self.state, State::Text | State::CarriageReturn) && memchr::memchr2(IAC, 0, bytes).is_none() {
            self.state = match bytes.last() {
                None => self.state,
                Some(b'\r') => State::CarriageReturn,
                Some(_) => State::Text,
            };
            return Cow::Borrowed(bytes);
        }
        let mut text = Vec::with_capacity(bytes.len());
        text.extend(bytes.iter().filter_map(|&byte| self.step(byte)));
        Cow::Owned(text)
    }

    /// What that byte is as text.
    fn step(&mut self, byte: u8) -> Option<u8> {
        let (state, text) = match (self.state, byte) {
            (State::Text | State::CarriageReturn, IAC) => (State::Command, None),
            (State::Text | State::CarriageReturn, b'\r') => (State::CarriageReturn, Some(b'\r')),
            (State::CarriageReturn, 0) => (State::Text, Some(b'\n')),
            (State::Text | State::CarriageReturn, byte) => (State::Text, Some(byte)),
            (State::Command, IAC) => (State::Text, Some(IAC)),
            (State::Command, SUBNEGOTIATION) => {
                self.length = 0;
                (State::Subnegotiation, None)
            }
            (State::Command, byte) if NEGOTIATION.contains(&byte) => (State::Option, None),
            // The command itself may have come as urgent data, which is not in the stream.
            (State::Command, byte) => (State::Text, (byte < FIRST_COMMAND).then_some(byte)),
            (State::Option, _) | (State::SubnegotiationCommand, SUBNEGOTIATION_END) => (State::Text, None),
            (State::Subnegotiation, IAC) => (State::SubnegotiationCommand, None),
            (State::Subnegotiation | State::SubnegotiationCommand, _) => {
                self.length += 1;
                (if self.length < LONGEST_SUBNEGOTIATION { State::Subnegotiation } else { State::Text }, None)
            }
        };
        self.state = state;
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: &[&[u8]]) -> Vec<u8> {
        let mut telnet = Telnet::default();
        pieces.iter().flat_map(|piece| telnet.filter(piece).into_owned()).collect()
    }

    #[test]
    fn commands_go_wherever_they_stand_and_however_they_are_cut() {
        for (bytes, expected) in [
            (&b"\xff\xfb\x1fhello\r\n"[..], &b"hello\r\n"[..]),
            (b"he\xff\xf4llo\n", b"hello\n"),
            (b"\xff\xfa\x1f\0\x0a\0\xff\xff\xff\xf0hello\n", b"hello\n"),
            (b"one\r\0two\r\nthree\r", b"one\r\ntwo\r\nthree\r"),
            (b"\xff\xff\n", b"\xff\n"),
            (b"\xffhello\n", b"hello\n"),
            (b"nul \0\n", b"nul \0\n"),
        ] {
            assert_eq!(text(&[bytes]), expected, "{bytes:?}");
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(text(&single), expected, "{bytes:?} byte by byte");
        }
    }

    #[test]
    fn who_never_ends_a_subnegotiation_is_heard_again() {
        let endless = [&b"\xff\xfa"[..], &[b'x'; 2000], b"\nhello\n"].concat();
        assert!(text(&[&endless]).ends_with(b"\nhello\n"));
    }

    #[test]
    fn only_commands_and_telnets_ends_of_lines_make_a_telnet() {
        for met in [&b"\xff\xfb\x1f"[..], b"text\xff\xf4", b"\xff\xfa\x1f", b"end\r\0"] {
            assert!(Telnet::is_met(met), "{met:?}");
        }
        for not in [&b"\xff"[..], b"caf\xff noir", b"\xff\xff", b"\xff\xfe", b"\0\r", b"", b"text\r\n"] {
            assert!(!Telnet::is_met(not), "{not:?}");
        }
    }
}
