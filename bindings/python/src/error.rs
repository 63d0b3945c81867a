//! The core's errors as Python's: the classes are those of `rustchat.errors`, chosen by the core's own table.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use rustchat::{Error, Status};

use crate::unwind;

/// Turns the core's results into Python's.
pub(crate) trait OrRaise<T> {
    /// The value, or the exception that stands for the error.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for rustchat::Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, &error))
    }
}

/// The exception that stands for `error`; whatever went wrong while it was made, if something did.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failure| failure)
}

/// An `InvalidArgument` exception, which is also a `ValueError`.
pub(crate) fn invalid(py: Python<'_>, message: String) -> PyErr {
    exception(py, &Error::new(Status::InvalidArgument, message))
}

/// A `StateError` exception, which is also a `RuntimeError`.
pub(crate) fn bad_state(py: Python<'_>, message: &'static str) -> PyErr {
    exception(py, &Error::new(Status::BadState, message))
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let status = error.status();
    let name = error.python_exception();
    let class = match errors(py)?.getattr_opt(name)? {
        Some(class) => class,
        None => return built_in(py, name, error),
    };
    let number = error.os_code().unwrap_or(status.errno());
    let value = unwind::call(&class, &(number, error.message()).into_pyobject(py)?)?;
    value.setattr(intern!(py, "status"), status.name())?;
    Ok(PyErr::from_value(value))
}

/// The module of the classes.
fn errors(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    MODULE.get_or_try_init(py, || py.import("rustchat.errors").map(Bound::unbind)).map(|module| module.bind(py))
}

/// For what Python already has the right class for, such as `MemoryError`.
fn built_in(py: Python<'_>, name: &str, error: &Error) -> PyResult<PyErr> {
    let class = py.import(intern!(py, "builtins"))?.getattr(name)?;
    Ok(PyErr::from_value(class.call1((error.message(),))?))
}
