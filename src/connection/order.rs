//! Newcomers in the order of their deadlines.

use std::collections::VecDeque;
use std::time::Instant;

use crate::tidy::Tidy;

/// One newcomer's deadline; the serial tells whether the token is still the same one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) token: usize,
    pub(super) serial: u64,
}

/// Deadlines in their order, those of newcomers that are gone among them.
#[derive(Default)]
pub(super) struct Order {
    entries: VecDeque<Due>,
    tidy: Tidy,
}

impl Order {
    /// Adds the latest of all. `is_open` says whether one is still of use.
    pub(super) fn push(&mut self, due: Due, is_open: impl Fn(&Due) -> bool) {
        if self.tidy.is_due(self.entries.len()) {
            self.entries.retain(is_open);
            self.entries.shrink_to(2 * self.entries.len());
            self.tidy.done(self.entries.len());
        }
        self.entries.push_back(due);
    }

    pub(super) fn first(&self) -> Option<Due> {
        self.entries.front().copied()
    }

    pub(super) fn pop(&mut self) -> Option<Due> {
        self.entries.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_one_that_stays_any_number_of_others_costs_nothing() {
        let (mut order, at) = (Order::default(), Instant::now());
        for serial in 0..100_000 {
            order.push(Due { at, token: usize::from(serial > 0), serial }, |due| due.serial == 0);
        }
        assert!(order.entries.len() <= 100, "{} entries for one newcomer", order.entries.len());
        assert_eq!(order.first(), Some(Due { at, token: 0, serial: 0 }));
    }
}
