//! From what was said to what all workers have to deliver.

use std::sync::Arc;
use std::time::Instant;

use super::call::{Batch, Call};
use super::event::Event;
use super::hub::Hub;
use super::member::{Member, MemberId};
use super::presence::GREETING;
use super::room::{Log, Place, Present};
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
            for (message, seq) in draft.messages.iter_mut().zip(first_seq..) {
                message.seq = seq;
            }
            if let Some(said) = &self.said {
                said.push(draft.messages.iter().cloned());
            }
            if self.events.wants_messages() {
                punished = self.events.push_messages(draft.messages.drain(..));
            }
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
        let said = draft.said.unwrap_or_else(Instant::now);
        let batch = Arc::new(Batch { position, count, bytes, except, reserved: draft.reserved, said });
        for inbox in self.commons.inboxes() {
            inbox.push(Call::Publish(Arc::clone(&batch)), batch.bytes.len());
        }
        first_seq
    }

    /// A member joins at this point of the log, or is told why not: the room is closed, or it is banned. With its place come those
    /// of the others who have a name, if there are any and line chat tells of them.
    pub(super) fn join(&self, member: &Arc<Member>, peer: PeerRef) -> Result<(Place, Option<Present>), LeaveReason> {
        let mut log = self.room.lock();
        if log.closed {
            return Err(LeaveReason::ServerStopped);
        }
        // Under the lock: who bans somebody looks for members afterwards, with it.
        if self.bans.of_member(member).is_some() {
            return Err(LeaveReason::Banned);
        }
        self.announce(&mut log, Kind::Join, member, "joined");
        let present = self.wire.commands.then(|| log.present(GREETING.members(), false));
        log.join(member, peer);
        self.events.push(Event::Joined(Arc::clone(member)));
        let place = log.place();
        drop(log);
        self.totals.joined.add(1);
        log::info!("{} joined as {}", member.label(), member.id());
        self.wake_if_announcing();
        Ok((place, present.filter(|present| !present.members.is_empty())))
    }

    /// A member leaves, once; later calls do nothing.
    pub(super) fn leave(&self, member: &Arc<Member>, reason: LeaveReason) {
        let mut log = self.room.lock();
        if !log.leave(member) {
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
        if self.wire.is_line() {
            return self.notice(log, &format!("* {}: {what}", self.wire.called(member)), 0);
        }
        let mut draft = Draft::default();
        self.wire.append(&mut draft, kind, &self.clock(), &self.wire.sign(member), what);
        self.append(log, &draft, 0);
    }

    /// Line chat: the server tells the room something, but not that member.
    pub(super) fn notice(&self, log: &mut Log, text: &str, except: MemberId) {
        let mut draft = Draft::default();
        self.wire.append(&mut draft, Kind::Message, &self.clock(), &self.signature, text);
        self.append(log, &draft, except);
    }

    fn wake_if_announcing(&self) {
        if self.options.announce {
            self.commons.wake_all();
        }
    }
}
