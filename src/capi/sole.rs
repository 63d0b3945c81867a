//! Objects that are memory, unlike those behind handles: one thread at a time may use them, and nobody after their end.

use super::guard;
use super::options::{self, Options, Report};
use crate::{Error, Result, Status};

/// What such an object holds.
pub(super) trait Sole {
    /// The name of its pointers.
    type Pointer;
    /// For its first bytes, to tell a live one from something else.
    const MAGIC: u32;
    const NAME: &'static str;
}

/// What a pointer points to.
#[repr(C)]
struct Block<T> {
    magic: u32,
    failed: bool,
    content: T,
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        self.magic = 0;
    }
}

/// A new object, which ends with [`free`].
pub(super) fn make<T: Sole>(content: T) -> *mut T::Pointer {
    Box::into_raw(Box::new(Block { magic: T::MAGIC, failed: false, content })).cast()
}

/// The object behind a pointer.
///
/// # Safety
/// `pointer` is NULL, a handle, or a live object of this library, and nobody else uses it while the result is in use.
unsafe fn expect<'a, T: Sole>(pointer: *mut T::Pointer) -> Result<&'a mut Block<T>> {
    let block = pointer.cast::<Block<T>>();
    let wrong = || Error::new(Status::BadHandle, format!("not a {}", T::NAME));
    if block.is_null() || !block.is_aligned() {
        // Handles are odd numbers, so that they are never taken for memory.
        return Err(wrong());
    }
    // SAFETY: a live object of this library begins with its magic number, whichever it is.
    if unsafe { block.cast::<u32>().read() } != T::MAGIC {
        return Err(wrong());
    }
    // SAFETY: its magic number says what it is, and the caller promises to be the only one to use it.
    Ok(unsafe { &mut *block })
}

/// Makes a call on an object, which is marked for as long as that runs, so that one that never came back is known later.
///
/// # Safety
/// `pointer` is NULL, a handle, or a live object of this library, and nobody else uses it during the call.
pub(super) unsafe fn on<T: Sole, R>(pointer: *mut T::Pointer, call: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    // SAFETY: as promised by the caller.
    let block = unsafe { expect::<T>(pointer) }?;
    if block.failed {
        let message = format!("an earlier call on this {} failed inside the library", T::NAME);
        return Err(Error::new(Status::Panicked, message));
    }
    block.failed = true;
    let result = call(&mut block.content);
    block.failed = false;
    result
}

/// Ends an object; whatever is none is ignored.
///
/// # Safety
/// `pointer` is NULL, a handle, or a live object of this library, and nobody else uses it any more.
pub(super) unsafe fn free<T: Sole>(pointer: *mut T::Pointer) {
    // SAFETY: as promised by the caller.
    if unsafe { expect::<T>(pointer) }.is_ok() {
        // SAFETY: a live object, which `make` has made of a box, and the caller gives it up.
        drop(unsafe { Box::from_raw(pointer.cast::<Block<T>>()) });
    }
}

/// Ends the object that a structure of the caller's refers to, and makes the structure as it was in the beginning.
///
/// # Safety
/// `place` is NULL or begins with its size and can be read and written that far; what it refers to is NULL or such an object,
/// which nobody else uses any more.
pub(super) unsafe fn clear<T: Options, S: Sole>(
    name: &'static str,
    place: *mut T,
    object: impl FnOnce(&T) -> *mut S::Pointer,
) {
    guard::value(name, (), || {
        // SAFETY: as promised by the caller.
        let Ok(old) = (unsafe { options::read(place) }) else { return };
        // SAFETY: as promised by the caller.
        unsafe { free::<S>(object(&old)) };
        // SAFETY: as promised by the caller.
        drop(unsafe { Report::new(place) });
    });
}
