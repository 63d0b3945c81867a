//! What a client receives.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyDateTime;
use rustchat::chat::{Incoming, IncomingKind, Sender as CoreSender, WallTime};

use crate::error::exception;
use crate::{address, time};

/// Who said something: id, address and name, as far as they are known.
#[pyclass(frozen, eq, module = "rustchat")]
#[derive(PartialEq, Clone)]
pub(crate) struct Sender(CoreSender);

impl From<CoreSender> for Sender {
    fn from(sender: CoreSender) -> Sender {
        Sender(sender)
    }
}

#[pymethods]
impl Sender {
    /// The member's number; 0 for the server, and where it is not known (line chat).
    #[getter]
    fn id(&self) -> u64 {
        self.0.id
    }

    /// The address as the server sees it: (ip, port) or a path; None if not known.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        address::from_text(py, &self.0.address)
    }

    /// The name it chose, None without one.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Whether the server itself speaks, and no member. No member can make a message of its own look so.
    #[getter]
    fn is_server(&self) -> bool {
        self.0.server
    }

    /// The name if it has one, else the address.
    fn __str__(&self) -> &str {
        self.0.name.as_deref().unwrap_or(&self.0.address)
    }

    fn __repr__(&self) -> String {
        format!("<Sender {} {:?} {}>", self.0.id, self.0.name.as_deref().unwrap_or_default(), self.0.address)
    }
}

/// Something a client received. str(message) is its text.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct Message(Incoming);

impl From<Incoming> for Message {
    fn from(incoming: Incoming) -> Message {
        Message(incoming)
    }
}

impl Message {
    fn kind_name(&self) -> &'static str {
        match self.0.kind {
            IncomingKind::Message => "message",
            IncomingKind::Direct => "direct",
            IncomingKind::Join => "join",
            IncomingKind::Leave => "leave",
            IncomingKind::Welcome => "welcome",
            IncomingKind::Named => "name",
            IncomingKind::Refused => "error",
            IncomingKind::Bye => "bye",
            IncomingKind::Disconnected => "disconnect",
            IncomingKind::Reconnected => "reconnect",
            IncomingKind::Gap => "gap",
            IncomingKind::Unconfirmed => "unconfirmed",
            _ => "other",
        }
    }
}

#[pymethods]
impl Message {
    /// "message": said to the room. "direct": said by the server, or another member, to us alone. "join", "leave": a member joined, left
    /// (the text says why). "welcome": we are in; seq is the number of the newest message before us, the sender is
    /// ourselves. "name": the server has given the sender that name. "error": the server refused what we sent; the text
    /// says what was wrong. "bye": the server closes the connection; the text says why.
    ///
    /// Of a client with reconnect: "disconnect": the connection has broken; the text says why. "reconnect": it is back. "gap":
    /// what was said meanwhile is missing here; missed says how much that is. "unconfirmed": the text is what we have said; it
    /// may be in the room or not, since the connection broke before the server had acknowledged it.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind_name()
    }

    /// What was said.
    #[getter]
    fn text(&self) -> &str {
        &self.0.text
    }

    /// When the server stamped it, a datetime.
    ///
    /// Message chat: to the millisecond, with our time zone. Line chat: what the server's clock showed, to the second and
    /// without a time zone, since the wire has none: take it for a point in time only where you know the server's zone,
    /// `message.time.replace(tzinfo=zone)`. A line without a stamp has the time of its arrival, with our time zone.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.stamp {
            Some(WallTime { year, month, day, hour, minute, second }) => {
                PyDateTime::new(py, year.into(), month, day, hour, minute, second, 0, None).map(Bound::into_any)
            }
            None => time::local_datetime(py, self.0.time),
        }
    }

    /// Who said it.
    #[getter]
    fn sender(&self) -> Sender {
        Sender(self.0.from.clone())
    }

    /// Its number in the room: 1, 2, 3 … without a gap; 0 outside the numbering, and in line chat.
    #[getter]
    fn seq(&self) -> u64 {
        self.0.seq
    }

    /// Names the numbering: a new one when the room's log begins anew; "" in line chat.
    #[getter]
    fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// What the server has refused, as the exception that recv() raises for it; None for all else, and for what ends the
    /// connection, of which the end tells.
    #[getter]
    fn refusal<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBaseException>> {
        let error = self.0.refusal().filter(|_| !self.0.is_last())?;
        Some(exception(py, &error).into_value(py).into_bound(py))
    }

    /// Of a "disconnect", why the connection has broken, as an exception; None for all else.
    #[getter]
    fn loss<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBaseException>> {
        Some(exception(py, &self.0.loss()?).into_value(py).into_bound(py))
    }

    /// Of a "gap", how many entries of the room's log are missing; None where nobody knows, and for all else.
    #[getter]
    fn missed(&self) -> Option<u64> {
        self.0.missed
    }

    /// Whether its sender had said it before, to a server that told it nothing: whoever was there may have it already.
    #[getter]
    fn again(&self) -> bool {
        self.0.again
    }

    /// Whether it is for one member alone: for us ("direct"), or of us for somebody. It is not to be repeated to the room.
    #[getter]
    fn private(&self) -> bool {
        self.0.is_private()
    }

    /// Of what we have said to one member alone, whom it was for: of an "unconfirmed", and with reconnect of an "error" about
    /// that; None for all else.
    #[getter]
    fn to(&self) -> Option<&str> {
        self.0.to.as_deref()
    }

    fn __str__(&self) -> &str {
        &self.0.text
    }

    fn __repr__(&self) -> String {
        let sender = self.0.from.name.as_deref().unwrap_or(&self.0.from.address);
        format!("<Message {} {} from {sender}: {:?}>", self.kind_name(), self.0.seq, self.0.text)
    }
}
