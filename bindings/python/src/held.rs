//! What an object of Python's holds of the core until it is closed: something with threads or a connection of its own, which
//! are the process's that has made it.

use std::sync::Arc;

use pyo3::prelude::*;
use rustchat::{Error, Status};

use crate::error::exception;
use crate::lifetime;
use crate::locks::Mutex;

/// Something that any thread may use, and any may close. Dropped without that, it is let go of without the interpreter in
/// hand, which whoever waits in it may need. In a child of `fork` it is refused, and neither closed nor let go of: that would
/// be done to the parent's.
pub(crate) struct Held<T: Send + Sync> {
    core: Mutex<Option<Arc<T>>>,
    generation: u32,
}

impl<T: Send + Sync> Held<T> {
    pub(crate) fn new(core: T) -> Held<T> {
        Held { core: Mutex::new(Some(Arc::new(core))), generation: lifetime::generation() }
    }

    /// `None` when it is closed.
    pub(crate) fn get(&self, py: Python<'_>) -> PyResult<Option<Arc<T>>> {
        lifetime::check(py, self.generation)?;
        Ok(self.core.lock().clone())
    }

    /// The same for calls that need it; `what` is closed otherwise.
    pub(crate) fn expect(&self, py: Python<'_>, what: impl FnOnce() -> String) -> PyResult<Arc<T>> {
        self.get(py)?.ok_or_else(|| exception(py, &Error::new(Status::Closed, format!("{} is closed", what()))))
    }

    /// Whether it is closed, or `is_over`. Of the parent's, too.
    pub(crate) fn is_closed_or(&self, is_over: impl FnOnce(&T) -> bool) -> bool {
        self.core.lock().as_deref().is_none_or(is_over)
    }

    /// Closes it with `close`, without the interpreter in hand, and lets go of it. Nothing when it is closed.
    pub(crate) fn close(&self, py: Python<'_>, close: impl FnOnce(&T) + Send) {
        if let Some(core) = self.take() {
            py.detach(move || {
                close(&core);
                drop(core);
            });
        }
    }

    fn take(&self) -> Option<Arc<T>> {
        let core = self.core.lock().take()?;
        if self.generation == lifetime::generation() {
            return Some(core);
        }
        std::mem::forget(core);
        None
    }
}

impl<T: Send + Sync> Drop for Held<T> {
    fn drop(&mut self) {
        if let Some(core) = self.take() {
            lifetime::detached(move || drop(core));
        }
    }
}
