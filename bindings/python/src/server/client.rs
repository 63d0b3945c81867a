//! A member, as the server's hooks and its console see it.

use std::sync::{Arc, Weak};

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use rustchat::chat::{ChatServer, Member, MemberId};

use crate::arguments::{Argument, Kind, Named, out_of_bounds, wrong_kind};
use crate::error::OrRaise;
use crate::locks::Mutex;
use crate::run::{Core, Run};
use crate::{address, error, time, tls};

/// A member of a ChatServer. It tells the numbers as they are now, also when the member has left.
///
/// str(client) is its address, "127.0.0.1:51234". As long as it is a member there is one Client for it, which hooks, `clients`,
/// find() and poll() all give: so `is` tells members apart, and `data` is a place for whatever the program knows of this one.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Client {
    member: Arc<Member>,
    data: Mutex<Option<Py<PyAny>>>,
    server: Weak<Run<ChatServer>>,
}

impl Client {
    pub(super) fn new(member: Arc<Member>, server: Weak<Run<ChatServer>>) -> Client {
        Client { member, data: Mutex::default(), server }
    }

    pub(super) fn member(&self) -> &Arc<Member> {
        &self.member
    }
}

/// The id of a Client, or an id.
pub(super) fn id(name: &str, client: &Bound<'_, PyAny>) -> PyResult<MemberId> {
    if let Ok(client) = client.cast::<Client>() {
        return Ok(client.get().member.id());
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
        self.member.id()
    }

    /// (ip, port); the path of a Unix socket, "" if it has none.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        address::to_python(py, self.member.address())
    }

    /// Its name, None without one: the one that it has chosen, or that the program has given it, which may be done by setting this.
    /// It follows the same rules, the member is told, and in line chat the others are, too; None takes it away.
    ///
    /// Setting it raises InvalidText for what may not be a name, InvalidArgument when somebody else has it or one that looks like
    /// it, NoSuchPeer when the member is gone or, as in authorize(), has not joined yet.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.member.name()
    }

    #[setter]
    fn set_name(&self, name: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = name.py();
        let given: Option<&str> = (!name.is_none()).then(|| Argument::Given(name.as_borrowed())).called("name")?;
        let stopped = || error::bad_state(py, <ChatServer as Core>::NOT_RUNNING);
        let core = self.server.upgrade().ok_or_else(stopped)?.running(py)?;
        py.detach(|| core.rename(self.member.id(), given)).or_raise(py)
    }

    /// Whatever the program wants to remember of this member; None at first. It goes when the member has left and on_leave() has
    /// returned, unless the program still holds the Client.
    #[getter]
    fn data(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.data.lock().as_ref().map(|data| data.clone_ref(py))
    }

    #[setter]
    fn set_data(&self, data: &Bound<'_, PyAny>) {
        let before = self.data.lock().replace(data.clone().unbind());
        // Not under the lock: what is dropped may run anything.
        drop(before);
    }

    /// The key it has proved to hold; "" without authentication or with an unnamed key.
    #[getter]
    fn key_id(&self) -> &str {
        self.member.key_id()
    }

    /// What protects its connection: "tls" or "plain".
    #[getter]
    fn protection(&self) -> &'static str {
        self.member.protection().name()
    }

    /// By what its proof of the secret is bound to its channel of TLS: "tls-exporter", "tls-server-end-point" or None.
    #[getter]
    fn binding(&self) -> Option<&'static str> {
        tls::binding(self.member.protection())
    }

    /// When it connected: a datetime with time zone.
    #[getter]
    fn joined<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        time::local_datetime(py, self.member.connected_at())
    }

    /// Bytes received from it.
    #[getter]
    fn bytes_in(&self) -> u64 {
        self.member.bytes_in()
    }

    /// Bytes sent to it.
    #[getter]
    fn bytes_out(&self) -> u64 {
        self.member.bytes_out()
    }

    /// Messages received from it.
    #[getter]
    fn messages_in(&self) -> u64 {
        self.member.messages_in()
    }

    /// Messages of the room sent to it, or queued; what the server says to it alone is not counted.
    #[getter]
    fn messages_out(&self) -> u64 {
        self.member.messages_out()
    }

    /// Bytes that wait because it does not read fast enough.
    #[getter]
    fn outbox(&self) -> u64 {
        self.member.outbox_bytes()
    }

    fn __str__(&self) -> &str {
        self.member.label()
    }

    fn __repr__(&self) -> String {
        match self.member.name() {
            Some(name) => format!("<Client {} {name:?} {}>", self.member.id(), self.member.label()),
            None => format!("<Client {} {}>", self.member.id(), self.member.label()),
        }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Client>().is_ok_and(|other| other.get().member.id() == self.member.id())
    }

    fn __hash__(&self) -> u64 {
        self.member.id()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Whoever has the lock is about to let go of it, and what is not shown to the collector is not collected.
        self.data.try_lock().map_or(Ok(()), |data| visit.call(&*data))
    }

    fn __clear__(&self) {
        let data = self.data.lock().take();
        drop(data);
    }
}
