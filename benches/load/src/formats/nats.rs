//! The client protocol of NATS: one connection subscribes and publishes.

use std::borrow::Cow;

use crate::format::{Format, Frame};
use crate::formats::line::{digits, line};

/// A frame longer than this is taken for a lost frame boundary.
const MAX_TEXT: usize = 16 << 20;
/// What stands before the length of the text in a delivery on the subject `r` to subscription 1.
const DELIVERY: &[u8] = b"MSG r 1 ";

/// One MSG a delivery.
pub(crate) struct Nats;

impl Format for Nats {
    fn hello(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(
            b"CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true,\"protocol\":1}\r\nSUB r 1\r\n",
        );
    }

    fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"PUB r ");
        out.extend_from_slice(text.len().to_string().as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(text);
        out.extend_from_slice(b"\r\n");
    }

    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a> {
        let Some(head) = line(stream) else { return Frame::Partial };
        if let Some(length) = head.strip_prefix(DELIVERY) {
            let Some(length) = digits(length.trim_ascii_end()).filter(|length| *length <= MAX_TEXT) else {
                return Frame::Foreign { len: head.len() };
            };
            return match stream.get(head.len()..head.len() + length + 2) {
                Some(text) => Frame::Message { len: head.len() + length + 2, text: Cow::Borrowed(&text[..length]) },
                None => Frame::Partial,
            };
        }
        match head {
            b"PING\r\n" => Frame::Control { len: head.len(), reply: b"PONG\r\n" },
            _ if head.starts_with(b"INFO ") || head == b"PONG\r\n" => Frame::Control { len: head.len(), reply: b"" },
            _ => Frame::Foreign { len: head.len() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_msg_is_a_message() {
        let stream = b"MSG r 1 5\r\nhello\r\nMSG";
        assert_eq!(Nats.first(stream), Frame::Message { len: 18, text: Cow::Borrowed(b"hello") });
        for cut in 1..18 {
            assert_eq!(Nats.first(&stream[..cut]), Frame::Partial, "cut at {cut}");
        }
    }

    #[test]
    fn a_ping_is_answered_and_an_error_is_foreign() {
        assert_eq!(Nats.first(b"PING\r\n"), Frame::Control { len: 6, reply: b"PONG\r\n" });
        assert_eq!(Nats.first(b"INFO {}\r\n"), Frame::Control { len: 9, reply: b"" });
        assert_eq!(Nats.first(b"-ERR 'no'\r\n"), Frame::Foreign { len: 11 });
    }
}
