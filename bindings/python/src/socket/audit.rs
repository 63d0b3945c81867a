//! The interpreter's audit events, as its own sockets raise them; a hook may refuse.

use std::ffi::{CStr, c_int};

use pyo3::prelude::*;

use super::object::Socket;
use crate::unwind;

/// `event` of a socket and an address, or `None` in its place.
#[inline]
pub(crate) fn address(event: &'static CStr, socket: &Bound<'_, Socket>, address: &Bound<'_, PyAny>) -> PyResult<()> {
    unwind::audit_pair(event, socket, address)
}

/// That a socket is made, of what the caller has said.
#[inline]
pub(crate) fn made(socket: &Bound<'_, Socket>, numbers: [c_int; 3]) -> PyResult<()> {
    unwind::audit_numbers(c"socket.__new__", socket, numbers)
}
