//! Sending bytes: send, sendall and sendto.

use std::ffi::c_int;
use std::io;

use libc::MSG_DONTWAIT;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rustchat::net::socket::{self, Direction};

use super::arguments::int;
use super::buffer::Source;
use super::call::{Kind, perform};
use super::object::Socket;
use super::timeout::Patience;
use super::{address, audit};

impl Socket {
    /// Sends what the kernel takes; all of it if the socket waits for ever, as a blocking send(2) does.
    #[inline]
    pub(crate) fn send_some(&self, py: Python<'_>, data: &Bound<'_, PyAny>, flags: c_int) -> PyResult<usize> {
        let source = Source::of(data)?;
        let bytes = source.bytes();
        let sent =
            self.perform(py, Direction::Send, Kind::Flags, |fd, extra| socket::send(fd, bytes, flags | extra))?;
        if sent < bytes.len() && self.timeout().is_forever() && flags & MSG_DONTWAIT == 0 {
            return Ok(sent + self.send_rest(py, &bytes[sent..], flags));
        }
        Ok(sent)
    }

    /// The rest of a send whose first part did not wait, up to the first obstacle: that is for the next call to meet.
    #[cold]
    fn send_rest(&self, py: Python<'_>, bytes: &[u8], flags: c_int) -> usize {
        let rest = py.detach(|| {
            let user = self.handle().in_use();
            socket::send(user.number(), bytes, flags)
        });
        rest.unwrap_or(0)
    }

    /// Sends all of it within the timeout.
    #[inline]
    pub(crate) fn send_all(&self, py: Python<'_>, data: &Bound<'_, PyAny>, flags: c_int) -> PyResult<()> {
        let source = Source::of(data)?;
        self.send_bytes(py, source.bytes(), flags, &mut Patience::of(self.timeout()))
    }

    /// The same, of bytes at hand, in what is left of a timeout.
    #[inline]
    pub(crate) fn send_bytes(
        &self,
        py: Python<'_>,
        bytes: &[u8],
        flags: c_int,
        patience: &mut Patience,
    ) -> PyResult<()> {
        let mut left = bytes;
        loop {
            let attempt = |fd, extra| socket::send(fd, left, flags | extra);
            let sent = perform(py, self.handle(), Direction::Send, Kind::Flags, patience, attempt)?;
            left = left.get(sent..).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            // A signal may have ended a send in the middle without an error.
            py.check_signals()?;
        }
    }

    /// Sends a datagram: `data, address` or `data, flags, address`.
    pub(crate) fn send_datagram<'py>(slf: &Bound<'py, Self>, arguments: &Bound<'py, PyTuple>) -> PyResult<usize> {
        let (py, this) = (slf.py(), slf.get());
        if this.is_foreign() {
            return this.lend("sendto", arguments)?.extract();
        }
        let (flags, place) = match arguments.len() {
            2 => (None, 1),
            3 => (Some(arguments.get_item(1)?), 2),
            given => {
                return Err(PyTypeError::new_err(format!("sendto() takes 2 or 3 arguments ({given} given)")));
            }
        };
        let data = arguments.get_item(0)?;
        let source = Source::of(&data)?;
        let flags = flags.map_or(Ok(0), |flags| int(&flags))?;
        let target = arguments.get_item(place)?;
        let receiver = address::from_python(this, &target, "sendto")?;
        audit::address(c"socket.sendto", slf, &target)?;
        let bytes = source.bytes();
        let attempt = |fd, extra| -> io::Result<usize> { socket::send_to(fd, bytes, flags | extra, &receiver) };
        this.perform(py, Direction::Send, Kind::Flags, attempt)
    }
}
