//! What the next ones of a row need, fetched before it is their turn.
//!
//! With many connections nothing of one is in the cache when its turn comes, and most of what TLS keeps of it is read in a
//! row of which each step waits for memory. While the kernel sends for one, memory can work for those behind it. Each step
//! of that needs what the one before has brought.

use super::kind::Kind;
use super::table::PeerRef;
use super::turn::Turn;
use crate::net::Place;

/// How far ahead a connection's slot is fetched, the state of its channel, and the keys of that.
const SLOT: usize = 3;
const CHANNEL: usize = 2;
const KEYS: usize = 1;

/// Of fewer connections the cache keeps what it needs from one turn to the next.
const MANY: usize = 400;

impl<S: Kind> Turn<S> {
    /// Whether it pays to [look ahead](Turn::look_ahead): with many connections, and with TLS; there is little to fetch without.
    pub(crate) fn looks_ahead(&self) -> bool {
        self.commons.options.tls.is_some() && self.table.slots.len() >= MANY
    }

    /// For who sends to each of `row` and is at `index`: has those fetched that come behind it.
    pub(crate) fn look_ahead(&self, row: &[PeerRef], index: usize) {
        let slot = |distance: usize| self.table.get(*row.get(index + distance)?);
        if let Some(slot) = slot(SLOT) {
            Place::of(slot).prefetch();
        }
        if let Some(slot) = slot(CHANNEL) {
            slot.link.channel_places().into_iter().for_each(Place::prefetch);
        }
        if let Some(slot) = slot(KEYS) {
            slot.link.keys_place().prefetch();
        }
    }
}
