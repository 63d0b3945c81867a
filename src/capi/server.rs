//! The chat server: its life and its events.

use std::borrow::Cow;
use std::ffi::{c_char, c_int};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use super::attachments::Attachments;
use super::callbacks::{Callbacks, ServerHandler};
use super::contents::Contents;
use super::event::rustchat_event;
use super::guard;
use super::handle::{self, Kind, Object};
use super::options::{self, deadline};
use super::out::{Out, Slots};
use super::server_options::rustchat_server_options;
use super::serving::{self, Addressed, Serving};
use super::status::rustchat_status;
use crate::chat::{ChatServer, Events};
use crate::net::{Address, Deadline, Listener};
use crate::{Error, Result, Status};

/// A running chat server. Not memory: a number that the library looks up, so that a server freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
#[derive(Debug)]
pub struct rustchat_server {
    _opaque: [u8; 0],
}

pub(super) struct Server {
    pub(super) chat: ChatServer,
    polled: bool,
    /// What the program has attached to members; `None` where it is not told who leaves.
    pub(super) attachments: Option<Arc<Attachments>>,
    /// Without a callback nobody else keeps them until the end.
    _callbacks: Option<Arc<Callbacks>>,
}

impl Object for Server {
    type Handle = rustchat_server;
    const KIND: Kind = Kind::Server;

    fn close(&self) {
        self.chat.close();
    }
}

impl Addressed for Server {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(self.chat.address())
    }
}

impl Serving for Server {
    fn close_within(&self, drain: Duration) {
        self.chat.close_within(drain);
    }

    fn join(&self, deadline: Deadline<'_>) -> Result<()> {
        self.chat.join(deadline)
    }
}

impl Server {
    /// Starts a server: at the listener if there is one, else where the options say.
    fn start(options: &rustchat_server_options, listener: Option<Listener>) -> Result<Server> {
        // SAFETY: the header asks for options whose pointers can be read.
        let converted = unsafe { options.convert() }?;
        let asks = converted.filter || converted.authorize;
        let tells_leaves = converted.events != Events::None;
        let polled = !options.has_handler() && (asks || tells_leaves);
        let attachments = tells_leaves.then(Arc::<Attachments>::default);
        let callbacks = Callbacks::of_server(options, attachments.clone());
        let handler = options.has_handler().then(|| ServerHandler(Arc::clone(&callbacks)));
        let started = match (listener, handler) {
            (Some(listener), Some(handler)) => ChatServer::start_at(listener, converted, Some(Box::new(handler))),
            (Some(listener), None) => ChatServer::start_at(listener, converted, None),
            (None, Some(handler)) => ChatServer::start_with(converted, handler),
            (None, None) => ChatServer::start(converted),
        };
        match started {
            Ok(chat) => {
                let _callbacks = (!options.has_handler()).then_some(callbacks);
                Ok(Server { chat, polled, attachments, _callbacks })
            }
            Err(error) => {
                callbacks.disarm();
                Err(error)
            }
        }
    }

    fn check_polled(&self) -> Result<()> {
        if self.polled {
            return Ok(());
        }
        Err(Error::new(Status::BadState, "events go to callbacks, or the option 'events' asks for none"))
    }
}

/// Starts a chat server, which runs on threads of its own until it is closed.
///
/// @param options how it is to behave; read during the call, except userdata, which must live until on_drop.
/// @param out receives the server, which the caller ends with rustchat_server_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, or the address is beyond this
///   machine with neither secret nor allow_anonymous, or for TLS with a certificate that cannot be used, or with neither that
///   nor a secret in the profile mutual; RUSTCHAT_ENOTSUP for tls in a build without it; RUSTCHAT_EADDRINVAL;
///   RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for an address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length;
///   RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
///
/// Blocking: while a name in the address is looked up, 10 seconds at most.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_start(
    options: *const rustchat_server_options,
    out: *mut *mut rustchat_server,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_server_start", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options.
        let options = unsafe { options::read(options) }?;
        out.set(handle::insert(Server::start(&options, None)?)?);
        Ok(())
    })
}

/// Starts a chat server like rustchat_server_start, at a socket that somebody else has bound and listens with: what systemd hands
/// over to whom it starts, a process that a new one takes the place of, or a test.
///
/// The server has a descriptor of its own, and the caller's stays the caller's: whoever has one goes on listening when the server
/// ends, so that nobody who connects meanwhile is turned away. The socket is non-blocking from here on, for all who have it. The
/// file of a Unix socket is not removed.
///
/// @param fd the descriptor of a stream socket that listens.
/// @param options as for rustchat_server_start; address is checked, but not listened on, and backlog, mode and group are not used.
/// @param out receives the server, which the caller ends with rustchat_server_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when fd is a descriptor of anything else, and otherwise as for rustchat_server_start, by the
///   address that fd is bound to; RUSTCHAT_EIO when fd is closed, and as there; RUSTCHAT_ENOTSUP; RUSTCHAT_EADDRINVAL;
///   RUSTCHAT_EUTF8; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOMEM.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_start_at(
    fd: c_int,
    options: *const rustchat_server_options,
    out: *mut *mut rustchat_server,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_server_start_at", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options.
        let options = unsafe { options::read(options) }?;
        let listener = Listener::adopt(fd).map_err(|error| error.context("fd"))?;
        out.set(handle::insert(Server::start(&options, Some(listener))?)?);
        Ok(())
    })
}

/// The address a server listens on, with the port that the system chose.
///
/// @param server the server.
/// @param buf receives the address and a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
///   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_address(
    server: *mut rustchat_server,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<Server>("rustchat_server_address", server, buf, cap, len) }
}

