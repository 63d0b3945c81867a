//! When a worker has to look at which connection, or other thing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::peer::Moment;
use crate::tidy::Tidy;

/// What `R` refers to in the order in which it is to be looked at. One entry of each counts, the last that was set; the
/// others are not worth finding before their time.
pub(super) struct Timers<R> {
    heap: BinaryHeap<Reverse<(Moment, R)>>,
    tidy: Tidy,
}

impl<R: Ord> Default for Timers<R> {
    fn default() -> Timers<R> {
        Timers { heap: BinaryHeap::new(), tidy: Tidy::default() }
    }
}

impl<R: Ord + Copy> Timers<R> {
    pub(super) fn set(&mut self, at: Moment, what: R) {
        self.heap.push(Reverse((at, what)));
    }

    /// Whether many entries may be pointless.
    pub(super) fn is_crowded(&self) -> bool {
        self.tidy.is_due(self.heap.len())
    }

    /// Forgets those of which `counts` does not say that they count.
    pub(super) fn tidy(&mut self, counts: impl Fn(R, Moment) -> bool) {
        self.heap.retain(|Reverse((at, what))| counts(*what, *at));
        self.heap.shrink_to(2 * self.heap.len());
        self.tidy.done(self.heap.len());
    }

    pub(super) fn next(&self) -> Option<Moment> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// The earliest entry whose time has come.
    pub(super) fn expired(&mut self, now: Moment) -> Option<(Moment, R)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::reactor::PeerRef;

    #[test]
    fn entries_of_connections_that_are_gone_cost_nothing() {
        let (mut timers, tomorrow) = (Timers::default(), Moment::after(Duration::from_secs(86_400)));
        for serial in 1..100_000 {
            timers.set(tomorrow, PeerRef { worker: 0, token: 0, serial });
            if timers.is_crowded() {
                timers.tidy(|peer, _| peer.serial + 10 > serial);
            }
        }
        assert!(timers.heap.len() <= 100, "{} entries for ten connections", timers.heap.len());
        assert_eq!(timers.next(), Some(tomorrow));
    }
}
