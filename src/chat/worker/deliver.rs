//! The writing half of a turn.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::Worker;
use crate::chat::event::LeaveReason;
use crate::chat::inbox::Batch;
use crate::chat::session::{Full, ReadingPace, Session, Stage};
use crate::chat::stats::Totals;
use crate::chat::timers::Alarm;

/// What a turn has for every member that was there before it: one buffer, one write.
struct Parcel {
    bytes: Bytes,
    count: u64,
    /// The place of the first batch in it.
    position: u64,
    /// Somebody must not get a part of it.
    has_exception: bool,
}

impl Parcel {
    fn of(batches: &[Arc<Batch>]) -> Parcel {
        let bytes = match batches {
            [one] => one.bytes.clone(),
            many => {
                let mut joined = BytesMut::with_capacity(many.iter().map(|batch| batch.bytes.len()).sum());
                many.iter().for_each(|batch| joined.extend_from_slice(&batch.bytes));
                joined.freeze()
            }
        };
        Parcel {
            bytes,
            count: batches.iter().map(|batch| batch.count).sum(),
            position: batches[0].position,
            has_exception: batches.iter().any(|batch| batch.except != 0),
        }
    }
}

impl Worker {
    /// Writes the batches of this turn to every member.
    pub(super) fn deliver(&mut self) {
        if self.turn.is_empty() {
            return;
        }
        let begin = Instant::now();
        let batches = std::mem::take(&mut self.turn);
        let parcel = Parcel::of(&batches);
        let limit = self.room.options.outbox_limit;
        let (mut deliveries, mut bytes_out) = (0, 0);
        for index in 0..self.joined.len() {
            let token = self.joined[index];
            let session = &mut self.sessions[token];
            let was_blocked = session.outbox.blocked;
            let written = if session.outbox.is_empty() && session.start < parcel.position && !parcel.has_exception {
                deliveries += parcel.count;
                write_parcel(session, &parcel, limit)
            } else {
                queue_batches(session, &batches, limit).and_then(|count| {
                    deliveries += count;
                    if session.outbox.blocked { Ok(0) } else { flush(session) }
                })
            };
            match written {
                Ok(count) => {
                    bytes_out += count as u64;
                    session.note_progress(was_blocked, count, self.now);
                }
                Err(reason) => {
                    self.doomed.push((token, reason));
                    continue;
                }
            }
            if !session.outbox.is_empty() {
                self.watch_outbox(token);
            }
        }
        Totals::add(&self.room.totals.deliveries, deliveries);
        Totals::add(&self.room.totals.bytes_out, bytes_out);
        self.hold.delivered(begin.elapsed());
        self.turn = batches;
        self.turn.clear();
        self.bury();
    }

    /// Keeps the room's count of members that are behind.
    pub(super) fn note_behind(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        let behind = session.is_joined() && session.outbox.cost() > self.room.options.outbox_limit / 4;
        if behind != session.behind {
            session.behind = behind;
            self.room.note_behind(behind);
        }
        let awaited = behind && !session.pace.lapsed && session.outbox.cost() > self.room.options.outbox_limit / 2;
        if awaited != session.pace.awaited {
            session.pace.awaited = awaited;
            self.room.note_awaited(&session.member, awaited);
        }
        if awaited && !session.pace.watched {
            session.watch_pace();
            let reference = session.reference(self.index, token);
            self.timers.set(self.now + ReadingPace::PERIOD, reference, Alarm::Pace);
        }
    }

    /// Whether a member that is behind is still worth waiting for.
    pub(super) fn check_pace(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        session.pace.watched = false;
        if session.outbox.is_empty() || !session.is_joined() {
            return;
        }
        session.judge_pace(self.room.options.outbox_limit);
        if !session.pace.lapsed {
            session.pace.watched = true;
            let reference = session.reference(self.index, token);
            self.timers.set(self.now + ReadingPace::PERIOD, reference, Alarm::Pace);
        }
        self.note_behind(token);
    }

