//! Addresses of Unix sockets: a path, or an abstract name as bytes.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rustchat::net::socket::SocketAddress;

use super::super::buffer::Source;
use super::super::error::plain;
use crate::unwind;

pub(super) fn from_python(value: &Bound<'_, PyAny>) -> PyResult<SocketAddress> {
    let too_long = || plain("AF_UNIX path too long");
    if value.is_instance_of::<PyString>() {
        return SocketAddress::unix(file_bytes(value)?.as_bytes()).ok_or_else(too_long);
    }
    SocketAddress::unix(Source::of(value)?.bytes()).ok_or_else(too_long)
}

pub(super) fn to_python<'py>(py: Python<'py>, address: &SocketAddress) -> PyResult<Bound<'py, PyAny>> {
    let path = address.as_unix();
    match path.first() {
        None => Ok(PyString::new(py, "").into_any()),
        Some(0) => Ok(PyBytes::new(py, path).into_any()),
        Some(_) => file_name(py, path),
    }
}

/// Bytes of the file system as text.
pub(super) fn file_name<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    if bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Ok(PyString::new(py, text).into_any());
    }
    let decode = py.import("os")?.getattr("fsdecode")?;
    unwind::call(&decode, &(PyBytes::new(py, bytes),).into_pyobject(py)?)
}

/// Text as bytes of the file system.
pub(super) fn file_bytes<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let encode = text.py().import("os")?.getattr("fsencode")?;
    Ok(unwind::call(&encode, &(text,).into_pyobject(text.py())?)?.cast_into()?)
}
