//! Where results go.

use crate::{Error, Result, Status};

/// A place of the caller's for one result. It holds the value for failure from the start, so that no failure leaves
/// anything else behind.
#[derive(Clone, Copy)]
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Takes the place and puts `failure` there.
    ///
    /// # Safety
    /// `place` is NULL or can be written until the call returns.
    #[inline]
    pub(super) unsafe fn new(place: *mut T, failure: T) -> Result<Out<T>> {
        if place.is_null() {
            return Err(Error::new(Status::InvalidArgument, "the pointer for the result is NULL"));
        }
        // SAFETY: not NULL, and writable as promised.
        unsafe { place.write(failure) };
        Ok(Out(place))
    }

    /// The same for a result that the caller need not want.
    ///
    /// # Safety
    /// As for [`Out::new`].
    #[inline]
    pub(super) unsafe fn optional(place: *mut T, failure: T) -> Option<Out<T>> {
        // SAFETY: as promised by the caller.
        if place.is_null() { None } else { unsafe { Out::new(place, failure) }.ok() }
    }

    #[inline]
    pub(super) fn set(&self, value: T) {
        // SAFETY: writable until the call returns, as promised to `new`; an `Out` does not outlive the call.
        unsafe { self.0.write(value) };
    }
}

/// No more is set aside for an array before it is known how much there is.
const ROOMY: usize = 256;

/// An array of the caller's, and the place for the number of what is in it, which is 0 from the start.
pub(super) struct Slots<T> {
    first: *mut T,
    capacity: usize,
    filled: usize,
    count: Out<usize>,
}

impl<T> Slots<T> {
    /// An array of at least one place.
    ///
    /// # Safety
    /// As for [`Slots::new_or_empty`].
    pub(super) unsafe fn new(first: *mut T, capacity: usize, count: *mut usize) -> Result<Slots<T>> {
        // SAFETY: as promised by the caller.
        let slots = unsafe { Slots::new_or_empty(first, capacity, count) }?;
        if capacity == 0 {
            return Err(Error::new(Status::InvalidArgument, "the array has 0 places, expected at least 1"));
        }
        Ok(slots)
    }

    /// # Safety
    /// `first` is NULL or begins `capacity` places that can be written until the call returns; `count` is NULL or can be
    /// written as long.
    pub(super) unsafe fn new_or_empty(first: *mut T, capacity: usize, count: *mut usize) -> Result<Slots<T>> {
        // SAFETY: as promised by the caller.
        let count = unsafe { Out::new(count, 0) }?;
        if first.is_null() && capacity > 0 {
            return Err(Error::new(Status::InvalidArgument, format!("the array is NULL, but has {capacity} places")));
        }
        Ok(Slots { first, capacity, filled: 0, count })
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Where to collect what goes into the array, without growing step by step.
    pub(super) fn store<U>(&self) -> Vec<U> {
        Vec::with_capacity(self.capacity.min(ROOMY))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == self.capacity
    }

    /// Writes what is no result into the first place, for a call that fails.
    ///
    /// # Panics
    /// When the array has no place.
    pub(super) fn propose(&mut self, value: T) {
        assert!(self.capacity > 0, "no place");
        // SAFETY: within the array, which is writable until the call returns as promised.
        unsafe { self.first.write(value) };
    }

    /// Makes sure that `needed` values will fit, and tells the caller how many there are in any case.
    pub(super) fn require(&self, needed: usize) -> Result<()> {
        self.count.set(needed);
        if needed > self.capacity {
            let capacity = self.capacity;
            return Err(Error::new(
                Status::BufferTooSmall,
                format!("the array has {capacity} places, {needed} are needed"),
            ));
        }
        Ok(())
    }

    /// Goes through what was added.
    pub(super) fn each(&mut self, mut see: impl FnMut(&mut T)) {
        for index in 0..self.filled {
            // SAFETY: within the array, and written by `push`.
            see(unsafe { &mut *self.first.add(index) });
        }
    }

    /// Adds a value.
    ///
    /// # Panics
    /// When the array is full.
    pub(super) fn push(&mut self, value: T) {
        self.push_with(|| value);
    }

    /// Has `make` write where the value is to lie.
    ///
    /// # Panics
    /// When the array is full.
    #[inline(always)]
    pub(super) fn push_with(&mut self, make: impl FnOnce() -> T) {
        assert!(self.filled < self.capacity, "more results than places");
        // SAFETY: within the array, which is writable until the call returns as promised.
        unsafe { self.first.add(self.filled).write(make()) };
        self.filled += 1;
        self.count.set(self.filled);
    }
}
