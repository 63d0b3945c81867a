//! Taking a message apart, and putting one together.

use super::violation::Violation;

/// What is left of a message. Nothing of it is believed: whatever is not there is a [`Violation`].
pub(super) struct Fields<'m> {
    rest: &'m [u8],
    name: &'static str,
}

impl<'m> Fields<'m> {
    pub(super) fn new(body: &'m [u8], name: &'static str) -> Fields<'m> {
        Fields { rest: body, name }
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'m [u8], Violation> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Violation::Short(self.name))?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Violation> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Violation::Short(self.name))?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Violation> {
        Ok(self.array::<1>()?[0])
    }

    /// A byte that is 0 or 1.
    pub(super) fn flag(&mut self) -> Result<bool, Violation> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Violation::Flag(self.name, other)),
        }
    }

    pub(super) fn u16(&mut self) -> Result<u16, Violation> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Violation> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Violation> {
        self.array().map(u64::from_be_bytes)
    }

    /// Bytes behind their length.
    pub(super) fn counted(&mut self) -> Result<&'m [u8], Violation> {
        let length = self.u16()?;
        self.bytes(length.into())
    }

    /// A text to the end.
    pub(super) fn text(self) -> Result<&'m str, Violation> {
        str::from_utf8(self.rest).map_err(|_| Violation::Text(self.name))
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Violation> {
        if self.rest.is_empty() { Ok(()) } else { Err(Violation::LeftOver(self.name)) }
    }
}

/// Bytes behind their length, of which the 65,535 first ones count: who makes messages has checked it.
pub(super) fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(u16::MAX.into())];
    out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The beginning of a message.
pub(super) fn put_head(out: &mut Vec<u8>, kind: u8, channel: u32) {
    out.push(kind);
    out.extend_from_slice(&channel.to_be_bytes());
}
