//! Numbers and words of options: a wrong one is a `ValueError` that names the option.

use std::str::FromStr;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use rustchat::Error;
use rustchat::frame::Framing;

use crate::error::{exception, invalid};

/// A number of things that is not negative.
pub(crate) fn count<T: TryFrom<i64>>(py: Python<'_>, name: &str, value: i64) -> PyResult<T> {
    T::try_from(value).map_err(|_| invalid(py, format!("{name} is {value}, expected 0 or more")))
}

/// A port number.
pub(crate) fn port(py: Python<'_>, value: i64) -> PyResult<u16> {
    u16::try_from(value).map_err(|_| invalid(py, format!("port is {value}, expected 0 to 65535")))
}

/// A value with a name, such as a framing; the error lists the names.
pub(crate) fn named<T: FromStr<Err = Error>>(py: Python<'_>, option: &str, name: &str) -> PyResult<T> {
    name.parse().map_err(|error: Error| exception(py, &error.context(option)))
}

/// The longest message: what the caller wants, or the framing's default.
pub(crate) fn limit(py: Python<'_>, framing: Framing, value: Option<i64>) -> PyResult<usize> {
    value.map_or(Ok(framing.default_limit()), |value| count(py, "limit", value))
}

/// The permissions of a Unix socket's file.
pub(crate) fn mode(py: Python<'_>, value: Option<i64>) -> PyResult<Option<u32>> {
    let check = |value| u32::try_from(value).ok().filter(|mode| *mode <= 0o777);
    let wrong = |value| invalid(py, format!("mode is {value}, expected at most 0o777, such as 0o660"));
    value.map(|value| check(value).ok_or_else(|| wrong(value))).transpose()
}

/// A group by its name or number.
pub(crate) fn group(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    if let Ok(number) = value.extract::<i64>() {
        return Ok(Some(number.to_string()));
    }
    value
        .extract()
        .map(Some)
        .map_err(|_| PyTypeError::new_err(format!("group: expected a name or a number, got {}", value.get_type())))
}
