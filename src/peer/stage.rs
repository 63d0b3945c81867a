//! How far a connection has come, and what it takes there.
//!
//! | stage | bytes of the peer's | what it is sent | what may end it |
//! |---|---|---|---|
//! | `Securing` | the channel's, which is below | nothing | its deadline |
//! | `Handshake` | the handshake's | the handshake's answers | its deadline |
//! | `Asking` | kept unread | nothing | the embedder's answer |
//! | `Open` | messages | up to the outbox's limit | a stalled write, silence, idleness |
//! | `Leaving` | unread | as in `Open` | a stalled write |
//! | `Closing` | thrown away | what waits, its farewell last | the peer's end when all is sent, or the time to read it |
//!
//! A connection begins in `Securing` with TLS, in `Handshake` with a secret alone, and in `Asking` without either. `Securing` and
//! `Handshake` have one deadline between them, from accept.
//!
//! Whatever a stage does not name is refused in it. There is no way back from a stage to one above it.

use crate::auth::Handshake;

use super::Moment;

pub(super) enum Stage {
    /// There is no channel yet that anybody could say anything in.
    Securing {
        until: Moment,
    },
    Handshake(Box<Newcomer>),
    /// It is known who it is; whether it may take part is being asked.
    Asking,
    Open,
    /// It has said its last word, and still gets what was said before.
    Leaving,
    Closing {
        /// The sending direction is ended; only the peer's end is awaited.
        ended: bool,
        /// For how long; `None` when somebody else has a deadline for all.
        until: Option<Moment>,
    },
}

/// Somebody who has proved nothing yet.
pub(super) struct Newcomer {
    pub(super) handshake: Handshake,
    pub(super) until: Moment,
    /// When to remind it of the secret, as long as it is silent.
    pub(super) remind: Option<Moment>,
}

impl Stage {
    /// Whether messages may be sent.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Stage::Open | Stage::Leaving)
    }
}
