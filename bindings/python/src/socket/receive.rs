//! Receiving bytes: recv, recvfrom and their forms that fill a buffer.

use std::ffi::c_int;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::net::socket::{self, Direction, Room, SocketAddress};

use super::buffer::{FreshBytes, Target};
use super::object::Socket;
use super::scratch::{self, Scratch};
use super::{address, call::Kind};

/// From here on a copy costs more than memory of its own.
const LONG: usize = 8 << 10;

/// Flags with which as many bytes are written as are counted. With others, `MSG_TRUNC` above all, the kernel may count what
/// it writes nowhere.
const WRITTEN: c_int = libc::MSG_PEEK | libc::MSG_WAITALL | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

impl Socket {
    /// Up to `size` bytes of the stream, or one datagram.
    #[inline]
    pub(crate) fn receive<'py>(&self, py: Python<'py>, size: isize, flags: c_int) -> PyResult<Bound<'py, PyBytes>> {
        let size = checked(size, "negative buffersize in recv")?;
        if size == 0 {
            return Ok(PyBytes::new(py, &[]));
        }
        let attempt = |descriptor, room: Room<'_>, extra| socket::recv(descriptor, room, flags | extra);
        self.receive_bytes(py, size, flags, attempt, |count| *count).map(|(bytes, _)| bytes)
    }

    /// The same with the sender's address.
    pub(crate) fn receive_from<'py>(
        &self,
        py: Python<'py>,
        size: isize,
        flags: c_int,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyAny>)> {
        let size = checked(size, "negative buffersize in recvfrom")?;
        if self.is_foreign() {
            return self.lend("recvfrom", &(size, flags).into_pyobject(py)?)?.extract();
        }
        let attempt = |descriptor, room: Room<'_>, extra| socket::recv_from(descriptor, room, flags | extra);
        let (bytes, (_, sender)) = self.receive_bytes(py, size, flags, attempt, |(count, _)| *count)?;
        Ok((bytes, address::to_python(py, &sender)?))
    }

    /// Receives into the thread's scratch, and straight into the object if as much as this has come before.
    ///
    /// What the kernel counts and does not write is zero, and never what another socket has received.
    #[inline]
    fn receive_bytes<'py, T: Send>(
        &self,
        py: Python<'py>,
        size: usize,
        flags: c_int,
        attempt: impl Fn(c_int, Room<'_>, c_int) -> std::io::Result<T> + Send + Sync,
        count: impl Fn(&T) -> usize,
    ) -> PyResult<(Bound<'py, PyBytes>, T)> {
        if size > scratch::LARGEST || (size >= LONG && self.last_size() >= size / 2) {
            let mut fresh = FreshBytes::new(py, size)?;
            let room: Room<'_> = if flags & !WRITTEN == 0 { fresh.bytes().into() } else { fresh.zeroed().into() };
            let received = self.perform(py, Direction::Receive, Kind::Flags, |fd, extra| attempt(fd, room, extra))?;
            let filled = count(&received);
            self.set_last_size(filled);
            if filled > size {
                return Ok((longer(py, &[], filled), received));
            }
            // SAFETY: the kernel has written so many bytes, or with these flags all of them were zeroed.
            return Ok((unsafe { fresh.finish(filled) }?, received));
        }
        let mut scratch = Scratch::take(size);
        let buffer = &mut scratch.bytes()[..size];
        if flags & !WRITTEN != 0 {
            buffer.fill(0);
        }
        let received = {
            let room = Room::from(&mut *buffer);
            self.perform(py, Direction::Receive, Kind::Flags, |fd, extra| attempt(fd, room, extra))?
        };
        let filled = count(&received);
        if size >= LONG {
            self.set_last_size(filled);
        }
        match buffer.get(..filled) {
            Some(bytes) => Ok((PyBytes::new(py, bytes), received)),
            None => Ok((longer(py, buffer, filled), received)),
        }
    }

    /// Receives into a buffer, `size` bytes of it or all if that is 0.
    #[inline]
    pub(crate) fn receive_into(
        &self,
        py: Python<'_>,
        buffer: &Bound<'_, PyAny>,
        size: isize,
        flags: c_int,
    ) -> PyResult<usize> {
        let target = Target::of_argument(buffer, "recv_into")?;
        let size = match checked(size, "negative buffersize in recv_into")? {
            0 => target.len(),
            size => size,
        };
        if size == 0 {
            return Ok(0);
        }
        if size > target.len() {
            return Err(PyValueError::new_err("buffer too small for requested bytes"));
        }
        let room = target.room(size);
        self.perform(py, Direction::Receive, Kind::Flags, |fd, extra| socket::recv(fd, room, flags | extra))
    }

    /// The same with the sender's address.
    pub(crate) fn receive_from_into<'py>(
        &self,
        py: Python<'py>,
        buffer: &Bound<'py, PyAny>,
        size: isize,
        flags: c_int,
    ) -> PyResult<(usize, Bound<'py, PyAny>)> {
        if self.is_foreign() {
            return self.lend("recvfrom_into", &(buffer, size, flags).into_pyobject(py)?)?.extract();
        }
        let target = Target::of_argument(buffer, "recvfrom_into")?;
        let size = match checked(size, "negative buffersize in recvfrom_into")? {
            0 => target.len(),
            size => size,
        };
        if size > target.len() {
            return Err(PyValueError::new_err("nbytes is greater than the length of the buffer"));
        }
        let room = target.room(size);
        let attempt = |fd, extra| socket::recv_from(fd, room, flags | extra);
        let (count, sender): (usize, SocketAddress) = self.perform(py, Direction::Receive, Kind::Flags, attempt)?;
        Ok((count, address::to_python(py, &sender)?))
    }
}

#[inline]
fn checked(size: isize, complaint: &'static str) -> PyResult<usize> {
    usize::try_from(size).map_err(|_| PyValueError::new_err(complaint))
}

/// What `MSG_TRUNC` counts beyond the buffer is not there: zeros stand for it.
#[cold]
fn longer<'py>(py: Python<'py>, bytes: &[u8], count: usize) -> Bound<'py, PyBytes> {
    let mut all = bytes.to_vec();
    all.resize(count, 0);
    PyBytes::new(py, &all)
}
