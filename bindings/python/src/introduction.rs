//! Connecting without waiting, for rustchat.aio.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rustchat::connection::{ConnectOptions, Connection as Core, Introduction as CoreIntroduction, Step};
use rustchat::net::{Endpoint, Stream};
use rustchat::{Error, Status};

use crate::connection::Connection;
use crate::error::{OrRaise, bad_state, exception};
use crate::locks::Mutex;
use crate::{address, lifetime, options};

/// A connection in the making that never waits: who makes it looks the name up, connects a socket, and waits for its descriptor.
///
/// Made as connect() is called.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Introduction {
    endpoint: Endpoint,
    options: ConnectOptions,
    since: Instant,
    generation: u32,
    core: Mutex<Option<CoreIntroduction>>,
}

impl Introduction {
    pub(crate) fn new(endpoint: Endpoint, options: ConnectOptions) -> PyResult<Introduction> {
        let (since, generation, core) = (Instant::now(), lifetime::generation(), Mutex::new(None));
        Ok(Introduction { endpoint, options, since, generation, core })
    }

    /// The connection that it has made.
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<Core> {
        lifetime::check(py, self.generation)?;
        let core = self.core.lock().take().ok_or_else(|| bad_state(py, NO_SOCKET))?;
        core.finish().or_raise(py)
    }
}

const NO_SOCKET: &str = "there is no socket: begin() comes first, and finish() last";

#[pymethods]
impl Introduction {
    #[new]
    #[pyo3(signature = (address, **keywords))]
    fn py_new(address: &Bound<'_, PyAny>, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Introduction> {
        let mut options = ConnectOptions::default();
        options::fill(&mut options, "connect", keywords)?;
        Introduction::new(address::endpoint(address)?, options)
    }

    /// Where to connect: (host, port), or a path.
    #[getter]
    fn endpoint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.endpoint {
            Endpoint::Tcp { host, port } => Ok((host, *port).into_pyobject(py)?.into_any()),
            Endpoint::Unix(path) => Ok(path.into_pyobject(py)?.into_any()),
        }
    }

    /// Seconds that are left for all of it, None for ever.
    #[getter]
    fn left(&self) -> Option<f64> {
        let end = self.since.checked_add(self.options.timeout)?;
        Some(end.saturating_duration_since(Instant::now()).as_secs_f64())
    }

    /// The exception for an address, `where`, that could not be connected to, with the error number `code`; without one nobody
    /// knows it, and `where` says so.
    #[pyo3(signature = (r#where, code=None))]
    fn failure<'py>(&self, py: Python<'py>, r#where: &str, code: Option<i32>) -> Bound<'py, PyBaseException> {
        let error = match code {
            Some(code) => Error::from_io(&io::Error::from_raw_os_error(code), format_args!("connect to {}", r#where)),
            None => Error::new(Status::InvalidAddress, format!("connect to {}", r#where)),
        };
        exception(py, &error).into_value(py).into_bound(py)
    }

    /// Takes a connected socket's descriptor over, also where it fails.
    fn begin(&self, py: Python<'_>, fileno: i32) -> PyResult<()> {
        // SAFETY: the caller gives it away: nobody else closes it.
        let descriptor = unsafe { OwnedFd::from_raw_fd(fileno) };
        let host = match &self.endpoint {
            Endpoint::Tcp { host, .. } => host.as_str(),
            Endpoint::Unix(_) => "",
        };
        let core = py.detach(|| {
            let stream = Stream::from_fd(descriptor)?;
            CoreIntroduction::begin(stream, &self.options, host, self.since)
        });
        *self.core.lock() = Some(core.or_raise(py)?);
        Ok(())
    }

    /// Goes on as far as it takes no waiting. Returns what the descriptor must be before the next step, "readable" or
    /// "writable", or None when it is time for finish(). Raises what connect() raises.
    fn step(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        let mut core = self.core.lock();
        let step = core.as_mut().ok_or_else(|| bad_state(py, NO_SOCKET))?.step().or_raise(py)?;
        Ok(match step {
            Step::Receive => Some("readable"),
            Step::Send => Some("writable"),
            Step::Done => None,
        })
    }

    /// Seconds after which the next step is due, whatever the descriptor is.
    #[getter]
    fn patience(&self) -> f64 {
        self.core.lock().as_ref().map_or(Duration::ZERO, CoreIntroduction::patience).as_secs_f64()
    }

    /// The descriptor, -1 before begin() and after the end.
    fn fileno(&self) -> i32 {
        self.core.lock().as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// The connection.
    fn finish(&self, py: Python<'_>) -> PyResult<Connection> {
        Connection::new(py, self.core(py)?)
    }

    /// Gives it up, and closes the descriptor.
    fn close(&self) {
        drop(self.core.lock().take());
    }
}
