//! What a server did that a chat server must not do.

use serde::Serialize;

/// The promise that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A message did not arrive.
    Lost,
    /// A message arrived again.
    Doubled,
    /// Messages arrived in an order that is not the sender's or not the other members'.
    Reordered,
    /// A message arrived shortened, mixed or damaged.
    Cut,
    /// Something arrived that nobody sent.
    Foreign,
    /// The server closed the connection of a member in good standing.
    Closed,
    /// Nothing arrived any more.
    Stalled,
}

/// A broken promise and who saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) member: Option<usize>,
    pub(crate) detail: String,
}

impl Fault {
    /// A fault of which it is not known yet which member saw it.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Fault {
        Fault { kind, member: None, detail: detail.into() }
    }

    /// The same, seen by a member.
    pub(crate) fn seen_by(mut self, member: usize) -> Fault {
        self.member = Some(member);
        self
    }
}
