//! Addresses as Python writes them: a tuple, a path or a number, as the family wants it.

mod host;
mod internet;
mod unix;

use std::ffi::c_int;
use std::net::IpAddr;
use std::os::fd::AsRawFd;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::net::socket::{self, SocketAddress};
use rustchat::net::{Address, Stream};

use super::error::{os_error, plain};
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

/// The other end of a stream as the `accept()` of a socket of that family has it, even if it is gone since.
pub(crate) fn of_peer<'py>(py: Python<'py>, family: c_int, stream: &Stream) -> PyResult<Bound<'py, PyAny>> {
    let Address::Ip(peer) = stream.peer() else {
        // The kernel forgets the names of this family with the socket itself.
        let peer = socket::peer(stream.as_raw_fd()).map_err(|error| os_error(py, &error))?;
        return to_python(py, &peer);
    };
    let (port, scope) = (peer.port(), stream.peer().scope());
    let inet6 = |ip| SocketAddress::inet6(ip, port, 0, scope);
    let address = match peer.ip() {
        IpAddr::V4(ip) if family == libc::AF_INET => SocketAddress::inet(ip, port),
        IpAddr::V4(ip) => inet6(ip.to_ipv6_mapped()),
        IpAddr::V6(ip) => inet6(ip),
    };
    to_python(py, &address)
}
