//! Addresses as Python writes them: a tuple, a path or a number, as the family wants it.

mod host;
mod internet;
mod unix;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::net::socket::SocketAddress;

use super::error::plain;
use super::object::Socket;

/// The address that `value` means on `socket`, for the method `name`.
pub(crate) fn from_python(socket: &Socket, value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    match socket.family() {
        libc::AF_INET => internet::inet(value, name),
        libc::AF_INET6 => internet::inet6(value, name),
        libc::AF_UNIX => unix::from_python(value),
        _ => Err(plain(format!("{name}(): bad family"))),
    }
}

/// An address as Python writes it; `None` if there is none.
pub(crate) fn to_python<'py>(py: Python<'py>, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    if address.is_empty() {
        return Ok(py.None().into_bound(py));
    }
    match address.family() {
        libc::AF_INET => internet::inet_to_python(py, address),
        libc::AF_INET6 => internet::inet6_to_python(py, address),
        libc::AF_UNIX => unix::to_python(py, address),
        family => {
            let rest = address.as_bytes().get(2..).unwrap_or_default();
            Ok((family, PyBytes::new(py, rest)).into_pyobject(py)?.into_any())
        }
    }
}
