//! Blocking calls: the interpreter is let go, and Ctrl-C gets through (PEP 475).

use std::time::Duration;

use parking_lot::Mutex;
use pyo3::prelude::*;
use rustchat::net::Deadline;
use rustchat::{Error, Result, Status};

use crate::error::OrRaise;

/// Runs `call` detached from the interpreter, with a deadline `patience` from now (`None` for never).
///
/// A signal that arrives while it waits runs Python's handlers; an exception of theirs ends the call and is raised.
pub(crate) fn blocking<R, F>(py: Python<'_>, patience: Option<Duration>, call: F) -> PyResult<R>
where
    R: Send,
    F: FnOnce(Deadline<'_>) -> Result<R> + Send,
{
    let raised = Mutex::new(None);
    let result = py.detach(|| {
        let check = || match Python::attach(|py| py.check_signals()) {
            Ok(()) => Ok(()),
            Err(error) => {
                store(&raised, error);
                Err(Error::from(Status::Interrupted))
            }
        };
        call(Deadline::from(patience).with_interrupt(&check))
    });
    // It counts even if the call went on to its end: an exception of the user's is never lost.
    match raised.into_inner() {
        Some(raised) => Err(raised),
        None => result.or_raise(py),
    }
}

fn store(place: &Mutex<Option<PyErr>>, error: PyErr) {
    *place.lock() = Some(error);
}
