//! Newcomers, from their arrival to the end of their handshake.

use bytes::Bytes;

use super::crowd::Crowd;
use super::handshakes::{Handshakes, Move, Waiting};
use super::kind::Kind;
use super::strangers::Failure;
use super::table::PeerRef;
use super::turn::Turn;
use crate::net::Address;
use crate::peer::LeaveReason;

/// Peers whose handshake has failed and who have yet to read why.
const MOST_REFUSED: usize = 64;

impl<S: Kind> Turn<S> {
    /// A handshake begins. Past the limit whoever has kept us waiting for longest makes place: an honest peer is done within
    /// a few round trips, so that one is the least likely to be honest.
    pub(super) fn begin_handshake(&mut self, peer: PeerRef) {
        let now = self.now;
        self.with_handshakes(|turn, handshakes| handshakes.begin(peer, now, |earlier| turn.whose_move(earlier)));
        while self.handshakes.count() > self.crowd().limit() {
            let oldest =
                self.with_handshakes(|turn, handshakes| handshakes.oldest(now, |earlier| turn.whose_move(earlier)));
            let Some(oldest) = oldest else { break };
            self.crowd().use_spare();
            self.handshake_failed(oldest.token(), Failure::TooMany);
            self.farewell(oldest, Bytes::new());
        }
    }

    /// One has ended as it should.
    pub(super) fn finish_handshake(&mut self) {
        self.handshakes.succeed(self.now);
        self.crowd().leave();
    }

    /// One has ended in some other way.
    pub(super) fn end_handshake(&mut self) {
        self.handshakes.end();
        self.crowd().leave();
    }

    /// One that was dealt out is not begun.
    pub(super) fn leave_crowd(&self) {
        if self.commons.options.is_guarded() {
            self.crowd().leave();
        }
    }

    /// A private key was used for that connection.
    pub(super) fn signed(&mut self, token: usize) {
        self.signing.count();
        self.handshakes.signed(self.table.reference(token), self.now);
    }

    /// Says at the end of a turn how many of the newcomers would make place for others.
    pub(super) fn measure_crowd(&mut self) {
        let now = self.now;
        if self.handshakes.count() >= self.crowd().limit() {
            let spare =
                self.with_handshakes(|turn, handshakes| handshakes.overdue(now, |waiting| turn.whose_move(waiting)));
            self.crowd().set_spare(spare);
        } else {
            self.crowd().set_spare(0);
        }
    }

    pub(super) fn crowd(&self) -> &Crowd {
        self.commons.inboxes()[self.index].crowd()
    }

    fn with_handshakes<R>(&mut self, act: impl FnOnce(&Turn<S>, &mut Handshakes) -> R) -> R {
        let mut handshakes = std::mem::take(&mut self.handshakes);
        let result = act(self, &mut handshakes);
        self.handshakes = handshakes;
        result
    }

    fn whose_move(&self, waiting: &Waiting) -> Move {
        match self.table.get(waiting.peer) {
            Some(slot) if slot.peer.is_shaking_hands() && slot.link.has_signed() == waiting.signed => {
                if slot.link.is_readable() { Move::Ours } else { Move::Theirs }
            }
            _ => Move::Over,
        }
    }

    /// The handshake of a connection has failed, which stays for a while, until it has read why. Not many do at a time: the
    /// one that came first makes place for the next.
    pub(super) fn handshake_failed(&mut self, token: usize, why: Failure) {
        self.end_handshake();
        let is_securing = self.table.slots[token].link.is_securing();
        self.refused.push_back(self.table.reference(token));
        if self.refused.len() > MOST_REFUSED
            && let Some(first) = self.refused.pop_front()
        {
            self.doom(first, LeaveReason::Closed);
        }
        let address = S::address(&self.table.slots[token].state).clone();
        self.tell_of_newcomer(&address, is_securing, &why);
    }

    /// Tells of a newcomer that got no further than its channel, or its proof. Where a secret is to be proved, either counts as
    /// a handshake that has failed.
    pub(super) fn tell_of_newcomer(&mut self, address: &Address, is_securing: bool, why: &Failure) {
        let strangers = &self.commons.strangers;
        let due = if self.commons.options.auth.is_some() {
            self.commons.totals.authentication_failed.add(1);
            let what = if is_securing { "authentication failed: TLS" } else { "authentication failed" };
            strangers.failed(self.instant(), address, what, why, &*self.shared)
        } else {
            strangers.met(self.instant(), address, format!("TLS{why}"))
        };
        self.gathering = due.or(self.gathering);
    }
}
