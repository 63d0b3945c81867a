//! Memory for what arrives.

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use libc::{c_void, iovec};

/// Memory that a receiving call writes to, and nobody reads through this.
///
/// Unlike a `&mut` slice it may overlap another one: a program may name one buffer twice, or receive into it on two threads.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Room<'a>(iovec, PhantomData<&'a mut [MaybeUninit<u8>]>);

// SAFETY: a place and a length, which nothing but the kernel follows.
unsafe impl Send for Room<'_> {}
// SAFETY: as above.
unsafe impl Sync for Room<'_> {}

impl Room<'_> {
    /// So many bytes from `start` on.
    ///
    /// # Safety
    /// They can be written as long as the lifetime lasts, and no reference to them is alive meanwhile.
    pub unsafe fn from_raw(start: *mut u8, length: usize) -> Self {
        Room(iovec { iov_base: start.cast(), iov_len: length }, PhantomData)
    }

    pub(super) fn start(&self) -> *mut c_void {
        self.0.iov_base
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.iov_len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a mut [MaybeUninit<u8>]> for Room<'a> {
    fn from(bytes: &'a mut [MaybeUninit<u8>]) -> Room<'a> {
        // SAFETY: a slice of one's own, borrowed for the lifetime.
        unsafe { Room::from_raw(bytes.as_mut_ptr().cast(), bytes.len()) }
    }
}

impl<'a> From<&'a mut [u8]> for Room<'a> {
    fn from(bytes: &'a mut [u8]) -> Room<'a> {
        // SAFETY: as above; what the kernel writes is initialised.
        unsafe { Room::from_raw(bytes.as_mut_ptr(), bytes.len()) }
    }
}

impl fmt::Debug for Room<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room({} bytes)", self.len())
    }
}
