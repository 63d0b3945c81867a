//! How long a call on a socket may wait.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyFloat;

const SECOND: i64 = 1_000_000_000;

/// What new sockets have: see `setdefaulttimeout`.
static DEFAULT: AtomicI64 = AtomicI64::new(Timeout::FOREVER.0);

/// Nanoseconds; 0 does not wait, a negative number waits for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Timeout(pub(crate) i64);

impl Timeout {
    pub(crate) const FOREVER: Timeout = Timeout(-1);
    pub(crate) const NONE: Timeout = Timeout(0);

    /// What new sockets have.
    pub(crate) fn default() -> Timeout {
        Timeout(DEFAULT.load(Ordering::Relaxed))
    }

    pub(crate) fn make_default(self) {
        DEFAULT.store(self.0, Ordering::Relaxed);
    }

    pub(crate) fn is_forever(self) -> bool {
        self.0 < 0
    }

    /// From a number of seconds or `None`, rounded up so that no small number becomes "do not wait".
    pub(crate) fn parse(value: &Bound<'_, PyAny>) -> PyResult<Timeout> {
        if value.is_none() {
            return Ok(Timeout::FOREVER);
        }
        let nanoseconds = match value.cast::<PyFloat>() {
            Ok(seconds) => from_float(seconds.value())?,
            Err(_) => from_integer(value)?,
        };
        if nanoseconds < 0 {
            return Err(PyValueError::new_err("Timeout value out of range"));
        }
        Ok(Timeout(nanoseconds))
    }

    /// As `gettimeout` shows it.
    pub(crate) fn seconds(self) -> Option<f64> {
        match self.0 {
            nanoseconds if nanoseconds < 0 => None,
            nanoseconds if nanoseconds % SECOND == 0 => Some((nanoseconds / SECOND) as f64),
            nanoseconds => Some(nanoseconds as f64 / SECOND as f64),
        }
    }
}

fn from_float(seconds: f64) -> PyResult<i64> {
    if seconds.is_nan() {
        return Err(PyValueError::new_err("Invalid value NaN (not a number)"));
    }
    let nanoseconds = seconds * SECOND as f64;
    let rounded = if nanoseconds < 0.0 { nanoseconds.floor() } else { nanoseconds.ceil() };
    // The bounds are exact in a float: 2**63 is the first number that does not fit.
    if (i64::MIN as f64..i64::MAX as f64).contains(&rounded) {
        return Ok(rounded as i64);
    }
    Err(PyOverflowError::new_err("timestamp out of range for platform time_t"))
}

fn from_integer(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let too_large = || PyOverflowError::new_err("timestamp too large to convert to C PyTime_t");
    let seconds = value
        .extract::<i64>()
        .map_err(|error| if error.is_instance_of::<PyOverflowError>(value.py()) { too_large() } else { error })?;
    seconds.checked_mul(SECOND).ok_or_else(too_large)
}

/// A timeout under way: the clock starts when something is waited for first.
pub(crate) struct Patience {
    timeout: Timeout,
    end: Option<Instant>,
}

impl Patience {
    pub(crate) fn of(timeout: Timeout) -> Patience {
        Patience { timeout, end: None }
    }

    pub(crate) fn timeout(&self) -> Timeout {
        self.timeout
    }

    /// The time that is left: `None` for ever, zero when it is over.
    pub(crate) fn remaining(&mut self) -> Option<Duration> {
        if self.timeout.is_forever() {
            return None;
        }
        let now = Instant::now();
        let end = *self.end.get_or_insert_with(|| now + Duration::from_nanos(self.timeout.0.unsigned_abs()));
        Some(end.saturating_duration_since(now))
    }
}
