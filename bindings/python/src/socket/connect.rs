//! Names and connections: bind, listen, accept, connect, shutdown.

use std::ffi::c_int;
use std::io;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rustchat::net::socket::{self, Direction, SocketAddress};

use super::call::Kind;
use super::error::{from_number, os_error, timed_out};
use super::object::Socket;
use super::timeout::{Patience, Timeout};
use super::{address, audit};
use crate::turn;

/// How a connect ended.
enum End {
    /// With this error, 0 for none.
    Error(c_int),
    /// The time was up.
    TimedOut,
}

impl Socket {
    pub(crate) fn bind_to<'py>(slf: &Bound<'py, Self>, target: &Bound<'py, PyAny>) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        if this.is_foreign() {
            return this.lend("bind", &(target,).into_pyobject(py)?).map(drop);
        }
        let address = address::from_python(this, target, "bind")?;
        audit::address(c"socket.bind", slf, target)?;
        py.detach(|| socket::bind(this.handle().in_use().number(), &address)).map_err(|error| os_error(py, &error))
    }

    pub(crate) fn connect_to<'py>(slf: &Bound<'py, Self>, target: &Bound<'py, PyAny>) -> PyResult<()> {
        if slf.get().is_foreign() {
            return slf.get().lend("connect", &(target,).into_pyobject(slf.py())?).map(drop);
        }
        match Self::connect_named(slf, target, "connect")? {
            End::Error(0) => Ok(()),
            End::Error(number) => Err(from_number(slf.py(), number)),
            End::TimedOut => Err(timed_out()),
        }
    }

    /// The number of the error, 0 for none.
    pub(crate) fn connect_for_number<'py>(slf: &Bound<'py, Self>, target: &Bound<'py, PyAny>) -> PyResult<c_int> {
        if slf.get().is_foreign() {
            return slf.get().lend("connect_ex", &(target,).into_pyobject(slf.py())?)?.extract();
        }
        match Self::connect_named(slf, target, "connect_ex")? {
            End::Error(number) => Ok(number),
            End::TimedOut => Ok(libc::EWOULDBLOCK),
        }
    }

    fn connect_named<'py>(slf: &Bound<'py, Self>, target: &Bound<'py, PyAny>, name: &str) -> PyResult<End> {
        let (py, this) = (slf.py(), slf.get());
        let address = address::from_python(this, target, name)?;
        audit::address(c"socket.connect", slf, target)?;
        let timeout = this.timeout();
        let begun = if !timeout.is_forever() && turn::is_alone(py) {
            socket::connect(this.handle().number(), &address)
        } else {
            py.detach(|| socket::connect(this.handle().in_use().number(), &address))
        };
        let waits = match begun.as_ref().map_err(io::Error::raw_os_error) {
            Ok(()) => return Ok(End::Error(0)),
            Err(Some(libc::EINTR)) => {
                py.check_signals()?;
                timeout != Timeout::NONE
            }
            Err(Some(libc::EINPROGRESS)) => !timeout.is_forever() && timeout != Timeout::NONE,
            Err(_) => false,
        };
        match (waits, begun) {
            (false, Err(error)) => Ok(End::Error(error.raw_os_error().unwrap_or(libc::EIO))),
            _ => this.await_connection(py, timeout),
        }
    }

    /// The end of a connect that goes on in the kernel.
    fn await_connection(&self, py: Python<'_>, timeout: Timeout) -> PyResult<End> {
        let mut patience = Patience::of(timeout);
        loop {
            let ready = py.detach(|| {
                let user = self.handle().in_use();
                loop {
                    let left = patience.remaining();
                    if socket::wait(user.number(), Direction::Send, left)? {
                        return socket::take_error(user.number()).map(Some);
                    }
                    if left.is_some_and(|left| left.is_zero()) {
                        return Ok(None);
                    }
                }
            });
            match ready {
                Ok(Some(0 | libc::EISCONN)) => return Ok(End::Error(0)),
                Ok(Some(number)) => return Ok(End::Error(number)),
                Ok(None) => return Ok(End::TimedOut),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => py.check_signals()?,
                Err(error) => return Ok(End::Error(error.raw_os_error().unwrap_or(libc::EIO))),
            }
        }
    }

    /// A new descriptor and the peer's address.
    pub(crate) fn accept_one<'py>(&self, py: Python<'py>) -> PyResult<(c_int, Bound<'py, PyAny>)> {
        if self.is_foreign() {
            return self.lend("_accept", &PyTuple::empty(py))?.extract();
        }
        let attempt = |fd, _| socket::accept(fd);
        let (descriptor, peer): (c_int, SocketAddress) =
            self.perform(py, Direction::Receive, Kind::NoFlags, attempt)?;
        match address::to_python(py, &peer) {
            Ok(peer) => Ok((descriptor, peer)),
            Err(error) => {
                let _ = socket::close(descriptor);
                Err(error)
            }
        }
    }

    pub(crate) fn name<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        call: fn(c_int) -> io::Result<SocketAddress>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if self.is_foreign() {
            return self.lend(method, &PyTuple::empty(py));
        }
        let name = call(self.handle().number()).map_err(|error| os_error(py, &error))?;
        address::to_python(py, &name)
    }
}
