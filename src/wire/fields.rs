//! Taking a message apart, and putting one together.

use bytes::Bytes;

use crate::memory::Loan;

/// The length in front of each message.
pub(crate) const FRAME: usize = 4;

/// Why a message cannot be taken apart, with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It has fewer bytes than it must.
    Short(&'static str),
    /// It has bytes behind its end.
    LeftOver(&'static str),
    /// A text of it is no UTF-8.
    Text(&'static str),
    /// A byte of it is neither 0 nor 1.
    Flag(&'static str, u8),
}

/// What is left of a message. Nothing of it is believed: whatever is not there makes it [`Broken`].
pub(crate) struct Fields<'m> {
    rest: &'m [u8],
    name: &'static str,
}

impl<'m> Fields<'m> {
    pub(crate) fn new(body: &'m [u8], name: &'static str) -> Fields<'m> {
        Fields { rest: body, name }
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'m [u8], Broken> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Broken::Short(self.name))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Broken::Short(self.name))?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Broken> {
        Ok(self.array::<1>()?[0])
    }

    /// A byte that is 0 or 1.
    pub(crate) fn flag(&mut self) -> Result<bool, Broken> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Broken::Flag(self.name, other)),
        }
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Broken> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Broken> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Broken> {
        self.array().map(u64::from_be_bytes)
    }

    /// Bytes behind their length.
    pub(crate) fn counted(&mut self) -> Result<&'m [u8], Broken> {
        let length = self.u16()?;
        self.bytes(length.into())
    }

    /// A text to the end.
    pub(crate) fn text(self) -> Result<&'m str, Broken> {
        str::from_utf8(self.rest).map_err(|_| Broken::Text(self.name))
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'m [u8] {
        self.rest
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Broken> {
        if self.rest.is_empty() { Ok(()) } else { Err(Broken::LeftOver(self.name)) }
    }
}

/// Bytes behind their length, of which the 65,535 first ones count: who makes messages has checked it.
pub(crate) fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(u16::MAX.into())];
    out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The beginning of a message.
pub(crate) fn put_head(out: &mut Vec<u8>, kind: u8, channel: u32) {
    out.push(kind);
    out.extend_from_slice(&channel.to_be_bytes());
}

/// The message that `fill` makes, in its frame.
pub(crate) fn framed(fill: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    framed_in(Loan::default(), fill)
}

/// The same in that memory.
pub(crate) fn framed_in(mut out: Loan, fill: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    out.extend_from_slice(&[0; FRAME]);
    fill(&mut out);
    put_length(&mut out);
    out.freeze()
}

/// Writes its length into the place in front of a message.
fn put_length(framed: &mut [u8]) {
    let length = (framed.len() - FRAME) as u32;
    framed[..FRAME].copy_from_slice(&length.to_be_bytes());
}

/// A type, a number of what it is about, and a body.
pub(crate) fn split(message: &[u8]) -> Option<(u8, u32, &[u8])> {
    let ([kind, a, b, c, d], body) = message.split_first_chunk()?;
    Some((*kind, u32::from_be_bytes([*a, *b, *c, *d]), body))
}
