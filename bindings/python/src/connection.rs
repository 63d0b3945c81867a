//! Connections of whole messages.

use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::connection::{ConnectOptions, Connection as Core, connect as core_connect};
use rustchat::net::Address;
use rustchat::{Error, Status};

use crate::arguments::{count, named};
use crate::buffer::Payload;
use crate::error::exception;
use crate::wait::blocking;
use crate::{address, credentials, lifetime, time};

/// Connects, shakes hands if a secret is given, and returns the Connection.
///
///     with rustchat.connect(("127.0.0.1", 6000), secret="open sesame") as connection:
///         connection.send(b"hello")
///         print(connection.recv())
///
/// address: (host, port), "host:port" or the path of a Unix socket.
/// framing: how messages are told apart: "u32be" (default), "u32le", "line" or "multiprocessing".
/// secret, key_id, profile: what proves us; the profile "mutual" proves the server to us, too, and so does
///     "multiprocessing" (Python's multiprocessing.connection from 3.12 on; "multiprocessing:md5" older ones, too).
/// timeout: seconds for looking up, connecting and shaking hands together; None for ever.
/// limit: the longest message in bytes, both ways; 0 is 16 MiB, 8 KiB for lines.
/// polling: seconds that recv() may wait awake in a brisk dialogue, which saves its wake-ups; 0 always sleeps.
#[pyfunction]
#[pyo3(signature = (address, *, framing="u32be", secret=None, key_id="", profile="mutual", timeout=10.0, limit=0,
    polling=0.0001))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn connect(
    py: Python<'_>,
    address: &Bound<'_, PyAny>,
    framing: &str,
    secret: Option<&Bound<'_, PyAny>>,
    key_id: &str,
    profile: &str,
    timeout: Option<f64>,
    limit: i64,
    polling: f64,
) -> PyResult<Connection> {
    let mut options = ConnectOptions::default();
    options.framing = named(py, "framing", framing)?;
    options.auth = credentials::client(py, secret, key_id, profile)?;
    options.timeout = timeout.map_or(Ok(Duration::MAX), |seconds| time::duration(py, "timeout", seconds))?;
    options.frame_limit = count(py, "limit", limit)?;
    options.polling = time::duration(py, "polling", polling)?;
    let endpoint = self::address::endpoint(address)?;
    let core = blocking(py, None, |deadline| core_connect(endpoint, &options, deadline))?;
    Ok(Connection::new(core))
}

/// A connection of whole messages; made by connect() and Listener.accept().
///
/// Any thread may send, receive and close at any time. Messages of several senders do not mix; each message goes to
/// one of several receivers. close() wakes whoever waits.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Connection {
    core: Mutex<Option<Arc<Core>>>,
    peer: Address,
    local: Option<Address>,
    key_id: Option<String>,
    timeout: Mutex<Option<Duration>>,
    generation: u32,
}

impl Connection {
    pub(crate) fn new(core: Core) -> Connection {
        Connection {
            peer: core.peer().clone(),
            local: core.local().ok(),
            key_id: core.identity().map(|identity| identity.key_id.clone()),
            core: Mutex::new(Some(Arc::new(core))),
            timeout: Mutex::new(None),
            generation: lifetime::generation(),
        }
    }

    fn core(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core.lock().clone().ok_or_else(|| {
            exception(py, &Error::new(Status::Closed, format!("the connection with {} is closed", self.peer)))
        })
    }

    /// In a child of `fork` the stream is the parent's, too: only this process's descriptor of it is closed.
    fn let_go(&self, core: Option<Arc<Core>>) {
        let Some(core) = core else { return };
        if self.generation == lifetime::generation() {
            core.close();
        } else if let Some(core) = Arc::into_inner(core) {
            core.release();
        }
    }

    fn patience(&self, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
        match timeout {
            Some(_) => time::patience("timeout", timeout),
            None => Ok(*self.timeout.lock()),
        }
    }

    fn receive<'py>(&self, py: Python<'py>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
        let (core, patience) = (self.core(py)?, self.patience(timeout)?);
        let message = blocking(py, patience, |deadline| core.recv(deadline))?;
        Ok(PyBytes::new(py, &message))
    }
}

