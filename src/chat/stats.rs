//! Numbers of a server.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of a server since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ServerStats {
    /// Members now.
    pub members: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections turned away: the server was full or stopping, or the embedder did not admit them.
    pub refused: u64,
    /// Peers that did not prove to hold a key.
    pub authentication_failed: u64,
    /// Members that have joined.
    pub joined: u64,
    /// Members disconnected because they did not read, or for that reason by the embedder.
    pub too_slow: u64,
    /// Messages said to the room, by members and by the server.
    pub messages: u64,
    /// Messages of the room handed to members: one message for ten members is ten.
    pub deliveries: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes given to the kernel.
    pub bytes_out: u64,
    /// Events lost because the embedder did not take them.
    pub events_dropped: u64,
}

/// Sums over the life of a server. Added to once a turn, never once a delivery.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) accepted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) authentication_failed: AtomicU64,
    pub(super) joined: AtomicU64,
    pub(super) too_slow: AtomicU64,
    pub(super) messages: AtomicU64,
    pub(super) deliveries: AtomicU64,
    pub(super) bytes_in: AtomicU64,
    pub(super) bytes_out: AtomicU64,
}

impl Totals {
    pub(super) fn add(counter: &AtomicU64, amount: u64) {
        if amount > 0 {
            counter.fetch_add(amount, Ordering::Relaxed);
        }
    }

    /// What they are now.
    pub(super) fn read(&self, members: u64, events_dropped: u64) -> ServerStats {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ServerStats {
            members,
            accepted: now(&self.accepted),
            refused: now(&self.refused),
            authentication_failed: now(&self.authentication_failed),
            joined: now(&self.joined),
            too_slow: now(&self.too_slow),
            messages: now(&self.messages),
            deliveries: now(&self.deliveries),
            bytes_in: now(&self.bytes_in),
            bytes_out: now(&self.bytes_out),
            events_dropped,
        }
    }
}
