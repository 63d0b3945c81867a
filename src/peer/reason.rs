//! Why a connection ends.

use std::fmt;

use crate::Status;

/// Why a member left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaveReason {
    /// It said `quit`.
    Quit,
    /// It closed the connection.
    Closed,
    /// The connection broke.
    Lost,
    /// The embedder disconnected it.
    Disconnected,
    /// The embedder has banned it.
    Banned,
    /// The key that it had proved to hold is revoked, or has another secret.
    KeyRevoked,
    /// It did not read: its outbox passed the limit.
    TooSlow,
    /// It did not read: no byte of its outbox moved for too long.
    Stalled,
    /// It did not answer a ping.
    Unresponsive,
    /// It said nothing for too long.
    Idle,
    /// It sent a line or frame so far over the limit that nobody waits for its end.
    MessageTooLong,
    /// It broke the framing.
    ProtocolViolation,
    /// The events queue was full and the embedder asked for this policy.
    EventsOverflow,
    /// The server stops.
    ServerStopped,
}

impl LeaveReason {
    /// Every reason.
    pub(crate) const ALL: [LeaveReason; 14] = [
        LeaveReason::Quit,
        LeaveReason::Closed,
        LeaveReason::Lost,
        LeaveReason::Disconnected,
        LeaveReason::Banned,
        LeaveReason::KeyRevoked,
        LeaveReason::TooSlow,
        LeaveReason::Stalled,
        LeaveReason::Unresponsive,
        LeaveReason::Idle,
        LeaveReason::MessageTooLong,
        LeaveReason::ProtocolViolation,
        LeaveReason::EventsOverflow,
        LeaveReason::ServerStopped,
    ];

    /// The status that stands for this reason, `None` when the member left of its own accord.
    pub fn status(self) -> Option<Status> {
        match self {
            LeaveReason::Quit | LeaveReason::Closed => None,
            LeaveReason::Lost => Some(Status::ConnectionReset),
            LeaveReason::Disconnected | LeaveReason::ServerStopped => Some(Status::Closed),
            LeaveReason::Banned => Some(Status::Refused),
            LeaveReason::KeyRevoked => Some(Status::AuthenticationFailed),
            LeaveReason::TooSlow | LeaveReason::EventsOverflow => Some(Status::Overflow),
            LeaveReason::Stalled | LeaveReason::Unresponsive | LeaveReason::Idle => Some(Status::TimedOut),
            LeaveReason::MessageTooLong => Some(Status::MessageTooLong),
            LeaveReason::ProtocolViolation => Some(Status::ProtocolViolation),
        }
    }

    /// One sentence, as it stands in events, logs and farewells.
    pub fn as_str(self) -> &'static str {
        match self {
            LeaveReason::Quit => "quit",
            LeaveReason::Closed => "closed the connection",
            LeaveReason::Lost => "connection lost",
            LeaveReason::Disconnected => "disconnected by the server",
            LeaveReason::Banned => "banned",
            LeaveReason::KeyRevoked => "key revoked",
            LeaveReason::TooSlow => "too slow: outbox over its limit",
            LeaveReason::Stalled => "too slow: nothing was read for too long",
            LeaveReason::Unresponsive => "did not answer a ping",
            LeaveReason::Idle => "said nothing for too long",
            LeaveReason::MessageTooLong => "message too long",
            LeaveReason::ProtocolViolation => "protocol violation",
            LeaveReason::EventsOverflow => "event queue over its limit",
            LeaveReason::ServerStopped => "server stopped",
        }
    }
}

impl fmt::Display for LeaveReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
