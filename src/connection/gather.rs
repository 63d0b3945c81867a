//! Leaving the socket alone for a moment, where messages come one after the other and none of ours goes back.

use std::time::Duration;

/// How long, at most, and less where the budget for polling is less. The system adds some tens of microseconds to it.
const PAUSE: Duration = Duration::from_micros(50);

/// So many reads without a message of ours between them are a one-way flow.
const ONE_WAY: u32 = 8;

/// A pause that is worth it has brought this many messages: a read for each of them would have cost more.
const GAIN: u32 = 4;

/// How many reads are left out, at most, after pauses in vain.
const MOST_LEFT_OUT: u32 = 256;

/// Decides whether to pause before a read.
///
/// A receiver that is faster than its sender is asleep, or at the socket, whenever a message comes: each send then pays for a
/// wake-up or meets the receiver at the socket's lock. After a pause there are many messages for one read, and the sends were
/// undisturbed. A peer that waits for an answer must not be made to wait for a pause as well: whoever sends is not paused, and
/// neither is a flow in which a pause has brought too little, for twice as long each time.
#[derive(Debug)]
pub(super) struct Gathering {
    pause: Duration,
    one_way: u32,
    /// Messages since the last read.
    messages: u32,
    paused: bool,
    left_out: u32,
    /// How many more reads are left out.
    skip: u32,
}

impl Gathering {
    /// Pauses for `budget` at most; zero never pauses.
    pub(super) fn new(budget: Duration) -> Gathering {
        Gathering { pause: PAUSE.min(budget), one_way: 0, messages: 0, paused: false, left_out: 0, skip: 0 }
    }

    /// A message was taken.
    #[inline]
    pub(super) fn count(&mut self) {
        self.messages = self.messages.wrapping_add(1);
    }

    /// How long to pause before a read. `answered` says whether something was sent since the last one, `drained` whether that
    /// left nothing in the socket.
    #[inline]
    pub(super) fn before_read(&mut self, answered: bool, drained: bool) -> Option<Duration> {
        let messages = std::mem::take(&mut self.messages);
        let paused = std::mem::take(&mut self.paused);
        if answered {
            self.one_way = 0;
            return None;
        }
        self.one_way = self.one_way.saturating_add(1);
        if self.one_way < ONE_WAY || self.pause.is_zero() {
            return None;
        }
        self.decide(messages, paused, drained)
    }

    fn decide(&mut self, messages: u32, paused: bool, drained: bool) -> Option<Duration> {
        if paused {
            self.left_out = if messages >= GAIN { 0 } else { (self.left_out * 2).clamp(1, MOST_LEFT_OUT) };
            self.skip = self.left_out;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.paused = drained;
        drained.then_some(self.pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Duration = Duration::from_micros(100);

    /// Reads in turn, each of which brings so many messages; how many of them were paused before.
    fn pauses(gathering: &mut Gathering, reads: u32, messages: u32) -> u32 {
        let mut pauses = 0;
        for _ in 0..reads {
            pauses += u32::from(gathering.before_read(false, true).is_some());
            (0..messages).for_each(|_| gathering.count());
        }
        pauses
    }

    #[test]
    fn a_flow_in_one_direction_is_gathered_from_its_eighth_read_on() {
        let mut gathering = Gathering::new(BUDGET);
        assert_eq!(pauses(&mut gathering, ONE_WAY - 1, GAIN), 0);
        assert_eq!(pauses(&mut gathering, 100, GAIN), 100);
    }

    #[test]
    fn who_answers_is_never_paused_nor_is_a_socket_that_has_more() {
        let mut gathering = Gathering::new(BUDGET);
        pauses(&mut gathering, 100, GAIN);
        assert_eq!(gathering.before_read(true, true), None);
        assert_eq!(pauses(&mut gathering, ONE_WAY - 1, GAIN), 0);
        pauses(&mut gathering, 100, GAIN);
        assert_eq!(gathering.before_read(false, false), None);
    }

    #[test]
    fn pauses_in_vain_become_rare_until_one_pays() {
        let mut gathering = Gathering::new(BUDGET);
        pauses(&mut gathering, ONE_WAY - 1, GAIN);
        let in_vain = pauses(&mut gathering, 10_000, GAIN - 1);
        assert!((40..60).contains(&in_vain), "{in_vain}");
        let paid = pauses(&mut gathering, 1000, GAIN);
        assert!(paid >= 1000 - MOST_LEFT_OUT, "{paid}");
    }

    #[test]
    fn without_a_budget_it_never_pauses() {
        assert_eq!(pauses(&mut Gathering::new(Duration::ZERO), 100, GAIN), 0);
    }
}