    /// Gives a slow member its time.
    fn watch_outbox(&mut self, token: usize) {
        self.note_behind(token);
        let session = &mut self.sessions[token];
        session.member.counters.outbox_bytes.set(session.outbox.bytes() as u64);
        if session.outbox.blocked && !session.write_alarm {
            session.write_alarm = true;
            let reference = session.reference(self.index, token);
            self.timers.set(self.now + self.room.options.write_timeout, reference, Alarm::Write);
        }
    }

    /// Queues bytes for one session alone; they go out at the end of the turn.
    pub(super) fn say_privately(&mut self, token: usize, chunk: Bytes) {
        let session = &mut self.sessions[token];
        if session.enqueue([chunk], self.room.options.outbox_limit).is_err() {
            self.doomed.push((token, LeaveReason::TooSlow));
        } else if session.outbox.blocked {
            self.watch_outbox(token);
        } else if !session.dirty {
            session.dirty = true;
            self.dirty.push(token);
        }
    }

    pub(super) fn flush_dirty(&mut self) {
        while let Some(token) = self.dirty.pop() {
            if let Some(session) = self.sessions.get_mut(token) {
                session.dirty = false;
                if !session.outbox.blocked {
                    self.flush(token);
                }
            }
        }
    }

    /// Writes what waits for one session.
    pub(super) fn flush(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        let (before, was_blocked) = (session.outbox.bytes(), session.outbox.blocked);
        match session.outbox.flush(&session.stream) {
            Ok(count) => {
                session.member.counters.bytes_out.add(count as u64);
                session.member.counters.outbox_bytes.set((before - count) as u64);
                session.note_progress(was_blocked, count, self.now);
                Totals::add(&self.room.totals.bytes_out, count as u64);
            }
            Err(_) => {
                self.doomed.push((token, LeaveReason::Lost));
                return;
            }
        }
        if !session.outbox.is_empty() {
            return self.watch_outbox(token);
        }
        session.pace.clear();
        self.note_behind(token);
        let session = &self.sessions[token];
        if matches!(session.stage, Stage::Closing { ended: false }) {
            self.end_sending(token);
        } else {
            // It may have been left unread for the sake of its outbox.
            self.queue_read(token);
        }
    }

    pub(super) fn check_progress(&mut self, token: usize) {
        let timeout = self.room.options.write_timeout;
        let session = &mut self.sessions[token];
        session.write_alarm = false;
        if !session.outbox.blocked {
            return;
        }
        let due = session.last_progress + timeout;
        if due <= self.now {
            self.doomed.push((token, LeaveReason::Stalled));
        } else {
            session.write_alarm = true;
            let reference = session.reference(self.index, token);
            self.timers.set(due, reference, Alarm::Write);
        }
    }
}

/// The common case: nothing waits, so the kernel is offered the shared buffer itself.
fn write_parcel(session: &mut Session, parcel: &Parcel, limit: usize) -> Result<usize, LeaveReason> {
    let counters = &session.member.counters;
    counters.messages_out.add(parcel.count);
    let sent = match session.stream.try_send(&parcel.bytes) {
        Ok(count) => count,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        Err(_) => return Err(LeaveReason::Lost),
    };
    counters.bytes_out.add(sent as u64);
    if sent < parcel.bytes.len() {
        session.enqueue([parcel.bytes.slice(sent..)], limit).map_err(|Full| LeaveReason::TooSlow)?;
        session.outbox.blocked = true;
    }
    Ok(sent)
}

fn flush(session: &mut Session) -> Result<usize, LeaveReason> {
    let sent = session.outbox.flush(&session.stream).map_err(|_| LeaveReason::Lost)?;
    session.member.counters.bytes_out.add(sent as u64);
    Ok(sent)
}

fn queue_batches(session: &mut Session, batches: &[Arc<Batch>], limit: usize) -> Result<u64, LeaveReason> {
    let (start, id) = (session.start, session.member.id());
    let theirs = batches.iter().filter(|batch| batch.position > start && batch.except != id);
    let queued = theirs.clone().map(|batch| batch.count).sum();
    session.enqueue(theirs.map(|batch| batch.bytes.clone()), limit).map_err(|Full| LeaveReason::TooSlow)?;
    session.member.counters.messages_out.add(queued);
    Ok(queued)
}
