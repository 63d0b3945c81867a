//! Numbers and words of options: a wrong one is a `ValueError` that names the option.

use std::str::FromStr;

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
