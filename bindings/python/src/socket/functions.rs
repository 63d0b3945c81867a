//! Functions of the module that make sockets or concern descriptors.

use std::os::fd::RawFd;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rustchat::net::socket;

use super::arguments::{check_count, int};
use super::error::os_error;
use super::timeout::Timeout;

/// The descriptors of two sockets connected with each other.
#[pyfunction]
#[pyo3(signature = (*arguments), text_signature = "(family=AF_UNIX, type=SOCK_STREAM, proto=0, /)")]
pub(crate) fn socketpair(arguments: &Bound<'_, PyTuple>) -> PyResult<(RawFd, RawFd, i32, i32, i32)> {
    check_count("socketpair", arguments.len(), 0, 3)?;
    let number = |index, default| arguments.get_item(index).map_or(Ok(default), |value| int(&value));
    let (family, kind, protocol) = (number(0, libc::AF_UNIX)?, number(1, libc::SOCK_STREAM)?, number(2, 0)?);
    let [one, other] = socket::pair(family, kind, protocol).map_err(|error| os_error(arguments.py(), &error))?;
    Ok((one, other, family, kind, protocol))
}

/// Another descriptor of the same socket, which does not survive exec.
#[pyfunction]
#[pyo3(signature = (fd, /))]
pub(crate) fn dup(fd: &Bound<'_, PyAny>) -> PyResult<RawFd> {
    socket::duplicate(int(fd)?).map_err(|error| os_error(fd.py(), &error))
}

/// Closes a socket's descriptor.
#[pyfunction]
#[pyo3(signature = (fd, /))]
pub(crate) fn close(fd: &Bound<'_, PyAny>) -> PyResult<()> {
    let (py, descriptor) = (fd.py(), int(fd)?);
    match py.detach(|| socket::close(descriptor)) {
        Err(error) if error.raw_os_error() != Some(libc::ECONNRESET) => Err(os_error(py, &error)),
        _ => Ok(()),
    }
}

/// Seconds that calls on new sockets may wait; None for ever.
#[pyfunction]
pub(crate) fn getdefaulttimeout() -> Option<f64> {
    Timeout::default().seconds()
}

/// Sets what getdefaulttimeout() says.
#[pyfunction]
#[pyo3(signature = (timeout, /))]
pub(crate) fn setdefaulttimeout(timeout: &Bound<'_, PyAny>) -> PyResult<()> {
    Timeout::parse(timeout)?.make_default();
    Ok(())
}
