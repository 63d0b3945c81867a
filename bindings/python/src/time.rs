//! Seconds and points in time, as Python writes them.

use std::time::{Duration, SystemTime};

use pyo3::intern;
use pyo3::prelude::*;

use crate::arguments::{Argument, Named};
use crate::error::invalid;

/// `seconds` of the option `name` as a duration; more than the clock can count is for ever.
pub(crate) fn duration(py: Python<'_>, name: &str, seconds: f64) -> PyResult<Duration> {
    if seconds.is_nan() || seconds < 0.0 {
        return Err(invalid(py, format!("{name} is {seconds}, expected seconds, 0 or more")));
    }
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// A timeout: a number of seconds, or `None` for ever.
pub(crate) fn patience(name: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    let Some(seconds) = Some(Argument::<f64>::Given(value.as_borrowed())).called(name)? else { return Ok(None) };
    duration(value.py(), name, seconds).map(|patience| (patience != Duration::MAX).then_some(patience))
}

/// A `datetime` with the local time zone.
pub(crate) fn local_datetime(py: Python<'_>, time: SystemTime) -> PyResult<Bound<'_, PyAny>> {
    time.into_pyobject(py)?.call_method0(intern!(py, "astimezone"))
}
