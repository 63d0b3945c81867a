//! The methods of the socket object, as Python sees them.

use std::ffi::c_int;
use std::os::fd::RawFd;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use rustchat::net::socket;

use super::arguments::{Given, exactly_one, int, no_more, size};
use super::authenticate::Side;
use super::error::os_error;
use super::object::Socket;
use super::timeout::Timeout;
use crate::arguments::{Argument, named, or};

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
        Self::create(slf, arguments, named)
    }

    fn __repr__(&self) -> String {
        let (number, family) = (self.handle().number(), self.family());
        let (kind, protocol) = (self.kind(), self.protocol());
        format!("<socket object, fd={number}, family={family}, type={kind}, proto={protocol}>")
    }

    /// Warns of a socket that nobody has closed, and closes it.
    fn __del__(slf: &Bound<'_, Self>) {
        Self::bury(slf);
    }

    /// The family, as a number.
    #[getter(family)]
    fn family_number(&self) -> c_int {
        self.family()
    }

    /// The type, as a number.
    #[getter(r#type)]
    fn kind_number(&self) -> c_int {
        self.kind()
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
        self.handle().number()
    }

    /// Closes the socket, now or at the end of the calls of other threads that are under way. May be repeated.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        // Out of the handle while calls of other threads that keep the interpreter cannot be under way: they use its number.
        let closing = self.handle().begin_close();
        match py.detach(|| closing.finish()) {
            // The peer was quicker: the socket is closed all the same.
            Err(error) if error.raw_os_error() != Some(libc::ECONNRESET) => Err(os_error(py, &error)),
            _ => Ok(()),
        }
    }

    /// Gives the descriptor away without closing it.
    fn detach(&self) -> RawFd {
        self.handle().take()
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
        socket::listen(self.handle().number(), backlog).map_err(|error| os_error(py, &error))
    }

    /// A new descriptor, and the peer's address.
    fn _accept<'py>(&self, py: Python<'py>) -> PyResult<(RawFd, Bound<'py, PyAny>)> {
        self.accept_one(py)
    }

    /// Ends one direction or both.
    #[pyo3(signature = (*arguments), text_signature = "($self, how, /)")]
    fn shutdown(&self, arguments: &Bound<'_, PyTuple>) -> PyResult<()> {
        let how = int(&exactly_one("shutdown", arguments)?)?;
        socket::shutdown(self.handle().number(), how).map_err(|error| os_error(arguments.py(), &error))
    }

    /// The address of this end.
    fn getsockname<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.name(py, "getsockname", socket::local)
    }

    /// The address of the other end.
    fn getpeername<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.name(py, "getpeername", socket::peer)
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

    /// Asks the kernel's cipher behind a socket of AF_ALG for an operation on the bytes of `msg`.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[pyo3(
        signature = (*arguments, **named),
        text_signature = "($self, msg=(), /, *, op, iv=None, assoclen=None, flags=MSG_MORE)"
    )]
    fn sendmsg_afalg<'py>(
        &self,
        arguments: &Bound<'py, PyTuple>,
        named: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.lend_named("sendmsg_afalg", arguments, named)
    }

    /// Sends one whole message: `framing` is "u32be", "u32le", "line" or "multiprocessing", `limit` the longest message
    /// in bytes, 16 MiB (8 KiB for lines) unless given.
    ///
    /// Messages of several threads do not mix. The timeout is for the whole message; if it passes in the middle, the
    /// sending direction is shut down, since the peer could not tell where the next message begins.
    #[pyo3(
        signature = (data, framing=or("u32be"), *, limit=None),
        text_signature = "($self, /, data, framing='u32be', *, limit=None)"
    )]
    fn send_frame(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        framing: Argument<'_, '_, &str>,
        limit: Option<Argument<'_, '_, usize>>,
    ) -> PyResult<()> {
        named!(framing, limit);
        self.send_message_whole(py, data, framing, limit)
    }

    /// Receives one whole message, in the framing that send_frame() has written it in.
    ///
    /// Not a byte behind the message is taken from the stream, so recv() and recv_frame() may take turns. Raises
    /// ConnectionClosed (an EOFError, too) at the end of the stream, ConnectionLost in the middle of a message. After
    /// TimeoutError what has come of the message is kept for the next recv_frame().
    #[pyo3(
        signature = (framing=or("u32be"), *, limit=None),
        text_signature = "($self, /, framing='u32be', *, limit=None)"
    )]
    fn recv_frame<'py>(
        &self,
        py: Python<'py>,
        framing: Argument<'_, 'py, &str>,
        limit: Option<Argument<'_, 'py, usize>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        named!(framing, limit);
        self.receive_message_whole(py, framing, limit)
    }

    /// Shakes hands with the peer, who must hold the same secret: `side` is "client" or "server".
    ///
    /// Returns the id of the key that the client holds, "" if it has none. A server may take `keys`, a KeyRing or a
    /// dict of secrets by id, in place of `secret`. All of it takes at most `timeout` seconds (None: no limit of its
    /// own) and no longer than the socket's own timeout. Raises AuthenticationError, for every reason the same: close
    /// the socket then. Not a byte behind the handshake is taken from the stream.
    #[pyo3(
        signature = (
            secret=None, *, side, keys=None, key_id=or(""), profile=or("mutual"), server_id=or(""), timeout=or(5.0),
        ),
        text_signature = "($self, /, secret=None, *, side, keys=None, key_id='', profile='mutual', server_id='', \
            timeout=5.0)"
    )]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn authenticate(
        &self,
        py: Python<'_>,
        secret: Option<&Bound<'_, PyAny>>,
        side: Argument<'_, '_, &str>,
        keys: Option<&Bound<'_, PyAny>>,
        key_id: Argument<'_, '_, &str>,
        profile: Argument<'_, '_, &str>,
        server_id: Argument<'_, '_, &str>,
        timeout: Option<Argument<'_, '_, f64>>,
    ) -> PyResult<String> {
        named!(side, key_id, profile, server_id, timeout);
        let side = Side::named(py, side, secret, keys, key_id, profile, server_id)?;
        let handshake = side.begin(py)?;
        self.warn_of_weak_secrets(&side);
        self.shake_hands(py, handshake, timeout)
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
