//! Failures of system calls, as the interpreter's own sockets raise them.

use std::ffi::c_int;
use std::io;

use pyo3::exceptions::{PyOSError, PyTimeoutError};
use pyo3::prelude::*;

/// The subclass of OSError that stands for `error`, with its number and the system's text.
#[cold]
pub(crate) fn os_error(py: Python<'_>, error: &io::Error) -> PyErr {
    from_number(py, error.raw_os_error().unwrap_or(libc::EIO))
}

/// The same, from the number.
#[cold]
pub(crate) fn from_number(py: Python<'_>, number: c_int) -> PyErr {
    set_errno(number);
    // SAFETY: attached; the class is a live object, and an exception is set in any case.
    #[allow(unsafe_code)]
    unsafe {
        pyo3::ffi::PyErr_SetFromErrno(py.get_type::<PyOSError>().as_ptr());
    }
    PyErr::fetch(py)
}

#[allow(unsafe_code)]
fn set_errno(number: c_int) {
    // SAFETY: the calling thread's own errno.
    unsafe {
        #[cfg(any(target_os = "linux", target_os = "emscripten"))]
        let place = libc::__errno_location();
        #[cfg(not(any(target_os = "linux", target_os = "emscripten")))]
        let place = libc::__error();
        *place = number;
    }
}

/// What a call raises whose timeout has passed.
#[cold]
pub(crate) fn timed_out() -> PyErr {
    PyTimeoutError::new_err("timed out")
}

/// An OSError that has a text and no number.
pub(crate) fn plain(message: impl Into<String>) -> PyErr {
    PyOSError::new_err(message.into())
}
