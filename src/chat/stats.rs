//! Numbers of a server.

use crate::reactor::Total;

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

/// Sums of what a chat does, over the life of a server. Added to once a turn, never once a delivery.
#[derive(Default)]
pub(super) struct ChatTotals {
    pub(super) joined: Total,
    pub(super) too_slow: Total,
    pub(super) messages: Total,
    pub(super) deliveries: Total,
}
