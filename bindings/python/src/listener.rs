//! Accepting connections of whole messages.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rustchat::Status;
use rustchat::connection::{AcceptOptions, MessageListener};
use rustchat::net::Address;

use crate::connection::Connection;
use crate::error::OrRaise;
use crate::held::Held;
use crate::wait::blocking;
use crate::{address, options, time, tls};

#[doc = include_str!("texts/listen.signature.txt")]
/// Listens for connections of whole messages and returns the Listener. Raises AddressInUse when somebody else listens there,
/// AddressError and InvalidArgument for what cannot be, FileNotFoundError and PermissionError besides for paths.
///
///     with rustchat.listen(("127.0.0.1", 6000), secret="open sesame") as listener:
///         for connection in listener:
///             with connection:
///                 connection.send(connection.recv())
///
/// address: (host, port), "host:port" or the path of a Unix socket; port 0 lets the system choose.
#[doc = include_str!("texts/listen.options.txt")]
///
/// Handshakes run beside accept(): a silent peer holds up nobody. A Unix socket of this user's that nobody listens on is
/// replaced; whatever else is at the path is AddressInUse.
#[pyfunction]
#[pyo3(signature = (address, **keywords), text_signature = None)]
pub(crate) fn listen(
    py: Python<'_>,
    address: &Bound<'_, PyAny>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Listener> {
    let mut options = AcceptOptions::default();
    options::fill(&mut options, "listen", keywords)?;
    let endpoint = self::address::endpoint(address)?;
    let core = py.detach(|| MessageListener::bind(endpoint, options)).or_raise(py)?;
    let address = core.address().clone();
    Ok(Listener { address, core: Held::new(core) })
}

/// Hands out connections, authenticated if it has keys; made by listen(). Any number of threads may accept.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Listener {
    core: Held<MessageListener>,
    address: Address,
}

impl Listener {
    fn core(&self, py: Python<'_>) -> PyResult<Arc<MessageListener>> {
        self.core.expect(py, || format!("the listener on {}", self.address))
    }
}

#[pymethods]
impl Listener {
    /// Waits for a connection at most `timeout` seconds, None for ever.
    ///
    /// Raises TimeoutError when the time is up, ConnectionClosed when the listener is closed, from any thread.
    #[pyo3(signature = (timeout=None))]
    fn accept(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Connection> {
        let (core, patience) = (self.core(py)?, time::patience("timeout", timeout)?);
        Connection::new(py, blocking(py, patience, |deadline| core.accept(deadline))?)
    }

    /// A connection if there is one, else None. Never waits; raises what accept() raises, but for TimeoutError.
    fn accept_nowait(&self, py: Python<'_>) -> PyResult<Option<Connection>> {
        let core = self.core(py)?;
        match py.detach(|| core.accept(Duration::ZERO)) {
            Err(error) if error.status() == Status::TimedOut => Ok(None),
            result => Connection::new(py, result.or_raise(py)?).map(Some),
        }
    }

    /// Where it listens: (ip, port) with the port the system chose, or a path.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, &self.address)
    }

    /// The fingerprint of the public key that newcomers are shown, which they may be told to trust; None without TLS, and when
    /// closed.
    #[getter]
    fn pin(&self, py: Python<'_>) -> Option<String> {
        let core = self.core(py).ok()?;
        py.detach(|| core.pin()).ok().map(|pin| pin.to_string())
    }

    /// Connections that begin from here on get this certificate; those that there are keep theirs. For one that is renewed while the listener
    /// listens. `cert` and `key` are those of TLS; in the place of `cert` may stand a TLS that has both.
    ///
    /// Raises InvalidArgument and the like as TLS does, StateError for a listener without TLS, ConnectionClosed when closed.
    #[pyo3(signature = (cert, key=None))]
    fn replace_certificate(
        &self,
        py: Python<'_>,
        cert: &Bound<'_, PyAny>,
        key: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let certificate = tls::certificate(cert, key)?;
        let core = self.core(py)?;
        py.detach(|| core.replace_certificate(&certificate)).or_raise(py)
    }

    /// A descriptor that is readable while accept() would not wait, -1 when closed.
    fn fileno(&self, py: Python<'_>) -> PyResult<i32> {
        match self.core(py) {
            Ok(core) => core.poll_fd().or_raise(py),
            Err(_) => Ok(-1),
        }
    }

    /// Whether close() was called.
    #[getter]
    fn closed(&self) -> bool {
        self.core.is_closed_or(|_| false)
    }

    /// Refuses further connections and wakes every accept(). May be repeated; accepted connections live on.
    fn close(&self, py: Python<'_>) {
        self.core.close(py, MessageListener::close);
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// The next connection; iteration ends when the listener is closed.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Connection>> {
        if self.closed() {
            return Ok(None);
        }
        let core = self.core(py)?;
        let next = blocking(py, None, |deadline| match core.accept(deadline) {
            Err(error) if error.status() == Status::Closed => Ok(None),
            result => result.map(Some),
        })?;
        next.map(|core| Connection::new(py, core)).transpose()
    }

    fn __repr__(&self) -> String {
        let state = if self.closed() { " closed" } else { "" };
        format!("<Listener on {}{state}>", self.address)
    }
}
