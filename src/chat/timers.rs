//! What a worker has to look at later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::inbox::SessionRef;

/// Why a session must be looked at. The look decides; a timer that has become pointless is not worth cancelling.
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
}

impl Timers {
    pub(super) fn set(&mut self, at: Instant, session: SessionRef, alarm: Alarm) {
        self.heap.push(Reverse((at, session, alarm)));
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
