//! What stands in the queue of events.

use std::sync::Arc;

use super::event::{Event, Message};
use super::member::Member;
use crate::peer::LeaveReason;
use crate::reactor::PeerRef;

/// What waits for the embedder, or for the dispatcher that asks it.
pub(super) enum Item {
    Event(Event),
    /// A message that a filter has yet to let pass.
    Submitted(Message),
    Authorize(Arc<Member>, PeerRef),
    /// A member leaves; what it said before has yet to pass the filter.
    Parting(PeerRef, LeaveReason),
    /// The connection of a member broke; what it said before has yet to pass the filter.
    Departed(Arc<Member>, LeaveReason),
    /// Every message that was read before the server stopped stands before this.
    LastSubmitted,
}

impl Item {
    /// What is told to an embedder who polls: there, whatever is a question has become an event before.
    pub(super) fn into_event(self) -> Event {
        match self {
            Item::Event(event) => event,
            _ => unreachable!("only the dispatcher is asked like this"),
        }
    }

    /// The bytes of a message that waits for the filter.
    pub(super) fn submitted(&self) -> usize {
        match self {
            Item::Submitted(message) => message.text.len(),
            _ => 0,
        }
    }

    /// Whether it comes to pass when what was said before has passed.
    pub(super) fn follows(&self) -> bool {
        matches!(self, Item::Parting(..) | Item::Departed(..) | Item::LastSubmitted)
    }

    pub(super) fn is_message(&self) -> bool {
        matches!(self, Item::Event(Event::Message(_)))
    }
}
