//! Small messages on their way out, where none comes back: the system may put several into one segment.

use std::time::{Duration, Instant};

/// So many messages without one of the peer's between them, and sent so quickly, are a stream.
const STREAM: u32 = 64;
const QUICKLY: Duration = Duration::from_micros(64 * 20);

/// Whoever pauses for longer has said what there is to say: the next message goes out at once.
const PAUSE: Duration = Duration::from_micros(200);

/// Decides whether Nagle's algorithm (RFC 896) does more good than harm.
///
/// Without it each message is a segment of its own, which costs its sender a way through the whole network stack. With it a
/// message waits for the acknowledgement of what is on the way, during which the next ones join it; Linux acknowledges at once
/// when a receiver that sends nothing has read all there is. Whose answer is waited for must not wait itself: so it is for
/// streams alone, and over with the first message that comes, the first wait for one, and the first pause.
#[derive(Debug, Default)]
pub(super) struct Coalescing {
    sent: u32,
    since: Option<Instant>,
}

impl Coalescing {
    /// Whether the system may hold the next message back: asked before each, with what it may do so far and whether the peer
    /// has sent anything since the last one.
    #[inline]
    pub(super) fn before_send(&mut self, allowed: bool, heard: bool) -> bool {
        if heard {
            self.sent = 0;
            return false;
        }
        self.sent += 1;
        if !allowed && self.sent < STREAM {
            if self.sent == 1 {
                self.since = Some(Instant::now());
            }
            return false;
        }
        self.decide(allowed, Instant::now())
    }

    fn decide(&mut self, allowed: bool, now: Instant) -> bool {
        let limit = if allowed { PAUSE } else { QUICKLY };
        let quick = self.since.is_some_and(|since| now.saturating_duration_since(since) <= limit);
        self.since = Some(now);
        if !quick {
            self.sent = 0;
        }
        quick
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streaming() -> Coalescing {
        let mut coalescing = Coalescing::default();
        assert!((1..STREAM).all(|_| !coalescing.before_send(false, false)));
        coalescing
    }

    #[test]
    fn many_in_a_row_are_a_stream_if_they_are_quick() {
        let mut quick = streaming();
        assert!(quick.decide(false, quick.since.unwrap() + QUICKLY));
        let mut slow = streaming();
        assert!(!slow.decide(false, slow.since.unwrap() + 2 * QUICKLY));
        assert!(!slow.before_send(false, false), "it is counted anew");
    }

    #[test]
    fn a_message_from_the_peer_ends_it_and_so_does_a_pause() {
        let mut coalescing = streaming();
        assert!(coalescing.decide(true, coalescing.since.unwrap() + PAUSE));
        assert!(!coalescing.decide(true, coalescing.since.unwrap() + 2 * PAUSE));
        assert!(!streaming().before_send(false, true));
        assert!(!streaming().before_send(true, true));
    }
}
