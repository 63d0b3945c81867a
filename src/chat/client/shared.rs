//! What a client's handles and its reader have in common.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::end::End;
use super::incoming::Incoming;
use super::limit::Limit;
use crate::Error;
use crate::connection::Connection;
use crate::frame::Framing;
use crate::net::{Address, Queue};

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
    pub(super) connection: Connection,
    /// Where it began: in a child of `fork` the connection is given up, and its address cannot be asked for.
    pub(super) local: Address,
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
}

impl Shared {
    /// The server will get that.
    pub(super) fn said(&self, request: &str) {
        if self.connection.framing() == Framing::Line && request.trim_start() == "quit" {
            self.left.store(true, Ordering::Relaxed);
        }
        self.messages_out.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn close(&self) {
        self.connection.close();
        // The reader may be waiting for room, which nobody needs to make.
        self.events.let_through();
    }
}
