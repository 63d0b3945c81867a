//! What a profile has to be: whole messages in, answers out, and an outcome or a refusal at the end.

use zeroize::Zeroizing;

use super::mac;
use crate::Error;

/// Who is at the two ends of a connection whose handshake is complete.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Identity {
    /// The id of the key that the client has proven to hold; empty for a key without an id.
    pub key_id: String,
    /// The name the server gave itself; empty when it gave none or the profile has no place for it.
    pub server_id: String,
    /// The kind of the channel binding that both ends have proved, 0 without one: see [`ChannelBinding`](super::ChannelBinding).
    pub binding: u8,
    /// Names that key in the server's ring, for as long as it counts there; 0 at a client.
    pub(crate) key: u64,
}

/// Of the same handshake both ends have the same.
impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        let Identity { key_id, server_id, binding, key: _ } = self;
        (key_id, server_id, binding) == (&other.key_id, &other.server_id, &other.binding)
    }
}

impl Eq for Identity {}

/// What a complete handshake leaves behind.
pub(super) struct Outcome {
    pub(super) identity: Identity,
    pub(super) session_key: Option<Zeroizing<[u8; mac::LENGTH]>>,
}

impl Outcome {
    /// In a profile in which servers have no names and no session key is derived.
    pub(super) fn anonymous(key_id: String, key: u64) -> Outcome {
        Outcome { identity: Identity { key_id, server_id: String::new(), binding: 0, key }, session_key: None }
    }
}

/// Why a machine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// This side refuses; the peer may be told so.
    Ours,
    /// The same, for a reason that no secret hangs on: this end may tell its user and its log.
    Because(&'static str),
    /// The peer has refused and expects no answer.
    Theirs,
}

impl From<Error> for Refusal {
    fn from(_: Error) -> Refusal {
        Refusal::Ours
    }
}

/// One role in one profile: sees whole messages only.
pub(super) trait Machine: Send {
    /// How long the message is that begins with `partial`, as far as that shows: once `partial` has
    /// that length and the answer stays the same, the message is whole. Never less than `partial`.
    fn wanted(&self, partial: &[u8]) -> Result<usize, Refusal>;

    /// Takes one message, appends the answer to `output`; the outcome when it was the last one.
    fn message(&mut self, message: &[u8], output: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal>;

    /// What to send before closing when this side refuses. `said` is all that the peer has said, or what has come of its last
    /// message; empty when neither is there any more.
    fn refusal(&self, said: &[u8]) -> &'static [u8];
}
