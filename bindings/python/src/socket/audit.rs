//! The interpreter's audit events.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

/// Raises the event `name` as the interpreter's own sockets do; a hook may refuse.
pub(crate) fn event<'py, A>(py: Python<'py>, name: &str, arguments: A) -> PyResult<()>
where
    A: IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>>,
    A::Error: Into<PyErr>,
{
    static AUDIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let audit = AUDIT.get_or_try_init(py, || py.import("sys")?.getattr(intern!(py, "audit")).map(Bound::unbind))?;
    let rest = arguments.into_pyobject(py).map_err(Into::into)?;
    let mut all = Vec::with_capacity(1 + rest.len());
    all.push(pyo3::types::PyString::intern(py, name).into_any());
    all.extend(rest.iter());
    audit.bind(py).call1(PyTuple::new(py, all)?).map(drop)
}
