//! Messages that were received, but did not fit into the caller's memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sync::Mutex;

/// A short queue in front of a receiver; while it is empty, looking into it costs one load.
pub(super) struct Pending<T> {
    occupied: AtomicBool,
    items: Mutex<VecDeque<T>>,
}

impl<T> Pending<T> {
    pub(super) fn new() -> Pending<T> {
        Pending { occupied: AtomicBool::new(false), items: Mutex::new(VecDeque::new()) }
    }

    #[inline]
    pub(super) fn take(&self) -> Option<T> {
        if !self.occupied.load(Ordering::Acquire) {
            return None;
        }
        let mut items = self.items.lock();
        let first = items.pop_front();
        self.occupied.store(!items.is_empty(), Ordering::Release);
        first
    }

    /// Puts back what [`Pending::take`] gave.
    pub(super) fn put_back(&self, item: T) {
        let mut items = self.items.lock();
        items.push_front(item);
        self.occupied.store(true, Ordering::Release);
    }

    /// Keeps what has just been received.
    #[cold]
    pub(super) fn keep(&self, item: T) {
        let mut items = self.items.lock();
        items.push_back(item);
        self.occupied.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_fit_comes_first_and_in_order() {
        let pending = Pending::new();
        assert_eq!(pending.take(), None);
        pending.keep(1);
        pending.keep(2);
        let first = pending.take().unwrap();
        pending.put_back(first);
        assert_eq!([pending.take(), pending.take(), pending.take()], [Some(1), Some(2), None]);
    }
}
