//! Holding a turn's messages back for a moment, where more are on the way.

use std::time::Duration;

/// Fewer messages in a turn than this are not a busy room.
const BUSY: usize = 8;

/// What part of a delivery's time is waited for more: so much longer takes a message, and so much seldomer is a turn.
const SHARE: u32 = 8;

/// Shorter is not worth the sleep, longer would be noticed.
const SHORTEST: Duration = Duration::from_micros(20);
const LONGEST: Duration = Duration::from_micros(500);

/// Of so many messages in hand, each begun lot must have been joined by one more, and by one besides, or the hold was in
/// vain: about half of what comes at the pace of the delivery.
const GAIN: usize = 16;

/// How many turns are left out, at most, after holds in vain.
const MOST_LEFT_OUT: u32 = 256;

/// Decides whether to wait before a turn is delivered.
///
/// Each member costs a system call a turn, however many messages it brings, and while many speak at once, more of them
/// come in any time that passes. So a turn waits for a part of the time that the last delivery took: fewer turns bring
/// the same messages, and as a turn is what everybody waits for, the last one hears no later. A hold that gains nothing
/// doubles the number of turns until the next try: where all wait for their own message to come back, none is on the way.
#[derive(Debug, Default)]
pub(super) struct AdaptiveHold {
    delivery: Duration,
    left_out: u32,
    /// How many more turns are left out.
    pause: u32,
    /// How many messages were in hand when the wait began.
    messages: usize,
}

impl AdaptiveHold {
    /// How long to wait with so many messages in hand.
    pub(super) fn before(&mut self, messages: usize) -> Option<Duration> {
        let hold = (self.delivery / SHARE).min(LONGEST);
        if messages < BUSY || hold < SHORTEST {
            return None;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        self.messages = messages;
        Some(hold)
    }

    /// The wait is over, and so many messages are in hand now.
    pub(super) fn after(&mut self, now: usize) {
        let before = self.messages;
        self.left_out =
            if now > before + before.div_ceil(GAIN) { 0 } else { (self.left_out * 2).clamp(1, MOST_LEFT_OUT) };
        self.pause = self.left_out;
    }

    /// A turn was delivered in that time.
    pub(super) fn delivered(&mut self, time: Duration) {
        self.delivery = time;
    }
}

#[cfg(test)]
mod tests;
