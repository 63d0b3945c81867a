//! Around every call: the record of its failure, and no panic across the boundary.

use super::error;
use super::handle::{self, Object};
use super::status::rustchat_status;
use crate::Result;

/// Runs the body of a function without an object.
#[inline]
pub(super) fn call(name: &'static str, body: impl FnOnce() -> Result<()>) -> rustchat_status {
    error::clear();
    finish(caught(name, body))
}

/// The same for the one function that reads the record.
pub(super) fn keeping_record(name: &'static str, body: impl FnOnce() -> Result<()>) -> rustchat_status {
    match caught(name, body) {
        Ok(()) => rustchat_status::RUSTCHAT_OK,
        Err(error) => error.status().into(),
    }
}

/// Runs the body of a function on an object, unless an earlier one has panicked there.
#[inline]
pub(super) fn on<T: Object>(
    name: &'static str,
    handle: *mut T::Handle,
    body: impl FnOnce(&T) -> Result<()>,
) -> rustchat_status {
    call(name, || {
        let shared = handle::get::<T>(handle)?;
        shared.check()?;
        shared.run(|object| within(name, object, body))
    })
}

/// Runs the body of a function on an object in whatever state it is.
pub(super) fn always<T: Object>(
    name: &'static str,
    handle: *mut T::Handle,
    body: impl FnOnce(&T) -> Result<()>,
) -> rustchat_status {
    call(name, || {
        let shared = handle::get::<T>(handle)?;
        shared.run(|object| within(name, object, body))
    })
}

/// Wakes every call that waits in an object, and lets it end.
pub(super) fn close<T: Object>(name: &'static str, handle: *mut T::Handle) -> rustchat_status {
    always(name, handle, |object: &T| {
        object.close();
        Ok(())
    })
}

/// Runs the body of a function without a status; `failure` is its result after a panic, which only the record tells.
#[inline]
pub(super) fn value<R>(name: &'static str, failure: R, body: impl FnOnce() -> R) -> R {
    caught(name, || Ok(body())).unwrap_or_else(|error| {
        error::set(&error);
        failure
    })
}

/// Closes and releases an object; whatever is no valid handle is ignored.
pub(super) fn free<T: Object>(name: &'static str, handle: *mut T::Handle) {
    value(name, (), || {
        if let Ok(shared) = handle::remove::<T>(handle) {
            shared.object().close();
        }
    });
}

#[inline]
fn finish(result: Result<()>) -> rustchat_status {
    match result {
        Ok(()) => rustchat_status::RUSTCHAT_OK,
        Err(error) => error::set(&error),
    }
}

/// Where a panic finds an object, which is marked by it.
#[inline]
fn within<T>(_name: &'static str, object: &T, body: impl FnOnce(&T) -> Result<()>) -> Result<()> {
    #[cfg(feature = "panic-injection")]
    crate::inject::point("inside ", _name);
    body(object)
}

#[inline]
fn caught<R>(name: &'static str, body: impl FnOnce() -> Result<R>) -> Result<R> {
    let guarded = || {
        #[cfg(feature = "panic-injection")]
        crate::inject::point("", name);
        body()
    };
    crate::error::caught(name, guarded).and_then(|result| result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_with_its_words() {
        assert_eq!(call("one", || panic!("the reason")), rustchat_status::RUSTCHAT_EPANIC);
        assert_eq!(value("two", 7, || panic!("{}", 5)), 7);
        let error = caught::<()>("three", || panic!("number {}", 3)).unwrap_err();
        assert_eq!(error.message(), "internal error in three: number 3");
    }
}
