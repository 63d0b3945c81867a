//! Calling Python on a thread that may be ended in the middle of the call.
//!
//! Before 3.14 CPython ends a thread that asks for an interpreter that is gone by unwinding its stack. Two kinds of
//! threads outlive the interpreter: the library's own when a hook does not return, and the program's daemon threads.
//! Unwinding must not pass the frames of Rust, so the first of them keeps the thread, which is what CPython does itself
//! from 3.14 on. PyO3 does the same where a thread attaches, but declares its calls as such that never unwind: whatever
//! may run Python code, and so let another thread run meanwhile, is called from here.

use pyo3::ffi::PyObject;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

// PyO3 calls PyObject_Call, and says that it never unwinds; the linker's optimiser believes one word for each symbol. So
// this must be a function that PyO3 does not call.
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

/// `callable(*arguments)`
pub(crate) fn call<'py>(callable: &Bound<'py, PyAny>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    let keep = Keep;
    // SAFETY: the thread is attached, as `Bound` shows, and both references are held until the call has returned.
    let answer = unsafe { PyObject_CallObject(callable.as_ptr(), arguments.as_ptr()) };
    std::mem::forget(keep);
    // SAFETY: the call gives a new reference, or NULL with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(callable.py(), answer) }
}

/// Imports a module that is perhaps not loaded yet: reading its file lets other threads run.
pub(crate) fn import<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    call(&py.import(intern!(py, "builtins"))?.getattr(intern!(py, "__import__"))?, &(name,).into_pyobject(py)?)
}
