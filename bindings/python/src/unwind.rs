//! Calling Python on a thread that may be ended in the middle of the call.
//!
//! Before 3.14 CPython ends a thread that asks for an interpreter that is gone by unwinding its stack. The library's
//! threads outlive the interpreter when a hook does not return. Unwinding must not pass the frames of Rust, so the first
//! of them keeps the thread, which is what CPython does itself from 3.14 on. PyO3 does the same where a thread attaches,
//! but declares its calls as such that never unwind.

use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

unsafe extern "C-unwind" {
    fn PyObject_CallObject(callable: *mut PyObject, arguments: *mut PyObject) -> *mut PyObject;
}

/// Keeps the thread for ever when it is unwound without a panic.
struct Keep;

impl Drop for Keep {
    fn drop(&mut self) {
        while !std::thread::panicking() {
            std::thread::park();
        }
    }
}

/// `method(*arguments)`
pub(crate) fn call<'py>(method: &Bound<'py, PyAny>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    let keep = Keep;
    // SAFETY: the thread is attached, as `Bound` shows, and both references are held until the call has returned.
    let answer = unsafe { PyObject_CallObject(method.as_ptr(), arguments.as_ptr()) };
    std::mem::forget(keep);
    // SAFETY: the call gives a new reference, or NULL with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(method.py(), answer) }
}
