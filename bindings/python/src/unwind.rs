//! Calling Python on a thread that may be ended in the middle of the call.
//!
//! Before 3.14 CPython ends a thread that asks for an interpreter that is gone by unwinding its stack. Two kinds of
//! threads outlive the interpreter: the library's own when a hook does not return, and the program's daemon threads.
//! Unwinding must not pass the frames of Rust, so the first of them keeps the thread, which is what CPython does itself
//! from 3.14 on. PyO3 does the same where a thread attaches, but declares its calls as such that never unwind: whatever
//! may run Python code, and so let another thread run meanwhile, is called from here.

use std::ffi::{CStr, c_char, c_int};
use std::hint::black_box;
use std::mem::{forget, transmute};

use pyo3::ffi::{self, Py_buffer, PyObject};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

// PyO3 calls PyObject_Call, and says that it never unwinds; the linker's optimiser believes one word for each symbol. So
// these must be functions that PyO3 does not call.
unsafe extern "C-unwind" {
    fn PyObject_CallObject(callable: *mut PyObject, arguments: *mut PyObject) -> *mut PyObject;
    fn PyErr_ResourceWarning(source: *mut PyObject, level: isize, format: *const c_char, ...) -> c_int;
    // In the stable ABI from 3.13 on; every interpreter from 3.8 on has it. A hundred nanoseconds less than `sys.audit`.
    fn PySys_Audit(event: *const c_char, format: *const c_char, ...) -> c_int;
}

// Functions that PyO3 does call are called by addresses, which the optimiser is kept from tracing.
type GetBuffer = unsafe extern "C-unwind" fn(*mut PyObject, *mut Py_buffer, c_int) -> c_int;
type ReleaseBuffer = unsafe extern "C-unwind" fn(*mut Py_buffer);
type WriteUnraisable = unsafe extern "C-unwind" fn(*mut PyObject);

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
    forget(keep);
    // SAFETY: the call gives a new reference, or NULL with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(callable.py(), answer) }
}

/// Imports a module that is perhaps not loaded yet: reading its file lets other threads run.
pub(crate) fn import<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    call(&py.import(intern!(py, "builtins"))?.getattr(intern!(py, "__import__"))?, &(name,).into_pyobject(py)?)
}

/// Fills `view` with the buffer of `object`, which may be of a class written in Python.
pub(crate) fn get_buffer(object: &Bound<'_, PyAny>, view: &mut Py_buffer, flags: c_int) -> PyResult<()> {
    // SAFETY: the same function; it is only said to unwind.
    let get = unsafe { transmute::<*const (), GetBuffer>(black_box(ffi::PyObject_GetBuffer as *const ())) };
    let keep = Keep;
    // SAFETY: the thread is attached, as `Bound` shows, the object lives, and there is room for the answer.
    let failed = unsafe { get(object.as_ptr(), view, flags) } != 0;
    forget(keep);
    if failed { Err(PyErr::fetch(object.py())) } else { Ok(()) }
}

/// Gives a buffer back.
///
/// # Safety
/// The thread is attached, and `get_buffer` has filled `view`.
pub(crate) unsafe fn release_buffer(view: &mut Py_buffer) {
    // SAFETY: the same function; it is only said to unwind.
    let release = unsafe { transmute::<*const (), ReleaseBuffer>(black_box(ffi::PyBuffer_Release as *const ())) };
    let keep = Keep;
    // SAFETY: as the caller promises.
    unsafe { release(view) };
    forget(keep);
}

/// Warns of `object`, which nobody has closed; what a filter or a hook makes of that is raised.
pub(crate) fn warn_unclosed(object: &Bound<'_, PyAny>) -> PyResult<()> {
    let keep = Keep;
    // SAFETY: attached; the format takes one object, which lives.
    let failed = unsafe { PyErr_ResourceWarning(object.as_ptr(), 1, c"unclosed %R".as_ptr(), object.as_ptr()) } != 0;
    forget(keep);
    if failed { Err(PyErr::fetch(object.py())) } else { Ok(()) }
}

/// Raises an audit event of two objects.
pub(crate) fn audit_pair(event: &CStr, one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<()> {
    let keep = Keep;
    // SAFETY: attached; the format takes two objects, which live.
    let failed = unsafe { PySys_Audit(event.as_ptr(), c"OO".as_ptr(), one.as_ptr(), other.as_ptr()) } != 0;
    forget(keep);
    if failed { Err(PyErr::fetch(one.py())) } else { Ok(()) }
}

/// Raises an audit event of an object and three numbers.
pub(crate) fn audit_numbers(event: &CStr, one: &Bound<'_, PyAny>, numbers: [c_int; 3]) -> PyResult<()> {
    let [first, second, third] = numbers;
    let keep = Keep;
    // SAFETY: attached; the format takes an object, which lives, and three numbers of this type.
    let failed = unsafe { PySys_Audit(event.as_ptr(), c"Oiii".as_ptr(), one.as_ptr(), first, second, third) } != 0;
    forget(keep);
    if failed { Err(PyErr::fetch(one.py())) } else { Ok(()) }
}

/// Reports an error that can be raised nowhere, met at `object`.
pub(crate) fn write_unraisable(error: PyErr, object: &Bound<'_, PyAny>) {
    // SAFETY: the same function; it is only said to unwind.
    let write = unsafe { transmute::<*const (), WriteUnraisable>(black_box(ffi::PyErr_WriteUnraisable as *const ())) };
    error.restore(object.py());
    let keep = Keep;
    // SAFETY: attached, with an exception set; the object lives.
    unsafe { write(object.as_ptr()) };
    forget(keep);
}
