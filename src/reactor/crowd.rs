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

    /// Called by the worker's own thread.
    pub(super) fn set_spare(&self, spare: usize) {
        if self.spare.load(Ordering::Relaxed) != spare {
            self.spare.store(spare, Ordering::Relaxed);
        }
    }

    /// One of them has made place. Called by the worker's own thread.
    pub(super) fn use_spare(&self) {
        self.set_spare(self.spare.load(Ordering::Relaxed).saturating_sub(1));
    }

    /// Whether the worker may be dealt one more. If not, newcomers wait in the kernel's backlog: taken on, they would push
    /// out others who have only just come, or wait for this end.
    pub(super) fn has_room(&self) -> bool {
        self.count.load(Ordering::Relaxed) < self.limit + self.spare.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_let_in_past_the_limit_as_make_place() {
        let crowd = Crowd::new(2);
        (0..2).for_each(|_| crowd.enter());
        assert!(!crowd.has_room());
        crowd.set_spare(1);
        assert!(crowd.has_room());
        crowd.enter();
        assert!(!crowd.has_room());
        crowd.leave();
        crowd.use_spare();
        assert!(!crowd.has_room(), "the one who made place is counted once");
        crowd.use_spare();
        crowd.leave();
        assert!(crowd.has_room());
    }
}
