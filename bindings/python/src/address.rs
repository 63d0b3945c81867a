//! Addresses: `(host, port)`, `"host:port"` or the path of a Unix socket.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rustchat::net::{Address, Endpoint};

use crate::arguments;
use crate::error::OrRaise;

/// Where to listen or connect.
pub(crate) fn endpoint(value: &Bound<'_, PyAny>) -> PyResult<Endpoint> {
    let py = value.py();
    if let Ok(pair) = value.cast::<PyTuple>() {
        let (host, number) = pair.extract::<(String, i64)>().map_err(|_| wrong_kind(value))?;
        return Ok(Endpoint::tcp(host, arguments::port(py, number)?));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_cow()?.parse::<Endpoint>().or_raise(py);
    }
    path(value)?.map(Endpoint::unix).ok_or_else(|| wrong_kind(value))
}

/// A host with a port, or the path of a Unix socket in the host's place.
pub(crate) fn host_or_path(ip: &Bound<'_, PyAny>, port: i64) -> PyResult<Endpoint> {
    if let Ok(text) = ip.cast::<PyString>() {
        let text = text.to_cow()?;
        return match text.contains('/') {
            true => Ok(Endpoint::unix(text.into_owned())),
            false => Ok(Endpoint::tcp(text, arguments::port(ip.py(), port)?)),
        };
    }
    path(ip)?.map(Endpoint::unix).ok_or_else(|| {
        PyTypeError::new_err(format!("ip: expected a str, or the path of a Unix socket, got {}", ip.get_type()))
    })
}

fn path(value: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    if !value.hasattr(intern!(value.py(), "__fspath__"))? {
        return Ok(None);
    }
    value.extract().map(Some)
}

fn wrong_kind(value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!(
        "address: expected (host, port), 'host:port' or the path of a Unix socket, got {}",
        value.repr().map_or_else(|error| error.to_string(), |text| text.to_string())
    ))
}

/// `(ip, port)`, the ip with `%scope` behind it if it is link-local, or the path of a Unix socket (empty for an end without a name).
pub(crate) fn to_python<'py>(py: Python<'py>, address: &Address) -> PyResult<Bound<'py, PyAny>> {
    match address {
        Address::Ip(_) => endpoint_to_python(py, &Endpoint::from(address)),
        Address::Unix(path) => Ok(PyString::new(py, &path.to_string_lossy()).into_any()),
    }
}

/// The same without a scope, which is this machine's own business.
pub(crate) fn as_others_see<'py>(py: Python<'py>, address: &Address) -> PyResult<Bound<'py, PyAny>> {
    match address {
        Address::Ip(address) => Ok((address.ip().to_string(), address.port()).into_pyobject(py)?.into_any()),
        Address::Unix(_) => to_python(py, address),
    }
}

/// An endpoint as it was given: `(host, port)` or a path.
pub(crate) fn endpoint_to_python<'py>(py: Python<'py>, endpoint: &Endpoint) -> PyResult<Bound<'py, PyAny>> {
    match endpoint {
        Endpoint::Tcp { host, port } => Ok((host, *port).into_pyobject(py)?.into_any()),
        Endpoint::Unix(path) => Ok(PyString::new(py, &path.to_string_lossy()).into_any()),
    }
}

/// An address that came over the wire as text: a pair if it is one, `None` if there is none.
pub(crate) fn from_text<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<Endpoint>() {
        Ok(endpoint) => endpoint_to_python(py, &endpoint).map(Some),
        Err(_) => Ok(Some(PyString::new(py, text).into_any())),
    }
}
