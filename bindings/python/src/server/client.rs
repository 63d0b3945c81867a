//! A member, as the server's hooks and its console see it.

use std::sync::Arc;

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use rustchat::chat::{Member, MemberId};

use crate::arguments::{Kind, out_of_bounds, wrong_kind};
use crate::{address, time, tls};

/// A member of a ChatServer. It tells the numbers as they are now, also when the member has left.
///
/// str(client) is its address, "127.0.0.1:51234". Two Client objects are equal if they stand for the same member.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Client(Arc<Member>);

impl Client {
    pub(super) fn new(member: Arc<Member>) -> Client {
        Client(member)
    }
}

/// The id of a Client, or an id.
pub(super) fn id(name: &str, client: &Bound<'_, PyAny>) -> PyResult<MemberId> {
    if let Ok(client) = client.cast::<Client>() {
        return Ok(client.get().0.id());
    }
    client.extract().map_err(|error: PyErr| match error.is_instance_of::<PyOverflowError>(client.py()) {
        true => out_of_bounds(name, client, <MemberId as Kind>::BOUNDS.1),
        false => wrong_kind(name, "a Client or its id", client),
    })
}

#[pymethods]
impl Client {
    /// Its number: never given to another member.
    #[getter]
    fn id(&self) -> MemberId {
        self.0.id()
    }

    /// (ip, port); the path of a Unix socket, "" if it has none.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, self.0.address())
    }

    /// The name it chose, None without one (message chat only).
    #[getter]
    fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// The key it has proved to hold; "" without authentication or with an unnamed key.
    #[getter]
    fn key_id(&self) -> &str {
        self.0.key_id()
    }

    /// What protects its connection: "tls" or "plain".
    #[getter]
    fn protection(&self) -> &'static str {
        self.0.protection().name()
    }

    /// By what its proof of the secret is bound to its channel of TLS: "tls-exporter", "tls-server-end-point" or None.
    #[getter]
    fn binding(&self) -> Option<&'static str> {
        tls::binding(self.0.protection())
    }

    /// When it connected: a datetime with time zone.
    #[getter]
    fn joined<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        time::local_datetime(py, self.0.connected_at())
    }

    /// Bytes received from it.
    #[getter]
    fn bytes_in(&self) -> u64 {
        self.0.bytes_in()
    }

    /// Bytes sent to it.
    #[getter]
    fn bytes_out(&self) -> u64 {
        self.0.bytes_out()
    }

    /// Messages received from it.
    #[getter]
    fn messages_in(&self) -> u64 {
        self.0.messages_in()
    }

    /// Messages of the room sent to it, or queued; what the server says to it alone is not counted.
    #[getter]
    fn messages_out(&self) -> u64 {
        self.0.messages_out()
    }

    /// Bytes that wait because it does not read fast enough.
    #[getter]
    fn outbox(&self) -> u64 {
        self.0.outbox_bytes()
    }

    fn __str__(&self) -> &str {
        self.0.label()
    }

    fn __repr__(&self) -> String {
        match self.0.name() {
            Some(name) => format!("<Client {} {name:?} {}>", self.0.id(), self.0.label()),
            None => format!("<Client {} {}>", self.0.id(), self.0.label()),
        }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Client>().is_ok_and(|other| other.get().0.id() == self.0.id())
    }

    fn __hash__(&self) -> u64 {
        self.0.id()
    }
}
