//! Options of sockets: getsockopt and setsockopt.

use std::ffi::c_int;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use rustchat::net::socket;

use super::arguments::{check_count, int, unsigned};
use super::buffer::Source;
use super::error::{os_error, plain};
use super::object::Socket;

/// The family whose options are numbers of 64 bits.
#[cfg(any(target_os = "linux", target_os = "android"))]
const VSOCK: c_int = libc::AF_VSOCK;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const VSOCK: c_int = -1;

/// The longest value that can be asked for, in bytes.
const LONGEST: c_int = 1024;

impl Socket {
    /// `level, name`, and a length if the value is wanted as bytes.
    pub(crate) fn option<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let py = arguments.py();
        check_count("getsockopt", arguments.len(), 2, 3)?;
        let level = int(&arguments.get_item(0)?)?;
        let name = int(&arguments.get_item(1)?)?;
        let length = arguments.get_item(2).map_or(Ok(0), |length| int(&length))?;
        let failed = |error| os_error(py, &error);
        let descriptor = self.handle().number();
        if length == 0 {
            if self.family() == VSOCK {
                let mut value = [0; 8];
                socket::option_bytes(descriptor, level, name, &mut value).map_err(failed)?;
                return Ok(u64::from_ne_bytes(value).into_pyobject(py)?.into_any());
            }
            let value = socket::option(descriptor, level, name).map_err(failed)?;
            return Ok(value.into_pyobject(py)?.into_any());
        }
        if self.family() == VSOCK {
            return Err(plain("getsockopt string buffer not allowed"));
        }
        if !(1..=LONGEST).contains(&length) {
            return Err(plain("getsockopt buflen out of range"));
        }
        let mut value = vec![0; length.unsigned_abs() as usize];
        let filled = socket::option_bytes(descriptor, level, name, &mut value).map_err(failed)?;
        Ok(PyBytes::new(py, &value[..filled]).into_any())
    }

    /// `level, name` and a number, bytes, or `None` with a length.
    pub(crate) fn set_option(&self, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        let py = arguments.py();
        let given = arguments.len();
        if !(3..=4).contains(&given) {
            return Err(PyTypeError::new_err(format!("setsockopt() takes exactly 3 arguments ({given} given)")));
        }
        let level = int(&arguments.get_item(0)?)?;
        let name = int(&arguments.get_item(1)?)?;
        let value = arguments.get_item(2)?;
        let descriptor = self.handle().number();
        let done = if given == 4 {
            if !value.is_none() {
                let kind = value.get_type().name()?;
                let text = format!("setsockopt() argument 3 must be None, not {kind}");
                return Err(PyTypeError::new_err(text));
            }
            let length = unsigned(&arguments.get_item(3)?)?;
            socket::set_option_length(descriptor, level, name, length)
        } else if self.family() == VSOCK && value.extract::<u64>().is_ok() {
            socket::set_option_bytes(descriptor, level, name, &value.extract::<u64>()?.to_ne_bytes())
        } else if let Ok(number) = int(&value) {
            socket::set_option(descriptor, level, name, number)
        } else {
            socket::set_option_bytes(descriptor, level, name, Source::of(&value)?.bytes())
        };
        done.map_err(|error| os_error(py, &error))
    }
}
