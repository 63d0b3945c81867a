//! A fixed rate of messages, whatever the server does with them.

use std::ops::Range;
use std::time::{Duration, Instant};

/// Messages a second, counted from a moment on.
pub(crate) struct Pace {
    rate: f64,
    since: Instant,
    sent: u64,
}

impl Pace {
    /// `rate` messages a second from now on.
    pub(crate) fn new(rate: f64) -> Pace {
        Pace { rate, since: Instant::now(), sent: 0 }
    }

    /// Counts from now on again.
    pub(crate) fn restart(&mut self) {
        *self = Pace::new(self.rate);
    }

    /// The numbers of the messages that are due and have not been handed out, at most `limit` of them.
    pub(crate) fn due(&mut self, now: Instant, limit: u64) -> Range<u64> {
        let due = ((now - self.since).as_secs_f64() * self.rate) as u64;
        let from = self.sent;
        self.sent = due.clamp(from, from.saturating_add(limit));
        from..self.sent
    }

    /// How long to sleep until the next one. The poller counts in milliseconds, so the last of them is not slept away.
    pub(crate) fn wait(&self) -> Duration {
        let next = self.since + Duration::from_secs_f64((self.sent + 1) as f64 / self.rate);
        Duration::from_millis(next.saturating_duration_since(Instant::now()).as_millis() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_what_is_due_once() {
        let mut pace = Pace::new(1000.0);
        let later = |milliseconds: u64| pace.since + Duration::from_micros(milliseconds * 1000 + 10);
        let (at_5, at_6, at_9) = (later(5), later(6), later(9));
        assert_eq!(pace.due(at_5, u64::MAX), 0..5);
        assert_eq!(pace.due(at_5, u64::MAX), 5..5);
        assert_eq!(pace.due(at_6, u64::MAX), 5..6);
        assert_eq!(pace.due(at_9, 2), 6..8);
    }
}
