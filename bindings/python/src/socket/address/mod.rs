//! Addresses as Python writes them: a tuple, a path or a number, as the family wants it.

mod host;
mod internet;
mod linux;
mod unix;

use std::ffi::c_int;
use std::net::IpAddr;
use std::os::fd::AsRawFd;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use rustchat::net::socket::{self, SocketAddress};
use rustchat::net::{Address, Stream};

use super::arguments::int;
use super::error::{os_error, plain};
use super::object::Socket;

/// The families whose numbers `libc` has on Linux alone.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod families {
    pub(super) use libc::{AF_ALG, AF_CAN, AF_NETLINK, AF_PACKET, AF_TIPC, AF_VSOCK};

    use std::ffi::c_int;

    pub(super) const AF_RDS: c_int = 21;
    pub(super) const AF_QIPCRTR: c_int = 42;
}
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod families {
    use std::ffi::c_int;

    // Negative: no socket has them.
    pub(super) const AF_ALG: c_int = -2;
    pub(super) const AF_CAN: c_int = -3;
    pub(super) const AF_NETLINK: c_int = -4;
    pub(super) const AF_PACKET: c_int = -5;
    pub(super) const AF_TIPC: c_int = -6;
    pub(super) const AF_VSOCK: c_int = -7;
    pub(super) const AF_RDS: c_int = -8;
    pub(super) const AF_QIPCRTR: c_int = -9;
}

/// The address that `value` means on `socket`, for the method `name`.
pub(crate) fn from_python(socket: &Socket, value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    use families::*;
    match socket.family() {
        libc::AF_INET | AF_RDS => internet::inet(socket.family(), value, name),
        libc::AF_INET6 => internet::inet6(value, name),
        libc::AF_UNIX => unix::from_python(value),
        AF_NETLINK => linux::netlink(value, name),
        AF_QIPCRTR => linux::pair("AF_QIPCRTR", value, SocketAddress::qipcrtr),
        AF_VSOCK => linux::pair("AF_VSOCK", value, SocketAddress::vsock),
        AF_PACKET => linux::packet(socket, value, name),
        AF_CAN => linux::can(socket, value, name),
        AF_ALG => linux::alg(value, name),
        AF_TIPC => linux::tipc(value, name),
        _ => Err(plain(format!("{name}(): bad family"))),
    }
}

/// An address of `socket` as Python writes it; `None` if there is none.
pub(crate) fn to_python<'py>(py: Python<'py>, socket: &Socket, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    use families::*;
    if address.is_empty() {
        return Ok(py.None().into_bound(py));
    }
    match address.family() {
        libc::AF_INET => internet::inet_to_python(py, address),
        libc::AF_INET6 => internet::inet6_to_python(py, address),
        libc::AF_UNIX => unix::to_python(py, address),
        AF_NETLINK | AF_QIPCRTR => pair_to_python(py, address.as_netlink()),
        AF_VSOCK => pair_to_python(py, address.as_vsock()),
        AF_PACKET => linux::packet_to_python(py, socket, address),
        AF_CAN => linux::can_to_python(py, socket, address),
        AF_ALG => linux::alg_to_python(py, address),
        AF_TIPC => linux::tipc_to_python(py, address),
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
        return unix::to_python(py, &peer);
    };
    let (port, scope) = (peer.port(), stream.peer().scope());
    match (peer.ip(), family) {
        (IpAddr::V4(ip), libc::AF_INET) => internet::inet_to_python(py, &SocketAddress::inet(family, ip, port)),
        (IpAddr::V4(ip), _) => {
            internet::inet6_to_python(py, &SocketAddress::inet6(family, ip.to_ipv6_mapped(), port, 0, scope))
        }
        (IpAddr::V6(ip), _) => internet::inet6_to_python(py, &SocketAddress::inet6(family, ip, port, 0, scope)),
    }
}

fn pair_to_python(py: Python<'_>, pair: (u32, u32)) -> PyResult<Bound<'_, PyAny>> {
    Ok(pair.into_pyobject(py)?.into_any())
}

/// The tuple that an address must be.
fn tuple<'a, 'py>(family: &str, value: &'a Bound<'py, PyAny>, name: &str) -> PyResult<&'a Bound<'py, PyTuple>> {
    value.cast::<PyTuple>().map_err(|_| {
        let kind = value.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
        PyTypeError::new_err(format!("{name}(): {family} address must be tuple, not {kind}"))
    })
}

/// Refuses a tuple of another length, with the sentence `expected`.
fn check_length(tuple: &Bound<'_, PyTuple>, least: usize, most: usize, expected: &'static str) -> PyResult<()> {
    if (least..=most).contains(&tuple.len()) { Ok(()) } else { Err(PyTypeError::new_err(expected)) }
}

/// A 16-bit number such as a port, as a C `int`: its range is checked apart, after the host was looked up.
fn int_of_short(value: &Bound<'_, PyAny>, what: &str, name: &str) -> PyResult<c_int> {
    int(value).map_err(|error| match error.is_instance_of::<PyOverflowError>(value.py()) {
        true => out_of_range(what, name),
        false => error,
    })
}

fn check_short(number: c_int, what: &str, name: &str) -> PyResult<u16> {
    u16::try_from(number).map_err(|_| out_of_range(what, name))
}

fn out_of_range(what: &str, name: &str) -> PyErr {
    PyOverflowError::new_err(format!("{name}(): {what} must be 0-65535."))
}
