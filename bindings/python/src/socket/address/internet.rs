//! Addresses of IPv4 and IPv6.

use std::ffi::c_int;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rustchat::net::socket::SocketAddress;

use super::super::arguments::{int, unsigned};
use super::host;

/// The highest flow label.
const FLOW: u32 = 0xfffff;

/// `(host, port)`
pub(super) fn inet(value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_INET", value, name)?;
    check_length(parts, 2, 2, "AF_INET address must be a pair (host, port)")?;
    let port = int_of_port(&parts.get_item(1)?, name)?;
    let ip = match host::resolve(&parts.get_item(0)?, libc::AF_INET)? {
        (IpAddr::V4(ip), _) => ip,
        (IpAddr::V6(_), _) => Ipv4Addr::UNSPECIFIED,
    };
    Ok(SocketAddress::inet(ip, check_port(port, name)?))
}

/// `(host, port[, flow[, scope]])`
pub(super) fn inet6(value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_INET6", value, name)?;
    check_length(parts, 2, 4, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")?;
    let port = int_of_port(&parts.get_item(1)?, name)?;
    let number = |index| parts.get_item(index).map_or(Ok(0), |value| unsigned(&value));
    let (flow, scope) = (number(2)?, number(3)?);
    let (ip, own_scope) = host::resolve(&parts.get_item(0)?, libc::AF_INET6)?;
    let port = check_port(port, name)?;
    if flow > FLOW {
        return Err(PyOverflowError::new_err(format!("{name}(): flowinfo must be 0-1048575.")));
    }
    let ip = match ip {
        IpAddr::V6(ip) => ip,
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
    };
    // The interpreter forgets what stands behind a `%`, and the kernel then refuses a link-local address.
    Ok(SocketAddress::inet6(ip, port, flow, if scope == 0 { own_scope } else { scope }))
}

pub(super) fn inet_to_python<'py>(py: Python<'py>, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    let (ip, port) = address.as_inet();
    Ok((ipv4_text(py, ip), port).into_pyobject(py)?.into_any())
}

pub(super) fn inet6_to_python<'py>(py: Python<'py>, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    let (ip, port, flow, scope) = address.as_inet6();
    Ok((text(&ip), port, flow, scope).into_pyobject(py)?.into_any())
}

/// The number that most programs see most of the time is made once.
fn ipv4_text(py: Python<'_>, ip: Ipv4Addr) -> Bound<'_, PyString> {
    if ip == Ipv4Addr::LOCALHOST {
        return pyo3::intern!(py, "127.0.0.1").clone();
    }
    PyString::new(py, &ip.to_string())
}

/// As the system's `inet_ntop` writes it: the last part of an address that was made of an IPv4 number is one.
fn text(ip: &Ipv6Addr) -> String {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = ip.octets();
            format!("::{a}.{b}.{c}.{d}")
        }
        _ => ip.to_string(),
    }
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

/// The port as a C `int`: its range is checked apart, after the host was looked up.
fn int_of_port(value: &Bound<'_, PyAny>, name: &str) -> PyResult<c_int> {
    int(value).map_err(|error| match error.is_instance_of::<PyOverflowError>(value.py()) {
        true => out_of_range(name),
        false => error,
    })
}

fn check_port(number: c_int, name: &str) -> PyResult<u16> {
    u16::try_from(number).map_err(|_| out_of_range(name))
}

fn out_of_range(name: &str) -> PyErr {
    PyOverflowError::new_err(format!("{name}(): port must be 0-65535."))
}
