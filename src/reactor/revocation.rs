//! The end of those whose key counts no more.

use std::sync::Arc;

use super::commons::Commons;
use super::inbox::Inbox;
use super::service::Service;
use super::worker::Worker;
use crate::auth::{KeyRing, Watcher};
use crate::peer::LeaveReason;

/// Has the workers look at their peers whenever a key of `keys` counts no more, as long as the watcher is held.
pub(super) fn watch<C: Send + 'static>(keys: &KeyRing, commons: &Arc<Commons<C>>) -> Arc<Watcher> {
    let commons = Arc::downgrade(commons);
    let watcher: Arc<Watcher> = Arc::new(move || {
        if let Some(commons) = commons.upgrade() {
            commons.inboxes().iter().for_each(Inbox::revoke);
        }
    });
    keys.watch(&watcher);
    watcher
}

impl<S: Service> Worker<S> {
    /// Sends away whoever has proved a key that counts no more; what was said to it before goes first. Whose handshake goes on
    /// will not prove one.
    pub(super) fn expel(&mut self) {
        let commons = Arc::clone(&self.turn.commons);
        commons.inboxes()[self.turn.index].revoked();
        let Some(auth) = &commons.options.auth else { return };
        let counting = auth.keys().serials();
        let is_revoked = |key: u64| key != 0 && !counting.contains(&key);
        let slots = &self.turn.table.slots;
        let revoked: Vec<_> = slots.iter().filter(|(_, slot)| is_revoked(slot.key)).map(|(token, _)| token).collect();
        if revoked.is_empty() {
            return;
        }
        self.service.round(&mut self.turn);
        for token in revoked {
            let slot = &self.turn.table.slots[token];
            if !slot.doomed && (slot.peer.is_open() || slot.peer.is_asking()) {
                let peer = self.turn.table.reference(token);
                self.service.dismiss(&mut self.turn, peer, LeaveReason::KeyRevoked);
            }
        }
    }
}
