//! What becomes of somebody who has connected.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::admission::Permit;
use super::commons::Commons;
use super::inbox::{Arrival, Post};
use super::shared::Shared;
use crate::Error;
use crate::net::Stream;
use crate::opening::TLS_CLOSED;

impl<C> Commons<C> {
    /// Gives a connection to a worker, without waking it.
    pub(super) fn let_in(&self, worker: usize, stream: Stream, permit: Permit) {
        stream.keep_from_children();
        let inbox = &self.inboxes()[worker];
        if self.options.is_guarded() {
            inbox.crowd().enter();
        }
        inbox.post(Post::Adopt(Arrival { stream, serial: next_serial(), permit }));
    }

    /// Tells somebody for whom there is no place why, as far as that takes no waiting. Returns when to tell what was gathered
    /// of such, if there is any.
    pub(super) fn turn_away(&self, shared: &impl Shared, stream: &Stream, why: Error, now: Instant) -> Option<Instant> {
        self.totals.refused.add(1);
        let due = self.strangers.refused(now, stream.peer(), why.message());
        // Before a handshake the peer expects none of our messages: it sees the end of TLS, if that is spoken, and of the stream.
        if self.options.tls.is_some() {
            let _ = stream.try_send(TLS_CLOSED);
        } else if !self.options.is_guarded()
            && let Some(words) = shared.refusal(why)
        {
            let _ = stream.try_send(&words);
        }
        due
    }
}

/// A number that no other connection of this process has.
fn next_serial() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
