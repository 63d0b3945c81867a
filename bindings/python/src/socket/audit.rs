//! The interpreter's audit events.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::unwind;

/// Raises an event, its name and what belongs to it, as the interpreter's own sockets do; a hook may refuse.
pub(crate) fn event<'py, A>(py: Python<'py>, event: A) -> PyResult<()>
where
    A: IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
{
    static AUDIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let audit = AUDIT.get_or_try_init(py, || py.import("sys")?.getattr(intern!(py, "audit")).map(Bound::unbind))?;
    unwind::call(audit.bind(py), &event.into_pyobject(py)?).map(drop)
}
