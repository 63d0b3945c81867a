//! When a client tries to come back, as programs ask for it.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyBool;
use rustchat::net::Backoff as Core;

use crate::arguments::{Argument, named, or, wrong_kind};
use crate::error::OrRaise;
use crate::time;

/// When a client that lost its connection tries to come back: ChatClient(reconnect=Backoff(most=10)).
///
/// Before the n-th try in a row it waits for a random part of `first * factor**(n-1)` seconds, `most` at most. So the clients
/// of a server that restarts come one after the other and not all at once. Tries are counted from anew when a connection has
/// stood for longer than the last wait could have been.
///
/// first, most: The longest wait before the first try, and before any (seconds).
/// factor: By how much the longest wait grows from try to try, at least 1.
/// jitter: Which part of a wait is random: from 0, none of it, to 1, all of it.
/// limit: Tries in a row, after which the client ends; None for no limit.
///
/// Raises InvalidArgument for what is out of these bounds.
#[pyclass(frozen, eq, weakref, module = "rustchat")]
#[derive(PartialEq)]
pub(crate) struct Backoff(Core);

#[pymethods]
impl Backoff {
    #[new]
    #[pyo3(
        signature = (*, first=or(0.5), most=or(30.0), factor=or(2.0), jitter=or(1.0), limit=None),
        text_signature = "(*, first=0.5, most=30.0, factor=2.0, jitter=1.0, limit=None)"
    )]
    fn new(
        py: Python<'_>,
        first: Argument<'_, '_, f64>,
        most: Argument<'_, '_, f64>,
        factor: Argument<'_, '_, f64>,
        jitter: Argument<'_, '_, f64>,
        limit: Option<Argument<'_, '_, u32>>,
    ) -> PyResult<Backoff> {
        named!(first, most, factor, jitter, limit);
        let (first, most) = (time::duration(py, "first", first)?, time::duration(py, "most", most)?);
        // 0 tries are no way to come back: that is reconnect=False.
        let limit = limit
            .map_or(Ok(0), |limit| if limit == 0 { Err(crate::error::invalid(py, NONE.into())) } else { Ok(limit) })?;
        let core = Core { first, most, factor, jitter, limit };
        core.check().or_raise(py)?;
        Ok(Backoff(core))
    }

    /// The longest wait before the first try, in seconds.
    #[getter]
    fn first(&self) -> f64 {
        self.0.first.as_secs_f64()
    }

    /// The longest wait before any try, in seconds.
    #[getter]
    fn most(&self) -> f64 {
        self.0.most.as_secs_f64()
    }

    /// By how much the longest wait grows from try to try.
    #[getter]
    fn factor(&self) -> f64 {
        self.0.factor
    }

    /// Which part of a wait is random.
    #[getter]
    fn jitter(&self) -> f64 {
        self.0.jitter
    }

    /// Tries in a row, None for no limit.
    #[getter]
    fn limit(&self) -> Option<u32> {
        (self.0.limit > 0).then_some(self.0.limit)
    }

    fn __repr__(&self) -> String {
        let limit = self.limit().map_or("None".to_owned(), |limit| limit.to_string());
        let number = |value: f64| format!("{value:?}");
        let seconds = |value: Duration| number(value.as_secs_f64());
        format!(
            "Backoff(first={}, most={}, factor={}, jitter={}, limit={limit})",
            seconds(self.0.first),
            seconds(self.0.most),
            number(self.0.factor),
            number(self.0.jitter),
        )
    }
}

const NONE: &str = "limit is 0, expected at least 1, or None for no limit; reconnect=False tries nothing";

/// The option called `keyword`: True, False, None or a Backoff.
pub(crate) fn option(keyword: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Core>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(wanted) = value.cast_exact::<PyBool>() {
        return Ok(wanted.is_true().then(Core::default));
    }
    match value.cast::<Backoff>() {
        Ok(backoff) => Ok(Some(backoff.get().0)),
        Err(_) => Err(wrong_kind(keyword, "True, False or a rustchat.Backoff", value)),
    }
}
