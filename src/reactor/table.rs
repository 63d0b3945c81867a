//! The connections of one worker.

use slab::Slab;

use super::admission::Permit;
use super::link::Link;
use crate::peer::{LeaveReason, Moment, Peer};

/// Names a connection for as long as the process lives: what outlives a turn names it by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerRef {
    pub(super) serial: u64,
    pub(super) worker: u32,
    pub(super) token: u32,
}

impl PeerRef {
    /// A number that no other connection of this process has, never 0. Earlier ones are smaller.
    pub(crate) fn serial(self) -> u64 {
        self.serial
    }

    pub(crate) fn worker(self) -> usize {
        self.worker as usize
    }

    pub(super) fn token(self) -> usize {
        self.token as usize
    }

    /// One that is nobody's.
    #[cfg(test)]
    pub(crate) fn of_serial(serial: u64) -> PeerRef {
        PeerRef { serial, worker: 0, token: 0 }
    }
}

/// A connection and what the service hangs on it.
pub(super) struct Slot<T> {
    pub(super) peer: Peer,
    pub(super) link: Link,
    pub(super) state: T,
    pub(super) serial: u64,
    /// Which key it has proved to hold; 0 for none.
    pub(super) key: u64,
    /// When the timers look at it next.
    pub(super) armed: Option<Moment>,
    /// Stands in the worker's list of connections to read, to flush, or to look at because more or less waits for them.
    pub(super) to_read: bool,
    pub(super) to_flush: bool,
    pub(super) pressed: bool,
    /// It is to be removed.
    pub(super) doomed: bool,
    /// Held for its drop: the place at the door is free again.
    pub(super) _permit: Permit,
}

/// The slots of one worker, and who of them is to go.
pub(super) struct Table<T> {
    worker: u32,
    pub(super) slots: Slab<Slot<T>>,
    /// Connections that must go as soon as nobody holds a reference into the slab.
    pub(super) doomed: Vec<(usize, LeaveReason)>,
}

impl<T> Table<T> {
    pub(super) fn new(worker: usize) -> Table<T> {
        Table { worker: worker as u32, slots: Slab::new(), doomed: Vec::new() }
    }

    pub(super) fn reference(&self, token: usize) -> PeerRef {
        PeerRef { serial: self.slots[token].serial, worker: self.worker, token: token as u32 }
    }

    pub(super) fn vacant(&self, serial: u64) -> PeerRef {
        PeerRef { serial, worker: self.worker, token: self.slots.vacant_key() as u32 }
    }

    /// The slot of a connection that is still there.
    pub(super) fn get(&self, peer: PeerRef) -> Option<&Slot<T>> {
        self.slots.get(peer.token()).filter(|slot| slot.serial == peer.serial)
    }

    pub(super) fn get_mut(&mut self, peer: PeerRef) -> Option<&mut Slot<T>> {
        self.slots.get_mut(peer.token()).filter(|slot| slot.serial == peer.serial)
    }

    /// Marks a connection to be removed; what it has said already is still heard.
    pub(super) fn doom(&mut self, token: usize, reason: LeaveReason) {
        if let Some(slot) = self.slots.get_mut(token)
            && !std::mem::replace(&mut slot.doomed, true)
        {
            self.doomed.push((token, reason));
        }
    }

    pub(super) fn tokens(&self) -> Vec<usize> {
        self.slots.iter().map(|(token, _)| token).collect()
    }
}
