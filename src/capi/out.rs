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

    #[inline]
    pub(super) fn set(&self, value: T) {
        // SAFETY: writable until the call returns, as promised to `new`; an `Out` does not outlive the call.
        unsafe { self.0.write(value) };
    }
}
