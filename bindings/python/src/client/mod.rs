//! The chat client.

mod hooks;
mod message;
mod question;
mod run;

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rustchat::Status;
use rustchat::chat::{ClientEvent, ClientOptions, Incoming};
use rustchat::net::Deadline;
use rustchat::tls::Protection;

pub(crate) use message::{Message, Sender};
pub(crate) use question::ClientQuestion;

use crate::arguments::{Argument, named, or, wrong_kind};
use crate::error::OrRaise;
use crate::introduction::Introduction;
use crate::run::Run;
use crate::stats::ClientStats;
use crate::wait::blocking;
use crate::{address, options, time, tls};

#[doc = include_str!("../texts/ChatClient.signature.txt")]
/// A member of a chat.
///
///     with rustchat.ChatClient("127.0.0.1", 60000) as client:
///         client.send("hello")
///         for message in client:
///             print(message.time, message.sender, message.text)
///
/// Or subclass it and override hooks, which run on a thread of the client's own:
///
///     class Printer(rustchat.ChatClient):
///         def on_message(self, message):
///             print(message)
///         def on_disconnect(self, reason):
///             print("gone:", reason)
///
/// With a hook overridden all messages go to the hooks, and recv() and iteration raise StateError.
///
/// ip, port: the server. In ip's place may stand what connect() takes, the address of a server among it: (host, port),
///     "host:port", "[ipv6]:port" or the path of a Unix socket, which has a "/", ends in ".sock" or begins with "unix:".
#[doc = include_str!("../texts/ChatClient.options.txt")]
#[pyclass(frozen, subclass, weakref, module = "rustchat")]
pub(crate) struct ChatClient {
    run: Arc<Run<rustchat::chat::ChatClient>>,
}

impl ChatClient {
    fn receive(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>, every: bool) -> PyResult<Message> {
        let (core, patience) = (self.run.running(py)?, time::patience("timeout", timeout)?);
        blocking(py, patience, |deadline| next(&core, deadline, every)).map(Message::from)
    }

    fn protected(&self) -> Option<Protection> {
        self.run.core_to_name().map(|(core, _)| core.protection())
    }
}

/// The next thing received: what is said, or `every` thing.
fn next(core: &rustchat::chat::ChatClient, deadline: Deadline<'_>, every: bool) -> rustchat::Result<Incoming> {
    if !every {
        return core.recv(deadline);
    }
    let mut events = Vec::new();
    loop {
        core.poll(&mut events, 1, deadline)?;
        match events.pop() {
            Some(ClientEvent::Incoming(incoming)) => return Ok(incoming),
            Some(ClientEvent::Closed(Some(reason))) => return Err(reason),
            _ => {}
        }
    }
}

