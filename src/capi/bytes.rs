//! Bytes and strings across the boundary.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use super::out::Out;
use crate::error::utf8;
use crate::{Error, Result, Status};

/// Bytes that belong to somebody else. This structure never grows.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct rustchat_bytes {
    /// The first byte; may be NULL when len is 0.
    pub data: *const c_void,
    /// How many.
    pub len: usize,
}

/// What one call takes at most. Lengths beyond it are a mistake of the caller's, and are refused before a byte is read.
const LONGEST: usize = i32::MAX as usize;

impl rustchat_bytes {
    pub(super) const EMPTY: rustchat_bytes = rustchat_bytes { data: ptr::null(), len: 0 };

    pub(super) fn of(bytes: &[u8]) -> rustchat_bytes {
        rustchat_bytes { data: bytes.as_ptr().cast(), len: bytes.len() }
    }

    /// # Safety
    /// As for [`input`].
    pub(super) unsafe fn get<'a>(self) -> Result<&'a [u8]> {
        // SAFETY: as promised by the caller.
        unsafe { input(self.data, self.len) }
    }
}

/// The bytes that a caller passed.
///
/// # Safety
/// `data` is NULL or begins `len` bytes that can be read and do not change while the result is in use.
#[inline]
pub(super) unsafe fn input<'a>(data: *const c_void, len: usize) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Error::new(Status::InvalidArgument, format!("data is NULL, but its length is {len}")));
    }
    if len > LONGEST {
        return Err(Error::new(
            Status::MessageTooLong,
            format!("{len} bytes are more than one call takes, which is {LONGEST}"),
        ));
    }
    // SAFETY: not NULL, within the size of an allocation, and readable as promised.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), len) })
}

/// The several messages that a caller passed; each of them is checked before any is looked at.
///
/// # Safety
/// `first` is NULL or begins `count` pieces, all of which and all bytes of which can be read and do not change while the
/// result is in use.
pub(super) unsafe fn inputs<'a>(
    first: *const rustchat_bytes,
    count: usize,
) -> Result<impl Iterator<Item = &'a [u8]> + Clone> {
    // SAFETY: as promised by the caller.
    let pieces = unsafe { array("messages", first, count) }?;
    for (number, piece) in pieces.iter().enumerate() {
        // SAFETY: readable as promised.
        unsafe { piece.get() }.map_err(|error| error.context(format_args!("messages[{number}]")))?;
    }
    // SAFETY: readable as promised, and every one was just found to be right.
    Ok(pieces.iter().map(|piece| unsafe { piece.get() }.unwrap_or_default()))
}

/// The text that a caller passed, at most `limit` bytes, so that a wrong length is found before the bytes are read.
///
/// # Safety
/// As for [`input`].
pub(super) unsafe fn text<'a>(data: *const c_void, len: usize, limit: usize) -> Result<&'a str> {
    if len > limit && !data.is_null() {
        return Err(Error::new(Status::MessageTooLong, format!("the message has {len} bytes, the limit is {limit}")));
    }
    // SAFETY: as promised by the caller.
    utf8(unsafe { input(data, len) }?)
}

/// The string of an option, `None` for NULL.
///
/// # Safety
/// `text` is NULL or begins a string that ends with NUL and does not change while the result is in use.
pub(super) unsafe fn string<'a>(what: &str, text: *const c_char) -> Result<Option<&'a str>> {
    // SAFETY: as promised by the caller.
    let bytes = unsafe { string_bytes(text) };
    bytes.map(utf8).transpose().map_err(|error| error.context(what))
}

/// The same where it need not be UTF-8: names of files, and words of command lines.
///
/// # Safety
/// As for [`string`].
pub(super) unsafe fn string_bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL, and then a string as promised by the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// What an array of a caller's has in it.
///
/// # Safety
/// `first` is NULL or begins `count` values that can be read and do not change while the result is in use.
pub(super) unsafe fn array<'a, T>(what: &str, first: *const T, count: usize) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if first.is_null() {
        return Err(Error::new(Status::InvalidArgument, format!("{what} is NULL, but there are {count} of them")));
    }
    if count > LONGEST / size_of::<T>() {
        return Err(Error::new(Status::MessageTooLong, format!("{what}: {count} are more than one call takes")));
    }
    // SAFETY: not NULL, within the size of an allocation, and readable as promised.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// An array of strings, none of which is NULL.
