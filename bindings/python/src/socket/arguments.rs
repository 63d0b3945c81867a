//! Arguments as C functions take them: by position, counted, numbers by `__index__`, with the interpreter's texts.

use std::ffi::c_int;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// An argument that may be left out, but is never taken for left out because it is `None`.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a, 'py> {
    /// It was left out.
    Nothing,
    /// What the caller gave.
    Value(Borrowed<'a, 'py, PyAny>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Given<'a, 'py> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Given::Value(value))
    }
}

impl<'a, 'py> Given<'a, 'py> {
    /// The number, or `default`.
    pub(crate) fn int_or(self, default: c_int) -> PyResult<c_int> {
        match self {
            Given::Nothing => Ok(default),
            Given::Value(value) => int(&value),
        }
    }

    /// The size, or `default`.
    pub(crate) fn size_or(self, default: isize) -> PyResult<isize> {
        match self {
            Given::Nothing => Ok(default),
            Given::Value(value) => size(&value),
        }
    }

    /// The argument, which `name()` wants at least `least` of.
    pub(crate) fn required(self, name: &str, least: usize) -> PyResult<Borrowed<'a, 'py, PyAny>> {
        match self {
            Given::Nothing => Err(wrong_count(name, "at least", least, 0)),
            Given::Value(value) => Ok(value),
        }
    }
}

/// Refuses arguments beyond the `most` that `name()` takes.
#[inline]
pub(crate) fn no_more(name: &str, most: usize, rest: &Bound<'_, PyTuple>) -> PyResult<()> {
    if rest.is_empty() { Ok(()) } else { Err(wrong_count(name, "at most", most, most + rest.len())) }
}

/// The one argument of the method `name`.
pub(crate) fn exactly_one<'py>(name: &str, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    match arguments.len() {
        1 => arguments.get_item(0),
        given => Err(PyTypeError::new_err(format!("socket.{name}() takes exactly one argument ({given} given)"))),
    }
}

/// Refuses a number of arguments outside `least` and `most`.
pub(crate) fn check_count(name: &str, given: usize, least: usize, most: usize) -> PyResult<()> {
    match given {
        _ if given < least => Err(wrong_count(name, "at least", least, given)),
        _ if given > most => Err(wrong_count(name, "at most", most, given)),
        _ => Ok(()),
    }
}

/// The sentence for a wrong number of arguments.
#[cold]
pub(crate) fn wrong_count(name: &str, word: &str, wanted: usize, given: usize) -> PyErr {
    let plural = if wanted == 1 { "" } else { "s" };
    PyTypeError::new_err(format!("{name}() takes {word} {wanted} argument{plural} ({given} given)"))
}

/// A C `int`.
#[inline]
pub(crate) fn int(value: &Bound<'_, PyAny>) -> PyResult<c_int> {
    let long = value.extract::<i64>()?;
    c_int::try_from(long).map_err(|_| {
        let direction = if long > 0 { "greater than maximum" } else { "less than minimum" };
        PyOverflowError::new_err(format!("signed integer is {direction}"))
    })
}

/// A C `Py_ssize_t`.
#[inline]
pub(crate) fn size(value: &Bound<'_, PyAny>) -> PyResult<isize> {
    value.extract::<isize>().map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(value.py()) {
            return PyOverflowError::new_err("Python int too large to convert to C ssize_t");
        }
        error
    })
}

/// A C `unsigned int`: the lower bits of whatever it is, as the interpreter does it.
pub(crate) fn unsigned(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    if let Ok(long) = value.extract::<i64>() {
        return Ok(long as u32);
    }
    let index = value.py().import("operator")?.call_method1("index", (value,))?;
    index.bitand(u32::MAX)?.extract()
}
