//! A member's side of a chat.

mod asked;
mod asking;
mod end;
mod incoming;
mod ledger;
mod limit;
mod link;
mod nowait;
mod options;
mod questions;
mod reader;
mod requests;
mod returning;
mod saying;
mod sender;
mod shared;
mod steady;
mod wall;
mod watch;

use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::chat::ClientStats;
use crate::connection::{Connection, connect};
use crate::net::{Address, Deadline, Queue, Threads};
use crate::reactor::Ending;
use crate::sync::Mutex;
use crate::tls::Protection;
use crate::{Error, Result, Status};

pub use asked::ClientQuestion;
use end::End;
pub use incoming::{Incoming, IncomingKind};
use limit::Limit;
use link::{Held, Link};
pub use options::ClientOptions;
pub use questions::ClientAnswer;
use questions::Questions;
use reader::Reader;
pub use sender::Sender;
pub use shared::ClientEvent;
use shared::Shared;
use steady::Steady;
pub use wall::WallTime;

/// A connected member. Clones are handles of the same one; all methods may be called from any thread. When the last
/// handle goes, the connection is closed.
#[derive(Clone)]
pub struct ChatClient {
    owner: Arc<Owner>,
}

struct Owner {
    threads: Threads,
    shared: Arc<Shared>,
    polled: bool,
    ending: Arc<Ending>,
    running: Mutex<Vec<JoinHandle<()>>>,
}

const WAITING: &str = "waiting for the client to end";

