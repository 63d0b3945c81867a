//! A line in, the same line out: the barest chat there is.

use std::borrow::Cow;

use memchr::memchr;

use crate::format::{Format, Frame};

/// One line a delivery.
pub(crate) struct Plain;

impl Format for Plain {
    fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
        out.push(b'\n');
    }

    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a> {
        match memchr(b'\n', stream) {
            Some(end) => Frame::Message { len: end + 1, text: Cow::Borrowed(&stream[..end]) },
            None => Frame::Partial,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_message() {
        assert_eq!(Plain.first(b"ab"), Frame::Partial);
        assert_eq!(Plain.first(b"ab\ncd"), Frame::Message { len: 3, text: Cow::Borrowed(b"ab") });
    }
}
