//! What time a connection has for what. One slot a purpose, set and cleared in place: nothing is left behind to go off
//! when its purpose is gone.

use super::{Moment, Rules};

/// The times of a connection that takes part.
#[derive(Debug)]
pub(super) struct Liveness {
    /// When the last byte came.
    heard: Moment,
    /// When the last message came.
    spoke: Moment,
    /// When its connection last took something, or came to be full; of use while it is full.
    progress: Moment,
    /// The ping that nothing has come after.
    pinged: Option<Moment>,
    /// Nothing of it is heard before that.
    throttled: Option<Moment>,
    /// When the service wants to look at it.
    alarm: Option<Moment>,
}

/// What the time has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    Throttle,
    Alarm,
    Ping,
    Unanswered,
    Idle,
    Stalled,
}

impl Liveness {
    pub(super) fn new(now: Moment) -> Liveness {
        Liveness { heard: now, spoke: now, progress: now, pinged: None, throttled: None, alarm: None }
    }

    pub(super) fn hear(&mut self, now: Moment) {
        (self.heard, self.pinged) = (now, None);
    }

    pub(super) fn speak(&mut self, now: Moment) {
        self.spoke = now;
    }

    pub(super) fn progress(&mut self, now: Moment) {
        self.progress = now;
    }

    pub(super) fn throttle(&mut self, until: Moment) {
        self.throttled = Some(until);
    }

    pub(super) fn is_throttled(&self) -> bool {
        self.throttled.is_some()
    }

    pub(super) fn set_alarm(&mut self, at: Option<Moment>) {
        self.alarm = at;
    }

    /// Nothing more is expected of it: what is left is the time for its writes.
    pub(super) fn leave(&mut self) {
        (self.throttled, self.pinged) = (None, None);
    }

    /// When the next of them is due. Who has said its last word is `leaving`: nobody waits for a word of it.
    pub(super) fn next(&self, rules: &Rules, blocked: bool, leaving: bool) -> Option<Moment> {
        let write = blocked.then(|| self.progress + rules.write_timeout);
        let (ping, idle) = if leaving { (None, None) } else { (self.next_ping(rules), self.end_of_idleness(rules)) };
        [write, ping, idle, self.throttled, self.alarm].into_iter().flatten().min()
    }

    fn next_ping(&self, rules: &Rules) -> Option<Moment> {
        let interval = rules.ping_interval?;
        Some(self.pinged.map_or_else(|| self.heard + interval, |pinged| pinged + rules.ping_timeout))
    }

    fn end_of_idleness(&self, rules: &Rules) -> Option<Moment> {
        rules.idle_timeout.map(|timeout| self.spoke + timeout)
    }

    /// Takes one of what is due. `unheard` tells that more of it has come than was looked at, which shows that it lives.
    pub(super) fn take(
        &mut self,
        now: Moment,
        rules: &Rules,
        blocked: bool,
        leaving: bool,
        unheard: bool,
    ) -> Option<Passed> {
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        let is_unheard = unheard || self.is_throttled();
        if is_due(self.throttled) {
            self.throttled = None;
            return Some(Passed::Throttle);
        }
        if is_due(self.alarm) {
            self.alarm = None;
            return Some(Passed::Alarm);
        }
        if blocked && is_due(Some(self.progress + rules.write_timeout)) {
            return Some(Passed::Stalled);
        }
        if leaving {
            return None;
        }
        if is_due(self.end_of_idleness(rules)) {
            return Some(Passed::Idle);
        }
        if !is_due(self.next_ping(rules)) {
            return None;
        }
        if is_unheard {
            self.hear(now);
            return None;
        }
        if self.pinged.is_some() {
            return Some(Passed::Unanswered);
        }
        self.pinged = Some(now);
        Some(Passed::Ping)
    }
}
