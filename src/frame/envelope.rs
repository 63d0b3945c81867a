//! What the wire has around one message.

use super::Framing;
use super::split::{LONGEST_HEADER, too_long};
use crate::{Error, Result, Status};

/// The bytes before and after one payload, so that all three can go out in one vectored write
/// without a copy of the payload.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    header: [u8; LONGEST_HEADER],
    header_length: u8,
    trailer: &'static [u8],
}

impl Envelope {
    /// The bytes that go before the payload; none for lines.
    #[inline]
    pub fn header(&self) -> &[u8] {
        &self.header[..usize::from(self.header_length)]
    }

    /// The bytes that go after the payload; none for the framings with a length.
    #[inline]
    pub fn trailer(&self) -> &[u8] {
        self.trailer
    }

    #[inline]
    fn with_header(bytes: &[u8]) -> Envelope {
        let mut header = [0; LONGEST_HEADER];
        header[..bytes.len()].copy_from_slice(bytes);
        Envelope { header, header_length: bytes.len() as u8, trailer: b"" }
    }
}

impl Framing {
    /// The header and trailer for `payload`, at most `limit` bytes of it. Allocates nothing.
    ///
    /// # Errors
    /// `MessageTooLong` when the payload is over the limit or longer than the framing can write down.
    /// `InvalidArgument` for a line with `\n` in it or `\r` at its end: the receiver would not get the
    /// same line.
    #[inline]
    pub fn envelope(self, payload: &[u8], limit: usize) -> Result<Envelope> {
        let limit = limit.min(self.capacity());
        if payload.len() > limit {
            return Err(too_long(payload.len() as u64, limit));
        }
        let length = payload.len();
        Ok(match self {
            Framing::Line => {
                check_line(payload)?;
                Envelope { header: [0; LONGEST_HEADER], header_length: 0, trailer: b"\n" }
            }
            Framing::U32Be => Envelope::with_header(&(length as u32).to_be_bytes()),
            Framing::U32Le => Envelope::with_header(&(length as u32).to_le_bytes()),
            Framing::Multiprocessing => match i32::try_from(length) {
                Ok(length) => Envelope::with_header(&length.to_be_bytes()),
                Err(_) => Envelope::with_header(&long_header(length as u64)),
            },
        })
    }

    /// Appends the frame of `payload` to `out`, which stays as it was on an error.
    ///
    /// # Errors
    /// Those of [`Framing::envelope`].
    #[inline]
    pub fn encode_into(self, payload: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<()> {
        let envelope = self.envelope(payload, limit)?;
        let start = out.len();
        out.reserve(LONGEST_HEADER + payload.len() + envelope.trailer.len());
        // A copy of a known length, cut, is cheaper than one of the right length.
        out.extend_from_slice(&envelope.header);
        out.truncate(start + usize::from(envelope.header_length));
        out.extend_from_slice(payload);
        if !envelope.trailer.is_empty() {
            out.extend_from_slice(envelope.trailer);
        }
        Ok(())
    }
}

/// The frame of `payload` under the default limit of the framing.
///
/// # Errors
/// Those of [`Framing::envelope`].
pub fn encode(framing: Framing, payload: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    framing.encode_into(payload, framing.default_limit(), &mut out)?;
    Ok(out)
}

fn long_header(length: u64) -> [u8; LONGEST_HEADER] {
    let mut header = [0xff; LONGEST_HEADER];
    header[4..].copy_from_slice(&length.to_be_bytes());
    header
}

#[inline]
fn check_line(payload: &[u8]) -> Result<()> {
    if memchr::memchr(b'\n', payload).is_some() {
        return Err(Error::new(Status::InvalidArgument, "a line cannot hold a line feed: send one line at a time"));
    }
    if payload.last() == Some(&b'\r') {
        return Err(Error::new(Status::InvalidArgument, "a line cannot end in a carriage return"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_form_is_the_one_of_multiprocessing() {
        assert_eq!(long_header(0x8000_0000), [255, 255, 255, 255, 0, 0, 0, 0, 128, 0, 0, 0]);
    }

    #[test]
    fn each_framing_writes_its_own_header_and_trailer() {
        let wire = |framing| encode(framing, b"ab").unwrap();
        assert_eq!(wire(Framing::Line), b"ab\n");
        assert_eq!(wire(Framing::U32Be), b"\0\0\0\x02ab");
        assert_eq!(wire(Framing::U32Le), b"\x02\0\0\0ab");
        assert_eq!(wire(Framing::Multiprocessing), b"\0\0\0\x02ab");
    }
}
