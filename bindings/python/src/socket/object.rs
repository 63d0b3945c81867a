//! The socket object.

use std::ffi::c_int;
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicUsize, Ordering};

use pyo3::exceptions::{PyTypeError, PyValueError, PyWarning};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use rustchat::net::socket::{self, Direction, SocketHandle};

use super::arguments::{Given, check_count, exactly_one, int, no_more, size};
use super::audit;
use super::call::{Kind, perform};
use super::error::os_error;
use super::timeout::{Patience, Timeout};

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
}

impl Socket {
    #[inline]
    pub(crate) fn handle(&self) -> &SocketHandle {
        &self.handle
    }

    pub(crate) fn family(&self) -> c_int {
        self.family.load(Ordering::Relaxed)
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

    /// Takes over a descriptor as a socket of these numbers.
    fn adopt(&self, py: Python<'_>, descriptor: RawFd, family: c_int, kind: c_int, protocol: c_int) -> PyResult<()> {
        self.handle.set(descriptor);
        self.family.store(family, Ordering::Relaxed);
        self.protocol.store(protocol, Ordering::Relaxed);
        self.kind.store(plain_kind(kind), Ordering::Relaxed);
        let timeout = if is_born_nonblocking(kind) { Timeout::NONE } else { Timeout::default() };
        self.timeout.store(timeout.0, Ordering::Relaxed);
        if !timeout.is_forever() {
            socket::set_nonblocking(descriptor, true).map_err(|error| os_error(py, &error))?;
        }
        Ok(())
    }

    fn set_timeout(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        self.timeout.store(timeout.0, Ordering::Relaxed);
        socket::set_nonblocking(self.handle.number(), !timeout.is_forever()).map_err(|error| os_error(py, &error))
    }

    /// A socket of Python's for a new descriptor.
    pub(crate) fn from_descriptor(py: Python<'_>, descriptor: RawFd, numbers: [c_int; 3]) -> PyResult<Socket> {
        let this = Socket::empty();
        let [family, kind, protocol] = numbers;
        this.adopt(py, descriptor, family, kind, protocol)?;
        Ok(this)
    }

    fn empty() -> Socket {
        Socket {
            handle: SocketHandle::default(),
            family: AtomicI32::new(0),
            kind: AtomicI32::new(0),
            protocol: AtomicI32::new(0),
            timeout: AtomicI64::new(Timeout::FOREVER.0),
            last_size: AtomicUsize::new(0),
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

#[pymethods]
impl Socket {
    #[new]
    #[pyo3(signature = (*_arguments, **_named), text_signature = "(family=-1, type=-1, proto=-1, fileno=None)")]
    fn new(_arguments: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Socket {
        Socket::empty()
    }

    #[pyo3(signature = (*arguments, **named))]
    fn __init__(
        slf: &Bound<'_, Self>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let ([family, kind, protocol], fileno) = constructor_arguments(arguments, named)?;
        audit::event(py, "socket.__new__", (slf, family, kind, protocol))?;
        let failed = |error: io::Error| os_error(py, &error);
        let or = |number: c_int, default: c_int| if number == -1 { default } else { number };
        let Some(fileno) = fileno else {
            let (family, kind) = (or(family, libc::AF_INET), or(kind, libc::SOCK_STREAM));
            let protocol = or(protocol, 0);
            let number = socket::open(family, kind, protocol).map_err(failed)?;
            return this.adopt(py, number, family, kind, protocol).inspect_err(|_| drop(this.handle.close()));
        };
        let number = descriptor(&fileno)?;
        let local = socket::local(number).map_err(failed)?;
        let ask = |given, option| match given {
            -1 => socket::option(number, libc::SOL_SOCKET, option).map_err(failed),
            given => Ok(given),
        };
        let kind = ask(kind, libc::SO_TYPE)?;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let protocol = ask(protocol, libc::SO_PROTOCOL)?;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let protocol = or(protocol, 0);
        this.adopt(py, number, or(family, local.family()), kind, protocol)
    }

    fn __repr__(&self) -> String {
        let (number, family) = (self.handle.number(), self.family());
        let (kind, protocol) = (self.kind.load(Ordering::Relaxed), self.protocol());
        format!("<socket object, fd={number}, family={family}, type={kind}, proto={protocol}>")
    }

    /// Warns of a socket that nobody has closed, and closes it.
    fn __del__(slf: &Bound<'_, Self>) {
        let (py, this) = (slf.py(), slf.get());
        if this.handle.number() == -1 {
            return;
        }
        // SAFETY: attached; the format takes one object, which lives.
        #[allow(unsafe_code)]
        let failed = unsafe { ffi::PyErr_ResourceWarning(slf.as_ptr(), 1, c"unclosed %R".as_ptr(), slf.as_ptr()) } != 0;
        if failed {
            let error = PyErr::fetch(py);
            // A warning that was made an error can be raised nowhere; anything else is not worth a word here.
            if error.is_instance_of::<PyWarning>(py) {
                error.write_unraisable(py, Some(slf.as_any()));
            }
        }
        let _ = py.detach(|| this.handle.close());
    }

    /// The family, as a number.
    #[getter(family)]
    fn family_number(&self) -> c_int {
        self.family()
    }

    /// The type, as a number.
    #[getter(r#type)]
    fn kind_number(&self) -> c_int {
        self.kind.load(Ordering::Relaxed)
    }

    /// The protocol, as a number.
    #[getter(proto)]
    fn protocol_number(&self) -> c_int {
        self.protocol()
    }

    /// What gettimeout() says.
    #[getter(timeout)]
    fn timeout_seconds(&self) -> Option<f64> {
        self.timeout().seconds()
    }

    /// The descriptor's number, -1 when closed.
    fn fileno(&self) -> RawFd {
        self.handle.number()
    }

    /// Closes the socket, now or at the end of the calls of other threads that are under way. May be repeated.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        match py.detach(|| self.handle.close()) {
            // The peer was quicker: the socket is closed all the same.
            Err(error) if error.raw_os_error() != Some(libc::ECONNRESET) => Err(os_error(py, &error)),
            _ => Ok(()),
        }
    }

    /// Gives the descriptor away without closing it.
    fn detach(&self) -> RawFd {
        self.handle.take()
    }

    /// True: calls wait for ever. False: they do not wait.
    #[pyo3(signature = (*arguments), text_signature = "($self, flag, /)")]
    fn setblocking(&self, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        let waits = exactly_one("setblocking", arguments)?.is_truthy()?;
        self.set_timeout(arguments.py(), if waits { Timeout::FOREVER } else { Timeout::NONE })
    }

    /// Whether calls may wait.
    fn getblocking(&self) -> bool {
        self.timeout() != Timeout::NONE
    }

    /// Seconds that a call may wait; None for ever, 0 not at all.
    #[pyo3(signature = (*arguments), text_signature = "($self, timeout, /)")]
    fn settimeout(&self, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        let timeout = Timeout::parse(&exactly_one("settimeout", arguments)?)?;
        self.set_timeout(arguments.py(), timeout)
    }

    /// What settimeout() was told.
    fn gettimeout(&self) -> Option<f64> {
        self.timeout().seconds()
    }

    /// Takes an address, in the form of the family.
    #[pyo3(signature = (*arguments), text_signature = "($self, address, /)")]
    fn bind(slf: &Bound<'_, Self>, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        Self::bind_to(slf, &exactly_one("bind", arguments)?)
    }

    /// Connects; the timeout is for all of it.
    #[pyo3(signature = (*arguments), text_signature = "($self, address, /)")]
    fn connect(slf: &Bound<'_, Self>, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        Self::connect_to(slf, &exactly_one("connect", arguments)?)
    }

    /// Like connect(), but returns the error's number, 0 for none.
    #[pyo3(signature = (*arguments), text_signature = "($self, address, /)")]
    fn connect_ex(slf: &Bound<'_, Self>, arguments: &Bound<'_, PyTuple>) -> PyResult<c_int> {
        Self::connect_for_number(slf, &exactly_one("connect_ex", arguments)?)
    }

    /// Lets peers connect, so many of them before they are accepted.
    #[pyo3(signature = (backlog=Given::Nothing, /, *rest), text_signature = "($self, backlog=128, /)")]
    fn listen(&self, py: Python<'_>, backlog: Given<'_, '_>, rest: &Bound<'_, PyTuple>) -> PyResult<()> {
        no_more("listen", 1, rest)?;
        let backlog = backlog.int_or(libc::SOMAXCONN.min(128))?.max(0);
        socket::listen(self.handle.number(), backlog).map_err(|error| os_error(py, &error))
    }

    /// A new descriptor, and the peer's address.
    fn _accept<'py>(&self, py: Python<'py>) -> PyResult<(RawFd, Bound<'py, PyAny>)> {
        self.accept_one(py)
    }

    /// Ends one direction or both.
    #[pyo3(signature = (*arguments), text_signature = "($self, how, /)")]
    fn shutdown(&self, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        let how = int(&exactly_one("shutdown", arguments)?)?;
        socket::shutdown(self.handle.number(), how).map_err(|error| os_error(arguments.py(), &error))
    }

    /// The address of this end.
    fn getsockname<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.name(py, socket::local)
    }

    /// The address of the other end.
    fn getpeername<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.name(py, socket::peer)
    }

