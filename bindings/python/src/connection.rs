//! Connections of whole messages.

use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use rustchat::connection::{ConnectOptions, Connection as Core, connect as core_connect};
use rustchat::net::Address;
use rustchat::tls::Protection;
use rustchat::{Error, Result, Status};

use crate::arguments::{Argument, named, or, wrong_kind};
use crate::buffer::Payload;
use crate::error::{OrRaise, exception, invalid};
use crate::kept::Kept;
use crate::wait::{blocking, quick};
use crate::{address, lifetime, options, time, tls, turn};

const FOR_EVER: u64 = u64::MAX;

/// The directions as the module `socket` numbers them.
const SHUT_RD: i32 = 0;
const SHUT_WR: i32 = 1;
const SHUT_RDWR: i32 = 2;

#[doc = include_str!("texts/connect.signature.txt")]
/// Connects, shakes hands if a secret is given, and returns the Connection. Raises InvalidArgument and AddressError for what
/// cannot be, ConnectionRefused when nobody listens, AuthenticationError for a wrong secret, ProtocolError when the other
/// end speaks something else, TimeoutError when the time is up.
///
///     with rustchat.connect(("127.0.0.1", 6000), secret="open sesame") as connection:
///         connection.send(b"hello")
///         print(connection.recv())
///
/// address: (host, port), "host:port" or the path of a Unix socket.
#[doc = include_str!("texts/connect.options.txt")]
#[pyfunction]
#[pyo3(signature = (address, **keywords), text_signature = None)]
pub(crate) fn connect(
    py: Python<'_>,
    address: &Bound<'_, PyAny>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Connection> {
    let mut options = ConnectOptions::default();
    options::fill(&mut options, "connect", keywords)?;
    let endpoint = self::address::endpoint(address)?;
    let core = blocking(py, None, |deadline| core_connect(endpoint, &options, deadline))?;
    Connection::new(py, core)
}

/// The connection itself, shared by the [`Connection`] and the calls on it.
#[pyclass(frozen)]
struct Shared(Core);

/// A connection of whole messages; made by connect() and Listener.accept().
///
/// Any thread may send, receive and close at any time. Messages of several senders do not mix; each message goes to
/// one of several receivers. close() wakes whoever waits.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Connection {
    shared: Kept<Shared>,
    peer: Address,
    local: Option<Address>,
    key_id: Option<String>,
    protection: Protection,
    /// In nanoseconds; [`FOR_EVER`] for none.
    timeout: AtomicU64,
    generation: u32,
}

impl Connection {
    pub(crate) fn new(py: Python<'_>, core: Core) -> PyResult<Connection> {
        Ok(Connection {
            peer: core.peer().clone(),
            local: core.local().ok(),
            key_id: core.identity().map(|identity| identity.key_id.clone()),
            protection: core.protection(),
            shared: Kept::new(Py::new(py, Shared(core))?),
            timeout: AtomicU64::new(FOR_EVER),
            generation: lifetime::generation(),
        })
    }

    fn shared(&self) -> &Kept<Shared> {
        &self.shared
    }

    /// The connection, `None` when it is closed.
    fn open<'py>(slf: &Bound<'py, Self>) -> Option<Bound<'py, Shared>> {
        Kept::get(slf, Connection::shared)
    }

    fn expect_open<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Shared>> {
        slf.get().check_process(slf.py())?;
        Connection::open(slf).ok_or_else(|| {
            let peer = &slf.get().peer;
            exception(slf.py(), &Error::new(Status::Closed, format!("the connection with {peer} is closed")))
        })
    }

    /// Two processes that go on with one channel of TLS would each seal other words with the same keys and numbers.
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if self.protection.tls { lifetime::check(py, self.generation) } else { Ok(()) }
    }

    /// In a child of `fork` the stream is the parent's, too: only this process's descriptor of it is closed.
    fn let_go(&self, shared: Option<Py<Shared>>) {
        let Some(shared) = shared else { return };
        if self.generation == lifetime::generation() {
            shared.get().0.close();
        } else {
            shared.get().0.release();
        }
    }

    fn patience(&self, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
        match timeout {
            Some(_) => time::patience("timeout", timeout),
            None => Ok(self.own_patience()),
        }
    }

    fn own_patience(&self) -> Option<Duration> {
        match self.timeout.load(Ordering::Relaxed) {
            FOR_EVER => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        }
    }
}

