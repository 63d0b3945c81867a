//! What time it is for a host.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The system's time, or one that passes only when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Clock(Option<Moved>);

#[derive(Debug)]
struct Moved {
    beginning: Instant,
    began: SystemTime,
    /// Nanoseconds since the beginning.
    passed: AtomicU64,
}

impl Clock {
    /// One that stands still at that time of day until it is [moved](Clock::pass).
    pub(super) fn standing(at: SystemTime) -> Clock {
        Clock(Some(Moved { beginning: Instant::now(), began: at, passed: AtomicU64::new(0) }))
    }

    /// What deadlines are compared with.
    pub(crate) fn now(&self) -> Instant {
        self.0.as_ref().map_or_else(Instant::now, |moved| moved.beginning + moved.passed())
    }

    /// The time of day, as it stands in messages.
    pub(crate) fn wall(&self) -> SystemTime {
        self.0.as_ref().map_or_else(SystemTime::now, |moved| moved.began + moved.passed())
    }

    /// How long it has been moved; nothing of the system's.
    pub(super) fn passed(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, Moved::passed)
    }

    /// Moves it on. The system's moves by itself.
    pub(super) fn pass(&self, time: Duration) {
        if let Some(moved) = &self.0 {
            let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            moved.passed.store(moved.passed.load(Ordering::Relaxed).saturating_add(time), Ordering::Relaxed);
        }
    }
}

impl Moved {
    fn passed(&self) -> Duration {
        Duration::from_nanos(self.passed.load(Ordering::Relaxed))
    }
}
