//! How many newcomers a worker has, for whoever deals out more.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The handshakes of one worker, those included that it has yet to take on. Written by its own thread and by who accepts.
#[derive(Default)]
pub(super) struct Crowd {
    limit: usize,
    count: AtomicUsize,
    /// How many of them have had their time, and make place for others.
    spare: AtomicUsize,
}

impl Crowd {
    pub(super) fn new(limit: usize) -> Crowd {
        Crowd { limit, ..Crowd::default() }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn enter(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn set_spare(&self, spare: usize) {
        self.spare.store(spare, Ordering::Relaxed);
    }

    /// Whether the worker may be dealt one more. If not, newcomers wait in the kernel's backlog: taken on, they would push
    /// out others who have only just come, or wait for this end.
    pub(super) fn has_room(&self) -> bool {
        self.count.load(Ordering::Relaxed) < self.limit + self.spare.load(Ordering::Relaxed)
    }
}
