//! What the server's other threads ask of a worker.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::member::MemberId;
use crate::peer::LeaveReason;
use crate::reactor::PeerRef;

/// Entries of the room's log that were published together, encoded once and shared by all receivers.
pub(crate) struct Batch {
    /// Its place in the log. A member gets what comes after the place at which it joined.
    pub(super) position: u64,
    /// Entries in it.
    pub(super) count: u64,
    pub(super) bytes: Bytes,
    /// One member that does not get it; 0 is nobody.
    pub(super) except: MemberId,
    /// What the embedder has reserved for it with each worker; 0 for what members say.
    pub(super) reserved: usize,
    /// When the first of it was read, or said by the embedder.
    pub(super) said: Instant,
}

pub(crate) enum Call {
    Publish(Arc<Batch>),
    /// The embedder's words for one member, and what was reserved for them.
    Send {
        to: PeerRef,
        chunk: Bytes,
        reserved: usize,
    },
    Disconnect(PeerRef, LeaveReason),
    /// What has become of messages that were numbered, behind what the room has got.
    Acknowledge(PeerRef, Bytes),
    /// A later connection goes on with what this one was for.
    Supersede(PeerRef),
    /// The embedder has given a member another name.
    Sign(PeerRef),
    /// The embedder's answer to whether a connection may join.
    Admit(PeerRef, bool),
}
