//! Memory for several objects that end one by one, on any thread.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places that were asked for at once, given back with the last of them.
pub(super) struct Block<T> {
    /// The places that are not done with, and 1 for who fills them.
    users: AtomicUsize,
    places: *mut [MaybeUninit<T>],
}

impl<T> Block<T> {
    /// One of so many places, which has that many users and the caller.
    pub(super) fn begin(size: usize) -> *const Block<T> {
        let places = Box::into_raw(Box::new_uninit_slice(size));
        Box::into_raw(Box::new(Block { users: AtomicUsize::new(size + 1), places }))
    }

    pub(super) fn size(&self) -> usize {
        self.places.len()
    }

    /// Where the place is that has this number, which must be below the [size](Block::size).
    #[inline(always)]
    pub(super) fn place(&self, number: usize) -> *mut T {
        debug_assert!(number < self.size());
        self.places.cast::<T>().wrapping_add(number)
    }

    /// Ends `count` uses. What lies in a place is to be dropped before.
    ///
    /// # Safety
    /// As many uses of a live block are the caller's to end.
    pub(super) unsafe fn leave(block: *const Block<T>, count: usize) {
        // SAFETY: it lives as long as somebody uses it.
        if unsafe { &(*block).users }.fetch_sub(count, Ordering::AcqRel) == count {
            // SAFETY: nobody uses it any more; `begin` has made both of boxes.
            unsafe { drop(Box::from_raw((*block).places)) };
            // SAFETY: as above.
            unsafe { drop(Box::from_raw(block.cast_mut())) };
        }
    }
}
