//! The chat server.

mod ban;
mod client;
mod clients;
mod event;
mod hooks;
mod run;

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use rustchat::Status;
use rustchat::chat::ServerOptions;

pub(crate) use ban::Ban;
pub(crate) use client::Client;
use clients::Clients;
pub(crate) use event::ServerEvent;
pub(crate) use run::start_by_hand;

use crate::arguments::{Argument, named, or, texts};
use crate::error::OrRaise;
use crate::run::Run;
use crate::stats::ServerStats;
use crate::wait::blocking;
use crate::{address, options, serving, time};

#[doc = include_str!("../texts/ChatServer.signature.txt")]
/// A group chat server: every member gets what any member says, all in the same order.
///
///     server = rustchat.ChatServer("127.0.0.1", 60000)
///     server.start()
///     input("Enter stops the server\n")
///     server.stop()
///
/// Two `nc 127.0.0.1 60000` can chat over it now. Subclass it and override hooks to take part:
///
///     class Polite(rustchat.ChatServer):
///         def on_join(self, client):
///             self.send(client, "welcome")
///         def on_message(self, client, text):
///             return text.replace("damn", "****")     # what the room gets; None: nobody gets it
///         def on_leave(self, client, reason):
///             print(client, reason)
///
/// Hooks run one at a time on a thread of the server's own, but for on_said(), which has another. They may use the server freely; stop() there begins to
/// stop and returns at once. They are plain functions: start() raises TypeError for an async one. What a hook raises is
/// logged under "rustchat" with its traceback. A message whose on_message() raises, or returns neither str nor None, goes
/// to nobody and its speaker is told; on_error="pass" lets it go on as it was. A hook that is not overridden costs
/// nothing. Mind that an on_message() without a return statement returns None: it drops every message.
///
/// A server runs as long as the object lives: keep it in a variable. It can be started again after stop().
///
/// ip, port: where to listen. Port 0 lets the system choose. In ip's place may stand what connect() takes: (host, port),
///     "host:port", "[ipv6]:port" or the path of a Unix socket, which has a "/", ends in ".sock" or begins with "unix:".
#[doc = include_str!("../texts/ChatServer.options.txt")]
///
/// The option on_error is not the hook of that name.
#[pyclass(frozen, subclass, weakref, module = "rustchat")]
pub(crate) struct ChatServer {
    run: Arc<Run<rustchat::chat::ChatServer>>,
    clients: Arc<Clients>,
}

impl ChatServer {
    fn ended(&self, core: &Arc<rustchat::chat::ChatServer>) {
        self.run.ended(core);
        self.clients.sweep();
    }
}

