//! What a client asks its server, for rustchat.aio and loops of one's own.

use std::sync::Arc;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use rustchat::chat::{ClientAnswer, ClientQuestion as Core};

use super::Sender;
use crate::error::OrRaise;
use crate::held::Held;

/// A question to a client's server that never waits: offer() asks it, take() gives the answer.
#[pyclass(frozen, weakref, module = "rustchat")]
pub(crate) struct ClientQuestion {
    core: Held<Core>,
}

impl From<Core> for ClientQuestion {
    fn from(core: Core) -> ClientQuestion {
        ClientQuestion { core: Held::new(core) }
    }
}

impl ClientQuestion {
    fn live(&self, py: Python<'_>) -> PyResult<Arc<Core>> {
        self.core.expect(py, || "the question".to_owned())
    }
}

#[pymethods]
impl ClientQuestion {
    /// Asks, whole or not at all, and returns how many bytes are kept, as ChatClient.offer() does; None when it has not asked: try again.
    fn offer(&self, py: Python<'_>) -> PyResult<Option<usize>> {
        self.live(py)?.offer().or_raise(py)
    }

    /// The answer, once, if it is there: the Senders of who(), or True for a name; None while it is not. Raises what who() and
    /// rename() raise.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.live(py)?.take().or_raise(py)? {
            None => Ok(None),
            Some(ClientAnswer::Who(members)) => {
                let members: Vec<_> = members.into_iter().map(Sender::from).collect();
                members.into_bound_py_any(py).map(Some)
            }
            Some(_) => true.into_bound_py_any(py).map(Some),
        }
    }

    /// A descriptor that is readable when take() has something. It belongs to the question.
    fn fileno(&self, py: Python<'_>) -> PyResult<i32> {
        self.live(py)?.poll_fd().or_raise(py)
    }

    /// Nobody waits for the answer any more. May be repeated.
    fn close(&self, py: Python<'_>) {
        self.core.close(py, |_| {});
    }
}