#[pymethods]
impl Connection {
    /// Sends one message, whole: any bytes-like object. Returns when the system has all of it. Raises MessageTooLong before
    /// anything is sent, ConnectionClosed and ConnectionLost when it has ended, StateError inside another send of the same
    /// connection, which a signal's handler has interrupted.
    ///
    /// TimeoutError before the first byte leaves the connection as it was; in the middle it closes the connection,
    /// since the peer could not tell where the next message begins.
    #[pyo3(signature = (data, timeout=None))]
    fn send(slf: &Bound<'_, Self>, data: &Bound<'_, PyAny>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let (shared, patience) = (Connection::expect_open(slf)?, slf.get().patience(timeout)?);
        let (core, payload) = (&shared.get().0, Payload::of("data", data)?);
        let bytes: &[u8] = &payload;
        if turn::is_alone(slf.py()) {
            return quick(slf.py(), patience, |deadline| core.send(bytes, deadline));
        }
        blocking(slf.py(), patience, |deadline| core.send(bytes, deadline))
    }

    /// Receives one message, waiting for it at most `timeout` seconds; None is what settimeout() says.
    ///
    /// Raises ConnectionClosed (an EOFError, too) at the end of the stream, ConnectionLost in the middle of a message,
    /// TimeoutError when the time is up: then what has come of a message stays for the next call. MessageTooLong and
    /// ProtocolError end the connection: nobody knows where the next message begins.
    #[pyo3(signature = (timeout=None))]
    fn recv<'py>(slf: &Bound<'py, Self>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
        let (shared, patience) = (Connection::expect_open(slf)?, slf.get().patience(timeout)?);
        receive(&shared, patience)?.or_raise(slf.py())
    }

    /// Sends several messages, each whole, with as few system calls as they allow, and returns how many there were.
    ///
    /// Raises as send() does; the text says how many whole messages went out before.
    #[pyo3(signature = (messages, timeout=None))]
    fn send_many(
        slf: &Bound<'_, Self>,
        messages: &Bound<'_, PyAny>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let (shared, patience) = (Connection::expect_open(slf)?, slf.get().patience(timeout)?);
        let wrong = |_| wrong_kind("messages", "an iterable of bytes-like objects", messages);
        let messages: Vec<_> = messages.try_iter().map_err(wrong)?.collect::<PyResult<_>>()?;
        let payloads: Vec<_> =
            messages.iter().map(|message| Payload::of("messages", message)).collect::<PyResult<_>>()?;
        if messages.is_empty() {
            return Ok(0);
        }
        let core = &shared.get().0;
        blocking(slf.py(), patience, |deadline| core.send_many(payloads.iter().map(|bytes| &**bytes), deadline))
    }

    /// Waits for one message like recv(), then takes it and those that came with it, up to `most` of them. Raises as recv()
    /// does.
    #[pyo3(signature = (most=or(1024), timeout=None), text_signature = "($self, /, most=1024, timeout=None)")]
    fn recv_many<'py>(
        slf: &Bound<'py, Self>,
        most: Argument<'_, '_, usize>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let (shared, patience) = (Connection::expect_open(slf)?, slf.get().patience(timeout)?);
        let (py, core) = (slf.py(), &shared.get().0);
        named!(most);
        let messages = blocking(py, patience, |deadline| {
            let mut messages = Vec::new();
            core.recv_many(most, deadline, |message| messages.push(message.to_vec())).map(|_| messages)
        })?;
        Ok(messages.iter().map(|message| PyBytes::new(py, message)).collect())
    }

    /// Takes one message whole, or not at all, and never waits: what the system has no room for is kept, and goes before whatever is
    /// sent next, the end among it. Returns how many bytes are kept, or None when 64 KiB were kept already: nothing was taken.
    /// Raises what send() raises, but for TimeoutError.
    ///
    /// What is kept goes with flush_nowait(), when the descriptor is writable, and with the next send().
    fn offer(slf: &Bound<'_, Self>, data: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        let shared = Connection::expect_open(slf)?;
        let payload = Payload::of("data", data)?;
        shared.get().0.offer(&payload).or_raise(slf.py())
    }

    /// Sends what the system takes of what offer() has kept, and returns how many bytes are left. Never waits.
    fn flush_nowait(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Connection::expect_open(slf)?.get().0.flush_nowait().or_raise(slf.py())
    }

    /// One message if it is there, whole, else None. Never waits; raises what recv() raises, but for TimeoutError.
    fn recv_nowait<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let (py, shared) = (slf.py(), Connection::expect_open(slf)?);
        shared.get().0.recv_nowait_with(|message| PyBytes::new(py, message)).or_raise(py)
    }

    /// The same of what has come with an earlier message, without asking the system whether there is more.
    fn recv_buffered<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let (py, shared) = (slf.py(), Connection::expect_open(slf)?);
        shared.get().0.recv_buffered_with(|message| PyBytes::new(py, message)).or_raise(py)
    }

    /// Seconds that send() and recv() wait when they are not told; None (as at first) for ever, 0 not at all.
    #[pyo3(signature = (timeout))]
    fn settimeout(&self, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let patience = time::patience("timeout", timeout)?;
        let nanoseconds = patience.map_or(FOR_EVER, |patience| patience.as_nanos().try_into().unwrap_or(FOR_EVER));
        self.timeout.store(nanoseconds, Ordering::Relaxed);
        Ok(())
    }

    /// What settimeout() was last told.
    fn gettimeout(&self) -> Option<f64> {
        self.own_patience().map(|patience| patience.as_secs_f64())
    }

    /// The descriptor, -1 when closed: for select and the like.
    ///
    /// After it was readable, call recv(0) until it raises TimeoutError: several messages may have come at once.
    fn fileno(slf: &Bound<'_, Self>) -> i32 {
        let shared = Connection::open(slf);
        shared.as_ref().map(|shared| &shared.get().0).filter(|core| !core.is_closed()).map_or(-1, AsRawFd::as_raw_fd)
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

    /// What protects what is sent and received: "tls", or "plain", which whoever is on the way can read and change.
    #[getter]
    fn protection(&self) -> &'static str {
        self.protection.name()
    }

    /// By what the peer's proof of the secret is bound to this very channel of TLS: "tls-exporter", "tls-server-end-point" or
    /// None.
    #[getter]
    fn binding(&self) -> Option<&'static str> {
        tls::binding(self.protection)
    }

    /// The fingerprint of the server's public key, to be trusted the next time, unless it makes its own certificate, another one
    /// each time it starts; None without TLS and at the server's end.
    #[getter]
    fn peer_pin(&self) -> Option<String> {
        tls::peer_pin(self.protection)
    }

    /// Bytes that have come and that nobody has received yet: a part of a message, or whole ones behind the last.
    #[getter]
    fn buffered(slf: &Bound<'_, Self>) -> usize {
        Connection::open(slf).map_or(0, |shared| shared.get().0.buffered())
    }

    /// Bytes that offer() has taken and the system has not.
    #[getter]
    fn pending(slf: &Bound<'_, Self>) -> usize {
        Connection::open(slf).map_or(0, |shared| shared.get().0.pending())
    }

    /// Whether this side has closed, or had to.
    #[getter]
    fn closed(slf: &Bound<'_, Self>) -> bool {
        Connection::fileno(slf) == -1
    }

    /// Ends one direction and leaves the other as it is: socket.SHUT_RD, SHUT_WR or SHUT_RDWR, which is close().
    ///
    /// SHUT_RD: recv() gives what has come, then the end. SHUT_WR: the peer reads what was sent, then the end, and may
    /// still answer. Nothing if this side has closed.
    #[pyo3(signature = (how, /))]
    fn shutdown(slf: &Bound<'_, Self>, how: Argument<'_, '_, i32>) -> PyResult<()> {
        named!(how);
        let direction = match how {
            SHUT_RD => Shutdown::Read,
            SHUT_WR => Shutdown::Write,
            SHUT_RDWR => Shutdown::Both,
            _ => return Err(invalid(slf.py(), format!("how is {how}; expected SHUT_RD, SHUT_WR or SHUT_RDWR"))),
        };
        if let Some(shared) = Connection::open(slf) {
            slf.get().check_process(slf.py())?;
            shared.get().0.shutdown(direction);
        }
        Ok(())
    }

    /// Ends the connection and wakes every call that waits in it. May be repeated. The peer gets what was sent before.
    fn close(slf: &Bound<'_, Self>) {
        slf.get().let_go(Kept::take(slf, Connection::shared));
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(slf: &Bound<'_, Self>, _exception: &Bound<'_, PyAny>) {
        Connection::close(slf);
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// The next message; iteration ends when either side has closed in good order.
    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let Some(shared) = Connection::open(slf) else { return Ok(None) };
        slf.get().check_process(slf.py())?;
        match receive(&shared, slf.get().own_patience())? {
            Err(error) if error.status() == Status::Closed => Ok(None),
            result => result.or_raise(slf.py()).map(Some),
        }
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let state = if Connection::closed(slf) { " closed" } else { "" };
        format!("<Connection with {}{state}>", slf.get().peer)
    }
}

/// Receives one message. Whether that succeeds is the inner result, an exception of a signal's handler the outer.
fn receive<'py>(shared: &Bound<'py, Shared>, patience: Option<Duration>) -> PyResult<Result<Bound<'py, PyBytes>>> {
    let (py, core) = (shared.py(), &shared.get().0);
    if turn::is_alone(py) {
        return quick(py, patience, |deadline| Ok(core.recv_with(deadline, |message| PyBytes::new(py, message))));
    }
    let message = blocking(py, patience, |deadline| Ok(core.recv(deadline)))?;
    Ok(message.map(|message| PyBytes::new(py, &message)))
}

impl Drop for Connection {
    fn drop(&mut self) {
        let shared = self.shared.take_mut();
        self.let_go(shared);
    }
}
