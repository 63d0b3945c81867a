//! Handshakes at the socket of a server that is Python's.

use std::ffi::c_int;
use std::os::fd::{IntoRawFd, RawFd};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rustchat::connection::{AcceptOptions, StreamListener as Core};
use rustchat::net::socket as system;

use crate::error::OrRaise;
use crate::held::Held;
use crate::wait::blocking;
use crate::{options, socket, time};

/// Shakes hands with the newcomers of a listening socket, and hands out who has proved a secret.
///
/// Takes the number of the socket's descriptor, which stays its owner's, and what listen() takes for its handshakes; past
/// `backlog` who wait for accept(), newcomers wait in the system's own. Takes exactly the handshake from a connection.
#[pyclass(frozen, weakref, module = "rustchat._rustchat")]
pub(crate) struct StreamListener {
    core: Held<Core>,
    family: c_int,
}

impl StreamListener {
    fn core(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core.expect(py, || "the listener".into())
    }
}

#[pymethods]
impl StreamListener {
    #[new]
    #[pyo3(signature = (descriptor, /, **keywords))]
    fn new(py: Python<'_>, descriptor: RawFd, keywords: Option<&Bound<'_, PyDict>>) -> PyResult<StreamListener> {
        let mut options = AcceptOptions::default();
        options::fill(&mut options, "StreamListener", keywords)?;
        let core = py.detach(|| Core::new(descriptor, &options)).or_raise(py)?;
        let family = system::local(descriptor)?.family();
        Ok(StreamListener { core: Held::new(core), family })
    }

    /// Waits at most `timeout` seconds, None for ever. The descriptor of a connection, which is the caller's to close, its
    /// address as the socket's own accept() has it, and the id of the key.
    ///
    /// Raises TimeoutError when the time is up, ConnectionClosed when the listener is closed, from any thread.
    #[pyo3(signature = (timeout=None))]
    fn accept<'py>(
        &self,
        py: Python<'py>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(RawFd, Bound<'py, PyAny>, String)> {
        let (core, patience) = (self.core(py)?, time::patience("timeout", timeout)?);
        let (stream, who) = blocking(py, patience, |deadline| core.accept(deadline))?;
        let address = socket::address_of_peer(py, self.family, &stream)?;
        Ok((stream.into_fd().into_raw_fd(), address, who.key_id))
    }

    /// A descriptor that is readable while accept() would not wait, -1 when closed.
    fn fileno(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.core(py).map_or(Ok(-1), |core| core.poll_fd().or_raise(py))
    }

    /// Lets nobody in any more, ends all handshakes, and wakes every accept(). May be repeated.
    fn close(&self, py: Python<'_>) {
        self.core.close(py, Core::close);
    }
}
