//! How the other threads reach a worker.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use mio::Waker;

use super::admission::Permit;
use super::crowd::Crowd;
use crate::net::Stream;

/// What a worker is told.
pub(super) enum Post<C> {
    /// A new connection is yours.
    Adopt(Arrival),
    /// Something of the service's, and what it weighs in bytes.
    Call(C, usize),
    /// Read no more; be gone by that time.
    Stop(Instant),
    /// Some key counts no more.
    Revoked,
    /// Nothing more will come: say goodbye and end.
    Finish,
}

/// A connection that was let in.
pub(super) struct Arrival {
    pub(super) stream: Stream,
    pub(super) serial: u64,
    pub(super) permit: Permit,
}

/// Bytes on the way to one worker, past which its peers are not read: who sends must not outrun the worker that serves who
/// receives. Less where outboxes are small, so that what comes in one turn does not fill them several times over.
const CONGESTED: usize = 2 * 1024 * 1024;

/// The sending end of a worker's channel. What waits in it is bounded by two counts of bytes: a backlog that stops the
/// reading of peers, and what the embedder's threads have reserved, for which they wait.
pub(crate) struct Inbox<C> {
    sender: Sender<Post<C>>,
    waker: Waker,
    asleep: AtomicBool,
    backlog: AtomicUsize,
    congested: usize,
    /// The worker has failed: nothing here is ever taken.
    abandoned: AtomicBool,
    /// Bytes of the embedder's from before they are pushed until they are delivered.
    reserved: AtomicUsize,
    /// The worker is told already that a key counts no more, and has yet to look.
    revocation: AtomicBool,
    crowd: Crowd,
}

impl<C> Inbox<C> {
    pub(super) fn new(waker: Waker, outbox_limit: usize, crowd: Crowd) -> (Inbox<C>, Receiver<Post<C>>) {
        let (sender, receiver) = unbounded();
        let inbox = Inbox {
            sender,
            waker,
            asleep: AtomicBool::new(false),
            backlog: AtomicUsize::new(0),
            congested: CONGESTED.min(outbox_limit.saturating_mul(2)),
            abandoned: AtomicBool::new(false),
            reserved: AtomicUsize::new(0),
            revocation: AtomicBool::new(false),
            crowd,
        };
        (inbox, receiver)
    }

    /// The newcomers of its worker.
    pub(super) fn crowd(&self) -> &Crowd {
        &self.crowd
    }

    pub(super) fn post(&self, post: Post<C>) {
        if let Post::Call(_, weight) = &post {
            self.backlog.fetch_add(*weight, Ordering::Relaxed);
        }
        // A worker that has ended takes nothing: what it is about is gone too.
        let _ = self.sender.send(post);
    }

    /// Adds a call of so many bytes without waking the worker, so that several cost one wake-up.
    pub(crate) fn push(&self, call: C, weight: usize) {
        self.post(Post::Call(call, weight));
    }

    /// Wakes the worker if it sleeps; free of system calls when it does not.
    pub(crate) fn wake(&self) {
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

    pub(crate) fn send(&self, call: C) {
        self.push(call, 0);
        self.wake();
    }

    /// Has the worker look for those whose key counts no more: once, however often it is told before it does.
    pub(super) fn revoke(&self) {
        if !self.revocation.swap(true, Ordering::SeqCst) {
            self.post(Post::Revoked);
            self.wake();
        }
    }

    /// The worker is about to look: what is revoked after this is told anew.
    pub(super) fn revoked(&self) {
        self.revocation.store(false, Ordering::SeqCst);
    }

    /// The worker is about to sleep; what is pushed after this wakes it. It must look at its channel once more.
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
        before > self.congested && before - bytes <= self.congested
    }

    pub(super) fn is_congested(&self) -> bool {
        self.backlog.load(Ordering::Relaxed) > self.congested && !self.abandoned.load(Ordering::Relaxed)
    }

    /// Whether the embedder may send so much more. One message always may, however long.
    pub(crate) fn has_room(&self, size: usize, bound: usize) -> bool {
        let reserved = self.reserved.load(Ordering::SeqCst);
        reserved == 0 || reserved.saturating_add(size) <= bound
    }

    pub(crate) fn reserve(&self, size: usize) {
        self.reserved.fetch_add(size, Ordering::SeqCst);
    }

    pub(crate) fn release(&self, size: usize) {
        self.reserved.fetch_sub(size, Ordering::SeqCst);
    }
}
