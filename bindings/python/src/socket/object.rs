//! The socket object.

use std::ffi::c_int;
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicUsize, Ordering};

use pyo3::prelude::*;
use rustchat::net::socket::{self, Direction, SocketHandle};

use super::call::{Kind, perform};
use super::error::os_error;
use super::frames::Frames;
use super::timeout::{Patience, Timeout};
use crate::locks::Mutex;

/// A socket. The class of the module `rustchat.socket`, which programs use, is made on top of it.
///
/// Everything may change while a call is under way, so everything is atomic.
#[pyclass(frozen, subclass, name = "Socket", module = "rustchat._rustchat")]
pub(crate) struct Socket {
    handle: SocketHandle,
    family: AtomicI32,
    kind: AtomicI32,
    protocol: AtomicI32,
    timeout: AtomicI64,
    last_size: AtomicUsize,
    frames: Mutex<Option<Arc<Frames>>>,
}

impl Socket {
    #[inline]
    pub(crate) fn handle(&self) -> &SocketHandle {
        &self.handle
    }

    pub(crate) fn family(&self) -> c_int {
        self.family.load(Ordering::Relaxed)
    }

    /// The type as a number, without the flags that creation takes in it.
    pub(crate) fn kind(&self) -> c_int {
        self.kind.load(Ordering::Relaxed)
    }

    pub(crate) fn protocol(&self) -> c_int {
        self.protocol.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn timeout(&self) -> Timeout {
        Timeout(self.timeout.load(Ordering::Relaxed))
    }

    /// How many bytes the last long receive has brought.
    pub(crate) fn last_size(&self) -> usize {
        self.last_size.load(Ordering::Relaxed)
    }

    pub(crate) fn set_last_size(&self, size: usize) {
        self.last_size.store(size, Ordering::Relaxed);
    }

    /// What frames need: see [`Frames`].
    pub(crate) fn frames(&self) -> &Mutex<Option<Arc<Frames>>> {
        &self.frames
    }

    /// See [`perform`]; with the socket's timeout.
    #[inline]
    pub(crate) fn perform<T: Send>(
        &self,
        py: Python<'_>,
        direction: Direction,
        kind: Kind,
        attempt: impl FnMut(RawFd, c_int) -> io::Result<T> + Send,
    ) -> PyResult<T> {
        perform(py, &self.handle, direction, kind, &mut Patience::of(self.timeout()), attempt)
    }

    /// Takes over a descriptor as a socket of these numbers, and closes the one that was there. After an error nothing has
    /// changed, and the descriptor is the caller's still.
    pub(crate) fn adopt(
        &self,
        py: Python<'_>,
        descriptor: RawFd,
        family: c_int,
        kind: c_int,
        protocol: c_int,
    ) -> PyResult<()> {
        let timeout = if is_born_nonblocking(kind) { Timeout::NONE } else { Timeout::default() };
        if !timeout.is_forever() {
            socket::set_nonblocking(descriptor, true).map_err(|error| os_error(py, &error))?;
        }
        self.handle.set(descriptor).map_err(|error| os_error(py, &error))?;
        self.family.store(family, Ordering::Relaxed);
        self.protocol.store(protocol, Ordering::Relaxed);
        self.kind.store(plain_kind(kind), Ordering::Relaxed);
        self.timeout.store(timeout.0, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn set_timeout(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        self.timeout.store(timeout.0, Ordering::Relaxed);
        socket::set_nonblocking(self.handle.number(), !timeout.is_forever()).map_err(|error| os_error(py, &error))
    }

    pub(crate) fn empty() -> Socket {
        Socket {
            handle: SocketHandle::default(),
            family: AtomicI32::new(0),
            kind: AtomicI32::new(0),
            protocol: AtomicI32::new(0),
            timeout: AtomicI64::new(Timeout::FOREVER.0),
            last_size: AtomicUsize::new(0),
            frames: Mutex::new(None),
        }
    }
}

/// The type without the flags that creation takes in it.
fn plain_kind(kind: c_int) -> c_int {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    kind
}

fn is_born_nonblocking(kind: c_int) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return kind & libc::SOCK_NONBLOCK != 0;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = kind;
        false
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.handle.close();
    }
}
