//! Structures that begin with their size, and the conventions of their fields.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::structures::{rowed, sized};
use crate::net::Deadline;
use crate::{Error, Result, Status};

/// A structure of the header that begins with its size, for which every pattern of bits is a value.
pub(super) trait Options: Copy {
    const NAME: &'static str;

    /// Whether the fields for later versions are unused.
    fn reserved_is_zero(&self) -> bool;
}

macro_rules! options {
    ($($file:ident $type:ident { $($field:ident: $kind:ident)* })*) => {$(
        impl Options for super::$file::$type {
            const NAME: &'static str = stringify!($type);

            fn reserved_is_zero(&self) -> bool {
                true $(&& options!(@ $kind self.$field))*
            }
        }
    )*};
    (@ Reserved $value:expr) => { is_default($value) };
    (@ $kind:ident $value:expr) => { true };
}

fn is_default<T: PartialEq + Default>(value: T) -> bool {
    value == T::default()
}

sized!(options);
rowed!(options);

/// No version of any structure will be larger; a larger number was never set.
const LARGEST: usize = 64 * 1024;

/// Sizes that structures of options had before they grew: a caller of that time has what was added since as 0.
const EARLIER: [(&str, usize); 1] = [("rustchat_server_options", 272)];

fn was_once<T: Options>(size: usize) -> bool {
    EARLIER.contains(&(T::NAME, size))
}

/// The size that a caller has written into a structure.
///
/// # Safety
/// `place` is NULL or begins with a size that can be read.
unsafe fn size_of_callers<T: Options>(place: *const T) -> Result<usize> {
    if place.is_null() {
        return Err(Error::new(Status::InvalidArgument, format!("{} is NULL", T::NAME)));
    }
    // SAFETY: not NULL, and begins with a size as promised.
    let size = unsafe { place.cast::<usize>().read_unaligned() };
    if (size < size_of::<T>() && !was_once::<T>(size)) || size > LARGEST {
        return Err(Error::new(
            Status::InvalidArgument,
            format!("{}: struct_size is {size}, expected {}; begin with the _INIT macro", T::NAME, size_of::<T>()),
        ));
    }
    Ok(size)
}

/// Copies the options of a caller, who may know an earlier version, or a later one as long as it uses nothing of that.
///
/// # Safety
/// `options` is NULL or begins with its size and can be read that far.
pub(super) unsafe fn read<T: Options>(options: *const T) -> Result<T> {
    // SAFETY: as promised by the caller.
    let size = unsafe { size_of_callers(options) }?;
    let known = size.min(size_of::<T>());
    // SAFETY: readable that far as promised; every pattern of bits is a value, all zeros, too.
    let (copy, rest) = unsafe {
        let mut copy: T = std::mem::zeroed();
        std::ptr::copy_nonoverlapping(options.cast::<u8>(), (&raw mut copy).cast(), known);
        (copy, std::slice::from_raw_parts(options.cast::<u8>().add(known), size - known))
    };
    if !copy.reserved_is_zero() || rest.iter().any(|byte| *byte != 0) {
        return Err(Error::new(
            Status::InvalidArgument,
            format!("{}: a reserved field is not 0; begin with the _INIT macro", T::NAME),
        ));
    }
    Ok(copy)
}

/// Several structures, one behind the other: as far apart as the first says that it is large.
///
/// # Safety
/// `first` is NULL or begins `count` structures of that size, all of which can be read.
pub(super) unsafe fn read_all<T: Options>(what: &str, first: *const T, count: usize) -> Result<Vec<T>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > LARGEST {
        let text = format!("{what}: {count} are more than the {LARGEST} that there may be");
        return Err(Error::new(Status::InvalidArgument, text));
    }
    let about = |error: Error| error.context(what);
    // SAFETY: as promised by the caller.
    let size = unsafe { size_of_callers(first) }.map_err(about)?;
    let all = (0..count).map(|index| {
        let place = first.wrapping_byte_add(index * size);
        // SAFETY: as promised by the caller.
        match unsafe { size_of_callers(place) }? {
            // SAFETY: the same.
            same if same == size => unsafe { read(place) },
            other => {
                let text = format!("{}: struct_size is {other}, but that of the first one is {size}", T::NAME);
                Err(Error::new(Status::InvalidArgument, text))
            }
        }
    });
    all.collect::<Result<_>>().map_err(about)
}

/// Copies options that the caller need not give: all 0 is what they are then.
///
/// # Safety
/// As for [`read`].
pub(super) unsafe fn read_or_default<T: Options>(options: *const T) -> Result<T> {
    if options.is_null() {
        // SAFETY: every pattern of bits is a value, as the trait says.
        return Ok(unsafe { std::mem::zeroed() });
    }
    // SAFETY: as promised by the caller.
    unsafe { read(options) }
}

/// A structure of the caller's to be filled. All but its size is 0 from the start.
pub(super) struct Report<T> {
    place: *mut T,
    size: usize,
}

impl<T: Options> Report<T> {
    /// # Safety
    /// `place` is NULL or begins with its size and can be written that far until the call returns.
    pub(super) unsafe fn new(place: *mut T) -> Result<Report<T>> {
        // SAFETY: as promised by the caller.
        let size = unsafe { size_of_callers(place) }?;
        let header = size_of::<usize>();
        // SAFETY: writable that far as promised.
        unsafe { place.cast::<u8>().add(header).write_bytes(0, size - header) };
        Ok(Report { place, size })
    }

    /// The same for a structure that the caller need not want.
    ///
    /// # Safety
    /// As for [`Report::new`].
    pub(super) unsafe fn optional(place: *mut T) -> Result<Option<Report<T>>> {
        // SAFETY: as promised by the caller.
        if place.is_null() { Ok(None) } else { unsafe { Report::new(place) }.map(Some) }
    }

    pub(super) fn set(&self, value: T) {
        // SAFETY: writable as promised to `new`; a report does not outlive the call. The caller's size comes first in
        // the structure, and stays.
        unsafe {
            self.place.write_unaligned(value);
            self.place.cast::<usize>().write_unaligned(self.size);
        }
    }
}

/// How long members may take to read what is queued.
pub(super) fn drain(drain_ms: i64) -> Result<Duration> {
    match u64::try_from(drain_ms) {
        Ok(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        Err(_) if drain_ms == -1 => Ok(Duration::MAX),
        Err(_) => Err(Error::new(
            Status::InvalidArgument,
            format!("drain_ms is {drain_ms}, expected -1 (as long as it takes), 0 (not at all) or more"),
        )),
    }
}

/// The end of a call's patience.
#[inline(always)]
pub(super) fn deadline(timeout_ms: i64) -> Result<Deadline<'static>> {
    if timeout_ms == -1 { Ok(Deadline::never()) } else { deadline_after(timeout_ms) }
}

fn deadline_after(timeout_ms: i64) -> Result<Deadline<'static>> {
    match u64::try_from(timeout_ms) {
        Ok(milliseconds) => Ok(Deadline::after(Duration::from_millis(milliseconds))),
        Err(_) => Err(Error::new(
            Status::InvalidArgument,
            format!("timeout_ms is {timeout_ms}, expected -1 (for ever), 0 (not at all) or more"),
        )),
    }
}

/// Nanoseconds since 1970-01-01 00:00:00 UTC; 0 for what was before.
pub(super) fn since_epoch_ns(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(since.subsec_nanos()))
}

pub(super) fn now_ns() -> u64 {
    since_epoch_ns(SystemTime::now())
}

#[cfg(test)]
mod tests;
