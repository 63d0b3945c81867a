//! What a worker has to look at later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::inbox::SessionRef;
use crate::tidy::Tidy;

/// Why a session must be looked at. The look decides; a timer that has become pointless is not worth finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alarm {
    Handshake,
    Write,
    Pace,
    Ping,
    Idle,
    Throttle,
    Linger,
}

#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, SessionRef, Alarm)>>,
    tidy: Tidy,
}

impl Timers {
    pub(super) fn set(&mut self, at: Instant, session: SessionRef, alarm: Alarm) {
        self.heap.push(Reverse((at, session, alarm)));
    }

    /// Whether there may be many alarms of sessions that are gone.
    pub(super) fn is_crowded(&self) -> bool {
        self.tidy.is_due(self.heap.len())
    }

    /// Forgets those of sessions that are gone.
    pub(super) fn tidy(&mut self, is_current: impl Fn(SessionRef) -> bool) {
        self.heap.retain(|Reverse((_, session, _))| is_current(*session));
        self.heap.shrink_to(2 * self.heap.len());
        self.tidy.done(self.heap.len());
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, ..))| *at)
    }

    /// The earliest alarm whose time has come.
    pub(super) fn expired(&mut self, now: Instant) -> Option<(SessionRef, Alarm)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, session, alarm))| (session, alarm))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn alarms_of_sessions_that_are_gone_cost_nothing() {
        let (mut timers, tomorrow) = (Timers::default(), Instant::now() + Duration::from_secs(86_400));
        for id in 1..100_000 {
            timers.set(tomorrow, SessionRef { worker: 0, token: 0, id }, Alarm::Idle);
            if timers.is_crowded() {
                timers.tidy(|session| session.id + 10 > id);
            }
        }
        assert!(timers.heap.len() <= 100, "{} alarms for ten sessions", timers.heap.len());
        assert_eq!(timers.next(), Some(tomorrow));
    }
}
