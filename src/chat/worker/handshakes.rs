//! The handshakes under way at one worker.

use std::collections::VecDeque;

use crate::chat::inbox::SessionRef;
use crate::tidy::Tidy;

/// Counts handshakes, and knows their order.
#[derive(Default)]
pub(super) struct Handshakes {
    /// In the order of their start. Those that have ended stay for a while.
    order: VecDeque<SessionRef>,
    tidy: Tidy,
    count: usize,
}

impl Handshakes {
    /// One begins. `is_open` says whether one still goes on.
    pub(super) fn begin(&mut self, session: SessionRef, is_open: impl Fn(SessionRef) -> bool) {
        if self.tidy.is_due(self.order.len()) {
            self.order.retain(|earlier| is_open(*earlier));
            self.order.shrink_to(2 * self.order.len());
            self.tidy.done(self.order.len());
        }
        self.order.push_back(session);
        self.count += 1;
    }

    /// One has ended, whichever.
    pub(super) fn end(&mut self) {
        self.count -= 1;
    }

    /// How many go on.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Takes the oldest out, which may have ended long ago.
    pub(super) fn pop(&mut self) -> Option<SessionRef> {
        self.order.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_one_that_never_ends_any_number_of_others_costs_nothing() {
        let silent = SessionRef { worker: 0, token: 0, id: 1 };
        let mut handshakes = Handshakes::default();
        handshakes.begin(silent, |_| true);
        for id in 2..100_000 {
            handshakes.begin(SessionRef { worker: 0, token: 1, id }, |session| session == silent);
            handshakes.end();
        }
        assert!(handshakes.order.len() <= 100, "{} entries for one handshake", handshakes.order.len());
        assert_eq!((handshakes.count(), handshakes.pop()), (1, Some(silent)));
    }
}