    /// An option's number, or its bytes if a length is given.
    #[pyo3(signature = (*arguments), text_signature = "($self, level, option, buflen=0, /)")]
    fn getsockopt<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        self.option(arguments)
    }

    /// Sets an option: a number, bytes, or None with a length.
    #[pyo3(signature = (*arguments), text_signature = "($self, level, option, value, optlen=0, /)")]
    fn setsockopt(&self, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.set_option(arguments)
    }

    /// Receives up to so many bytes; none at the end of the stream.
    #[pyo3(
        signature = (bufsize=Given::Nothing, flags=Given::Nothing, /, *rest),
        text_signature = "($self, bufsize, flags=0, /)"
    )]
    fn recv<'py>(
        &self,
        py: Python<'py>,
        bufsize: Given<'_, 'py>,
        flags: Given<'_, 'py>,
        rest: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        no_more("recv", 2, rest)?;
        let size = size(&*bufsize.required("recv", 1)?)?;
        self.receive(py, size, flags.int_or(0)?)
    }

    /// Receives up to so many bytes, or one datagram, with the sender's address.
    #[pyo3(
        signature = (bufsize=Given::Nothing, flags=Given::Nothing, /, *rest),
        text_signature = "($self, bufsize, flags=0, /)"
    )]
    fn recvfrom<'py>(
        &self,
        py: Python<'py>,
        bufsize: Given<'_, 'py>,
        flags: Given<'_, 'py>,
        rest: &Bound<'py, PyTuple>,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyAny>)> {
        no_more("recvfrom", 2, rest)?;
        let size = size(&*bufsize.required("recvfrom", 1)?)?;
        self.receive_from(py, size, flags.int_or(0)?)
    }

    /// Receives into a buffer, `nbytes` of it or all, and returns how many bytes came.
    #[pyo3(
        signature = (buffer=Given::Nothing, nbytes=Given::Nothing, flags=Given::Nothing, *rest),
        text_signature = "($self, buffer, nbytes=0, flags=0)"
    )]
    fn recv_into<'py>(
        &self,
        py: Python<'py>,
        buffer: Given<'_, 'py>,
        nbytes: Given<'_, 'py>,
        flags: Given<'_, 'py>,
        rest: &Bound<'py, PyTuple>,
    ) -> PyResult<usize> {
        no_more("recv_into", 3, rest)?;
        let buffer = named_buffer(buffer, "recv_into")?;
        self.receive_into(py, &buffer, nbytes.size_or(0)?, flags.int_or(0)?)
    }

    /// Like recv_into(), with the sender's address.
    #[pyo3(
        signature = (buffer=Given::Nothing, nbytes=Given::Nothing, flags=Given::Nothing, *rest),
        text_signature = "($self, buffer, nbytes=0, flags=0)"
    )]
    fn recvfrom_into<'py>(
        &self,
        py: Python<'py>,
        buffer: Given<'_, 'py>,
        nbytes: Given<'_, 'py>,
        flags: Given<'_, 'py>,
        rest: &Bound<'py, PyTuple>,
    ) -> PyResult<(usize, Bound<'py, PyAny>)> {
        no_more("recvfrom_into", 3, rest)?;
        let buffer = named_buffer(buffer, "recvfrom_into")?;
        self.receive_from_into(py, &buffer, nbytes.size_or(0)?, flags.int_or(0)?)
    }

    /// Receives bytes and ancillary data: (bytes, [(level, type, data), ...], flags, address).
    #[pyo3(signature = (*arguments), text_signature = "($self, bufsize, ancbufsize=0, flags=0, /)")]
    fn recvmsg<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
        self.receive_message(arguments)
    }

    /// Receives into several buffers: (count, [(level, type, data), ...], flags, address).
    #[pyo3(signature = (*arguments), text_signature = "($self, buffers, ancbufsize=0, flags=0, /)")]
    fn recvmsg_into<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
        self.receive_message_into(arguments)
    }

    /// Sends bytes and returns how many the system has taken.
    #[pyo3(
        signature = (data=Given::Nothing, flags=Given::Nothing, /, *rest),
        text_signature = "($self, data, flags=0, /)"
    )]
    fn send<'py>(
        &self,
        py: Python<'py>,
        data: Given<'_, 'py>,
        flags: Given<'_, 'py>,
        rest: &Bound<'py, PyTuple>,
    ) -> PyResult<usize> {
        no_more("send", 2, rest)?;
        self.send_some(py, &*data.required("send", 1)?, flags.int_or(0)?)
    }

    /// Sends all bytes; the timeout is for all of them. After an error nobody knows how many went out.
    #[pyo3(
        signature = (data=Given::Nothing, flags=Given::Nothing, /, *rest),
        text_signature = "($self, data, flags=0, /)"
    )]
    fn sendall<'py>(
        &self,
        py: Python<'py>,
        data: Given<'_, 'py>,
        flags: Given<'_, 'py>,
        rest: &Bound<'py, PyTuple>,
    ) -> PyResult<()> {
        no_more("sendall", 2, rest)?;
        self.send_all(py, &*data.required("sendall", 1)?, flags.int_or(0)?)
    }

    /// Sends a datagram: sendto(data, address) or sendto(data, flags, address).
    #[pyo3(signature = (*arguments), text_signature = "($self, data, flags_or_address, address=..., /)")]
    fn sendto(slf: &Bound<'_, Self>, arguments: &Bound<'_, PyTuple>) -> PyResult<usize> {
        Self::send_datagram(slf, arguments)
    }

    /// Sends several buffers with ancillary data: items (level, type, data).
    #[pyo3(signature = (*arguments), text_signature = "($self, buffers, ancdata=(), flags=0, address=None, /)")]
    fn sendmsg(slf: &Bound<'_, Self>, arguments: &Bound<'_, PyTuple>) -> PyResult<usize> {
        Self::send_message(slf, arguments)
    }
}

fn named_buffer<'a, 'py>(buffer: Given<'a, 'py>, name: &str) -> PyResult<Borrowed<'a, 'py, PyAny>> {
    match buffer {
        Given::Value(buffer) => Ok(buffer),
        Given::Nothing => Err(PyTypeError::new_err(format!("{name}() missing required argument 'buffer' (pos 1)"))),
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.handle.close();
    }
}