///
/// # Safety
/// As for [`array`] and, for each, [`string`].
pub(super) unsafe fn strings<'a>(
    what: &str,
    first: *const *const c_char,
    count: usize,
) -> Result<impl Iterator<Item = &'a [u8]> + use<'a>> {
    // SAFETY: as promised by the caller.
    let texts = unsafe { array(what, first, count) }?;
    if let Some(index) = texts.iter().position(|text| text.is_null()) {
        return Err(Error::new(Status::InvalidArgument, format!("{what}[{index}] is NULL")));
    }
    // SAFETY: as promised by the caller.
    Ok(texts.iter().filter_map(|text| unsafe { string_bytes(*text) }))
}

/// The same of UTF-8.
///
/// # Safety
/// As for [`strings`].
pub(super) unsafe fn texts(what: &str, first: *const *const c_char, count: usize) -> Result<Vec<String>> {
    // SAFETY: as promised by the caller.
    let texts = unsafe { strings(what, first, count) }?;
    texts.map(|text| utf8(text).map(str::to_owned).map_err(|error| error.context(what))).collect()
}

/// Where a caller wants bytes to be written, and their number.
pub(super) struct Buffer {
    start: *mut u8,
    capacity: usize,
    length: Option<Out<usize>>,
}

impl Buffer {
    /// The buffer, with its length set to 0; to be checked before it is used.
    ///
    /// # Safety
    /// `start` is NULL or begins `capacity` bytes that can be written until the call returns; `length` is NULL or can
    /// be written as long.
    #[inline(always)]
    pub(super) unsafe fn new(start: *mut c_void, capacity: usize, length: *mut usize) -> Buffer {
        // SAFETY: as promised by the caller.
        Buffer { start: start.cast(), capacity, length: unsafe { Out::optional(length, 0) } }
    }

    /// Requires memory for what the capacity promises.
    #[inline(always)]
    pub(super) fn checked(self) -> Result<Buffer> {
        if self.start.is_null() && self.capacity > 0 {
            let capacity = self.capacity;
            return Err(Error::new(Status::InvalidArgument, format!("the buffer is NULL, but its size is {capacity}")));
        }
        Ok(self)
    }

    /// Requires the caller to want the length, too: without it the bytes would have no end.
    #[inline(always)]
    pub(super) fn checked_with_length(self) -> Result<Buffer> {
        if self.length.is_none() {
            return Err(Error::new(Status::InvalidArgument, "the pointer for the length is NULL"));
        }
        self.checked()
    }

    /// Writes `bytes`, and their number in any case.
    #[inline]
    pub(super) fn put(&self, bytes: &[u8]) -> Result<()> {
        self.put_parts([bytes])
    }

    /// Writes several parts one behind the other, and the number of their bytes in any case.
    #[inline]
    pub(super) fn put_parts<const N: usize>(&self, parts: [&[u8]; N]) -> Result<()> {
        let total = parts.iter().map(|part| part.len()).sum();
        self.report(total);
        if total > self.capacity {
            return Err(too_small(total, self.capacity));
        }
        let mut at = self.start;
        for part in parts {
            // SAFETY: large enough for all parts, as just checked, and NULL only where there is nothing to copy; the caller has
            // promised that its memories do not overlap.
            unsafe {
                ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        }
        Ok(())
    }

    /// Writes `text` with a NUL behind it; the number reported is without the NUL.
    pub(super) fn put_text(&self, text: &str) -> Result<()> {
        self.report(text.len());
        if text.len() >= self.capacity {
            return Err(too_small(text.len() + 1, self.capacity));
        }
        // SAFETY: not NULL and large enough for the text and one byte more, as just checked.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), self.start, text.len());
            self.start.add(text.len()).write(0);
        }
        Ok(())
    }

    /// The buffer as memory to receive into; what is longer than one call takes is left out.
    ///
    /// # Safety
    /// Nobody else uses the buffer while the slice is in use.
    pub(super) unsafe fn as_slice(&mut self) -> &mut [u8] {
        if self.start.is_null() {
            return &mut [];
        }
        // SAFETY: not NULL, writable for the time of the call as promised to `new`, and used by nobody else as promised.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.capacity.min(LONGEST)) }
    }

    /// Tells the caller a length.
    #[inline]
    pub(super) fn report(&self, length: usize) {
        if let Some(out) = &self.length {
            out.set(length);
        }
    }
}

#[cold]
fn too_small(needed: usize, capacity: usize) -> Error {
    Error::new(Status::BufferTooSmall, format!("the buffer has {capacity} bytes, {needed} are needed"))
}

/// Fills an array of characters with `text`, cut between characters if need be, and NUL.
pub(super) fn fill(to: &mut [c_char], text: &str) {
    let mut length = text.len().min(to.len() - 1);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    to.fill(0);
    for (to, from) in to.iter_mut().zip(&text.as_bytes()[..length]) {
        *to = *from as c_char;
    }
}
