//! Functions of the module that make sockets or concern descriptors.

use std::os::fd::RawFd;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use rustchat::net::socket;

use super::arguments::{check_count, int};
use super::error::os_error;
use super::object::Socket;
use super::timeout::Timeout;

/// Two sockets of the class `kind` connected with each other.
#[pyfunction]
#[pyo3(signature = (kind, *arguments), text_signature = "(kind, family=AF_UNIX, type=SOCK_STREAM, proto=0, /)")]
pub(crate) fn socketpair<'py>(
    kind: &Bound<'py, PyType>,
    arguments: &Bound<'py, PyTuple>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    check_count("socketpair", arguments.len(), 0, 3)?;
    let py = kind.py();
    let number = |index, default| arguments.get_item(index).map_or(Ok(default), |value| int(&value));
    let numbers = [number(0, libc::AF_UNIX)?, number(1, libc::SOCK_STREAM)?, number(2, 0)?];
    // Objects first: nothing can fail then that would leave a descriptor to nobody.
    let empty = || kind.call_method1(intern!(py, "__new__"), (kind,));
    let (one, other) = (empty()?, empty()?);
    let [family, style, protocol] = numbers;
    let pair = socket::pair(family, style, protocol).map_err(|error| os_error(py, &error))?;
    let adopt = |object: &Bound<'py, PyAny>, descriptor| {
        object.cast::<Socket>()?.get().adopt(py, descriptor, family, style, protocol)
    };
    let adopted = adopt(&one, pair[0]).inspect_err(|_| drop(socket::close(pair[0])));
    adopted.and(adopt(&other, pair[1]).inspect_err(|_| drop(socket::close(pair[1]))))?;
    Ok((one, other))
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
