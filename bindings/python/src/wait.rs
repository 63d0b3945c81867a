//! Blocking calls: the interpreter is let go, and Ctrl-C gets through (PEP 475).

use std::time::Duration;

use pyo3::prelude::*;
use rustchat::net::Deadline;
use rustchat::{Error, Result, Status};

use crate::error::OrRaise;
use crate::locks::Mutex;

/// Runs `call` detached from the interpreter, with a deadline `patience` from now (`None` for never).
///
/// A signal that arrives while it waits runs Python's handlers; an exception of theirs ends the call and is raised.
pub(crate) fn blocking<R, F>(py: Python<'_>, patience: Option<Duration>, call: F) -> PyResult<R>
where
    R: Send,
    F: FnOnce(Deadline<'_>) -> Result<R> + Send,
{
    let raised = Mutex::new(None);
    let result = py.detach(|| call(Deadline::from(patience).with_interrupt(&|| interrupted(&raised))));
    finish(py, result, raised)
}

/// The same with the interpreter in hand as long as nothing waits: for the calls of a connection, which have a deadline's
/// waiter carry out what may. `call` gets the interpreter back with locks of the core's in hand, and may not run Python.
pub(crate) fn quick<R>(
    py: Python<'_>,
    patience: Option<Duration>,
    call: impl FnOnce(Deadline<'_>) -> Result<R>,
) -> PyResult<R> {
    let raised = Mutex::new(None);
    let check = || interrupted(&raised);
    let waiter = |wait: &mut dyn FnMut()| {
        let mut wait = Detachable(wait);
        py.detach(move || wait.run());
    };
    let result = call(Deadline::from(patience).with_interrupt(&check).with_waiter(&waiter));
    finish(py, result, raised)
}

/// What the core does while it waits.
struct Detachable<'a>(&'a mut dyn FnMut());

// SAFETY: `Send` stands for "uses nothing of the interpreter's" where PyO3 asks for it; the closure stays on its thread.
// It is the core's, which knows nothing of the interpreter but the deadline's interrupt, and that attaches by itself.
unsafe impl Send for Detachable<'_> {}

impl Detachable<'_> {
    fn run(&mut self) {
        (self.0)();
    }
}

/// Runs the handlers of signals that have come. A daemon thread may ask when the interpreter is gone: then there are none.
fn interrupted(raised: &Mutex<Option<PyErr>>) -> Result<()> {
    let checked = Python::try_attach(|py| {
        py.check_signals().map_err(|error| {
            *raised.lock() = Some(error);
            Error::from(Status::Interrupted)
        })
    });
    checked.unwrap_or(Ok(()))
}

/// An exception of a handler's counts even if the call went on to its end: it is never lost.
fn finish<R>(py: Python<'_>, result: Result<R>, raised: Mutex<Option<PyErr>>) -> PyResult<R> {
    match raised.into_inner() {
        Some(raised) => Err(raised),
        None => result.or_raise(py),
    }
}
