//! What the members have said, for somebody who is not waited for.

use std::sync::atomic::{AtomicU64, Ordering};

use super::event::Message;
use crate::Result;
use crate::net::{Deadline, Queue};

/// Messages taken at a time.
const MESSAGES_PER_ROUND: usize = 256;

/// Messages of the room that wait for the observer.
pub(super) struct Said {
    queue: Queue<Message>,
    limit: usize,
    dropped: AtomicU64,
}

impl Said {
    pub(super) fn new(limit: usize) -> Said {
        Said { queue: Queue::new(), limit, dropped: AtomicU64::new(0) }
    }

    /// Never waits: past the limit the oldest are lost.
    pub(super) fn push(&self, messages: impl Iterator<Item = Message>) {
        self.queue.lock(|waiting| {
            for message in messages {
                if waiting.len() >= self.limit {
                    waiting.pop_front();
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                }
                waiting.push_back(message);
            }
        });
    }

    /// Waits for messages and moves some of them to the end of `into`; `Closed` when there are none left.
    pub(super) fn take(&self, into: &mut Vec<Message>) -> Result<()> {
        self.queue.wait(&Deadline::never(), "observe", |waiting| {
            into.extend(waiting.drain(..MESSAGES_PER_ROUND.min(waiting.len())));
        })
    }

    /// One that was taken goes to nobody.
    pub(super) fn lose(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were lost.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Nothing comes any more.
    pub(super) fn close(&self) {
        self.queue.close();
    }
}