impl ChatClient {
    /// Connects; what is received is taken with [`ChatClient::recv`] or [`ChatClient::poll`].
    pub fn connect<'a>(options: &ClientOptions, deadline: impl Into<Deadline<'a>>) -> Result<ChatClient> {
        ChatClient::launch(options, &deadline.into(), None)
    }

    /// Connects, and calls `handler` for every event, one at a time, on a thread of the client's own.
    ///
    /// The handler may use the client, except that waiting for its end is refused with `WouldDeadlock`.
    pub fn connect_with<'a>(
        options: &ClientOptions,
        deadline: impl Into<Deadline<'a>>,
        handler: impl FnMut(ClientEvent) + Send + 'static,
    ) -> Result<ChatClient> {
        ChatClient::launch(options, &deadline.into(), Some(Box::new(handler)))
    }

    fn launch(
        options: &ClientOptions,
        deadline: &Deadline<'_>,
        handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
    ) -> Result<ChatClient> {
        let connection = connect(options.endpoint.clone(), &options.connection()?, *deadline)?;
        ChatClient::begin(connection, options, deadline, handler)
    }

    /// A client over a connection that was made with [`ClientOptions::connection`], such as by an
    /// [`Introduction`](crate::connection::Introduction). What is received is taken with [`ChatClient::recv`] or
    /// [`ChatClient::poll`].
    pub fn over(connection: Connection, options: &ClientOptions) -> Result<ChatClient> {
        // Of a new connection the kernel takes the first words.
        ChatClient::begin(connection, options, &Deadline::after(Duration::ZERO), None)
    }

    fn begin(
        connection: Connection,
        options: &ClientOptions,
        deadline: &Deadline<'_>,
        handler: Option<Box<dyn FnMut(ClientEvent) + Send>>,
    ) -> Result<ChatClient> {
        connection.keep_from_children();
        if let Some(hello) = options.hello() {
            connection.send(hello.as_bytes(), *deadline)?;
        }
        let polled = handler.is_none();
        let shared = Arc::new(Shared {
            local: Mutex::new(connection.local()?),
            framing: options.framing,
            link: Link::new(connection, options)?,
            events: Queue::new(),
            event_limit: options.event_limit,
            messages_in: AtomicU64::new(0),
            messages_out: AtomicU64::new(0),
            limit: Limit::new(options.framing, options.message_limit),
            end: End::default(),
            leaving: AtomicBool::new(false),
            left: AtomicBool::new(false),
            away: AtomicBool::new(false),
            questions: Questions::default(),
            name: Mutex::new(None),
        });
        let ending = Arc::new(Ending::new());
        let threads = Threads::new();
        let mut running = Vec::new();
        if shared.steady().is_some() {
            let shared = Arc::clone(&shared);
            let send = move || shared.send_all();
            running.push(threads.spawn("rustchat-say", send)?);
        }
        let reader = Reader::new(Arc::clone(&shared), handler, Arc::clone(&ending), options);
        match threads.spawn("rustchat-client", move || reader.run()) {
            Ok(thread) => running.push(thread),
            Err(error) => {
                shared.close();
                return Err(error);
            }
        }
        Ok(ChatClient { owner: Arc::new(Owner { threads, shared, polled, ending, running: Mutex::new(running) }) })
    }

    fn connection(&self) -> Held<'_> {
        self.owner.shared.connection()
    }

    fn steady(&self) -> Option<&Steady> {
        self.owner.shared.steady()
    }

    /// The server's address; that of the last one while there is no connection.
    pub fn peer(&self) -> Address {
        self.connection().peer().clone()
    }

    /// Our address, which is how the others see us; the last one while there is no connection.
    pub fn local(&self) -> Result<Address> {
        Ok(self.owner.shared.local.lock().clone())
    }

    /// What protects what is said and heard.
    pub fn protection(&self) -> Protection {
        self.connection().protection()
    }

    /// The longest message that may be sent, in bytes, as [`ClientOptions::message_limit`] counts them; `None` while it is
    /// not known.
    pub fn message_limit(&self) -> Option<usize> {
        Some(self.owner.shared.limit.get()).filter(|limit| *limit > 0)
    }

    /// Waits for the next thing somebody says, to the room or to us, or for the [gap](IncomingKind::Gap) where some of that may
    /// be missing; other events are passed over.
    ///
    /// # Errors
    /// What the server refuses, once, as the error that stands for it ([`Incoming::refusal`]): the connection goes on.
    /// `Closed` when the connection has ended, with the server's reason if it gave one; whom it does not let in it tells
    /// why in the same way.
    pub fn recv<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Incoming> {
        let deadline = deadline.into();
        let mut events = Vec::new();
        loop {
            self.poll(&mut events, 1, deadline).map_err(|error| self.owner.shared.end.explain(error))?;
            match events.pop() {
                Some(ClientEvent::Incoming(incoming)) => match incoming.kind {
                    IncomingKind::Message | IncomingKind::Direct | IncomingKind::Gap => return Ok(incoming),
                    // Of a refusal that ends the connection the end tells.
                    IncomingKind::Refused if !incoming.is_last() => {
                        return Err(incoming.refusal().unwrap_or_else(|| Status::ProtocolViolation.into()));
                    }
                    _ => {}
                },
                Some(ClientEvent::Closed(Some(reason))) => return Err(reason),
                _ => {}
            }
        }
    }

    /// Whether the server has not let us in: it was full or stopping, or its embedder did not admit us.
    pub fn was_refused(&self) -> bool {
        self.owner.shared.end.was_refused()
    }

    /// Gives back what [`ChatClient::recv`] gave, for whoever asks next.
    pub fn put_back(&self, incoming: Incoming) {
        self.owner.shared.events.lock(|items| items.push_front(ClientEvent::Incoming(incoming)));
    }

    /// Waits for events and moves up to `most` of them to the end of `into`.
    ///
    /// `Closed` after the last one was taken; `Interrupted` after [`ChatClient::wake`]; `BadState` with a handler.
    pub fn poll<'a>(&self, into: &mut Vec<ClientEvent>, most: usize, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.check_polled()?;
        self.owner.shared.events.wait(&deadline.into(), "receive", |items| {
            into.extend(items.drain(..most.max(1).min(items.len())));
        })
    }

    /// A descriptor that is readable while [`ChatClient::poll`] would not wait. It belongs to the client.
    pub fn poll_fd(&self) -> Result<RawFd> {
        self.check_polled()?;
        self.owner.shared.events.poll_fd()
    }

    fn check_polled(&self) -> Result<()> {
        if self.owner.polled {
            return Ok(());
        }
        Err(Error::new(Status::BadState, "events go to the handler"))
    }

    /// Makes one waiting [`ChatClient::poll`] (or the next one) return `Interrupted`.
    pub fn wake(&self) {
        self.owner.shared.events.wake();
    }

    /// Numbers since the start.
    pub fn stats(&self) -> ClientStats {
        ClientStats {
            messages_out: self.owner.shared.messages_out.load(Ordering::Relaxed),
            messages_in: self.owner.shared.messages_in.load(Ordering::Relaxed),
        }
    }

    /// Whether the connection has ended, from either side, and for good.
    pub fn is_closed(&self) -> bool {
        self.owner.shared.is_closed()
    }

    /// Whether the connection has broken and the client, which is not closed, is about to
    /// [come back](ClientOptions::reconnect).
    pub fn is_reconnecting(&self) -> bool {
        !self.is_closed() && self.owner.shared.is_away()
    }

    /// Messages that were said, but that the server has not acknowledged, of a client that [comes
    /// back](ClientOptions::reconnect); in line chat, where nothing is acknowledged, those that were not sent. Always 0 of others.
    pub fn unacknowledged(&self) -> usize {
        self.steady().map_or(0, |steady| steady.waiting().0)
    }

    /// Waits until there are no [unacknowledged](ChatClient::unacknowledged) messages.
    ///
    /// # Errors
    /// `Closed` when the client has ended before; `WouldDeadlock` in the handler.
    pub fn drain<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        let Some(steady) = self.steady() else { return Ok(()) };
        self.owner.threads.check_wait()?;
        steady.drain(&deadline.into()).map_err(|error| self.owner.shared.end.explain(error))
    }

    /// Ends the connection at once; every waiting call returns. Never waits; may be repeated and called from the handler.
    pub fn close(&self) {
        self.owner.shared.close();
    }

    /// Waits until the connection has ended and the handler has seen it. `WouldDeadlock` in the handler.
    pub fn join<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.owner.threads.check_wait()?;
        self.owner.ending.wait(&deadline.into(), WAITING)?;
        self.owner.reap();
        Ok(())
    }

    /// Says `quit`: the server sends what it has for us and closes. Until then everything can still be received. A client that
    /// comes back does so no more; while it has no connection, this is the end at once.
    pub fn leave<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        let shared = &self.owner.shared;
        shared.leave();
        match self.steady() {
            None => self.connection().send(shared.quit(), deadline).map_err(|error| shared.end.explain(error)),
            // Its own thread may not wait for what it has to do itself.
            Some(_) if self.owner.threads.is_current() => Ok(()),
            Some(steady) => steady.await_quit(&deadline.into()),
        }
    }

    /// Leaves, gives the server `patience` to let us go, then closes and waits for the handler. What comes meanwhile and
    /// nobody takes is thrown away.
    ///
    /// Ends within `patience` and a moment, unless the handler does not return: then the error is `TimedOut`, and a later
    /// call waits for it anew. In the handler it leaves and returns.
    pub fn stop<'a>(&self, patience: impl Into<Deadline<'a>>) -> Result<()> {
        let patience = patience.into();
        if !self.is_closed() && self.leave(patience.at_most(Duration::from_secs(1))).is_ok() {
            if self.owner.threads.is_current() {
                return Ok(());
            }
            // The reader must come to the server's end, whether or not somebody takes what it reads.
            self.owner.shared.events.close();
            let _ = self.owner.ending.wait(&patience, WAITING);
        }
        self.close();
        if self.owner.threads.is_current() {
            return Ok(());
        }
        self.owner.ending.wait_beyond(patience, WAITING)?;
        self.owner.reap();
        Ok(())
    }
}

impl Owner {
    /// Takes the threads back, which have ended or are about to without waiting for anything.
    fn reap(&self) {
        for thread in std::mem::take(&mut *self.running.lock()) {
            // A panic of the reader's was logged where it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.close();
        self.shared.events.close();
        if !self.threads.is_current() {
            let _ = self.ending.wait_beyond(Deadline::after(Duration::ZERO), WAITING).map(|()| self.reap());
        }
    }
}
