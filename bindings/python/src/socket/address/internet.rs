//! Addresses of IPv4 and IPv6.

use std::ffi::c_int;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rustchat::net::socket::SocketAddress;

use super::super::arguments::unsigned;
use super::{check_length, check_short, host, int_of_short, tuple};

/// The highest flow label.
const FLOW: u32 = 0xfffff;

/// `(host, port)`
pub(super) fn inet(family: c_int, value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_INET", value, name)?;
    check_length(parts, 2, 2, "AF_INET address must be a pair (host, port)")?;
    let port = int_of_short(&parts.get_item(1)?, "port", name)?;
    let ip = match host::resolve(&parts.get_item(0)?, libc::AF_INET)? {
        (IpAddr::V4(ip), _) => ip,
        (IpAddr::V6(_), _) => Ipv4Addr::UNSPECIFIED,
    };
    Ok(SocketAddress::inet(family, ip, check_short(port, "port", name)?))
}

/// `(host, port[, flow[, scope]])`
pub(super) fn inet6(value: &Bound<'_, PyAny>, name: &str) -> PyResult<SocketAddress> {
    let parts = tuple("AF_INET6", value, name)?;
    check_length(parts, 2, 4, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")?;
    let port = int_of_short(&parts.get_item(1)?, "port", name)?;
    let number = |index| parts.get_item(index).map_or(Ok(0), |value| unsigned(&value));
    let (flow, scope) = (number(2)?, number(3)?);
    let (ip, own_scope) = host::resolve(&parts.get_item(0)?, libc::AF_INET6)?;
    let port = check_short(port, "port", name)?;
    if flow > FLOW {
        return Err(PyOverflowError::new_err(format!("{name}(): flowinfo must be 0-1048575.")));
    }
    let ip = match ip {
        IpAddr::V6(ip) => ip,
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
    };
    // The interpreter forgets what stands behind a `%`, and the kernel then refuses a link-local address.
    Ok(SocketAddress::inet6(libc::AF_INET6, ip, port, flow, if scope == 0 { own_scope } else { scope }))
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
