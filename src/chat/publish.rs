//! From what was said to what all workers have to deliver.

use std::sync::Arc;

use super::call::{Batch, Call};
use super::event::Event;
use super::hub::Hub;
use super::member::{Member, MemberId};
use super::name;
use super::room::{Log, Place};
use super::wire::{Draft, Kind};
use crate::peer::LeaveReason;
use crate::reactor::PeerRef;
use crate::sync::MutexGuard;

impl Hub {
    /// Appends the draft to the log and hands it to every worker; empties it.
    ///
    /// Returns how many members it is for, and whose messages the events queue could not hold.
    pub(super) fn publish(&self, draft: &mut Draft, except: MemberId) -> (usize, Vec<MemberId>) {
        self.publish_in(self.room.lock(), draft, except)
    }

    /// The same for what a filter has let pass, entry by entry with who said it: what was said by members who have left
    /// since, or were sent away, goes no further.
    pub(super) fn publish_passed(&self, draft: &mut Draft, speakers: &[Arc<Member>]) {
        let log = self.room.lock();
        if speakers.iter().any(|speaker| speaker.is_silenced()) {
            draft.retain(|index| !speakers[index].is_silenced());
        }
        if !draft.is_empty() {
            self.publish_in(log, draft, 0);
        }
    }

    fn publish_in(&self, mut log: MutexGuard<'_, Log>, draft: &mut Draft, except: MemberId) -> (usize, Vec<MemberId>) {
        let first_seq = self.append(&mut log, draft, except);
        let receivers = log.receivers(except);
        let mut punished = Vec::new();
        if !draft.messages.is_empty() {
            let numbered = draft.messages.drain(..).zip(first_seq..).map(|(mut message, seq)| {
                message.seq = seq;
                message
            });
            punished = self.events.push_messages(numbered);
        }
        drop(log);
        if !draft.receipts.is_empty() {
            self.acknowledge(draft.receipts.drain(..), first_seq);
        }
        self.totals.messages.add(draft.count() as u64);
        draft.clear();
        self.commons.wake_all();
        self.wake_speakers();
        (receivers, punished)
    }

    /// Gives the draft its numbers and its place; returns the first number. Under the room's lock every worker gets batches
    /// in the same order.
    fn append(&self, log: &mut Log, draft: &Draft, except: MemberId) -> u64 {
        let (count, is_heard) = (draft.count() as u64, log.count() > 0);
        let first_seq = log.number(count);
        if !is_heard {
            // Whoever joins gets what comes later.
            self.commons.inboxes().iter().for_each(|inbox| inbox.release(draft.reserved));
            return first_seq;
        }
        let (bytes, position) = (self.wire.seal(draft, first_seq), log.place().position);
        let batch = Arc::new(Batch { position, count, bytes, except, reserved: draft.reserved });
        for inbox in self.commons.inboxes() {
            inbox.push(Call::Publish(Arc::clone(&batch)), batch.bytes.len());
        }
        first_seq
    }

    /// A member joins at this point of the log; `None` when the room is closed.
    pub(super) fn join(&self, member: &Arc<Member>, peer: PeerRef) -> Option<Place> {
        let mut log = self.room.lock();
        if log.closed {
            return None;
        }
        self.announce(&mut log, Kind::Join, member, "joined");
        log.join(member, peer);
        self.events.push(Event::Joined(Arc::clone(member)));
        let place = log.place();
        drop(log);
        self.totals.joined.add(1);
        log::info!("{} joined as {}", member.label(), member.id());
        self.wake_if_announcing();
        Some(place)
    }

    /// A member leaves, once; later calls do nothing.
    pub(super) fn leave(&self, member: &Arc<Member>, reason: LeaveReason) {
        let keys = member.name().map(name::keys);
        let mut log = self.room.lock();
        if !log.leave(member, keys.as_ref().map_or(&[], |keys| &keys[..])) {
            return;
        }
        self.announce(&mut log, Kind::Leave, member, reason.as_str());
        self.events.push(Event::Left(Arc::clone(member), reason));
        drop(log);
        if matches!(reason, LeaveReason::TooSlow | LeaveReason::Stalled) {
            self.totals.too_slow.add(1);
        }
        log::info!("{} ({}) left: {reason}", member.label(), member.id());
        self.wake_if_announcing();
    }

    fn announce(&self, log: &mut Log, kind: Kind, member: &Member, what: &str) {
        if !self.options.announce || log.closed {
            return;
        }
        let mut draft = Draft::default();
        let clock = self.clock();
        if self.wire.is_line() {
            let text = format!("* {}: {what}", member.label());
            self.wire.append(&mut draft, kind, &clock, &self.signature, &text);
        } else {
            self.wire.append(&mut draft, kind, &clock, &self.wire.sign(member), what);
        }
        drop(clock);
        self.append(log, &draft, 0);
    }

    fn wake_if_announcing(&self) {
        if self.options.announce {
            self.commons.wake_all();
        }
    }
}
