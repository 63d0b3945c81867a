//! The reading half of a worker's turn.

use std::io;

use super::link::Read;
use super::service::{Flow, Service};
use super::table::{PeerRef, Slot};
use super::turn::Turn;
use super::worker::Worker;
use crate::peer::{Heard, LeaveReason, Piece, Reading};

/// One read of a long message in one turn.
const LONG_READ: usize = 256 * 1024;

impl<S: Service> Worker<S> {
    /// Reads every ready connection once.
    pub(super) fn read_ready(&mut self) {
        if self.turn.stop.is_some() {
            return;
        }
        for _ in 0..self.turn.ready.len() {
            let Some(token) = self.turn.ready.pop_front() else { break };
            let Some(slot) = self.turn.table.slots.get_mut(token) else { continue };
            slot.to_read = false;
            if slot.link.has_begun_in_vain() {
                self.turn.table.doom(token, LeaveReason::Lost);
            } else if slot.link.may_sign() && self.turn.signing.is_used_up() {
                // Its turn comes: those who talk are not to wait for many who knock at once.
                self.turn.queue_read(token);
            } else if slot.peer.may_be_read(&self.turn.commons.options.rules) {
                if slot.peer.is_open() {
                    self.turn.signing.disturb();
                }
                match slot.peer.resume() {
                    Some(reading) => self.converse(token, reading),
                    None => self.read(token),
                }
                self.turn.queue_read(token);
            }
            if self.service.is_full() {
                // Whoever has not had its turn is the first of the next one: no turn may say more than an outbox holds.
                break;
            }
        }
        self.bury();
    }

    fn read(&mut self, token: usize) {
        let Slot { link, peer, .. } = &mut self.turn.table.slots[token];
        if link.has_tls() {
            return self.read_sealed(token);
        }
        if let Some((place, missing)) = peer.place() {
            let result = link.append(place, missing.min(LONG_READ));
            return self.took(token, result, &[]);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = if S::LEAVES_REST { link.peek(&mut buffer) } else { link.read(&mut buffer) };
        self.took(token, result, &buffer);
        self.buffer = buffer;
    }

    /// What a read has brought, in `buffer` unless it lies in its place already.
    fn took(&mut self, token: usize, result: io::Result<Read>, buffer: &[u8]) {
        match result {
            Ok(Read::Bytes(count)) => {
                self.turn.count_received(token, count);
                self.hear(token, buffer.get(..count).unwrap_or_default());
            }
            Ok(Read::End) => self.end_of_input(token),
            Ok(Read::Drained) => {}
            Err(_) => self.turn.table.doom(token, LeaveReason::Lost),
        }
    }

    /// The peer sends no more. Who takes part still gets what was said before, its own last words included, and who is being
    /// sent away what it was told last.
    pub(super) fn end_of_input(&mut self, token: usize) {
        let slot = &mut self.turn.table.slots[token];
        slot.peer.end();
        if slot.peer.is_open() {
            self.part(token, LeaveReason::Closed);
        } else if !(slot.peer.is_closing() && slot.peer.has_output()) {
            self.turn.table.doom(token, LeaveReason::Closed);
        }
    }

    /// Nothing more is heard of it.
    fn part(&mut self, token: usize, reason: LeaveReason) {
        self.turn.table.slots[token].peer.leave();
        let peer = self.turn.table.reference(token);
        self.service.parting(&mut self.turn, peer, reason);
    }

    /// Hands received bytes to whatever the connection is at.
    pub(super) fn take_in(&mut self, token: usize, bytes: &[u8]) {
        self.turn.count_received(token, bytes.len());
        self.hear(token, bytes);
    }

    fn hear(&mut self, token: usize, bytes: &[u8]) {
        let Turn { table, commons, now, .. } = &mut self.turn;
        let slot = &mut table.slots[token];
        let heard = slot.peer.hear(bytes, &commons.options.rules, *now);
        if S::LEAVES_REST {
            slot.link.pass_over(bytes.len() - slot.peer.take_rest().len());
        }
        match heard {
            Heard::Messages(reading) => return self.converse(token, reading),
            Heard::Nothing => {}
            Heard::Proved(identity) => {
                self.turn.table.slots[token].key = identity.key;
                self.turn.finish_handshake();
                self.turn.want_flush(token);
                let peer = self.turn.table.reference(token);
                return self.service.opened(&mut self.turn, peer, Some(identity));
            }
            Heard::Refused(fault) => {
                self.turn.handshake_failed(token, fault.into());
                self.turn.arm(token);
            }
        }
        let peer = &self.turn.table.slots[token].peer;
        if peer.has_output() || peer.must_end_sending() {
            self.turn.want_flush(token);
        }
    }

    /// Takes whole messages out of what has come.
    fn converse(&mut self, token: usize, mut reading: Reading<'_>) {
        let peer = self.turn.table.reference(token);
        let paused = loop {
            let (rules, now) = (&self.turn.commons.options.rules, self.turn.now);
            let slot = &mut self.turn.table.slots[token].peer;
            if !slot.may_be_read(rules) {
                break true;
            }
            match self.service.may_go_on(&mut self.turn, peer) {
                Flow::Continue => {}
                Flow::Pause(until) => {
                    self.turn.table.slots[token].peer.throttle(until);
                    break true;
                }
                _ => break true,
            }
            let Turn { table, commons, .. } = &mut self.turn;
            let flow = match table.slots[token].peer.next(&mut reading, &commons.options.rules, now) {
                Piece::Nothing => break false,
                Piece::Throttled => Flow::Throttled,
                Piece::Message(range) => match reading.take_whole(&range) {
                    Some(whole) => self.service.long_message(&mut self.turn, peer, &whole),
                    None => self.service.message(&mut self.turn, peer, reading.bytes(range)),
                },
                Piece::Endless => Flow::Close(LeaveReason::MessageTooLong),
                Piece::Refused(error, end) => {
                    self.service.refused(&mut self.turn, peer, &error);
                    match end {
                        None => continue,
                        Some(reason) => Flow::Close(reason),
                    }
                }
                Piece::Stranger(opening, error) => {
                    if let Some(words) = self.service.stranger(&mut self.turn, peer, opening, error) {
                        self.turn.push(peer, words);
                    }
                    Flow::Close(LeaveReason::ProtocolViolation)
                }
            };
            if let Some(paused) = self.go_on(peer, &mut reading, flow) {
                break paused;
            }
        };
        self.turn.table.slots[token].peer.finish(reading, paused, &self.turn.commons.options.rules);
        self.turn.arm(token);
    }

    /// Does what the service has answered to a message; whether messages may be left if that was the last one for now.
    fn go_on(&mut self, peer: PeerRef, reading: &mut Reading<'_>, flow: Flow) -> Option<bool> {
        let slot = &mut self.turn.table.slots[peer.token()].peer;
        match flow {
            Flow::Continue => {
                reading.take();
                None
            }
            Flow::Refuse(error) => {
                if !slot.reads_anew(reading, &self.turn.commons.options.rules) {
                    self.service.refused(&mut self.turn, peer, &error);
                    reading.take();
                }
                None
            }
            Flow::Hold | Flow::Throttled => Some(true),
            Flow::Pause(until) => {
                slot.throttle(until);
                Some(true)
            }
            Flow::Close(reason) => {
                reading.drop_rest();
                self.part(peer.token(), reason);
                Some(false)
            }
        }
    }
}