#[pymethods]
impl ChatClient {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = None)]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> ChatClient {
        // Subclasses have arguments of their own: __init__ reads ours.
        ChatClient { run: Arc::new(Run::new()) }
    }

    #[pyo3(signature = (ip=None, port=None, **keywords))]
    fn __init__(
        &self,
        py: Python<'_>,
        ip: Option<&Bound<'_, PyAny>>,
        port: Option<Argument<'_, '_, u16>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        named!(port);
        let mut given = ClientOptions::new(address::host_and_port(py, ip, port)?);
        options::fill(&mut given, "ChatClient.__init__", keywords)?;
        self.run.configure(given);
        Ok(())
    }

    /// Connects, and shakes hands if there is a secret. Raises StateError if it is connected already, AddressError for a
    /// name that nobody knows, ConnectionRefused when nobody listens, AuthenticationError for a wrong secret, ProtocolError
    /// when the other end speaks something else, TimeoutError when the time is up, ConnectionClosed after stop() on another
    /// thread.
    fn start(slf: &Bound<'_, Self>) -> PyResult<()> {
        run::start(slf)
    }

    /// Leaves: says so to the server, waits at most `timeout` seconds for its farewell, then closes. Does nothing if
    /// the client is not connected. In a hook it begins to leave and returns. A start() that is under way on another
    /// thread ends with ConnectionClosed.
    #[pyo3(signature = (timeout=or(5.0)), text_signature = "($self, /, timeout=5.0)")]
    fn stop(&self, py: Python<'_>, timeout: Argument<'_, '_, f64>) -> PyResult<()> {
        named!(timeout);
        let patience = time::duration(py, "timeout", timeout)?;
        self.run.call_off();
        let Some(core) = self.run.core(py)? else { return Ok(()) };
        let stopped = blocking(py, Some(patience), |deadline| match core.stop(deadline) {
            Err(error) if error.status() == Status::WouldDeadlock => Ok(()),
            result => result,
        });
        if core.join(Duration::ZERO).is_ok() {
            self.run.ended(&core);
        }
        stopped
    }

    /// Says goodbye and returns: the server sends what it has for us and closes. Until then recv() goes on, and raises
    /// ConnectionClosed at the end. `timeout` (seconds, None: for ever) is for the sending. Raises StateError when not
    /// connected, TimeoutError when the time is up.
    #[pyo3(signature = (timeout=None))]
    fn leave(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let patience = time::patience("timeout", timeout)?;
        let core = self.run.running(py)?;
        blocking(py, patience, |deadline| core.leave(deadline))
    }

    /// Waits until the connection has ended and the hooks have seen it, at most `timeout` seconds (None: for ever),
    /// and raises TimeoutError then.
    #[pyo3(signature = (timeout=None))]
    fn join(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let patience = time::patience("timeout", timeout)?;
        let Some(core) = self.run.core_or_past(py)? else { return Ok(()) };
        blocking(py, patience, |deadline| core.join(deadline))?;
        Ok(())
    }

    /// Says `text` to the room, within `timeout` seconds (None: for ever). White space at its end is not sent; of
    /// nothing but white space nothing is sent. In line chat the word "quit" alone leaves. With reconnect it returns when the
    /// text stands in a queue, whether or not the server can be reached, and waits where 256 messages or 1 MiB are
    /// unacknowledged; in a hook QueueOverflow comes at once.
    ///
    /// Raises, before anything is sent: MessageTooLong for what is longer than message_limit, InvalidText for control
    /// characters (line feeds pass in message chat), ConnectionClosed when the connection has ended, with the server's reason
    /// if it gave one, and after "quit" and leave(), since nobody would hear it, StateError when not connected. TimeoutError when the time is
    /// up, after which the connection is closed if a part was sent; ConnectionLost when it broke.
    ///
    /// `to`, a name: the member of that name alone is to hear it; message chat only, in line chat NotSupported is raised, since a
    /// server without commands would tell everybody what stands behind its "/msg". That nobody has the name is told as whatever else
    /// the server refuses: recv() raises NoSuchPeer. Raises InvalidText for what cannot be a name.
    #[pyo3(signature = (text, timeout=None, *, to=None))]
    fn send(
        &self,
        py: Python<'_>,
        text: Argument<'_, '_, &str>,
        timeout: Option<&Bound<'_, PyAny>>,
        to: Option<Argument<'_, '_, &str>>,
    ) -> PyResult<()> {
        named!(text, to);
        let (core, patience) = (self.run.running(py)?, time::patience("timeout", timeout)?);
        blocking(py, patience, |deadline| match to {
            None => core.send(text, deadline),
            Some(to) => core.send_to(to, text, deadline),
        })
    }

    /// Who is there, in the order in which they came, as a list of Senders, of whom we are one; asks the server, for at most
    /// `timeout` seconds (None: for ever). Message chat only: in line chat, where "/who" is answered in words, NotSupported is raised.
    ///
    /// Raises TimeoutError, StateError in a hook and when not connected, ConnectionClosed and ConnectionLost when the connection
    /// has ended, or with reconnect is away; QueueOverflow when event_limit messages wait to be taken, behind which no answer can come.
    #[pyo3(signature = (timeout=None))]
    fn who(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Sender>> {
        let (core, patience) = (self.run.running(py)?, time::patience("timeout", timeout)?);
        let members = blocking(py, patience, |deadline| core.who(deadline))?;
        Ok(members.into_iter().map(Sender::from).collect())
    }

    /// Takes another name, or with None none any more, which only message chat knows; returns when the server has said yes. With
    /// reconnect it is what the client comes back with. In a hook it asks and returns: an event of the kind "name" or "error"
    /// tells of what comes of it. In line chat the server must know commands: one that does not never answers.
    ///
    /// Raises InvalidText for what may not be a name, InvalidArgument when somebody else has it or one that looks like it, StateError when we
    /// have had very many, NotSupported for None in line chat, and what who() raises.
    #[pyo3(signature = (name, timeout=None))]
    fn rename(
        &self,
        py: Python<'_>,
        name: Option<Argument<'_, '_, &str>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        named!(name);
        let (core, patience) = (self.run.running(py)?, time::patience("timeout", timeout)?);
        blocking(py, patience, |deadline| core.rename(name, deadline))
    }

    /// The name that the server has said we have; None without one, and while not connected.
    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.run.core(py)?.and_then(|core| core.name()))
    }

    /// What who() asks, for loops of one's own: a ClientQuestion.
    fn question_who(&self, py: Python<'_>) -> PyResult<ClientQuestion> {
        self.run.running(py)?.question_who().map(ClientQuestion::from).or_raise(py)
    }

    /// What rename() asks, for loops of one's own: a ClientQuestion.
    fn question_rename(&self, py: Python<'_>, name: Option<Argument<'_, '_, &str>>) -> PyResult<ClientQuestion> {
        named!(name);
        self.run.running(py)?.question_rename(name).map(ClientQuestion::from).or_raise(py)
    }

    /// Waits for the next Message that somebody says, to the room or to us, at most `timeout` seconds (None: for ever). With
    /// reconnect a Message of the kind "gap" stands where some of that is missing.
    ///
    /// Raises ConnectionClosed (an EOFError, too) when the connection has ended, with the server's reason if it gave
    /// one, also to whom it does not let in; ConnectionLost when it broke; TimeoutError when the time is up. What the server
    /// refuses is raised once, and the connection goes on: InvalidArgument for a name that is taken, MessageTooLong,
    /// InvalidText, ProtocolError, NoSuchPeer for words to nobody, Error when its filter failed.
    #[pyo3(signature = (timeout=None))]
    fn recv(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Message> {
        self.receive(py, timeout, false)
    }

    /// What recv() gives if it is there, else None. Never waits; raises what recv() raises, but for TimeoutError.
    fn recv_nowait(&self, py: Python<'_>) -> PyResult<Option<Message>> {
        let core = self.run.running(py)?;
        Ok(core.recv_nowait().or_raise(py)?.map(Message::from))
    }

    /// Like recv_nowait(), but for a Message of any kind.
    fn recv_any_nowait(&self, py: Python<'_>) -> PyResult<Option<Message>> {
        let core = self.run.running(py)?;
        Ok(core.recv_any_nowait().or_raise(py)?.map(Message::from))
    }

    /// Says goodbye as leave() does, whole or not at all, as offer() has it.
    fn offer_leave(&self, py: Python<'_>) -> PyResult<Option<usize>> {
        self.run.running(py)?.offer_leave().or_raise(py)
    }

    /// Says `text` to the room, whole or not at all, and never waits: what the system has no room for is kept, and goes before
    /// whatever is sent next. Returns how many bytes are kept, or None when 64 KiB were kept already: nothing was said. Raises
    /// what send() raises, but for TimeoutError.
    ///
    /// What is kept goes with flush_nowait(), when send_fileno() is writable, and with the next send(). `to` as for send().
    #[pyo3(signature = (text, *, to=None))]
    fn offer(
        &self,
        py: Python<'_>,
        text: Argument<'_, '_, &str>,
        to: Option<Argument<'_, '_, &str>>,
    ) -> PyResult<Option<usize>> {
        named!(text, to);
        let core = self.run.running(py)?;
        to.map_or_else(|| core.offer(text), |to| core.offer_to(to, text)).or_raise(py)
    }

    /// Sends what the system takes of what offer() has kept, and returns how many bytes are left. Never waits.
    fn flush_nowait(&self, py: Python<'_>) -> PyResult<usize> {
        self.run.running(py)?.flush_nowait().or_raise(py)
    }

    /// A descriptor that is writable while flush_nowait() has something to do, -1 when not connected.
    fn send_fileno(&self, py: Python<'_>) -> PyResult<i32> {
        Ok(self.run.core(py)?.map_or(-1, |core| core.send_fd()))
    }

    /// Whether the server has not let us in; then the end of what it sends is an error that says why.
    #[getter]
    fn refused(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.run.core(py)?.is_some_and(|core| core.was_refused()))
    }

    /// How the package rustchat.aio connects: an Introduction, which start_over() makes this client of.
    fn introduction(&self, py: Python<'_>) -> PyResult<Introduction> {
        let options = self.run.options(py)?;
        Introduction::new(options.endpoint.clone(), options.connection().or_raise(py)?)
    }

    /// What start() does, over a connection that is made. The hooks are not called.
    fn start_over(slf: &Bound<'_, Self>, introduction: &Bound<'_, PyAny>) -> PyResult<()> {
        let wrong = |_| wrong_kind("introduction", "an Introduction", introduction);
        run::start_over(slf, introduction.cast().map_err(wrong)?)
    }

    /// Like recv(), but for a Message of any kind: also who joins and leaves, what the server refused and its farewell.
    #[pyo3(signature = (timeout=None))]
    fn recv_any(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Message> {
        self.receive(py, timeout, true)
    }

    /// The longest message that send() takes, in bytes: a line, or a whole frame with its JSON and escapes. What the server
    /// has said in its welcome, or the option message_limit if that is less; None while it is not known.
    #[getter]
    fn message_limit(&self, py: Python<'_>) -> PyResult<Option<usize>> {
        Ok(self.run.core(py)?.and_then(|core| core.message_limit()))
    }

    /// Our address, as the others see us: (ip, port), or a path. None while not connected. After fork it is the parent's.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some((core, _)) = self.run.core_to_name() else { return Ok(None) };
        core.local().ok().map(|local| address::as_others_see(py, &local)).transpose()
    }

    /// The server's address: (ip, port), or a path; as it was given while not connected, None before __init__.
    #[getter]
    fn peer<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.run.core_to_name() {
            Some((core, _)) => address::to_python(py, &core.peer()).map(Some),
            None => self.run.endpoint().map(|endpoint| address::endpoint_to_python(py, &endpoint)).transpose(),
        }
    }

    /// What protects what is said and heard: "tls" or "plain"; None while not connected.
    #[getter]
    fn protection(&self) -> Option<&'static str> {
        self.protected().map(Protection::name)
    }

    /// By what the server's proof of the secret is bound to this very channel of TLS: "tls-exporter", "tls-server-end-point"
    /// or None.
    #[getter]
    fn binding(&self) -> Option<&'static str> {
        self.protected().and_then(tls::binding)
    }

    /// The fingerprint of the server's public key, to be trusted the next time, unless it makes its own certificate, another
    /// one each time it starts; None without TLS, and while not connected.
    #[getter]
    fn peer_pin(&self) -> Option<String> {
        self.protected().and_then(tls::peer_pin)
    }

    /// Whether the connection stands.
    #[getter]
    fn connected(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.run.core(py)?.is_some_and(|core| !core.is_closed() && !core.is_reconnecting()))
    }

    /// Whether the connection has broken and the client, with reconnect, is about to come back.
    #[getter]
    fn reconnecting(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.run.core(py)?.is_some_and(|core| core.is_reconnecting()))
    }

    /// Messages that were said, but that the server has not acknowledged, with reconnect; in line chat, where nothing is
    /// acknowledged, those that were not sent. Always 0 without.
    #[getter]
    fn unacknowledged(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.run.core(py)?.map_or(0, |core| core.unacknowledged()))
    }

    /// Waits until nothing is unacknowledged, at most `timeout` seconds (None: for ever), and raises TimeoutError then,
    /// ConnectionClosed when the client has ended before, StateError in a hook.
    #[pyo3(signature = (timeout=None))]
    fn drain(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let patience = time::patience("timeout", timeout)?;
        let core = self.run.running(py)?;
        blocking(py, patience, |deadline| core.drain(deadline))
    }

    /// With reconnect, a descriptor that is readable while nothing is unacknowledged; -1 when not connected.
    fn drained_fileno(&self, py: Python<'_>) -> PyResult<i32> {
        self.run.core(py)?.map_or(Ok(-1), |core| core.drained_fd().or_raise(py))
    }

    /// Whether it comes back, as its options say.
    #[getter]
    fn reconnects(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.run.options(py)?.reconnect.is_some())
    }

    /// A descriptor that is readable while recv_any() would not wait, -1 when not connected: for select and the like.
    ///
    /// After it was readable, call recv_any(0) until it raises TimeoutError.
    fn fileno(&self, py: Python<'_>) -> PyResult<i32> {
        self.run.core(py)?.map_or(Ok(-1), |core| core.poll_fd().or_raise(py))
    }

    /// Numbers since the last start.
    fn stats(&self, py: Python<'_>) -> PyResult<ClientStats> {
        self.run.stats(py).map(ClientStats::from)
    }

    /// Override: somebody said something, to the room or to us.
    fn on_message(&self, message: &Bound<'_, PyAny>) {
        let _ = message;
    }

    /// Override: a Message of another kind: who joins and leaves, what the server refused, its welcome and farewell.
    /// What it refused is logged if this is not overridden.
    fn on_event(&self, message: &Bound<'_, PyAny>) {
        let _ = message;
    }

    /// Override: the connection has ended. `reason` is a rustchat.Error; None when this side has closed it. A reason is
    /// logged if this is not overridden. With reconnect it is called whenever the connection breaks, and `reconnecting` is
    /// true while that is not the end.
    fn on_disconnect(&self, reason: &Bound<'_, PyAny>) {
        let _ = reason;
    }

    /// Override: with reconnect, the client is back. What was said while it was away is missing; an event of the kind "gap"
    /// says so.
    fn on_reconnect(&self) {}

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        Self::start(slf)?;
        Ok(slf.clone())
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.stop(py, or(5.0))
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// The next Message that somebody says; iteration ends when the connection was closed in good order. Raises like
    /// recv(), ConnectionClosed only if the server has not let us in.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Message>> {
        let Some(core) = self.run.core_or_past(py)? else { return Ok(None) };
        let received = blocking(py, None, |deadline| match core.recv(deadline) {
            Err(error) if error.status() == Status::Closed && !core.was_refused() => Ok(None),
            result => result.map(Some),
        })?;
        Ok(received.map(Message::from))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.get_type().name()?;
        Ok(match slf.get().run.core_to_name() {
            Some((core, false)) => format!("<{name} of the parent process with {}>", core.peer()),
            Some((core, _)) if core.is_reconnecting() => format!("<{name} reconnecting with {}>", core.peer()),
            Some((core, _)) if !core.is_closed() => format!("<{name} connected with {}>", core.peer()),
            _ => format!("<{name} not connected>"),
        })
    }
}

impl Drop for ChatClient {
    fn drop(&mut self) {
        self.run.abandon();
    }
}
