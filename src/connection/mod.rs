//! Connections that carry whole messages: a stream, a framing and, if wanted, a handshake before the first message.

mod coalesce;
mod doubt;
mod ends;
mod farewell;
mod flow;
mod gather;
mod greeter;
mod greeting;
mod halves;
mod introduction;
mod listener;
mod meeting;
mod nowait;
mod options;
mod parking;
mod patience;
mod receive;
mod reception;
mod sealing;
mod secure;
mod send;
mod stream_listener;
mod tail;
mod timed_mutex;

use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::auth::Identity;
use crate::frame::Framing;
use crate::net::{Address, Deadline, LOOK_UP, Stream};
use crate::reactor::Released;
use crate::tls::{Machine, Protection};
use crate::{Error, Result, Status};

use flow::Flow;
pub use greeting::connect;
pub(crate) use greeting::connect_if;
use halves::{Receiver, Sender};
pub use introduction::{Introduction, Step};
pub use listener::MessageListener;
pub use options::{AcceptOptions, ConnectOptions};
pub(crate) use options::{Connecting, connecting};
// For the Python face, whose servers make sockets of their own, and whose sockets carry frames as connections do.
#[doc(hidden)]
pub use parking::{Departure, ParkingLot};
pub use receive::Received;
#[doc(hidden)]
pub use stream_listener::StreamListener;
#[doc(hidden)]
pub use timed_mutex::{TimedGuard, TimedMutex};

use secure::Secure;

/// A connection of whole messages. All methods take `&self`: any thread may send, receive and close at any time.
///
/// Messages of concurrent senders do not mix, and each message goes to one of several receivers.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    /// `None` for a plain stream.
    secure: Option<Box<Secure>>,
    framing: Framing,
    limit: usize,
    receiver: TimedMutex<Receiver>,
    sender: TimedMutex<Sender>,
    flow: Flow,
    closed: AtomicBool,
    /// This end has made the connection.
    connecting: bool,
    /// The peer speaks something else: every later call says so.
    stranger: OnceLock<Error>,
    identity: Option<Identity>,
}

impl Connection {
    fn new(stream: Stream, framing: Framing, limit: usize, polling: Duration) -> Connection {
        Connection {
            stream,
            secure: None,
            framing,
            limit,
            receiver: TimedMutex::new(Receiver::new(framing, limit, polling)),
            sender: TimedMutex::default(),
            flow: Flow::default(),
            closed: AtomicBool::new(false),
            connecting: true,
            stranger: OnceLock::new(),
            identity: None,
        }
    }

    /// The accepting side, after its handshake: what came behind that belongs to the first message.
    fn accepted(given: Released, identity: Option<Identity>, options: &AcceptOptions) -> Result<Connection> {
        let Released { stream, machine, rest } = given;
        let mut connection = Connection::new(stream, options.framing, options.frame_limit(), options.polling);
        connection.connecting = false;
        connection.begun(machine, identity, &rest)?;
        Ok(connection)
    }

    /// What has come of its beginning.
    fn begun(&mut self, machine: Option<Machine>, identity: Option<Identity>, rest: &[u8]) -> Result<()> {
        self.identity = identity;
        self.secure = machine.map(|machine| Box::new(Secure::new(machine)));
        self.note_end();
        self.begin_with(rest)
    }

    /// The other end.
    pub fn peer(&self) -> &Address {
        self.stream.peer()
    }

    /// This end.
    pub fn local(&self) -> Result<Address> {
        self.stream.local()
    }

    /// Whom the handshake has shown the peer to be; `None` without one.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What protects what is sent and received.
    pub fn protection(&self) -> Protection {
        let binding = self.identity.as_ref().map_or(0, |identity| identity.binding);
        Protection::new(self.secure.is_some(), binding, self.secure.as_ref().and_then(|secure| secure.pin))
    }

    /// The framing of both directions.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Ends the connection in both directions and wakes every call that waits in it with `Closed`. Never blocks;
    /// may be repeated. The peer gets what was sent before. By TLS it is told that this is the end; where the system has no
    /// room for that, a thread of the library's waits for some, as long as the peer takes anything within 10 s.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.end_stream();
        }
    }

    /// Ends one direction and leaves the other as it is; nothing if this side has closed. Never blocks.
    ///
    /// `Read`: `recv` gives what has come, then `Closed`, and wakes up for it. `Write`: the peer reads what was sent, then the
    /// end of the stream, and may still answer. `Both` is [`Connection::close`].
    pub fn shutdown(&self, direction: Shutdown) {
        match direction {
            _ if self.is_closed() => {}
            Shutdown::Read => self.end_receiving(),
            Shutdown::Write => self.end_sending(),
            Shutdown::Both => self.close(),
        }
    }

    /// Closes this side, but leaves the stream as it is; when the connection is dropped, this process's descriptor is
    /// closed and nothing else. For a connection that `fork` has copied and the other process goes on with.
    ///
    /// With TLS that is the process in which the connection was made: in any other, sending and receiving fail (`BadState`),
    /// since two who use the same keys would give them away.
    pub fn release(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// A child process of `fork` gives its copy of the descriptor up, see [`after_fork`](crate::net::after_fork): nobody can
    /// use the connection there.
    pub(crate) fn keep_from_children(&self) {
        self.stream.keep_from_children();
    }

    /// Whether this side has closed.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn closed_error(&self) -> Error {
        let closed = || Error::new(Status::Closed, format!("the connection with {} is closed", self.stream.peer()));
        self.stranger.get().cloned().unwrap_or_else(closed)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl AsRawFd for Connection {
    fn as_raw_fd(&self) -> RawFd {
        self.stream.as_raw_fd()
    }
}

pub(crate) fn lock<'m, T>(mutex: &'m TimedMutex<T>, deadline: &Deadline<'_>, what: &str) -> Result<TimedGuard<'m, T>> {
    if let Some(guard) = mutex.try_lock() {
        return Ok(guard);
    }
    if mutex.is_mine() {
        return Err(would_deadlock(what));
    }
    deadline.waiting(|deadline| wait_for(mutex, deadline, what))
}

/// For a call in a signal handler that has interrupted one like it, or in what that one calls.
#[cold]
fn would_deadlock(what: &str) -> Error {
    let message = format!("{what}: this thread is inside a call on the same connection, which would wait for itself");
    Error::new(Status::WouldDeadlock, message)
}

#[cold]
fn wait_for<'m, T>(mutex: &'m TimedMutex<T>, deadline: &Deadline<'_>, what: &str) -> Result<TimedGuard<'m, T>> {
    loop {
        // A mutex does not notice signals: whoever may be interrupted looks up from time to time.
        let pause = if deadline.can_be_interrupted() { LOOK_UP } else { Duration::MAX };
        let guard = match deadline.at_most(pause).instant() {
            None => Some(mutex.lock()),
            Some(at) => mutex.try_lock_until(at),
        };
        match guard {
            Some(guard) => return Ok(guard),
            None if deadline.has_passed() => return Err(Deadline::timed_out(what)),
            None => deadline.interrupted()?,
        }
    }
}
