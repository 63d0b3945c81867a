//! What all connections of a server have in common.

use std::time::Duration;

use crate::auth::Profile;
use crate::frame::Framing;
use crate::memory::Pool;

/// From here on a message is worth memory of its own.
const LONG: usize = 64 * 1024;

/// The limits and times of a server's connections.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) framing: Framing,
    /// Whatever has come is a message: the service takes it apart.
    pub(crate) is_raw: bool,
    /// Longest message that is taken, in bytes.
    pub(crate) message_limit: usize,
    /// Where long messages come to lie, if a service takes them together with their memory: each has one of these pieces.
    pub(crate) long: Option<Pool>,
    /// Bytes that may wait for a peer.
    pub(crate) outbox_limit: usize,
    /// What newcomers prove a secret in; `None` without one.
    pub(crate) profile: Option<Profile>,
    /// For a whole handshake.
    pub(crate) handshake_timeout: Duration,
    /// Without any progress of a blocked write.
    pub(crate) write_timeout: Duration,
    /// Silence before a ping; `None` never pings.
    pub(crate) ping_interval: Option<Duration>,
    /// For anything to come after a ping.
    pub(crate) ping_timeout: Duration,
    /// Without a message; `None` is for ever.
    pub(crate) idle_timeout: Option<Duration>,
}

impl Rules {
    pub(crate) fn is_line(&self) -> bool {
        self.framing == Framing::Line
    }

    /// How many bytes of a long message have yet to come of which these are the first, if it is to have memory of its own.
    pub(super) fn missing(&self, bytes: &[u8]) -> usize {
        let expected = self.long.as_ref().and_then(|_| self.framing.rest(bytes, self.message_limit));
        expected.filter(|missing| missing + bytes.len() >= LONG).unwrap_or(0)
    }

    /// Past this a peer is not read: a sender that ignores its answers must not drown in them.
    pub(super) fn echo_limit(&self) -> usize {
        self.outbox_limit / 2
    }
}
