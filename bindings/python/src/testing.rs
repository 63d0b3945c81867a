//! A chat server in the hands of a test, for `rustchat.testing`.

use std::io::IoSlice;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{IntoRawFd, RawFd};
use std::time::{Duration, UNIX_EPOCH};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::net::{Address, Endpoint};
use rustchat::testing::World as Core;
use rustchat::tls::{Machine, Tls};

use crate::buffer::Payload;
use crate::error::{OrRaise, bad_state, invalid};
use crate::handshake::ClientHandshake;
use crate::locks::Mutex;
use crate::server::{ChatServer, start_by_hand};
use crate::{address, lifetime, time};

/// A chat server without threads, ports and a clock of its own, everybody's connections and the time. rustchat.testing.World
/// calls the hooks, and is what tests use.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct World {
    core: Mutex<Option<Core>>,
    generation: u32,
}

impl World {
    fn with<R: Send>(&self, py: Python<'_>, call: impl FnOnce(&mut Core) -> R + Send) -> PyResult<R> {
        lifetime::check(py, self.generation)?;
        py.detach(|| self.core.lock().as_mut().map(call)).ok_or_else(|| bad_state(py, "the world was closed"))
    }
}

#[pymethods]
impl World {
    /// Starts a server, which may not run, as its start(poll=...) does. The time of day is `begins`, in seconds of time.time().
    #[new]
    fn new(server: &Bound<'_, ChatServer>, wanted: Vec<String>, begins: f64) -> PyResult<World> {
        let py = server.py();
        let begins = UNIX_EPOCH.checked_add(time::duration(py, "begins", begins)?);
        let begins = begins.ok_or_else(|| invalid(py, "begins is later than any clock can tell".into()))?;
        let core = start_by_hand(server, &wanted, begins)?;
        Ok(World { core: Mutex::new(Some(core)), generation: lifetime::generation() })
    }

    /// Somebody connects who is to be known by that address. Returns the descriptor of its end, which never waits.
    fn connect(&self, address: &Bound<'_, PyAny>) -> PyResult<RawFd> {
        let py = address.py();
        let from = match address::endpoint(address)? {
            Endpoint::Unix(path) => Address::Unix(path),
            Endpoint::Tcp { host, port } => match host.parse::<IpAddr>() {
                Ok(ip) => Address::Ip(SocketAddr::new(ip, port)),
                Err(_) => return Err(invalid(py, format!("address has the host {host}, expected a number"))),
            },
        };
        let stream = self.with(py, |core| core.connect(from))?.or_raise(py)?;
        Ok(stream.into_raw_fd())
    }

    /// How the server tells messages apart.
    #[getter]
    fn framing(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.with(py, |core| core.server().options().framing.name())
    }

    /// Whether it asks for a proof of a secret.
    #[getter]
    fn guarded(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |core| core.server().options().auth.is_some())
    }

    /// Whether its connections begin with TLS.
    #[getter]
    fn secured(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |core| core.server().options().tls.is_some())
    }

    /// Serves until there is nothing left to do at this time; whether there was anything.
    fn settle(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, Core::settle)
    }

    /// Lets time pass up to the next moment that may bring something, `most` nanoseconds at most; returns how many have passed.
    fn step(&self, py: Python<'_>, most: u64) -> PyResult<u64> {
        let passed = self.with(py, |core| core.step(Duration::from_nanos(most)))?;
        Ok(passed.as_nanos().try_into().unwrap_or(u64::MAX))
    }

    /// How many nanoseconds have passed since the start.
    #[getter]
    fn passed(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |core| core.passed().as_nanos().try_into().unwrap_or(u64::MAX))
    }

    /// Whether the server has stopped, with every connection gone.
    #[getter]
    fn ended(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.with(py, |core| core.has_ended()).unwrap_or(true))
    }

    /// Ends the server and every connection at once. May be repeated.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.end());
    }
}

impl World {
    fn end(&self) {
        let core = self.core.lock().take();
        if self.generation != lifetime::generation() {
            // The parent process's.
            std::mem::forget(core);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a guest of a World has of TLS: bytes of the connection in, what they say out, and the other way round. It takes any
/// certificate: whom it is connected with is no question there.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Secured(Mutex<Machine>);

#[pymethods]
impl Secured {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Secured> {
        let machine = Tls::new().client(true).and_then(|tls| tls.begin("localhost"));
        machine.or_raise(py).map(|machine| Secured(Mutex::new(machine)))
    }

    /// Takes what has come, and returns what it says. Raises what is wrong with it: look at owed() all the same.
    fn receive<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let (py, mut plain) = (data.py(), Vec::new());
        self.0.lock().receive(&Payload::of("data", data)?, &mut plain).or_raise(py)?;
        Ok(PyBytes::new(py, &plain))
    }

    /// The bytes that say `data`, to be sent behind owed(). Not before it is secured.
    fn seal<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let (py, mut records) = (data.py(), Vec::new());
        self.0.lock().seal(&[IoSlice::new(&Payload::of("data", data)?)], &mut records).or_raise(py)?;
        Ok(PyBytes::new(py, &records))
    }

    /// What is to be sent of its own accord; empty when there is nothing.
    fn owed<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut owed = Vec::new();
        self.0.lock().owed(&mut owed);
        PyBytes::new(py, &owed)
    }

    /// A proof of the secret that is bound to this channel.
    fn handshake(&self, secret: &Bound<'_, PyAny>, key_id: &str) -> PyResult<ClientHandshake> {
        let channel = self.0.lock().channel().or_raise(secret.py())?;
        ClientHandshake::bound(secret, key_id, &channel)
    }

    /// Whether something can be said.
    #[getter]
    fn secured(&self) -> bool {
        self.0.lock().is_secured()
    }

    /// Whether the other end has said that nothing comes any more.
    #[getter]
    fn ended(&self) -> bool {
        self.0.lock().has_ended()
    }
}
