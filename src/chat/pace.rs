//! How fast the embedder may speak, and whether a member that is behind reads on.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::Result;
use crate::net::Signal;
use crate::sync::Condvar;

/// Bytes of the embedder's under way to one worker, at most; less where outboxes are small.
const UNDER_WAY: usize = 512 * 1024;

/// What the threads of an embedder wait for before they speak.
pub(super) struct Pace {
    /// Bytes that may be under way to one worker. Together with the half of an outbox from which a member is waited for,
    /// they leave an eighth of it to what members say.
    pub(super) bound: usize,
    /// Members that are behind, and read.
    pub(super) awaited: AtomicUsize,
    /// Threads that wait, and one more while somebody waits for the signal.
    pub(super) waiting: AtomicUsize,
    pub(super) changed: Condvar,
    /// For who waits in some other way. Made on first use.
    signal: OnceLock<Signal>,
    /// Somebody was refused since it was last set.
    refused: AtomicBool,
}

impl Pace {
    pub(super) fn new(outbox_limit: usize) -> Pace {
        Pace {
            bound: (outbox_limit / 8 * 3).min(UNDER_WAY),
            awaited: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            changed: Condvar::new(),
            signal: OnceLock::new(),
            refused: AtomicBool::new(false),
        }
    }

    /// Set while it is worth to try again what was refused.
    pub(super) fn signal(&self) -> Result<&Signal> {
        if let Some(signal) = self.signal.get() {
            return Ok(signal);
        }
        let made = Signal::new()?;
        made.set();
        Ok(self.signal.get_or_init(|| made))
    }

    /// Somebody is refused who does not wait here. Under the log's lock, after having been counted among those who wait.
    pub(super) fn refuse(&self) {
        let Some(signal) = self.signal.get() else { return };
        if !self.refused.swap(true, Ordering::Relaxed) {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            signal.clear();
        }
    }

    /// Has everybody look again, under the log's lock.
    pub(super) fn tell_of_change(&self) {
        self.changed.notify_all();
        if self.refused.swap(false, Ordering::Relaxed) {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            self.signal.get().into_iter().for_each(Signal::set);
        }
    }
}

/// Whether a member that is behind reads on, so that an embedder in haste waits for it.
#[derive(Default)]
pub(super) struct ReadingPace {
    /// The embedder waits for it; counted by the room.
    pub(super) awaited: bool,
    /// An alarm is set for the next look.
    pub(super) watched: bool,
    /// It did not read when it was waited for; nobody waits for it until it has read everything.
    pub(super) lapsed: bool,
    taken: u64,
    misses: u32,
}

impl ReadingPace {
    pub(super) const PERIOD: Duration = Duration::from_secs(1);

    /// A process that was stopped for a while finds one period over before anybody could read.
    const MISSES: u32 = 2;

    /// What must be taken in a period, whatever the limit of the outbox.
    const ENOUGH: usize = 64 * 1024;

    /// Looks, once in [`ReadingPace::PERIOD`] while it is watched, at what the member has taken since the beginning.
    pub(super) fn judge(&mut self, taken: u64, outbox_limit: usize) {
        let enough = ReadingPace::ENOUGH.min(outbox_limit / 4) as u64;
        self.misses = if taken >= self.taken + enough { 0 } else { self.misses + 1 };
        self.taken = taken;
        self.lapsed = self.misses >= ReadingPace::MISSES;
    }

    /// It has read everything.
    pub(super) fn clear(&mut self) {
        (self.misses, self.lapsed) = (0, false);
    }

    /// Begins to watch a member that has taken so much.
    pub(super) fn watch(&mut self, taken: u64) {
        (self.watched, self.taken) = (true, taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_too_little_twice_is_not_waited_for_until_it_has_read_all() {
        let (mut pace, limit) = (ReadingPace::default(), 64 * 1024);
        let mut judge = |taken| {
            pace.judge(taken, limit);
            pace.lapsed
        };
        assert!(!judge(16_384) && !judge(16_385) && !judge(32_769));
        assert!(!judge(32_770) && judge(32_771) && judge(32_772));
        pace.clear();
        assert!(!pace.lapsed);
    }
}