#[pymethods]
impl ChatServer {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = None)]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> ChatServer {
        // Subclasses have arguments of their own: __init__ reads ours.
        let run = Arc::new(Run::new());
        ChatServer { clients: Arc::new(Clients::new(&run)), run }
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
        let mut given = ServerOptions::new(address::host_and_port(py, ip, port)?);
        options::fill(&mut given, "ChatServer.__init__", keywords)?;
        self.run.configure(given);
        Ok(())
    }

    /// Listens and serves, and returns at once. Raises StateError if it runs already, AddressInUse if somebody else
    /// listens there, TypeError for a hook that is no plain function. Hooks are those that the object has now.
    ///
    /// A Unix socket of this user's that nobody listens on is replaced; whatever else is at the path is AddressInUse. The
    /// stamps of line chat are in the time zone that os.environ["TZ"] names at that moment.
    ///
    /// With `poll` nothing is called: what happens comes to poll(), and is asked by it. It says what: "membership" (who
    /// comes and goes, and errors), "messages" (with "filter", those that were let pass), "filter" (each message waits for answer() before anybody gets it),
    /// "authorize" (so does each client before it joins).
    ///
    /// With `listener` it accepts at a socket that is there and listens already, such as systemd hands over: an object with fileno(), or
    /// a descriptor, of which the server makes one of its own. Where it was to listen does not count then. `address` is where to
    /// listen this time, for who has looked up the host that __init__ was told: (ip, port).
    #[pyo3(signature = (*, poll=None, listener=None, address=None))]
    fn start(
        slf: &Bound<'_, Self>,
        poll: Option<&Bound<'_, PyAny>>,
        listener: Option<&Bound<'_, PyAny>>,
        address: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let address = address.map(address::endpoint).transpose()?;
        let place = run::Place { listener: listener.map(run::adopt).transpose()?, address };
        match texts("poll", poll)? {
            None => run::start(slf, place),
            Some(wanted) => run::start_polled(slf, &wanted, place),
        }
    }

    /// Waits for events at most `timeout` seconds (None: for ever), and returns up to `most` of them, a list of
    /// ServerEvents. Only after start(poll=...), else StateError.
    ///
    /// Raises TimeoutError when the time is up, ConnectionClosed when the server has stopped and all were taken.
    #[pyo3(signature = (most=or(64), timeout=None), text_signature = "($self, /, most=64, timeout=None)")]
    fn poll(
        &self,
        py: Python<'_>,
        most: Argument<'_, '_, usize>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<ServerEvent>> {
        named!(most);
        let (core, patience) = (self.run.running(py)?, time::patience("timeout", timeout)?);
        let events = blocking(py, patience, |deadline| {
            let mut events = Vec::new();
            core.poll(&mut events, most, deadline).map(|()| events)
        });
        events?.into_iter().map(|event| ServerEvent::new(py, event, &self.clients)).collect()
    }

    /// Answers what an event has asked (or its number), once. Of a message: True lets it pass, a str goes to the room instead,
    /// False and None drop it, an exception says that it could not be decided, for which on_error is the option. Of a join:
    /// True lets the client in, all else does not.
    ///
    /// Messages go to the room in the order in which they were said, each when all before it are answered; until event_limit of them
    /// wait members are read. Raises InvalidArgument for what is asked no more, StateError when nothing is asked.
    fn answer(&self, question: &Bound<'_, PyAny>, verdict: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = question.py();
        let (question, verdict) = (event::question(question)?, event::verdict(verdict)?);
        let core = self.run.running(py)?;
        py.detach(|| core.answer(question, verdict)).or_raise(py)
    }

    /// A descriptor that is readable while poll() would not wait, -1 when the server does not run: for select and the like.
    fn fileno(&self, py: Python<'_>) -> PyResult<i32> {
        let Some(core) = self.run.core(py)? else { return Ok(-1) };
        core.poll_fd().map_err(|_| event::not_polled()).or_raise(py)
    }

    /// A descriptor that is readable while it is worth to try again what broadcast() or send() has raised QueueOverflow for, -1 when
    /// the server does not run: for who cannot wait in them, and has a send_timeout of 0.
    fn speech_fileno(&self, py: Python<'_>) -> PyResult<i32> {
        self.run.core(py)?.map_or(Ok(-1), |core| core.speech_fd().or_raise(py))
    }

    /// Begins to stop as stop() does, and returns at once: what there is still to answer comes to poll().
    #[pyo3(signature = (timeout=or(5.0)), text_signature = "($self, /, timeout=5.0)")]
    fn close(&self, py: Python<'_>, timeout: Argument<'_, '_, f64>) -> PyResult<()> {
        named!(timeout);
        let patience = time::duration(py, "timeout", timeout)?;
        if let Some(core) = self.run.core(py)? {
            py.detach(|| core.close_within(patience));
        }
        Ok(())
    }

    /// Stops: nobody joins any more, members are told and get what is queued for them for at most `timeout` seconds,
    /// then every connection is closed and every thread ended. Does nothing if the server does not run.
    ///
    /// In a hook it begins to stop and returns. Called again while it stops, from another thread or a signal's handler,
    /// with an end that comes sooner, it ends it sooner. Raises TimeoutError when a hook does not return, a quarter of a
    /// second after `timeout`; stop() again waits for it anew.
    #[pyo3(signature = (timeout=or(5.0)), text_signature = "($self, /, timeout=5.0)")]
    fn stop(&self, py: Python<'_>, timeout: Argument<'_, '_, f64>) -> PyResult<()> {
        named!(timeout);
        let patience = time::duration(py, "timeout", timeout)?;
        let Some(core) = self.run.core(py)? else { return Ok(()) };
        let stopped = blocking(py, Some(patience), |deadline| match core.stop(deadline) {
            // In a hook: it stops when the hook has returned.
            Err(error) if error.status() == Status::WouldDeadlock => Ok(false),
            result => result.map(|()| true),
        })?;
        if stopped {
            self.ended(&core);
        }
        Ok(())
    }

    /// Waits until the server has stopped, at most `timeout` seconds (None: for ever), and raises TimeoutError then.
    ///
    /// Ctrl-C ends the wait with KeyboardInterrupt; the server goes on until stop().
    #[pyo3(signature = (timeout=None))]
    fn join(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        serving::join(&self.run, py, timeout)
    }

    /// Waits like join(), but returns whether the server has stopped.
    #[pyo3(signature = (timeout=None))]
    fn wait(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        match serving::join(&self.run, py, timeout) {
            Err(error) if error.is_instance_of::<pyo3::exceptions::PyTimeoutError>(py) => Ok(false),
            result => result.map(|()| true),
        }
    }

    /// Where it listens: (ip, port) with the port the system chose, or a path; what __init__ was told while it does
    /// not run, None before that. After fork it is the parent's.
    #[getter]
    fn address<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        serving::address(&self.run, py)
    }

    /// Whether it serves.
    #[getter]
    fn running(&self, py: Python<'_>) -> PyResult<bool> {
        serving::is_running(&self.run, py)
    }

    /// Why the server has ended of its own accord, as an InternalError: a bug of this library. on_error() was told, too.
    /// stop() and start() work as ever; None as long as all is well.
    #[getter]
    fn failure<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        serving::failure(&self.run, py)
    }

    /// The members as they are now, in the order in which they connected.
    #[getter]
    fn clients<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, Client>>> {
        self.clients.sweep();
        let Some(core) = self.run.core(py)? else { return Ok(Vec::new()) };
        core.members().iter().map(|member| self.clients.of(py, member)).collect()
    }

    /// The member that has this name (or one that differs from it only in case, width or composition), or has proved to hold the
    /// key of this id, of several the one that connected first; with both, the one of which both is true. None when nobody who is
    /// there is that.
    #[pyo3(signature = (*, name=None, key_id=None))]
    fn find<'py>(
        &self,
        py: Python<'py>,
        name: Option<Argument<'_, '_, &str>>,
        key_id: Option<Argument<'_, '_, &str>>,
    ) -> PyResult<Option<Bound<'py, Client>>> {
        named!(name, key_id);
        self.clients.sweep();
        let Some(core) = self.run.core(py)? else { return Ok(None) };
        match core.find(name, key_id) {
            Err(error) if error.status() == Status::NoSuchPeer => Ok(None),
            found => self.clients.of(py, &found.or_raise(py)?).map(Some),
        }
    }

    /// Says `text` to every member, in order with what members say; not to the member `except_` (a Client or its id).
    /// Returns for how many it is on its way. Hooks are not asked. In a hook it comes after what on_message() has let
    /// pass; in a hook of a server that stops it goes to nobody, and 0 is returned.
    ///
    /// Waits up to `send_timeout` while what was said before is under way, or a member that reads is far behind; who does
    /// not read is waited for two seconds at most. Then, and in a hook at once, it raises QueueOverflow, and nobody got it.
    /// Raises MessageTooLong and InvalidText before anything is sent, ConnectionClosed when the server stops meanwhile,
    /// StateError when it does not run.
    #[pyo3(signature = (text, except_=None))]
    fn broadcast(
        &self,
        py: Python<'_>,
        text: Argument<'_, '_, &str>,
        except_: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<u64> {
        named!(text);
        let core = self.run.running(py)?;
        let except = except_.map_or(Ok(0), |except| client::id("except_", except))?;
        let patience = Some(core.options().send_timeout);
        blocking(py, patience, |deadline| core.broadcast_within(text, except, deadline)).map(|delivery| delivery.queued)
    }

    /// Says `text` to one member (a Client or its id), and waits for that one as broadcast() does for all. Raises
    /// NoSuchPeer if it is gone or sent away (in a hook of a server that stops it goes to nobody instead), QueueOverflow,
    /// MessageTooLong, InvalidText, ConnectionClosed and StateError as broadcast() does.
    fn send(&self, client: &Bound<'_, PyAny>, text: Argument<'_, '_, &str>) -> PyResult<()> {
        named!(text);
        let (core, id) = (self.run.running(client.py())?, client::id("client", client)?);
        let patience = Some(core.options().send_timeout);
        blocking(client.py(), patience, |deadline| core.send_within(id, text, deadline))
    }

    /// Disconnects a member (a Client or its id), which is told so. What it has said and on_message() has not let pass is
    /// not heard. Raises NoSuchPeer if it is gone, StateError when the server does not run.
    fn disconnect(&self, client: &Bound<'_, PyAny>) -> PyResult<()> {
        let (core, id) = (self.run.running(client.py())?, client::id("client", client)?);
        client.py().detach(|| core.disconnect(id)).or_raise(client.py())
    }

    /// Keeps somebody out from now on, for `duration` seconds (None: without end), in the place of an earlier ban of the same
    /// subject, and sends away the members that it is about. Returns how many those are.
    ///
    /// One of: an `address` or net ("192.0.2.7", "192.0.2.0/24", or a Client's address, whose port does not count), turned away at the
    /// door (where there is a handshake a few may prove themselves first, and are told why); the `key_id` of a key, turned away when
    /// it is proved; a `name`, or what looks like it. `reason` is what they are told.
    ///
    /// The option ban_file keeps bans; otherwise they end with the server. Raises OSError when the file cannot be written, and
    /// InvalidArgument when it is wrong: the ban is in force all the same, and kept with the next one that can be. Raises InvalidText for
    /// a reason with control characters, StateError when the server does not run.
    #[pyo3(signature = (*, address=None, key_id=None, name=None, reason=or(""), duration=None), text_signature = "($self, /, *, address=None, key_id=None, name=None, reason='', duration=None)")]
    fn ban(
        &self,
        py: Python<'_>,
        address: Option<&Bound<'_, PyAny>>,
        key_id: Option<Argument<'_, '_, &str>>,
        name: Option<Argument<'_, '_, &str>>,
        reason: Argument<'_, '_, &str>,
        duration: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        named!(reason);
        let duration = time::patience("duration", duration)?;
        let subject = ban::subject(py, address, key_id, name)?;
        ban::ban(py, &*self.run.running(py)?, subject, reason, duration)
    }

    /// Lifts a ban. Returns whether there was one. That of a net is not lifted for one of its addresses. Arguments and errors as of ban().
    #[pyo3(signature = (*, address=None, key_id=None, name=None))]
    fn unban(
        &self,
        py: Python<'_>,
        address: Option<&Bound<'_, PyAny>>,
        key_id: Option<Argument<'_, '_, &str>>,
        name: Option<Argument<'_, '_, &str>>,
    ) -> PyResult<bool> {
        let (core, subject) = (self.run.running(py)?, ban::subject(py, address, key_id, name)?);
        py.detach(|| core.unban(&subject)).or_raise(py)
    }

    /// The bans in force; none when the server does not run.
    #[getter]
    fn bans(&self, py: Python<'_>) -> PyResult<Vec<Ban>> {
        Ok(self.run.core(py)?.map_or_else(Vec::new, |core| ban::all(py, &core)))
    }

    /// Reads the file of the option ban_file again, which somebody may have changed, and sends away the members that it is about. Returns
    /// how many those are. Raises OSError and InvalidArgument when it cannot be read or is wrong: then all bans are as they were.
    fn reload_bans(&self, py: Python<'_>) -> PyResult<usize> {
        let core = self.run.running(py)?;
        py.detach(|| core.reload_bans()).or_raise(py)
    }

    /// Returns when every thread of the server has come to the end of what it does, for which each is woken, within `timeout` seconds.
    /// Raises TimeoutError when one hangs, InternalError when the server has failed, ConnectionClosed when it stops, StateError when
    /// it does not run.
    #[pyo3(signature = (timeout=or(1.0)), text_signature = "($self, /, timeout=1.0)")]
    fn probe(&self, py: Python<'_>, timeout: Argument<'_, '_, f64>) -> PyResult<()> {
        named!(timeout);
        let (core, patience) = (self.run.running(py)?, time::duration(py, "timeout", timeout)?);
        blocking(py, Some(patience), |deadline| core.probe(deadline))
    }

    /// The fingerprint of the public key that members are shown, which they may be told to trust; None without TLS, and while
    /// it does not run.
    #[getter]
    fn pin(&self, py: Python<'_>) -> PyResult<Option<String>> {
        serving::pin(&self.run, py)
    }

    /// Members who come from here on get this certificate; those that there are keep theirs. For one that is renewed while the server
    /// runs. `cert` and `key` are those of TLS; in the place of `cert` may stand a TLS that has both.
    ///
    /// Raises InvalidArgument and the like as TLS does, StateError for a server without TLS, and when it does not run. Started again, it
    /// begins with what it was made with.
    #[pyo3(signature = (cert, key=None))]
    fn replace_certificate(&self, cert: &Bound<'_, PyAny>, key: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        serving::replace_certificate(&self.run, cert, key)
    }

    /// Numbers since the last start; after stop() those of the end.
    fn stats(&self, py: Python<'_>) -> PyResult<ServerStats> {
        self.clients.sweep();
        self.run.stats(py).map(ServerStats::from)
    }

    /// Override: `client` has joined.
    fn on_join(&self, client: &Bound<'_, PyAny>) {
        let _ = client;
    }

    /// Override: `client` says `text`. Return the text that the room is to get; None, and nobody gets it.
    ///
    /// It is asked of what is said to one member alone (`/msg`), too, unless on_private() is overridden: that goes to this one then, or not.
    ///
    /// A method without a return statement returns None: it drops every message. If it raises, or returns anything else,
    /// the message goes to nobody and its speaker is told, unless the server was made with on_error="pass". A text longer
    /// than message_limit or with control characters goes to nobody either.
    fn on_message<'py>(&self, client: &Bound<'py, PyAny>, text: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let _ = client;
        text.clone()
    }

    /// Override: `client` says `text` to the member `to` alone. Return the text that this one is to get; None, and nobody gets it. What
    /// is said of on_message() holds, which decides if this is not overridden.
    fn on_private<'py>(
        slf: &Bound<'py, Self>,
        client: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        text: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = to;
        slf.call_method1("on_message", (client, text))
    }

    /// Override: `client` has taken a name, another one than `old`, or none; it is called client.name. A first name follows None. What it
    /// has said before has come before.
    fn on_rename(&self, client: &Bound<'_, PyAny>, old: &Bound<'_, PyAny>) {
        let _ = (client, old);
    }

    /// Override: `client` has said `text`, and this is what the room has got. Nobody waits for this hook: it is called on a thread of
    /// its own, beside the others, one message at a time and in the room's order, for what on_message() has let pass, too. It is
    /// the place to log what is said, or to answer it. The client may have left by then, and its data with it. What is said to one
    /// member alone (`/msg`) is not told here.
    ///
    /// Messages that it does not take in time are lost past event_limit, the oldest first; stats().events_dropped counts them. What
    /// still waits when stop()'s time is over is lost, too.
    fn on_said(&self, client: &Bound<'_, PyAny>, text: &Bound<'_, PyAny>) {
        let _ = (client, text);
    }

    /// Override: `client` is gone. `reason` is a sentence, such as "quit" or "connection lost".
    fn on_leave(&self, client: &Bound<'_, PyAny>, reason: &Bound<'_, PyAny>) {
        let _ = (client, reason);
    }

    /// Override: something went wrong that belongs to no member, or a peer could not prove that it holds a key.
    /// `error` is a rustchat.Error.
    fn on_error(&self, error: &Bound<'_, PyAny>) {
        let _ = error;
    }

    /// Override: whether `client`, which has passed the handshake, may join: a true value or a false one. None refuses it,
    /// too, and is logged, since a return statement may be missing. What is raised here refuses it.
    fn authorize(&self, client: &Bound<'_, PyAny>) -> bool {
        let _ = client;
        true
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.clients.traverse(&visit)
    }

    fn __clear__(&self) {
        self.clients.clear();
    }

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        Self::start(slf, None, None, None)?;
        Ok(slf.clone())
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.stop(py, or(rustchat::chat::DRAIN.as_secs_f64()))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.get_type().name()?;
        Ok(match slf.get().run.core_to_name() {
            Some((core, false)) => format!("<{name} of the parent process on {}>", core.address()),
            Some((core, _)) if core.is_closed() => format!("<{name} stopping on {}>", core.address()),
            Some((core, _)) => format!("<{name} on {} with {} clients>", core.address(), core.stats().members),
            None => format!("<{name} stopped>"),
        })
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        self.run.abandon();
    }
}
