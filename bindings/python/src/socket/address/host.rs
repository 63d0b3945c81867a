//! Host names: written in several ways, and looked up by the system's resolver.

use std::ffi::{CString, c_int};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyString};
use rustchat::net::socket::{self, LookUpError};

use super::super::error::{os_error, plain};
use crate::unwind;

/// The address of `value` in `family`, and the scope of a link-local one that has it in its text, else 0.
pub(super) fn resolve(value: &Bound<'_, PyAny>, family: c_int) -> PyResult<(IpAddr, u32)> {
    let is_v6 = family == libc::AF_INET6;
    if let Ok(text) = value.cast::<PyString>()
        && let Ok(text) = text.to_cow()
        && let Some(known) = well_known(text.as_bytes(), is_v6)
    {
        return Ok((known, 0));
    }
    let name = encode(value)?;
    match well_known(&name, is_v6) {
        Some(known) => Ok((known, 0)),
        None if &*name == b"<broadcast>" => Err(plain("address family mismatched")),
        None => look_up(value.py(), name, family),
    }
}

/// What needs no resolver.
fn well_known(name: &[u8], is_v6: bool) -> Option<IpAddr> {
    match name {
        b"" if is_v6 => Some(Ipv6Addr::UNSPECIFIED.into()),
        b"" => Some(Ipv4Addr::UNSPECIFIED.into()),
        b"<broadcast>" if !is_v6 => Some(Ipv4Addr::BROADCAST.into()),
        _ => {
            let text = std::str::from_utf8(name).ok()?;
            if is_v6 { text.parse::<Ipv6Addr>().ok().map(IpAddr::V6) } else { text.parse().ok().map(IpAddr::V4) }
        }
    }
}

/// The name's bytes: international names in their ASCII form.
fn encode(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let py = value.py();
    let bytes = if let Ok(bytes) = value.cast::<PyBytes>() {
        bytes.as_bytes().to_vec()
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        bytes.to_vec()
    } else if let Ok(text) = value.cast::<PyString>() {
        match text.to_cow() {
            Ok(text) if text.is_ascii() => text.as_bytes().to_vec(),
            _ => value
                .getattr(intern!(py, "encode"))
                .and_then(|encode| unwind::call(&encode, &(intern!(py, "idna"),).into_pyobject(py)?))
                .and_then(|encoded| Ok(encoded.cast_into::<PyBytes>()?.as_bytes().to_vec()))
                .map_err(|_| PyTypeError::new_err("encoding of hostname failed"))?,
        }
    } else {
        let kind = value.get_type().name()?;
        return Err(PyTypeError::new_err(format!("str, bytes or bytearray expected, not {kind}")));
    };
    if bytes.contains(&0) {
        return Err(PyTypeError::new_err("host name must not contain null character"));
    }
    Ok(bytes)
}

/// Asks the system's resolver without the interpreter; its errors are the interpreter's `gaierror`.
fn look_up(py: Python<'_>, name: Vec<u8>, family: c_int) -> PyResult<(IpAddr, u32)> {
    let name = CString::new(name).map_err(|_| PyTypeError::new_err("host name must not contain null character"))?;
    match py.detach(|| socket::look_up(&name, family)) {
        Ok(found) if found.family() == libc::AF_INET => Ok((found.as_inet().0.into(), 0)),
        Ok(found) if found.family() == libc::AF_INET6 => {
            let (ip, _, _, scope) = found.as_inet6();
            Ok((ip.into(), scope))
        }
        Ok(_) => Err(plain("unknown address family")),
        Err(LookUpError::System(error)) => Err(os_error(py, &error)),
        Err(LookUpError::Resolver { number, text }) => {
            let class = py.import(intern!(py, "_socket"))?.getattr(intern!(py, "gaierror"))?;
            Err(PyErr::from_value(class.call1((number, text))?))
        }
    }
}
