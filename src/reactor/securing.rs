//! How a channel comes to be secured, and what becomes of one that breaks.

use bytes::Bytes;

use super::link::Unsealed;
use super::service::Service;
use super::strangers::Failure;
use super::turn::Turn;
use super::worker::Worker;
use crate::Error;
use crate::peer::LeaveReason;

impl<S: Service> Worker<S> {
    /// Reads what has come for a connection with TLS.
    pub(super) fn read_sealed(&mut self, token: usize) {
        let (mut buffer, mut plain) = (std::mem::take(&mut self.buffer), std::mem::take(&mut self.turn.plain));
        let link = &mut self.turn.table.slots[token].link;
        let may_sign = link.may_sign();
        match link.unseal(&mut buffer, &mut plain) {
            Ok(Unsealed::Bytes(bytes)) => self.take_in_parts(token, bytes),
            Ok(Unsealed::Secured(bytes)) => self.secured(token, bytes),
            Ok(Unsealed::End) => self.end_of_input(token),
            Ok(Unsealed::Nothing) => {}
            // Who is being sent away has nothing to say that could be cut off.
            Ok(Unsealed::Cut) if self.turn.table.slots[token].peer.is_closing() => self.end_of_input(token),
            Ok(Unsealed::Cut) | Err(_) => self.turn.table.doom(token, LeaveReason::Lost),
            Ok(Unsealed::Broken(error)) => self.broken(token, &error),
        }
        (self.buffer, self.turn.plain) = (buffer, plain);
        // It may have been given away.
        if let Some(slot) = self.turn.table.slots.get(token) {
            let (has_signed, owes) = (may_sign && slot.link.has_signed(), slot.link.owes());
            if has_signed {
                self.turn.signed(token);
            }
            if owes {
                self.turn.want_flush(token);
            }
        }
    }

    /// Where a long message has memory of its own, what comes behind it is taken in by itself.
    fn take_in_parts(&mut self, token: usize, mut bytes: &[u8]) {
        let slots = &mut self.turn.table.slots;
        let missing = slots[token].peer.place().map_or(0, |(_, missing)| missing);
        if missing > 0 && missing < bytes.len() {
            let (end, behind) = bytes.split_at(missing);
            self.take_in(token, end);
            if !self.turn.table.slots.contains(token) {
                return;
            }
            bytes = behind;
        }
        self.take_in(token, bytes);
    }

    /// A channel is secured, and `bytes` came behind: the handshake in it begins, or without a secret the connection opens.
    fn secured(&mut self, token: usize, bytes: &[u8]) {
        let Turn { table, commons, now, .. } = &mut self.turn;
        let slot = &mut table.slots[token];
        if !slot.peer.is_shaking_hands() {
            // It was given up before.
            return;
        }
        let (Some(channel), Some(auth)) = (slot.link.channel(), &commons.options.auth) else {
            return self.open(token, bytes);
        };
        match channel.and_then(|channel| auth.begin_bound(&channel)) {
            Ok(handshake) => slot.peer.secured(Some(handshake), *now),
            Err(error) => {
                log::error!("{}: cannot begin a handshake: {error}", slot.link.address());
                return table.doom(token, LeaveReason::Lost);
            }
        }
        self.turn.want_flush(token);
        self.turn.arm(token);
        if !bytes.is_empty() {
            self.take_in(token, bytes);
        }
    }

    fn open(&mut self, token: usize, bytes: &[u8]) {
        self.turn.finish_handshake();
        self.turn.count_received(token, bytes.len());
        let Turn { table, commons, now, .. } = &mut self.turn;
        let slot = &mut table.slots[token];
        slot.peer.secured(None, *now);
        if !bytes.is_empty() {
            // Kept until it is admitted.
            slot.peer.hear(bytes, &commons.options.rules, *now);
        }
        let peer = table.reference(token);
        self.service.opened(&mut self.turn, peer, None);
    }

    /// A channel is broken. Who has yet to prove a secret has time to read why; whoever takes part is gone.
    fn broken(&mut self, token: usize, error: &Error) {
        let slot = &mut self.turn.table.slots[token];
        if slot.peer.is_shaking_hands() {
            let (known, is_foreign) = (error.to_string(), slot.link.is_foreign());
            let failure = if is_foreign { Failure::Stranger(known) } else { Failure::Channel(known) };
            self.turn.handshake_failed(token, failure);
            let peer = self.turn.table.reference(token);
            return self.turn.farewell(peer, Bytes::new());
        }
        log::debug!("{}: {error}", slot.link.address());
        // The alert, as far as that takes no waiting.
        let _ = slot.link.settle();
        self.turn.table.doom(token, LeaveReason::Lost);
    }
}
