//! What a client's handles and its reader have in common.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::end::End;
use super::incoming::Incoming;
use super::limit::Limit;
use super::link::{Held, Link};
use super::questions::Questions;
use super::steady::{self, Steady};
use crate::frame::Framing;
use crate::net::{Address, Queue};
use crate::sync::Mutex;
use crate::{Error, Status, error};

/// Something that happened to a client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientEvent {
    /// The server sent something.
    Incoming(Incoming),
    /// The connection has ended, for this reason; `None` when this side closed it. Comes once, and last.
    Closed(Option<Error>),
}

/// What the handles and the reader's thread have in common.
pub(super) struct Shared {
    pub(super) link: Link,
    pub(super) framing: Framing,
    /// Where it began: in a child of `fork` the connection is given up, and its address cannot be asked for.
    pub(super) local: Mutex<Address>,
    pub(super) events: Queue<ClientEvent>,
    pub(super) event_limit: usize,
    pub(super) messages_in: AtomicU64,
    pub(super) messages_out: AtomicU64,
    pub(super) limit: Limit,
    pub(super) end: End,
    /// We have said that we leave: the end that the server makes of it is our own.
    pub(super) leaving: AtomicBool,
    /// We have said `quit`, in whichever way: what is sent after it would be lost.
    pub(super) left: AtomicBool,
    /// The connection has broken, and the client is about to come back.
    pub(super) away: AtomicBool,
    pub(super) questions: Questions,
    /// The one that the server has said we have.
    pub(super) name: Mutex<Option<String>>,
}

impl Shared {
    /// The server will get that.
    pub(super) fn said(&self, request: &str) {
        if self.is_quit(request) {
            self.left.store(true, Ordering::Relaxed);
        }
        self.messages_out.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether that is no message: in line chat the word alone leaves.
    pub(super) fn is_quit(&self, request: &str) -> bool {
        self.is_line() && request.trim_start() == "quit"
    }

    pub(super) fn is_line(&self) -> bool {
        self.framing == Framing::Line
    }

    /// Whoever waits for an answer is told that it stands behind as many events as may wait: it may be who would have to take them.
    pub(super) fn check_room_for_answers(&self) {
        if self.questions.any()
            && let Err(why) = self.has_room_for_answers()
        {
            self.questions.fail(&why);
        }
    }

    /// An error where no answer would be read.
    pub(super) fn has_room_for_answers(&self) -> crate::Result<()> {
        if self.events.lock(|items| items.len()) < self.event_limit {
            return Ok(());
        }
        let what = "not answered: as many events wait as may, and the answer would come behind them";
        Err(Error::new(Status::Overflow, what))
    }

    pub(super) fn connection(&self) -> Held<'_> {
        self.link.connection()
    }

    /// Of a client that comes back.
    pub(super) fn steady(&self) -> Option<&Steady> {
        match &self.link {
            Link::Fixed(_) => None,
            Link::Steady(steady) => Some(steady),
        }
    }

    /// The body of the thread that sends for a client that comes back.
    pub(super) fn send_all(&self) {
        if let Some(steady) = self.steady()
            && let Err(failure) = error::caught("rustchat-say", || steady.send_all())
        {
            log::error!("{failure}; the client ends");
            steady.end();
        }
    }

    /// Whether this is the end for good.
    pub(super) fn is_closed(&self) -> bool {
        match &self.link {
            Link::Fixed(connection) => connection.is_closed(),
            Link::Steady(steady) => steady.is_over(),
        }
    }

    /// Whether it has lost its connection and is not taken in again yet.
    pub(super) fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// We leave: the end that comes is our own, and nothing may be said any more.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        self.left.store(true, Ordering::Relaxed);
        if let Some(steady) = self.steady() {
            steady.quit();
        }
    }

    pub(super) fn quit(&self) -> &'static [u8] {
        steady::quit(self.framing)
    }

    pub(super) fn close(&self) {
        match &self.link {
            Link::Fixed(connection) => connection.close(),
            Link::Steady(steady) => steady.end(),
        }
        // The reader may be waiting for room, which nobody needs to make.
        self.events.let_through();
    }
}
