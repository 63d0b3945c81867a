//! The writing half of a worker's turn.

use super::service::Service;
use super::turn::Turn;
use super::worker::Worker;
use crate::peer::LeaveReason;

impl<S: Service> Worker<S> {
    pub(super) fn flush_dirty(&mut self) {
        while let Some(token) = self.turn.dirty.pop() {
            if let Some(slot) = self.turn.table.slots.get_mut(token)
                && std::mem::take(&mut slot.to_flush)
                && !slot.peer.is_blocked()
            {
                self.flush(token);
            }
        }
    }

    /// Writes what waits for one connection.
    pub(super) fn flush(&mut self, token: usize) {
        let now = self.turn.now;
        let Turn { table, scratch, sent: total, .. } = &mut self.turn;
        let slot = &mut table.slots[token];
        let Ok(sent) = slot.flush(now, scratch) else {
            return table.doom(token, LeaveReason::Lost);
        };
        *total += sent as u64;
        if let Some(traffic) = S::traffic(&slot.state) {
            traffic.bytes_out.add(sent as u64);
        }
        let (is_done, is_over) = (!slot.peer.has_output(), slot.peer.must_end_sending());
        let is_ended = slot.peer.has_been_sent_all() && !slot.link.owes();
        let peer = self.turn.table.reference(token);
        self.turn.press(peer);
        if is_over {
            self.end_sending(token);
        } else if is_ended {
            self.has_ended_sending(token);
        } else if is_done {
            // It may have been left unread for the sake of its outbox.
            self.turn.queue_read(token);
        }
    }

    /// Everything is sent: end our direction.
    pub(super) fn end_sending(&mut self, token: usize) {
        let slot = &mut self.turn.table.slots[token];
        slot.peer.end_sending();
        match slot.link.end() {
            // What announces the end has yet to be taken by the kernel, which says when there is room.
            Ok(()) if slot.link.owes() => {}
            Ok(()) => self.has_ended_sending(token),
            Err(_) => self.turn.table.doom(token, LeaveReason::Lost),
        }
    }

    /// Our direction is ended: wait for the peer's end unless the host stops.
    fn has_ended_sending(&mut self, token: usize) {
        let slot = &mut self.turn.table.slots[token];
        if self.turn.finished {
            slot.link.discard(&mut self.buffer);
            self.turn.table.doom(token, LeaveReason::ServerStopped);
        } else if slot.peer.has_ended() {
            self.turn.table.doom(token, LeaveReason::Closed);
        } else {
            self.turn.queue_read(token);
        }
    }
}