/// The port a server listens on.
///
/// @param server the server.
/// @param out receives the port, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOTSUP for a Unix socket; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_port(server: *mut rustchat_server, out: *mut u16) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::port::<Server>("rustchat_server_port", server, out) }
}

/// Waits for events and takes them, several at a time, in order.
///
/// @param server the server.
/// @param events receives the events, the former contents of which are not looked at; each is ended with
///   rustchat_event_clear.
/// @param cap how many fit, at least 1.
/// @param count receives how many came, at least 1 with RUSTCHAT_OK; 0 on failure.
/// @param timeout_ms milliseconds to wait for the first event; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after rustchat_server_wake; RUSTCHAT_ECLOSED when the server has
///   stopped and every event was taken; RUSTCHAT_ESTATE when callbacks take the events or none are wanted;
///   RUSTCHAT_EINVAL when a pointer is NULL, cap is 0 or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_poll(
    server: *mut rustchat_server,
    events: *mut rustchat_event,
    cap: usize,
    count: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or places that can be written.
    let slots = unsafe { Slots::new(events, cap, count) };
    guard::on("rustchat_server_poll", server, |server: &Server| {
        let (mut slots, deadline) = (slots?, deadline(timeout_ms)?);
        server.check_polled()?;
        server.chat.take(slots.capacity(), deadline, |events| {
            let mut contents = Contents::expecting(events.size_hint().0);
            events.for_each(|event| rustchat_event::add(event, &mut slots, &mut contents));
        })?;
        // Not while the queue is locked, in which whoever leaves is put with the room locked.
        if let Some(attachments) = server.attachments.as_ref().filter(|attachments| attachments.are_used()) {
            slots.each(|event| attachments.leave_with(event));
        }
        Ok(())
    })
}

/// A descriptor that is readable while rustchat_server_poll would not wait: for select, poll and epoll.
///
/// @param server the server.
/// @param fd receives the descriptor, -1 on failure. It belongs to the server: wait for it, do nothing else with it, and
///   not after rustchat_server_free.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE when callbacks take the events or none are wanted; RUSTCHAT_EINVAL when fd is NULL;
///   RUSTCHAT_EIO when no descriptor is left; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_poll_fd(server: *mut rustchat_server, fd: *mut c_int) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let fd = unsafe { Out::new(fd, -1) };
    guard::on("rustchat_server_poll_fd", server, |server: &Server| {
        let fd = fd?;
        server.check_polled()?;
        fd.set(server.chat.poll_fd()?);
        Ok(())
    })
}

/// Makes one waiting rustchat_server_poll, or else the next one, end with RUSTCHAT_EINTR.
///
/// @param server the server.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE when callbacks take the events or none are wanted; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no. Not for signal handlers.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_wake(server: *mut rustchat_server) -> rustchat_status {
    guard::on("rustchat_server_wake", server, |server: &Server| {
        server.check_polled()?;
        server.chat.wake();
        Ok(())
    })
}

/// Begins to stop a server: nobody joins any more, members are told and get what is queued for them, for 5 seconds at
/// most.
///
/// May be repeated, and called in callbacks. Calls that wait in the server end with RUSTCHAT_ECLOSED when it has stopped.
///
/// @param server the server.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_close(server: *mut rustchat_server) -> rustchat_status {
    guard::close::<Server>("rustchat_server_close", server)
}

/// Begins to stop a server like rustchat_server_close, with another time for what is queued.
///
/// May be repeated, and called in callbacks. Of several calls, those of rustchat_server_close included, the one whose end
/// comes first counts: a server that is stopping can be made to end sooner, by 0 at once.
///
/// @param server the server.
/// @param drain_ms milliseconds that members may take to read what is queued for them; 0 for none, -1 for as long as it
///   takes, an hour at most.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when drain_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_close_within(server: *mut rustchat_server, drain_ms: i64) -> rustchat_status {
    serving::close_within::<Server>("rustchat_server_close_within", server, drain_ms)
}

/// Waits until a server that was closed has stopped: its threads have ended, and on_drop was called.
///
/// @param server the server.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK, also when an internal error has ended the server; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EDEADLK in a callback of this server; RUSTCHAT_EINVAL when timeout_ms is
///   below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_join(server: *mut rustchat_server, timeout_ms: i64) -> rustchat_status {
    serving::join::<Server>("rustchat_server_join", server, timeout_ms)
}

/// Whether a server gets on: each of its threads for input and output is woken, and has to come to the end of what it does.
///
/// @param server the server.
/// @param timeout_ms milliseconds to wait for them; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT when one hangs, which the message of the error names; RUSTCHAT_EPANIC when an internal error has
///   ended the server; RUSTCHAT_ECLOSED when it was closed; RUSTCHAT_EDEADLK in a callback of this server; RUSTCHAT_EINVAL when
///   timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_probe(server: *mut rustchat_server, timeout_ms: i64) -> rustchat_status {
    guard::on("rustchat_server_probe", server, |server: &Server| server.chat.probe(deadline(timeout_ms)?))
}

/// Closes a server and releases it.
///
/// Other threads may be inside calls on the server: they end with RUSTCHAT_ECLOSED, and the last one releases it. After
/// fork, in the child, this does nothing.
///
/// @param server the server, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: until the server has stopped, about 7 seconds at most; in a callback not at all, and the server is released
///   a moment later.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_server_free(server: *mut rustchat_server) {
    guard::free::<Server>("rustchat_server_free", server);
}
