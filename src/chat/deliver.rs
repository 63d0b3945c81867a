//! The writing half of a turn, and who is behind for it.

use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::call::Batch;
use super::pace::ReadingPace;
use super::seat::Seat;
use super::service::Chat;
use crate::peer::LeaveReason;
use crate::reactor::{Door, PeerRef, Turn};

/// What a turn has for every member that was there before it: one buffer, one write.
struct Parcel<'b> {
    batches: &'b [Arc<Batch>],
    /// Made for the first member that gets all of it.
    bytes: Option<Bytes>,
    count: u64,
    /// The place of the first batch in it.
    position: u64,
    /// Somebody must not get a part of it.
    has_exception: bool,
}

impl<'b> Parcel<'b> {
    fn of(batches: &'b [Arc<Batch>]) -> Parcel<'b> {
        Parcel {
            bytes: None,
            count: batches.iter().map(|batch| batch.count).sum(),
            position: batches[0].position,
            has_exception: batches.iter().any(|batch| batch.except != 0),
            batches,
        }
    }

    /// All of it in one piece.
    fn bytes(&mut self) -> &Bytes {
        self.bytes.get_or_insert_with(|| match self.batches {
            [one] => one.bytes.clone(),
            many => {
                let mut joined = BytesMut::with_capacity(many.iter().map(|batch| batch.bytes.len()).sum());
                many.iter().for_each(|batch| joined.extend_from_slice(&batch.bytes));
                joined.freeze()
            }
        })
    }

    /// Sends a member what is for it; returns how many messages that are.
    fn send(&mut self, door: &mut Door<'_, Chat>) -> Result<u64, LeaveReason> {
        let is_clear = door.is_clear();
        let seat = door.state();
        if is_clear && seat.start < self.position && !self.has_exception {
            seat.member.heard.add(self.count);
            door.offer(self.bytes())?;
            return Ok(self.count);
        }
        let (start, id) = (seat.start, seat.member.id());
        let theirs = self.batches.iter().filter(|batch| batch.position > start && batch.except != id);
        let count = theirs.clone().map(|batch| batch.count).sum();
        seat.member.heard.add(count);
        door.push(theirs.map(|batch| batch.bytes.clone()))?;
        Ok(count)
    }
}

impl Chat {
    /// Writes the batches of this turn to every member.
    pub(super) fn deliver(&mut self, turn: &mut Turn<Chat>) {
        if self.batches.is_empty() {
            return;
        }
        let begin = Instant::now();
        let mut batches = std::mem::take(&mut self.batches);
        let mut parcel = Parcel::of(&batches);
        let mut deliveries = 0;
        let looks_ahead = turn.looks_ahead();
        for (index, &peer) in self.seats.iter().enumerate() {
            if looks_ahead {
                turn.look_ahead(&self.seats, index);
            }
            let Some(mut door) = turn.door(peer) else { continue };
            match parcel.send(&mut door) {
                Ok(count) => deliveries += count,
                Err(reason) => {
                    turn.doom(peer, reason);
                    continue;
                }
            }
            if door.has_output() {
                turn.press(peer);
            }
        }
        if deliveries > 0 {
            turn.delivers(batches[0].said);
        }
        self.hub.totals.deliveries.add(deliveries);
        self.hold.delivered(begin.elapsed());
        batches.clear();
        self.batches = batches;
    }

    /// Keeps the hub's count of members that are behind, and of those that the embedder waits for.
    pub(super) fn note_behind(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        let now = turn.now();
        let Some(mut door) = turn.door(peer) else { return };
        let (cost, is_open, limit) = (door.outbox_cost(), door.is_open(), self.hub.options.outbox_limit);
        let seat = door.state();
        if cost == 0 {
            seat.pace.clear();
        }
        let behind = is_open && cost > limit / 4;
        if behind != seat.behind {
            seat.behind = behind;
            self.hub.note_behind(behind);
        }
        let awaited = behind && !seat.pace.lapsed && cost > limit / 2;
        if awaited != seat.pace.awaited {
            seat.pace.awaited = awaited;
            self.hub.note_awaited(&seat.member, awaited);
        }
        if awaited && !seat.pace.watched {
            let taken = taken(&mut door);
            door.state().pace.watch(taken);
            turn.set_alarm(peer, Some(now + ReadingPace::PERIOD));
        }
    }

    /// Whether a member that is behind is still worth waiting for.
    pub(super) fn check_pace(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        let now = turn.now();
        let Some(mut door) = turn.door(peer) else { return };
        door.state().pace.watched = false;
        if !door.is_open() || !door.has_output() {
            return;
        }
        let taken = taken(&mut door);
        let seat = door.state();
        seat.pace.judge(taken, self.hub.options.outbox_limit);
        if !seat.pace.lapsed {
            seat.pace.watched = true;
            turn.set_alarm(peer, Some(now + ReadingPace::PERIOD));
        }
        self.note_behind(turn, peer);
    }

    /// Whoever goes is not behind, and not waited for.
    pub(super) fn note_caught_up(&self, seat: &mut Seat) {
        if std::mem::take(&mut seat.behind) {
            self.hub.note_behind(false);
        }
        if std::mem::take(&mut seat.pace.awaited) {
            self.hub.note_awaited(&seat.member, false);
        }
    }
}

/// Bytes that the member's side has taken since the beginning.
fn taken(door: &mut Door<'_, Chat>) -> u64 {
    let unacknowledged = door.unacknowledged() as u64;
    door.state().member.bytes_out().saturating_sub(unacknowledged)
}
