//! How the other threads reach a worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, unbounded};
use mio::Waker;

use super::admission::Permit;
use super::event::LeaveReason;
use super::member::{Member, MemberId};
use crate::net::Stream;

/// Entries of the room's log that were published together, encoded once and shared by all receivers.
pub(super) struct Batch {
    /// Its place in the log. A member gets what comes after the place at which it joined.
    pub(super) position: u64,
    /// Entries in it.
    pub(super) count: u64,
    pub(super) bytes: Bytes,
    /// One member that does not get it; 0 is nobody.
    pub(super) except: MemberId,
    /// What the embedder has reserved for it with each worker; 0 for what members say.
    pub(super) reserved: usize,
}

/// Where a session lives; the id tells whether it still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SessionRef {
    pub(super) worker: usize,
    pub(super) token: usize,
    pub(super) id: MemberId,
}

pub(super) enum Command {
    /// A new connection is yours.
    Adopt(Stream, Arc<Member>, Permit),
    Publish(Arc<Batch>),
    /// The embedder's words for one member, and what was reserved for them.
    Send {
        to: SessionRef,
        chunk: Bytes,
        reserved: usize,
    },
    Disconnect(SessionRef, LeaveReason),
    /// The embedder's answer to whether a connection may join.
    Admit(SessionRef, bool),
    /// Read no more; be gone by that time.
    Stop(Instant),
    /// Nothing more will be published: say goodbye and end.
    Finish,
}

/// Bytes published but not yet delivered by one worker, past which members are not read: a sender must not outrun
/// the worker that serves the receivers.
const CONGESTED: usize = 2 * 1024 * 1024;

/// The sending end of a worker's channel.
pub(super) struct Inbox {
    sender: Sender<Command>,
    waker: Waker,
    asleep: AtomicBool,
    backlog: AtomicUsize,
    /// The worker has failed: nothing here is ever taken.
    abandoned: AtomicBool,
    /// Bytes of the embedder's from before they are pushed until they are delivered.
    reserved: AtomicUsize,
}

impl Inbox {
    pub(super) fn new(waker: Waker) -> (Inbox, Receiver<Command>) {
        let (sender, receiver) = unbounded();
        let inbox = Inbox {
            sender,
            waker,
            asleep: AtomicBool::new(false),
            backlog: AtomicUsize::new(0),
            abandoned: AtomicBool::new(false),
            reserved: AtomicUsize::new(0),
        };
        (inbox, receiver)
    }

    /// Adds a command without waking the worker, so that several cost one wake-up.
    pub(super) fn push(&self, command: Command) {
        if let Command::Publish(batch) = &command {
            self.backlog.fetch_add(batch.bytes.len(), Ordering::Relaxed);
        }
        // A worker that has ended takes no commands: what they are about is gone too.
        let _ = self.sender.send(command);
    }

    /// Wakes the worker if it sleeps; free of system calls when it does not.
    pub(super) fn wake(&self) {
        if self.asleep.swap(false, Ordering::SeqCst) {
            let _ = self.waker.wake();
        }
    }

    /// Wakes the worker if there is anything for it.
    pub(super) fn wake_if_any(&self) {
        if !self.sender.is_empty() {
            self.wake();
        }
    }

    pub(super) fn send(&self, command: Command) {
        self.push(command);
        self.wake();
    }

    /// The worker is about to sleep; a command pushed after this wakes it. It must look at its channel once more.
    pub(super) fn falling_asleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
    }

    pub(super) fn awake(&self) {
        self.asleep.store(false, Ordering::SeqCst);
    }

    /// The worker takes nothing any more: nobody is to wait for it.
    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// The worker has taken so many bytes; true when this ended a congestion that others may be waiting for.
    pub(super) fn relieve(&self, bytes: usize) -> bool {
        let before = self.backlog.fetch_sub(bytes, Ordering::Relaxed);
        before > CONGESTED && before - bytes <= CONGESTED
    }

    /// Whether the embedder may send so much more. One message always may, however long.
    pub(super) fn has_room(&self, size: usize, bound: usize) -> bool {
        let reserved = self.reserved.load(Ordering::SeqCst);
        reserved == 0 || reserved.saturating_add(size) <= bound
    }

    pub(super) fn reserve(&self, size: usize) {
        self.reserved.fetch_add(size, Ordering::SeqCst);
    }

    pub(super) fn release(&self, size: usize) {
        self.reserved.fetch_sub(size, Ordering::SeqCst);
    }

    pub(super) fn is_congested(&self) -> bool {
        self.backlog.load(Ordering::Relaxed) > CONGESTED && !self.abandoned.load(Ordering::Relaxed)
    }
}
