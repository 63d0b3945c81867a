//! Carrying out a call: with the interpreter in hand or without, waiting as the timeout says, going on after signals.

use std::ffi::c_int;
use std::io;
use std::os::fd::RawFd;

use libc::MSG_DONTWAIT;
use pyo3::prelude::*;
use rustchat::net::socket::{self, Direction, SocketHandle};

use super::error::{os_error, timed_out};
use super::timeout::{Patience, Timeout};
use crate::turn;

/// Whether a system call can be told not to wait, other than by the descriptor's own mode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It takes flags, and `MSG_DONTWAIT` among them.
    Flags,
    /// It waits whenever the descriptor is a blocking one.
    NoFlags,
}

/// Carries out `attempt`, which makes one system call on the descriptor with flags to add, until it does something
/// else than wait.
///
/// Its errors become exceptions, signals run their handlers in between (PEP 475). The descriptor is not closed
/// meanwhile. A socket with a timeout has a descriptor that does not wait.
#[inline]
pub(crate) fn perform<T: Send>(
    py: Python<'_>,
    handle: &SocketHandle,
    direction: Direction,
    kind: Kind,
    patience: &mut Patience,
    mut attempt: impl FnMut(RawFd, c_int) -> io::Result<T> + Send,
) -> PyResult<T> {
    let mut tried = false;
    if (kind == Kind::Flags || !patience.timeout().is_forever()) && turn::is_alone(py) {
        match attempt(handle.number(), MSG_DONTWAIT) {
            Err(error) if would_block(&error) && patience.timeout() != Timeout::NONE => tried = true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => py.check_signals()?,
            result => return result.map_err(|error| os_error(py, &error)),
        }
    }
    loop {
        match py.detach(|| detached(handle, direction, patience, tried, &mut attempt)) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => return Err(timed_out()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => py.check_signals()?,
            Err(error) => return Err(os_error(py, &error)),
        }
        tried = false;
    }
}

/// The same without the interpreter; `None` when the time is up.
fn detached<T>(
    handle: &SocketHandle,
    direction: Direction,
    patience: &mut Patience,
    mut tried: bool,
    attempt: &mut impl FnMut(RawFd, c_int) -> io::Result<T>,
) -> io::Result<Option<T>> {
    let user = handle.in_use();
    match patience.timeout() {
        timeout if timeout.is_forever() => return attempt(user.number(), 0).map(Some),
        Timeout::NONE => return attempt(user.number(), MSG_DONTWAIT).map(Some),
        _ => {}
    }
    loop {
        if !std::mem::take(&mut tried) {
            match attempt(user.number(), MSG_DONTWAIT) {
                Err(error) if would_block(&error) => {}
                result => return result.map(Some),
            }
        }
        let left = patience.remaining();
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(None);
        }
        // What ends without an event has waited long enough, or as long as the system can count: the clock will tell.
        tried = !socket::wait(user.number(), direction, left)?;
        if user.is_stale() {
            return Err(io::Error::from_raw_os_error(libc::EBADF));
        }
    }
}

pub(crate) fn would_block(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
