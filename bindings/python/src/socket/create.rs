//! How a socket object begins and ends.

use std::ffi::c_int;
use std::io;
use std::os::fd::RawFd;

use pyo3::exceptions::{PyTypeError, PyValueError, PyWarning};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rustchat::net::socket;

use super::arguments::{check_count, int};
use super::audit;
use super::error::os_error;
use super::object::Socket;
use crate::unwind;

impl Socket {
    /// Makes the system's socket, or takes over the one whose descriptor is given and asks it what it is.
    pub(crate) fn create(
        slf: &Bound<'_, Self>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let ([family, kind, protocol], fileno) = constructor_arguments(arguments, named)?;
        audit::made(slf, [family, kind, protocol])?;
        let failed = |error: io::Error| os_error(py, &error);
        let or = |number: c_int, default: c_int| if number == -1 { default } else { number };
        let Some(fileno) = fileno else {
            let (family, kind) = (or(family, libc::AF_INET), or(kind, libc::SOCK_STREAM));
            let protocol = or(protocol, 0);
            let number = socket::open(family, kind, protocol).map_err(failed)?;
            return this.adopt(py, number, family, kind, protocol).inspect_err(|_| drop(socket::close(number)));
        };
        let number = descriptor(&fileno)?;
        let own_family = match socket::local(number) {
            Ok(local) => or(family, local.family()),
            // A socket of AF_ALG has no name.
            Err(error) if family == -1 || is_no_socket(&error) => return Err(failed(error)),
            Err(_) => family,
        };
        let ask = |given, option| match given {
            -1 => socket::option(number, libc::SOL_SOCKET, option).map_err(failed),
            given => Ok(given),
        };
        let kind = ask(kind, libc::SO_TYPE)?;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let protocol = ask(protocol, libc::SO_PROTOCOL)?;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let protocol = or(protocol, 0);
        this.adopt(py, number, own_family, kind, protocol)
    }

    /// Warns of a socket that nobody has closed, and closes it.
    pub(crate) fn bury(slf: &Bound<'_, Self>) {
        let (py, this) = (slf.py(), slf.get());
        if this.handle().number() == -1 {
            return;
        }
        // A warning that was made an error can be raised nowhere; anything else is not worth a word here.
        if let Err(error) = unwind::warn_unclosed(slf)
            && error.is_instance_of::<PyWarning>(py)
        {
            unwind::write_unraisable(error, slf);
        }
        let closing = this.handle().begin_close();
        let _ = py.detach(|| closing.finish());
    }
}

fn is_no_socket(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EBADF | libc::ENOTSOCK))
}

/// The number of a descriptor that a program hands over.
fn descriptor(value: &Bound<'_, PyAny>) -> PyResult<RawFd> {
    match RawFd::try_from(value.extract::<i64>()?) {
        Ok(number) if number >= 0 => Ok(number),
        _ => Err(PyValueError::new_err("negative file descriptor")),
    }
}

/// The four arguments of `socket()`, by position or by name.
fn constructor_arguments<'py>(
    arguments: &Bound<'py, PyTuple>,
    named: Option<&Bound<'py, PyDict>>,
) -> PyResult<([c_int; 3], Option<Bound<'py, PyAny>>)> {
    const NAMES: [&str; 4] = ["family", "type", "proto", "fileno"];
    let mut given: [Option<Bound<'py, PyAny>>; 4] = [None, None, None, None];
    check_count("socket", arguments.len() + named.map_or(0, |named| named.len()), 0, NAMES.len())?;
    for (place, value) in given.iter_mut().zip(arguments.iter()) {
        *place = Some(value);
    }
    for (name, value) in named.into_iter().flat_map(|named| named.iter()) {
        let name: String = name.extract()?;
        let Some(index) = NAMES.iter().position(|known| *known == name) else {
            return Err(PyTypeError::new_err(format!("'{name}' is an invalid keyword argument for socket()")));
        };
        if given[index].replace(value).is_some() {
            let place = index + 1;
            let text = format!("argument for socket() given by name ('{name}') and position ({place})");
            return Err(PyTypeError::new_err(text));
        }
    }
    let [family, kind, protocol, fileno] = given;
    let number = |value: Option<Bound<'py, PyAny>>| value.map_or(Ok(-1), |value| int(&value));
    Ok(([number(family)?, number(kind)?, number(protocol)?], fileno.filter(|fileno| !fileno.is_none())))
}
