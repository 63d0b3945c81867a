//! Passing over a message that is too long, so that the next one is found.

use super::Framing;

/// What of a message over the limit has yet to be thrown away. It holds none of the message's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skip {
    /// How many bytes may still come: all of a frame, at most so many of a line.
    left: usize,
    is_line: bool,
}

/// How far some bytes have brought a [`Skip`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skipped {
    /// So many of the bytes belonged to the message, and it is over.
    Done(usize),
    /// All of them belonged to it, and more will.
    More,
    /// The line is longer than anybody has patience for.
    Endless,
}

impl Skip {
    /// For the message at the start of `bytes`, of which [`Framing::split`] has said that it is too long.
    ///
    /// `None` when its header promises more than `most` bytes: such a length is seldom one, and to wait for its end
    /// would be to hear nobody.
    pub(crate) fn begin(framing: Framing, bytes: &[u8], most: usize) -> Option<Skip> {
        if framing == Framing::Line {
            return Some(Skip { left: most, is_line: true });
        }
        let header = framing.header(bytes, most).ok().flatten()?;
        Some(Skip { left: header.length + header.payload, is_line: false })
    }

    /// Passes over as many of `bytes` as belong to the message.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Skipped {
        if self.is_line {
            return self.pass_line(bytes);
        }
        if bytes.len() >= self.left {
            return Skipped::Done(self.left);
        }
        self.left -= bytes.len();
        Skipped::More
    }

    fn pass_line(&mut self, bytes: &[u8]) -> Skipped {
        match memchr::memchr(b'\n', bytes) {
            Some(newline) if newline <= self.left => Skipped::Done(newline + 1),
            None if bytes.len() <= self.left => {
                self.left -= bytes.len();
                Skipped::More
            }
            _ => Skipped::Endless,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_passed_over_to_its_end_in_any_pieces() {
        let mut skip = Skip::begin(Framing::Line, b"long", 10).unwrap();
        assert_eq!(
            (skip.pass(b"long"), skip.pass(b"er"), skip.pass(b"")),
            (Skipped::More, Skipped::More, Skipped::More)
        );
        assert_eq!(skip.clone().pass(b"one\nnext"), Skipped::Done(4));
        assert_eq!(skip.pass(b"12345"), Skipped::Endless);
    }

    #[test]
    fn a_frame_is_passed_over_to_its_end_and_a_lie_is_not_begun() {
        let mut skip = Skip::begin(Framing::U32Be, b"\0\0\0\x06ab", 10).unwrap();
        assert_eq!(skip.pass(b"\0\0\0\x06ab"), Skipped::More);
        assert_eq!(skip.pass(b"cdef\0\0"), Skipped::Done(4));
        for lie in [&b"\xff\xff\xff\xff"[..], b"GET / HTTP/1.1", b"\0\0\0\x0b"] {
            assert_eq!(Skip::begin(Framing::U32Be, lie, 10), None);
        }
    }
}
