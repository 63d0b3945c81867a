//! Accepting connections of whole messages.

use std::sync::Arc;

use pyo3::prelude::*;
use rustchat::connection::{AcceptOptions, MessageListener};
use rustchat::net::Address;
use rustchat::{Error, Status};

use crate::arguments::{self, Argument, Mode, choice, named, or};
use crate::connection::Connection;
use crate::error::{OrRaise, exception};
use crate::locks::Mutex;
use crate::wait::blocking;
use crate::{address, credentials, lifetime, time};

/// Listens for connections of whole messages and returns the Listener. Raises AddressInUse when somebody else listens there,
/// AddressError and InvalidArgument for what cannot be, FileNotFoundError and PermissionError besides for paths.
///
///     with rustchat.listen(("127.0.0.1", 6000), secret="open sesame") as listener:
///         for connection in listener:
///             with connection:
///                 connection.send(connection.recv())
///
/// address: (host, port), "host:port" or the path of a Unix socket; port 0 lets the system choose.
/// framing: how messages are told apart: "u32be" (default), "u32le", "line" or "multiprocessing".
/// secret, keys: one secret for all, or a KeyRing or dict of secrets by id. Handshakes run beside accept(): a silent
///     peer holds up nobody. Beyond this machine one of them is needed, or allow_anonymous=True.
/// profile: how it is proved: "mutual" (default), "multiprocessing" (Python's multiprocessing.connection from 3.12 on;
///     "multiprocessing:md5" older ones, too) or, for the client alone, "tutorial" and "tutorial:md5".
/// limit: the longest message in bytes, both ways; 0 is 16 MiB, 8 KiB for lines.
/// backlog: connections the system keeps for accept().
/// handshake_timeout, handshake_limit: seconds for a whole handshake, and how many may be under way at a time.
/// polling: seconds that a connection's recv() may wait awake in a brisk dialogue, which saves its wake-ups; more than
///     0.01 counts as that.
/// mode, group: who may connect to a Unix socket: the permissions of its file, whatever the umask, and its group, a name or
///     a number. Without them this user alone, 0o600; with a group alone 0o660.
///
/// A Unix socket of this user's that nobody listens on is replaced; whatever else is at the path is AddressInUse.
#[pyfunction]
#[pyo3(
    signature = (
        address, *, framing=or("u32be"), secret=None, keys=None, profile=or("mutual"), server_id=or(""),
        allow_anonymous=or(false), limit=or(0), backlog=or(4096), handshake_timeout=or(5.0), handshake_limit=or(128),
        polling=or(0.0001), mode=None, group=None,
    ),
    text_signature = "(address, *, framing='u32be', secret=None, keys=None, profile='mutual', server_id='', \
        allow_anonymous=False, limit=0, backlog=4096, handshake_timeout=5.0, handshake_limit=128, polling=0.0001, \
        mode=None, group=None)"
)]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn listen(
    py: Python<'_>,
    address: &Bound<'_, PyAny>,
    framing: Argument<'_, '_, &str>,
    secret: Option<&Bound<'_, PyAny>>,
    keys: Option<&Bound<'_, PyAny>>,
    profile: Argument<'_, '_, &str>,
    server_id: Argument<'_, '_, &str>,
    allow_anonymous: Argument<'_, '_, bool>,
    limit: Argument<'_, '_, usize>,
    backlog: Argument<'_, '_, u32>,
    handshake_timeout: Argument<'_, '_, f64>,
    handshake_limit: Argument<'_, '_, usize>,
    polling: Argument<'_, '_, f64>,
    mode: Option<Argument<'_, '_, Mode>>,
    group: Option<&Bound<'_, PyAny>>,
) -> PyResult<Listener> {
    named!(
        framing,
        profile,
        server_id,
        allow_anonymous,
        limit,
        backlog,
        handshake_timeout,
        handshake_limit,
        polling,
        mode
    );
    let mut options = AcceptOptions::default();
    options.framing = choice(py, "framing", framing)?;
    options.auth = credentials::server(py, secret, keys, profile, server_id)?;
    options.allow_anonymous = allow_anonymous;
    options.frame_limit = limit;
    options.backlog = backlog;
    options.handshake_timeout = time::duration(py, "handshake_timeout", handshake_timeout)?;
    options.handshake_limit = handshake_limit;
    options.polling = time::duration(py, "polling", polling)?;
    options.mode = mode.map(|Mode(mode)| mode);
    options.group = arguments::group(group)?;
    let endpoint = self::address::endpoint(address)?;
    let core = py.detach(|| MessageListener::bind(endpoint, options)).or_raise(py)?;
    let address = core.address().clone();
    Ok(Listener { address, core: Mutex::new(Some(Arc::new(core))), generation: lifetime::generation() })
}

/// Hands out connections, authenticated if it has keys; made by listen(). Any number of threads may accept.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Listener {
    core: Mutex<Option<Arc<MessageListener>>>,
    address: Address,
    generation: u32,
}

impl Listener {
    fn core(&self, py: Python<'_>) -> PyResult<Arc<MessageListener>> {
        lifetime::check(py, self.generation)?;
        self.core.lock().clone().ok_or_else(|| {
            exception(py, &Error::new(Status::Closed, format!("the listener on {} is closed", self.address)))
        })
    }

    fn take(&self) -> Option<Arc<MessageListener>> {
        let core = self.core.lock().take()?;
        if self.generation == lifetime::generation() {
            return Some(core);
        }
        // The parent of this process listens on; closing it here would close it there.
        std::mem::forget(core);
        None
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

    /// Where it listens: (ip, port) with the port the system chose, or a path.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, &self.address)
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
        self.core.lock().is_none()
    }

    /// Refuses further connections and wakes every accept(). May be repeated; accepted connections live on.
    fn close(&self, py: Python<'_>) {
        if let Some(core) = self.take() {
            core.close();
            py.detach(|| drop(core));
        }
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

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(core) = self.take() {
            lifetime::detached(|| drop(core));
        }
    }
}
