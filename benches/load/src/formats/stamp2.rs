//! The line chat: `YYYY/MM/DD HH:MM:SS ip:port`, then the text, a line each.

use std::borrow::Cow;

use memchr::memchr;

use crate::format::{Format, Frame};

/// Two lines a delivery.
pub(crate) struct Stamp2;

impl Format for Stamp2 {
    fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
        out.push(b'\n');
    }

    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a> {
        let Some(stamp_end) = memchr(b'\n', stream) else { return Frame::Partial };
        if !is_stamp(&stream[..stamp_end]) {
            return Frame::Foreign { len: stamp_end + 1 };
        }
        let rest = &stream[stamp_end + 1..];
        match memchr(b'\n', rest) {
            Some(end) => Frame::Message { len: stamp_end + 1 + end + 1, text: Cow::Borrowed(&rest[..end]) },
            None => Frame::Partial,
        }
    }
}

fn is_stamp(line: &[u8]) -> bool {
    const SHAPE: &[u8; 20] = b"0000/00/00 00:00:00 ";
    if line.len() < SHAPE.len() {
        return false;
    }
    let (time, address) = line.split_at(SHAPE.len());
    let shaped = time.iter().zip(SHAPE).all(|(byte, shape)| byte == shape || (*shape == b'0' && byte.is_ascii_digit()));
    let port = address.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    shaped && port.len() < address.len() && !port.is_empty() && port.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_a_message() {
        let stream = b"2024/05/06 07:08:09 127.0.0.1:5000\nhello\n2024";
        assert_eq!(Stamp2.first(stream), Frame::Message { len: 41, text: Cow::Borrowed(b"hello") });
        for cut in 1..41 {
            assert_eq!(Stamp2.first(&stream[..cut]), Frame::Partial, "cut at {cut}");
        }
    }

    #[test]
    fn other_lines_are_foreign() {
        assert_eq!(Stamp2.first(b"welcome\n"), Frame::Foreign { len: 8 });
        assert_eq!(Stamp2.first(b"2024/05/06 07:08:09 nobody\nx\n"), Frame::Foreign { len: 27 });
        assert_eq!(Stamp2.first(b"202405/06 07:08:09 127.0.0.1:5000\nx\n"), Frame::Foreign { len: 34 });
    }
}
