//! ZMTP 3.0, the wire of ZeroMQ: members are SUB, senders publish as PUB over a connection of their own.

use std::borrow::Cow;

use crate::format::{Format, Frame};

/// A frame longer than this is taken for a lost frame boundary.
const MAX_TEXT: usize = 16 << 20;
const GREETING: usize = 64;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// What a SUB answers to the greeting: READY, and a subscription to the empty prefix, which is everything.
const SUBSCRIBER: &[u8] = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB\0\x01\x01";
/// What a PUB answers to the greeting.
const PUBLISHER: &[u8] = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB";

/// One message of one frame a delivery.
#[derive(Default)]
pub(crate) struct Zmtp {
    is_publisher: bool,
}

impl Format for Zmtp {
    fn hello(&self, out: &mut Vec<u8>) {
        // The rest of the handshake waits for the other side's greeting: libzmq closes if it comes along with ours.
        let mut greeting = [0; GREETING];
        greeting[0] = 0xff;
        greeting[9] = 0x7f;
        greeting[10] = 3;
        greeting[12..16].copy_from_slice(b"NULL");
        out.extend_from_slice(&greeting);
    }

    fn publisher(&self) -> Option<Box<dyn Format>> {
        Some(Box::new(Zmtp { is_publisher: true }))
    }

    fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        match u8::try_from(text.len()) {
            Ok(length) => out.extend_from_slice(&[0, length]),
            Err(_) => {
                out.push(LONG);
                out.extend_from_slice(&(text.len() as u64).to_be_bytes());
            }
        }
        out.extend_from_slice(text);
    }

    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a> {
        if stream[0] == 0xff {
            let reply = if self.is_publisher { PUBLISHER } else { SUBSCRIBER };
            return if stream.len() < GREETING { Frame::Partial } else { Frame::Control { len: GREETING, reply } };
        }
        let (at, length) = match (stream[0] & LONG == 0, stream.get(1), stream.get(1..9)) {
            (true, Some(&length), _) => (2, usize::from(length)),
            (false, _, Some(length)) => (9, length.iter().fold(0, |value, byte| value << 8 | usize::from(*byte))),
            _ => return Frame::Partial,
        };
        if stream[0] & !(LONG | COMMAND) != 0 || length > MAX_TEXT {
            return Frame::Foreign { len: stream.len() };
        }
        match stream.get(at..at + length) {
            None => Frame::Partial,
            Some(_) if stream[0] & COMMAND != 0 => Frame::Control { len: at + length, reply: b"" },
            Some(text) => Frame::Message { len: at + length, text: Cow::Borrowed(text) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_frames_come_back() {
        for size in [0, 1, 255, 256, 3000] {
            let (text, mut stream) = (vec![b'x'; size], Vec::new());
            let zmtp = Zmtp::default();
            zmtp.encode(&text, &mut stream);
            let len = stream.len();
            assert_eq!(zmtp.first(&stream), Frame::Message { len, text: Cow::Borrowed(&text) });
            for cut in 1..len {
                assert_eq!(zmtp.first(&stream[..cut]), Frame::Partial, "cut at {cut}");
            }
        }
    }

    #[test]
    fn the_handshake_is_no_message() {
        let (zmtp, mut stream) = (Zmtp::default(), Vec::new());
        zmtp.hello(&mut stream);
        assert_eq!(zmtp.first(&stream), Frame::Control { len: 64, reply: SUBSCRIBER });
        let publisher = zmtp.publisher().unwrap();
        assert_eq!(publisher.first(&stream), Frame::Control { len: 64, reply: PUBLISHER });
        assert_eq!(zmtp.first(PUBLISHER), Frame::Control { len: PUBLISHER.len(), reply: b"" });
        assert!(matches!(zmtp.first(b"HTTP/1.1 200 "), Frame::Foreign { .. }));
    }
}
