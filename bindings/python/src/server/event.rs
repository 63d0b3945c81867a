//! What a server tells a program that polls, and asks it.

use std::sync::Arc;

use pyo3::exceptions::{PyBaseException, PyOverflowError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{PyTraverseError, PyVisit};
use rustchat::chat::{Event, Member, Message, Question, Verdict};
use rustchat::{Error, Status};

use super::Client;
use super::clients::Clients;
use super::hooks::{failures, losses};
use crate::address;
use crate::arguments::{Kind, out_of_bounds, wrong_kind};
use crate::error::exception;

/// Something that happened on a ChatServer, or that it asks; poll() gives them.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct ServerEvent {
    event: Event,
    client: Option<Py<Client>>,
    receiver: Option<Py<Client>>,
}

impl ServerEvent {
    pub(super) fn new(py: Python<'_>, event: Event, clients: &Clients) -> PyResult<ServerEvent> {
        let client = match (&event, about(&event)) {
            (Event::Left(..), Some(member)) => Some(clients.parting(py, member)?),
            (_, member) => member.map(|member| clients.of(py, member)).transpose()?,
        };
        let receiver = message(&event).and_then(|message| message.to.as_ref());
        let receiver = receiver.map(|member| clients.of(py, member)).transpose()?;
        Ok(ServerEvent { event, client: client.map(Bound::unbind), receiver: receiver.map(Bound::unbind) })
    }

    fn message(&self) -> Option<&Message> {
        message(&self.event)
    }

    fn failure(&self) -> Option<Error> {
        match &self.event {
            Event::Error(error) => Some(error.clone()),
            Event::AuthenticationFailed(address) => Some(failures(1, address)),
            Event::AuthenticationsFailed(count, address) => Some(failures(*count, address)),
            Event::Overflow(count) => Some(losses(*count)),
            _ => None,
        }
    }

    fn kind_name(&self) -> &'static str {
        match &self.event {
            Event::Listening(_) => "listening",
            Event::Joined(_) => "join",
            Event::Message(_) => "message",
            Event::Renamed(..) => "rename",
            Event::Left(..) => "leave",
            Event::Ask(_, Question::Join(_)) => "ask join",
            Event::Ask(_, Question::Message(_)) => "ask message",
            Event::Closed => "closed",
            _ => "error",
        }
    }
}

#[pymethods]
impl ServerEvent {
    /// "listening": it accepts connections. "join", "leave": a client has joined, is gone; text says why. "message": a client
    /// has said text. "rename": a client has another name, its first or none; text is the one that it had before, "" for none. "ask join", "ask message": it waits for answer(). "error": what on_error() is told. "closed": it has
    /// stopped, and nothing comes any more.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind_name()
    }

    /// The number of what is asked, for answer(); 0 where nothing is.
    #[getter]
    fn question(&self) -> u64 {
        match &self.event {
            Event::Ask(id, _) => *id,
            _ => 0,
        }
    }

    /// The Client that it is about, None where it is about none.
    #[getter]
    fn client(&self, py: Python<'_>) -> Option<Py<Client>> {
        self.client.as_ref().map(|client| client.clone_ref(py))
    }

    /// "ask message": the Client for whom alone the text is (`/msg`), None when it is for the room; None for all else.
    #[getter]
    fn to(&self, py: Python<'_>) -> Option<Py<Client>> {
        self.receiver.as_ref().map(|client| client.clone_ref(py))
    }

    /// What was said, why somebody has left, or what somebody was called before; else "".
    #[getter]
    fn text(&self) -> &str {
        match &self.event {
            Event::Left(_, reason) => reason.as_str(),
            Event::Renamed(_, before) => before.as_deref().unwrap_or(""),
            _ => self.message().map_or("", |message| &message.text),
        }
    }

    /// The message's number in the room; 0 for all else, and before an answer.
    #[getter]
    fn seq(&self) -> u64 {
        self.message().map_or(0, |message| message.seq)
    }

    /// Where it listens; None for all else.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.event {
            Event::Listening(address) => address::to_python(py, address).map(Some),
            _ => Ok(None),
        }
    }

    /// What went wrong, a rustchat.Error; None for all else.
    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBaseException>> {
        self.failure().map(|error| exception(py, &error).into_value(py).into_bound(py))
    }

    fn __repr__(&self) -> String {
        match about(&self.event) {
            Some(member) => format!("<ServerEvent {} {} {:?}>", self.kind_name(), member.label(), self.text()),
            None => format!("<ServerEvent {}>", self.kind_name()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.client)?;
        visit.call(&self.receiver)
    }
}

fn about(event: &Event) -> Option<&Arc<Member>> {
    match event {
        Event::Joined(member) | Event::Left(member, _) | Event::Renamed(member, _) => Some(member),
        Event::Ask(_, Question::Join(member)) => Some(member),
        _ => message(event).map(|message| &message.from),
    }
}

fn message(event: &Event) -> Option<&Message> {
    match event {
        Event::Message(message) | Event::Ask(_, Question::Message(message)) => Some(message),
        _ => None,
    }
}

/// The number of a question, or of the event that asks it.
pub(super) fn question(question: &Bound<'_, PyAny>) -> PyResult<u64> {
    match question.cast::<ServerEvent>() {
        Ok(event) => Ok(event.get().question()),
        Err(_) => {
            question.extract().map_err(|error: PyErr| match error.is_instance_of::<PyOverflowError>(question.py()) {
                true => out_of_bounds("question", question, <u64 as Kind>::BOUNDS.1),
                false => wrong_kind("question", "a ServerEvent or its question", question),
            })
        }
    }
}

/// What a program makes of a question.
pub(super) fn verdict(verdict: &Bound<'_, PyAny>) -> PyResult<Verdict> {
    if verdict.is_instance_of::<PyBaseException>() {
        return Ok(Verdict::Failed);
    }
    if let Ok(text) = verdict.cast::<PyString>() {
        return Ok(Verdict::Replace(text.to_cow()?.into_owned()));
    }
    if verdict.is_none() {
        return Ok(Verdict::Drop);
    }
    match verdict.extract() {
        Ok(true) => Ok(Verdict::Deliver),
        Ok(false) => Ok(Verdict::Drop),
        Err(_) => Err(wrong_kind("verdict", "True, False, None, a str or an exception", verdict)),
    }
}

/// The error for a server that is not polled.
pub(super) fn not_polled() -> Error {
    Error::new(Status::BadState, "the server is not polled: start(poll=...) says what comes to poll()")
}
