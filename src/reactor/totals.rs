//! Sums over the life of a host.

use std::sync::atomic::{AtomicU64, Ordering};

/// Added to once a turn, never once a message.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) accepted: Total,
    pub(crate) refused: Total,
    pub(crate) authentication_failed: Total,
    pub(crate) bytes_in: Total,
    pub(crate) bytes_out: Total,
}

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Total(AtomicU64);

impl Total {
    pub(crate) fn add(&self, amount: u64) {
        if amount > 0 {
            self.0.fetch_add(amount, Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one connection has moved. Written by its worker alone, read by anyone.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) bytes_in: Counter,
    pub(crate) bytes_out: Counter,
    pub(crate) outbox_bytes: Counter,
}

/// A number with one writer: adding is a load and a store, not a locked instruction.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: u64) {
        self.set(self.get() + amount);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
