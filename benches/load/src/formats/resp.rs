//! Redis pub/sub, in version 3 of its protocol: one connection subscribes and publishes.

use std::borrow::Cow;

use crate::format::{Format, Frame};
use crate::formats::line::{digits, line};

/// A frame longer than this is taken for a lost frame boundary.
const MAX_TEXT: usize = 16 << 20;
/// What stands before the length of the text in a delivery on the channel `r`.
const DELIVERY: &[u8] = b">3\r\n$7\r\nmessage\r\n$1\r\nr\r\n$";

/// One push message a delivery.
pub(crate) struct Resp;

impl Format for Resp {
    fn hello(&self, out: &mut Vec<u8>) {
        // The answers to PUBLISH would cost the server a reply each that nobody here wants.
        out.extend_from_slice(b"HELLO 3\r\nSUBSCRIBE r\r\nCLIENT REPLY OFF\r\n");
    }

    fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nr\r\n$");
        out.extend_from_slice(text.len().to_string().as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(text);
        out.extend_from_slice(b"\r\n");
    }

    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a> {
        let known = stream.len().min(DELIVERY.len());
        if stream[..known] != DELIVERY[..known] {
            // The answers to the first commands; errors, too, which then show as a room that cannot be joined.
            return line(stream).map_or(Frame::Partial, |line| Frame::Foreign { len: line.len() });
        }
        let Some(head) = stream.get(DELIVERY.len()..).and_then(line) else { return Frame::Partial };
        let Some(length) = digits(head.trim_ascii_end()).filter(|length| *length <= MAX_TEXT) else {
            return Frame::Foreign { len: DELIVERY.len() + head.len() };
        };
        let at = DELIVERY.len() + head.len();
        match stream.get(at..at + length + 2) {
            Some(text) => Frame::Message { len: at + length + 2, text: Cow::Borrowed(&text[..length]) },
            None => Frame::Partial,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_a_message() {
        let stream = b">3\r\n$7\r\nmessage\r\n$1\r\nr\r\n$5\r\nhello\r\n>3";
        let len = stream.len() - 2;
        assert_eq!(Resp.first(stream), Frame::Message { len, text: Cow::Borrowed(b"hello") });
        for cut in 1..len {
            assert_eq!(Resp.first(&stream[..cut]), Frame::Partial, "cut at {cut}");
        }
    }

    #[test]
    fn answers_are_foreign() {
        assert_eq!(Resp.first(b"+OK\r\n"), Frame::Foreign { len: 5 });
        assert_eq!(Resp.first(b">3\r\n$9\r\nsubscribe\r\n"), Frame::Foreign { len: 4 });
        assert_eq!(Resp.first(b"-ERR no\r\n"), Frame::Foreign { len: 9 });
    }
}
