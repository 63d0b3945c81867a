//! What a server tells a program that polls, and asks it.

use std::sync::Arc;

use pyo3::exceptions::{PyBaseException, PyOverflowError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use rustchat::chat::{Event, Member, Message, Question, Verdict};
use rustchat::{Error, Status};

use super::Client;
use super::hooks::{failures, losses};
use crate::address;
use crate::arguments::{Kind, out_of_bounds, wrong_kind};
use crate::error::exception;

/// Something that happened on a ChatServer, or that it asks; poll() gives them.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct ServerEvent(Event);

impl ServerEvent {
    pub(super) fn new(event: Event) -> ServerEvent {
        ServerEvent(event)
    }

    fn about(&self) -> Option<&Arc<Member>> {
        match &self.0 {
            Event::Joined(member) | Event::Left(member, _) | Event::Ask(_, Question::Join(member)) => Some(member),
            _ => self.message().map(|message| &message.from),
        }
    }

    fn message(&self) -> Option<&Message> {
        match &self.0 {
            Event::Message(message) | Event::Ask(_, Question::Message(message)) => Some(message),
            _ => None,
        }
    }

    fn failure(&self) -> Option<Error> {
        match &self.0 {
            Event::Error(error) => Some(error.clone()),
            Event::AuthenticationFailed(address) => Some(failures(1, address)),
            Event::AuthenticationsFailed(count, address) => Some(failures(*count, address)),
            Event::Overflow(count) => Some(losses(*count)),
            _ => None,
        }
    }

    fn kind_name(&self) -> &'static str {
        match &self.0 {
            Event::Listening(_) => "listening",
            Event::Joined(_) => "join",
            Event::Message(_) => "message",
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
    /// has said text. "ask join", "ask message": it waits for answer(). "error": what on_error() is told. "closed": it has
    /// stopped, and nothing comes any more.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind_name()
    }

    /// The number of what is asked, for answer(); 0 where nothing is.
    #[getter]
    fn question(&self) -> u64 {
        match &self.0 {
            Event::Ask(id, _) => *id,
            _ => 0,
        }
    }

    /// The Client that it is about, None where it is about none.
    #[getter]
    fn client(&self) -> Option<Client> {
        self.about().map(|member| Client::new(Arc::clone(member)))
    }

    /// What was said, or why somebody has left; else "".
    #[getter]
    fn text(&self) -> &str {
        match &self.0 {
            Event::Left(_, reason) => reason.as_str(),
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
        match &self.0 {
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
        match self.about() {
            Some(member) => format!("<ServerEvent {} {} {:?}>", self.kind_name(), member.label(), self.text()),
            None => format!("<ServerEvent {}>", self.kind_name()),
        }
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
