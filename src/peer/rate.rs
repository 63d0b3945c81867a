//! How much one peer may say, and how fast.

use std::time::Duration;

use super::Moment;

/// A token bucket: `burst` messages at once, `per_second` in the long run. `per_second` of zero is no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// At once, after a pause.
    pub burst: u32,
    /// In the long run.
    pub per_second: f64,
}

impl Rate {
    /// No limit.
    pub const UNLIMITED: Rate = Rate { burst: 0, per_second: 0.0 };

    /// For peers from elsewhere: as fast as a person types, with a burst for what was pasted.
    pub const STRANGERS: Rate = Rate { burst: 20, per_second: 10.0 };
}

/// The token bucket of one peer.
pub(crate) struct Bucket {
    rate: Rate,
    tokens: f64,
    filled: Moment,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Moment) -> Bucket {
        Bucket { rate, tokens: f64::from(rate.burst), filled: now }
    }

    /// Takes a token, or says when there will be one.
    pub(crate) fn take(&mut self, now: Moment) -> Result<(), Moment> {
        let earned = now.since(self.filled).as_secs_f64() * self.rate.per_second;
        self.tokens = (self.tokens + earned).min(f64::from(self.rate.burst));
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - self.tokens) / self.rate.per_second;
        // A nanosecond more, lest rounding leaves it a hair short of its token when that time has come.
        Err(now + Duration::from_secs_f64(wait.min(3600.0)) + Duration::from_nanos(1))
    }
}

/// How much one peer says in a moment. It matters only while another one is behind: who floods the room then waits
/// for it, at a rate that no person and few programs reach, so that members that do read are not cut off for it.
pub(crate) struct Burst {
    start: Moment,
    bytes: usize,
}

impl Burst {
    const MOMENT: Duration = Duration::from_millis(10);
    const SHARE: usize = 64 * 1024;

    pub(crate) fn new(now: Moment) -> Burst {
        Burst { start: now, bytes: 0 }
    }

    /// Counts what was said, as the room gets it.
    pub(crate) fn add(&mut self, bytes: usize, now: Moment) {
        if now.since(self.start) >= Burst::MOMENT {
            *self = Burst::new(now);
        }
        self.bytes += bytes;
    }

    /// When the member may go on, if it has said its share of this moment: less where outboxes are small.
    pub(crate) fn ends(&self, now: Moment, outbox_limit: usize) -> Option<Moment> {
        let end = self.start + Burst::MOMENT;
        (self.bytes > Burst::SHARE.min(outbox_limit / 16) && end > now).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_a_burst_pass_and_then_its_rate() {
        let start = Moment::BEGINNING;
        let mut bucket = Bucket::new(Rate { burst: 3, per_second: 10.0 }, start);
        assert!((0..3).all(|_| bucket.take(start).is_ok()));
        let again = bucket.take(start).unwrap_err();
        assert!(again > start && again <= start + Duration::from_millis(101));
        assert!(bucket.take(again + Duration::from_millis(1)).is_ok());
        let much_later = start + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| bucket.take(much_later).is_ok()).count(), 3);
    }

    #[test]
    fn a_share_of_a_moment_is_less_where_outboxes_are_small() {
        let now = Moment::BEGINNING;
        let mut burst = Burst::new(now);
        burst.add(10_000, now);
        assert_eq!(burst.ends(now, 1 << 20), None);
        assert_eq!(burst.ends(now, 64 * 1024), Some(now + Burst::MOMENT));
    }
}
