//! Addresses: `(host, port)`, `"host:port"` or the path of a Unix socket.

use std::path::{Path, PathBuf};

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rustchat::net::{Address, Endpoint};

use crate::arguments::{self, Argument, Named};
use crate::error::{OrRaise, invalid};

/// Where to listen or connect.
pub(crate) fn endpoint(value: &Bound<'_, PyAny>) -> PyResult<Endpoint> {
    endpoint_of("address", value)
}

fn endpoint_of(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Endpoint> {
    let py = value.py();
    if let Ok(pair) = value.cast::<PyTuple>() {
        let (host, port) = pair.extract::<(String, Bound<'_, PyAny>)>().map_err(|_| wrong_kind(name, value))?;
        let port = match Argument::<u16>::Given(port.as_borrowed()).called("port") {
            Err(error) if error.is_instance_of::<PyTypeError>(py) => return Err(wrong_kind(name, value)),
            port => port?,
        };
        return Ok(Endpoint::tcp(host, port));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_cow()?.parse::<Endpoint>().or_raise(py);
    }
    path(value)?.map(Endpoint::unix).ok_or_else(|| wrong_kind(name, value))
}

/// The port of tutorials, which a server or client has that is told no other.
const PORT: u16 = 60000;

/// What servers and clients take: a host and a port, or in the host's place whatever `endpoint` takes.
pub(crate) fn host_and_port(py: Python<'_>, ip: Option<&Bound<'_, PyAny>>, port: Option<u16>) -> PyResult<Endpoint> {
    let Some(ip) = ip else { return Ok(Endpoint::tcp("127.0.0.1", port.unwrap_or(PORT))) };
    if let Ok(text) = ip.cast::<PyString>() {
        return Endpoint::with_port(&text.to_cow()?, port, PORT).or_raise(py);
    }
    match (endpoint_of("ip", ip)?, port) {
        (Endpoint::Tcp { port: own, .. }, Some(port)) if own != port => {
            Err(invalid(py, format!("ip is {ip} and port is {port}, expected one port")))
        }
        (endpoint, _) => Ok(endpoint),
    }
}

fn path(value: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    if !value.hasattr(intern!(value.py(), "__fspath__"))? {
        return Ok(None);
    }
    value.extract().map(Some)
}

fn wrong_kind(name: &str, value: &Bound<'_, PyAny>) -> PyErr {
    arguments::wrong_kind(name, "(host, port), 'host:port' or the path of a Unix socket", value)
}

/// `(ip, port)`, the ip with `%scope` behind it if it is link-local, or the path of a Unix socket (empty for an end without a name).
pub(crate) fn to_python<'py>(py: Python<'py>, address: &Address) -> PyResult<Bound<'py, PyAny>> {
    match address {
        Address::Ip(_) => endpoint_to_python(py, &Endpoint::from(address)),
        Address::Unix(path) => Ok(path_to_python(py, path)),
    }
}

/// The same without a scope, which is this machine's own business.
pub(crate) fn as_others_see<'py>(py: Python<'py>, address: &Address) -> PyResult<Bound<'py, PyAny>> {
    match address {
        Address::Ip(address) => Ok((address.ip().to_string(), address.port()).into_pyobject(py)?.into_any()),
        Address::Unix(_) => to_python(py, address),
    }
}

/// A path as a text that is an address again: a bare name gets a `./`.
fn path_to_python<'py>(py: Python<'py>, path: &Path) -> Bound<'py, PyAny> {
    let text = path.to_string_lossy();
    let is_address = text.is_empty() || matches!(text.parse::<Endpoint>(), Ok(Endpoint::Unix(_)));
    if is_address { PyString::new(py, &text) } else { PyString::new(py, &format!("./{text}")) }.into_any()
}

/// An endpoint as it was given: `(host, port)` or a path.
pub(crate) fn endpoint_to_python<'py>(py: Python<'py>, endpoint: &Endpoint) -> PyResult<Bound<'py, PyAny>> {
    match endpoint {
        Endpoint::Tcp { host, port } => Ok((host, *port).into_pyobject(py)?.into_any()),
        Endpoint::Unix(path) => Ok(path_to_python(py, path)),
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
