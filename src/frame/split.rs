//! Finding one frame at the start of some bytes.

use std::ops::Range;

use super::Framing;
use crate::{Error, Result, Status};

/// The longest header of any framing, in bytes.
pub(super) const LONGEST_HEADER: usize = 12;

/// Where in the bytes given to [`Framing::split`] the first frame lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The message, without what the framing has around it.
    pub payload: Range<usize>,
    /// The length of the whole frame in bytes; the next frame begins here.
    pub consumed: usize,
}

/// What a complete header says.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// The length of the header itself, in bytes.
    pub(super) length: usize,
    /// The length of the message after it, in bytes; within the limit.
    pub(super) payload: usize,
}

impl Framing {
    /// The frame at the start of `bytes`, or `None` while it is not whole.
    ///
    /// `limit` is the longest legal payload in bytes; a line's ending does not count. `scanned` is
    /// the length of a prefix of `bytes` that the caller knows to hold no `\n`, so that a line which
    /// arrives in small pieces is not searched anew each time; 0 is always right, and the framings
    /// with a length do not look at it.
    ///
    /// # Errors
    /// `MessageTooLong` as soon as the header, or a line without an end, is known to pass the limit.
    /// `ProtocolViolation` for a length that the framing does not allow.
    #[inline(always)]
    pub fn split(self, bytes: &[u8], limit: usize, scanned: usize) -> Result<Option<Split>> {
        if self == Framing::Line {
            return split_line(bytes, limit, scanned);
        }
        match self.header(bytes, limit)? {
            Some(header) if bytes.len() - header.length >= header.payload => {
                let end = header.length + header.payload;
                Ok(Some(Split { payload: header.length..end, consumed: end }))
            }
            _ => Ok(None),
        }
    }

    /// The length of the message whose header is at the start of `bytes`, if that is whole and within the limit.
    pub(crate) fn expected(self, bytes: &[u8], limit: usize) -> Option<usize> {
        self.header(bytes, limit).ok().flatten().map(|header| header.payload)
    }

    /// How many bytes the frame at the start of `bytes` has yet to get, if its header is whole and within the limit.
    pub(crate) fn rest(self, bytes: &[u8], limit: usize) -> Option<usize> {
        let header = self.header(bytes, limit).ok().flatten()?;
        (header.length + header.payload).checked_sub(bytes.len())
    }

    /// The header at the start of `bytes`, or `None` while it is not whole. Lines have none: for them
    /// it is `None` always.
    #[inline(always)]
    pub(super) fn header(self, bytes: &[u8], limit: usize) -> Result<Option<Header>> {
        let Some(&word) = bytes.first_chunk::<4>() else { return Ok(None) };
        let length = match self {
            Framing::Line => return Ok(None),
            Framing::U32Be => u32::from_be_bytes(word),
            Framing::U32Le => match u32::from_le_bytes(word) {
                length if length > i32::MAX as u32 => return Err(negative(length)),
                length => length,
            },
            Framing::Multiprocessing => match u32::from_be_bytes(word) {
                u32::MAX => return long_header(bytes, limit),
                length if length > i32::MAX as u32 => return Err(negative(length)),
                length => length,
            },
        };
        admit(4, u64::from(length), limit).map(Some)
    }
}

/// The `multiprocessing` header for messages whose length does not fit in 31 bits.
#[cold]
fn long_header(bytes: &[u8], limit: usize) -> Result<Option<Header>> {
    let Some(&word) = bytes[4..].first_chunk::<8>() else { return Ok(None) };
    let length = u64::from_be_bytes(word);
    if length <= i32::MAX as u64 {
        return Err(Error::new(
            Status::ProtocolViolation,
            format!("frame length {length} in the 8-byte form, which is only for lengths over {}", i32::MAX),
        ));
    }
    admit(LONGEST_HEADER, length, limit).map(Some)
}

#[inline]
fn admit(header: usize, payload: u64, limit: usize) -> Result<Header> {
    // The room for the header is kept free so that offsets cannot overflow on small machines.
    match usize::try_from(payload) {
        Ok(payload) if payload <= limit.min(usize::MAX - LONGEST_HEADER) => Ok(Header { length: header, payload }),
        _ => Err(too_long(payload, limit)),
    }
}

#[inline]
fn split_line(bytes: &[u8], limit: usize, scanned: usize) -> Result<Option<Split>> {
    let scanned = scanned.min(bytes.len());
    let Some(found) = memchr::memchr(b'\n', &bytes[scanned..]) else {
        return if endless(bytes.len(), bytes.last().copied(), limit) { Err(line_too_long(limit)) } else { Ok(None) };
    };
    let newline = scanned + found;
    let end = if newline > 0 && bytes[newline - 1] == b'\r' { newline - 1 } else { newline };
    if end > limit {
        return Err(line_too_long(limit));
    }
    Ok(Some(Split { payload: 0..end, consumed: newline + 1 }))
}

/// Whether a line of which `length` bytes have come, none of them `\n`, is over the limit whatever
/// comes next.
#[inline]
pub(super) fn endless(length: usize, last: Option<u8>, limit: usize) -> bool {
    // A `\r` just behind the limit may still turn out to belong to the line's ending.
    length > limit && !(length - 1 == limit && last == Some(b'\r'))
}

#[cold]
fn negative(length: u32) -> Error {
    Error::new(Status::ProtocolViolation, format!("frame length {} is negative", length as i32))
}

#[cold]
pub(super) fn too_long(length: u64, limit: usize) -> Error {
    Error::new(Status::MessageTooLong, format!("message of {length} bytes is over the limit of {limit} bytes"))
}

#[cold]
pub(super) fn line_too_long(limit: usize) -> Error {
    Error::new(Status::MessageTooLong, format!("line is over the limit of {limit} bytes"))
}