#[pymethods]
impl Connection {
    /// Sends one message, whole: any bytes-like object. Returns when the system has all of it.
    ///
    /// TimeoutError before the first byte leaves the connection as it was; in the middle it closes the connection,
    /// since the peer could not tell where the next message begins.
    #[pyo3(signature = (data, timeout=None))]
    fn send(&self, data: &Bound<'_, PyAny>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let (core, patience) = (self.core(data.py())?, self.patience(timeout)?);
        let payload = Payload::of(data)?;
        let bytes: &[u8] = &payload;
        blocking(data.py(), patience, |deadline| core.send(bytes, deadline))
    }

    /// Receives one message, waiting for it at most `timeout` seconds; None is what settimeout() says.
    ///
    /// Raises ConnectionClosed (an EOFError, too) at the end of the stream, ConnectionLost in the middle of a message,
    /// TimeoutError when the time is up: then what has come of a message stays for the next call.
    #[pyo3(signature = (timeout=None))]
    fn recv<'py>(&self, py: Python<'py>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
        self.receive(py, timeout)
    }

    /// Sends several messages, each whole, with as few system calls as they allow, and returns how many there were.
    ///
    /// If it raises, the text says how many whole messages went out before.
    #[pyo3(signature = (messages, timeout=None))]
    fn send_many(&self, messages: &Bound<'_, PyAny>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let (core, patience) = (self.core(messages.py())?, self.patience(timeout)?);
        let messages: Vec<_> = messages.try_iter()?.collect::<PyResult<_>>()?;
        let payloads: Vec<_> = messages.iter().map(Payload::of).collect::<PyResult<_>>()?;
        let Some(first) = messages.first() else { return Ok(0) };
        blocking(first.py(), patience, |deadline| core.send_many(payloads.iter().map(|bytes| &**bytes), deadline))
    }

    /// Waits for one message like recv(), then takes it and those that came with it, up to `most` of them.
    #[pyo3(signature = (most=1024, timeout=None))]
    fn recv_many<'py>(
        &self,
        py: Python<'py>,
        most: i64,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let (core, patience) = (self.core(py)?, self.patience(timeout)?);
        let most = count(py, "most", most)?;
        let messages = blocking(py, patience, |deadline| {
            let mut messages = Vec::new();
            core.recv_many(most, deadline, |message| messages.push(message.to_vec())).map(|_| messages)
        })?;
        Ok(messages.iter().map(|message| PyBytes::new(py, message)).collect())
    }

    /// Seconds that send() and recv() wait when they are not told; None (as at first) for ever, 0 not at all.
    #[pyo3(signature = (timeout))]
    fn settimeout(&self, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let patience = time::patience("timeout", timeout)?;
        *self.timeout.lock() = patience;
        Ok(())
    }

    /// What settimeout() was last told.
    fn gettimeout(&self) -> Option<f64> {
        self.timeout.lock().map(|patience| patience.as_secs_f64())
    }

    /// The descriptor, -1 when closed: for select and the like.
    ///
    /// After it was readable, call recv(0) until it raises TimeoutError: several messages may have come at once.
    fn fileno(&self) -> i32 {
        let core = self.core.lock();
        core.as_ref().filter(|core| !core.is_closed()).map_or(-1, |core| core.as_raw_fd())
    }

    /// The other end: (ip, port), or a path.
    #[getter]
    fn peer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, &self.peer)
    }

    /// This end: (ip, port), or a path.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.local.as_ref().map(|local| address::to_python(py, local)).transpose()
    }

    /// The id of the key that the client has proved to hold ("" if it has none); None without a handshake.
    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether this side has closed, or had to.
    #[getter]
    fn closed(&self) -> bool {
        self.fileno() == -1
    }

    /// Ends the connection and wakes every call that waits in it. May be repeated. The peer gets what was sent before.
    fn close(&self) {
        let core = self.core.lock().take();
        self.let_go(core);
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// The next message; iteration ends when either side has closed in good order.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let Ok(core) = self.core(py) else { return Ok(None) };
        let patience = self.patience(None)?;
        let message = blocking(py, patience, |deadline| match core.recv(deadline) {
            Err(error) if error.status() == Status::Closed => Ok(None),
            result => result.map(Some),
        })?;
        Ok(message.map(|message| PyBytes::new(py, &message)))
    }

    fn __repr__(&self) -> String {
        let state = if self.closed() { " closed" } else { "" };
        format!("<Connection with {}{state}>", self.peer)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let core = self.core.get_mut().take();
        self.let_go(core);
    }
}
