//! The handshakes under way at one worker.

use std::collections::VecDeque;

use super::table::PeerRef;
use crate::tidy::Tidy;

/// Counts handshakes, and knows their order.
#[derive(Default)]
pub(super) struct Handshakes {
    /// In the order of their start. Those that have ended stay for a while.
    order: VecDeque<PeerRef>,
    tidy: Tidy,
    count: usize,
}

impl Handshakes {
    /// One begins. `is_open` says whether one still goes on.
    pub(super) fn begin(&mut self, peer: PeerRef, is_open: impl Fn(PeerRef) -> bool) {
        if self.tidy.is_due(self.order.len()) {
            self.order.retain(|earlier| is_open(*earlier));
            self.order.shrink_to(2 * self.order.len());
            self.tidy.done(self.order.len());
        }
        self.order.push_back(peer);
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
    pub(super) fn pop(&mut self) -> Option<PeerRef> {
        self.order.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_one_that_never_ends_any_number_of_others_costs_nothing() {
        let silent = PeerRef { worker: 0, token: 0, serial: 1 };
        let mut handshakes = Handshakes::default();
        handshakes.begin(silent, |_| true);
        for serial in 2..100_000 {
            handshakes.begin(PeerRef { worker: 0, token: 1, serial }, |session| session == silent);
            handshakes.end();
        }
        assert!(handshakes.order.len() <= 100, "{} entries for one handshake", handshakes.order.len());
        assert_eq!((handshakes.count(), handshakes.pop()), (1, Some(silent)));
    }
}
