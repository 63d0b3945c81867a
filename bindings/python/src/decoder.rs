//! The framing alone.

use std::sync::MutexGuard;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::frame::{Decoder as Core, Framing};

use crate::arguments;
use crate::arguments::{Argument, choice, named, or};
use crate::buffer::Payload;
use crate::error::OrRaise;
use crate::locks::Mutex;

/// One message as it stands on the wire.
///
/// `framing` is "line", "u32be", "u32le" or "multiprocessing"; `limit` the longest message in bytes.
#[pyfunction]
#[pyo3(signature = (data, framing=or("u32be"), *, limit=None), text_signature = "(data, framing='u32be', *, limit=None)")]
pub(crate) fn encode<'py>(
    data: &Bound<'py, PyAny>,
    framing: Argument<'_, 'py, &str>,
    limit: Option<Argument<'_, 'py, usize>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    named!(framing, limit);
    let framing = choice::<Framing>(py, "framing", framing)?;
    let limit = arguments::limit(framing, limit);
    let mut wire = Vec::new();
    framing.encode_into(&Payload::of("data", data)?, limit, &mut wire).or_raise(py)?;
    Ok(PyBytes::new(py, &wire))
}

/// Takes bytes as they come and gives whole messages.
///
///     decoder = rustchat.frame.Decoder("u32be")
///     for message in decoder.feed(sock.recv(65536)):
///         ...
///
/// A message over the limit is refused as soon as its length is known, before it is stored. The first error is
/// final: what was whole before it still comes out, then every call raises it.
#[pyclass(frozen, weakref, module = "rustchat.frame")]
pub(crate) struct Decoder(Mutex<Core>);

impl Decoder {
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.0.lock()
    }

    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.lock().next().or_raise(py)?.map(|message| PyBytes::new(py, message)))
    }
}

#[pymethods]
impl Decoder {
    #[new]
    #[pyo3(signature = (framing=or("u32be"), limit=None), text_signature = "(framing='u32be', limit=None)")]
    fn new(
        py: Python<'_>,
        framing: Argument<'_, '_, &str>,
        limit: Option<Argument<'_, '_, usize>>,
    ) -> PyResult<Decoder> {
        named!(framing, limit);
        let framing = choice::<Framing>(py, "framing", framing)?;
        Ok(Decoder(Mutex::new(Core::new(framing, arguments::limit(framing, limit)))))
    }

    /// Takes bytes and returns the messages that are whole now.
    fn feed<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let py = data.py();
        let pushed = self.lock().push(&Payload::of("data", data)?).or_raise(py);
        let mut messages = Vec::new();
        loop {
            match self.take(py) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                // It is final, so the next call raises it: messages come before the fault.
                Err(_) if !messages.is_empty() => return Ok(messages),
                Err(error) => return Err(error),
            }
        }
        pushed.map(|()| messages)
    }

    /// Takes bytes; the messages come out of next() or of iteration.
    fn push(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        self.lock().push(&Payload::of("data", data)?).or_raise(data.py())
    }

    /// The next whole message, or None until more bytes have come.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.take(py)
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.take(py)
    }

    /// How many bytes have come and not yet gone out in a message.
    #[getter]
    fn buffered(&self) -> usize {
        self.lock().buffered()
    }

    /// The framing's name.
    #[getter]
    fn framing(&self) -> &'static str {
        self.lock().framing().name()
    }

    /// The longest message in bytes.
    #[getter]
    fn limit(&self) -> usize {
        self.lock().limit()
    }

    fn __repr__(&self) -> String {
        let core = self.lock();
        format!("<Decoder framing={} limit={} buffered={}>", core.framing(), core.limit(), core.buffered())
    }
}
