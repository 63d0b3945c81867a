//! The room: its log is the only place that decides the order of things.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;

use super::clock::Clock;
use super::event::{Event, LeaveReason};
use super::events::EventQueue;
use super::inbox::{Batch, Command, Inbox, SessionRef};
use super::member::{Member, MemberId};
use super::options::ServerOptions;
use super::speech::Pace;
use super::stats::Totals;
use super::strangers::Strangers;
use super::wire::{Draft, Kind, Signature, Wire};
use super::{name, zone};
use crate::net::Address;
use crate::sync::{Mutex, MutexGuard};
use crate::{Error, Result, Status};

/// What all threads of a server share.
pub(super) struct Room {
    pub(super) options: ServerOptions,
    pub(super) wire: Wire,
    /// Signs what the server itself says.
    pub(super) signature: Signature,
    /// Of what the server itself says; may be taken under the log's lock, never the other way round.
    clock: Mutex<Clock>,
    /// That of the stamps in line chat.
    zone: TimeZone,
    pub(super) events: EventQueue,
    pub(super) totals: Totals,
    pub(super) strangers: Strangers,
    pub(super) inboxes: Vec<Inbox>,
    /// Members with much in their outboxes.
    behind: AtomicUsize,
    pub(super) pace: Pace,
    pub(super) log: Mutex<Log>,
    /// What one of the server's threads has failed with.
    failure: OnceLock<Error>,
}

#[derive(Default)]
pub(super) struct Log {
    /// The number of the newest entry.
    seq: u64,
    /// The place of the newest batch.
    position: u64,
    members: HashMap<MemberId, (Arc<Member>, SessionRef)>,
    /// What the names in use look like, see [`name::keys`].
    names: HashSet<String>,
    pub(super) closed: bool,
}

impl Log {
    pub(super) fn find(&self, id: MemberId) -> Result<&(Arc<Member>, SessionRef)> {
        self.members.get(&id).ok_or_else(|| no_such_peer(id))
    }
}

/// What a member who has just joined is told.
pub(super) struct Place {
    pub(super) position: u64,
    pub(super) seq: u64,
}

impl Room {
    pub(super) fn new(options: ServerOptions, wire: Wire, inboxes: Vec<Inbox>) -> Room {
        let zone = zone::read(options.time_zone.as_deref());
        // The path of a Unix socket may read as anything.
        let log = Log { names: name::keys(&wire.label).into(), ..Log::default() };
        Room {
            signature: wire.sign_own(),
            clock: Mutex::new(Clock::new(zone.clone())),
            zone,
            events: EventQueue::new(&options),
            totals: Totals::default(),
            strangers: Strangers::default(),
            behind: AtomicUsize::new(0),
            pace: Pace::new(options.outbox_limit),
            log: Mutex::new(log),
            failure: OnceLock::new(),
            options,
            wire,
            inboxes,
        }
    }

    /// The address by which a newcomer is known. The path of a Unix socket is the peer's choice: one that reads as the
    /// server's own is not shown.
    pub(super) fn address_of(&self, peer: &Address) -> Address {
        match peer {
            Address::Unix(path) if !path.as_os_str().is_empty() && self.reads_as_own(&peer.to_string()) => {
                Address::Unix(PathBuf::new())
            }
            _ => peer.clone(),
        }
    }

    fn reads_as_own(&self, label: &str) -> bool {
        let own = name::keys(&self.wire.label);
        name::keys(label).iter().any(|key| own.contains(key))
    }

    /// A clock of this server's time zone.
    pub(super) fn new_clock(&self) -> Clock {
        Clock::new(self.zone.clone())
    }

    /// Appends the draft to the log and hands it to every worker; empties it.
    ///
    /// Returns how many members it is for, and whose messages the events queue could not hold.
    pub(super) fn publish(&self, draft: &mut Draft, except: MemberId) -> (usize, Vec<MemberId>) {
        self.publish_in(self.log.lock(), draft, except)
    }

    /// The same for what a filter has let pass, entry by entry with who said it: what was said by members who have left
    /// since, or were sent away, goes no further.
    pub(super) fn publish_passed(&self, draft: &mut Draft, speakers: &[Arc<Member>]) {
        let log = self.log.lock();
        if speakers.iter().any(|speaker| speaker.is_silenced()) {
            draft.retain(|index| !speakers[index].is_silenced());
        }
        if !draft.is_empty() {
            self.publish_in(log, draft, 0);
        }
    }

    fn publish_in(&self, mut log: MutexGuard<'_, Log>, draft: &mut Draft, except: MemberId) -> (usize, Vec<MemberId>) {
        let first_seq = log.seq + 1;
        self.append(&mut log, draft, except);
        let receivers = log.members.len() - usize::from(log.members.contains_key(&except));
        let mut punished = Vec::new();
        if !draft.messages.is_empty() {
            let numbered = draft.messages.drain(..).zip(first_seq..).map(|(mut message, seq)| {
                message.seq = seq;
                message
            });
            punished = self.events.push_messages(numbered);
        }
        drop(log);
        Totals::add(&self.totals.messages, draft.count() as u64);
        draft.clear();
        self.wake_all();
        self.wake_speakers();
        (receivers, punished)
    }

    /// Gives the draft its numbers and its place. Under the log's lock every worker gets batches in the same order.
    fn append(&self, log: &mut Log, draft: &Draft, except: MemberId) {
        let count = draft.count() as u64;
        if log.members.is_empty() {
            // Whoever joins gets what comes later.
            log.seq += count;
            log.position += 1;
            return self.inboxes.iter().for_each(|inbox| inbox.release(draft.reserved));
        }
        let bytes = self.wire.seal(draft, log.seq + 1);
        log.seq += count;
        log.position += 1;
        let batch = Arc::new(Batch { position: log.position, count, bytes, except, reserved: draft.reserved });
        for inbox in &self.inboxes {
            inbox.push(Command::Publish(Arc::clone(&batch)));
        }
    }

    /// A member joins at this point of the log; `None` when the room is closed.
    pub(super) fn join(&self, member: &Arc<Member>, session: SessionRef) -> Option<Place> {
        let mut log = self.log.lock();
        if log.closed {
            return None;
        }
        self.announce(&mut log, Kind::Join, member, "joined");
        log.members.insert(member.id(), (Arc::clone(member), session));
        self.events.push(Event::Joined(Arc::clone(member)));
        let place = Place { position: log.position, seq: log.seq };
        drop(log);
        Totals::add(&self.totals.joined, 1);
        log::info!("{} joined as {}", member.label(), member.id());
        self.wake_if_announcing();
        Some(place)
    }

    /// A member leaves, once; later calls do nothing.
    pub(super) fn leave(&self, member: &Arc<Member>, reason: LeaveReason) {
        let keys = member.name().map(name::keys);
        let mut log = self.log.lock();
        if log.members.remove(&member.id()).is_none() {
            return;
        }
        member.silence();
        for key in keys.iter().flatten() {
            log.names.remove(key);
        }
        self.announce(&mut log, Kind::Leave, member, reason.as_str());
        self.events.push(Event::Left(Arc::clone(member), reason));
        drop(log);
        if matches!(reason, LeaveReason::TooSlow | LeaveReason::Stalled) {
            Totals::add(&self.totals.too_slow, 1);
        }
        log::info!("{} ({}) left: {reason}", member.label(), member.id());
        self.wake_if_announcing();
    }

    /// The server's own clock, which tells the time from now on.
    pub(super) fn clock(&self) -> MutexGuard<'_, Clock> {
        let mut clock = self.clock.lock();
        clock.update();
        clock
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
            self.wake_all();
        }
    }

    /// Gives the member a name that nobody else in the room has.
    pub(super) fn name(&self, member: &Member, name: &str) -> Result<()> {
        name::check(name)?;
        let keys = name::keys(name);
        let mut log = self.log.lock();
        if member.is_silenced() || !log.members.contains_key(&member.id()) {
            return Err(no_such_peer(member.id()));
        }
        if member.name().is_some() {
            return Err(Error::new(Status::BadState, "the name is already chosen; it lasts as long as the connection"));
        }
        if keys.iter().any(|key| log.names.contains(key)) {
            let text = format!("the name '{name}' is taken, or looks like one that is");
            return Err(Error::new(Status::InvalidArgument, text));
        }
        log.names.extend(keys);
        member.set_name(name);
        Ok(())
    }

    /// The members, in the order in which they connected.
    pub(super) fn members(&self) -> Vec<Arc<Member>> {
        let mut members: Vec<_> = self.log.lock().members.values().map(|(member, _)| Arc::clone(member)).collect();
        members.sort_by_key(|member| member.id());
        members
    }

    pub(super) fn member_count(&self) -> usize {
        self.log.lock().members.len()
    }

    pub(super) fn member(&self, id: MemberId) -> Result<Arc<Member>> {
        self.find(id).map(|(member, _)| member)
    }

    fn find(&self, id: MemberId) -> Result<(Arc<Member>, SessionRef)> {
        let log = self.log.lock();
        log.find(id).map_err(|error| self.failure().unwrap_or(error)).cloned()
    }

    /// Sends a member away: it is silent from here on, and gone when its worker has got round to it.
    pub(super) fn disconnect(&self, id: MemberId, reason: LeaveReason) -> Result<()> {
        let (member, session) = self.find(id)?;
        member.silence();
        self.inboxes[session.worker].send(Command::Disconnect(session, reason));
        Ok(())
    }

    /// Whether the embedder or its filter may say this.
    pub(super) fn check_text(&self, text: &str) -> Result<()> {
        let (length, limit) = (text.len(), self.options.message_limit());
        if length > limit {
            let what = format!("the message has {length} bytes, the limit is {limit}");
            return Err(Error::new(Status::MessageTooLong, what));
        }
        super::text::check_text(text, !self.wire.is_line())
    }

    /// Tells one member that what it said goes to nobody.
    pub(super) fn refuse(&self, id: MemberId, why: &Error) -> Result<()> {
        let (_, session) = self.find(id)?;
        let chunk = self.wire.refusal(&self.clock(), &self.signature, why);
        self.inboxes[session.worker].send(Command::Send { to: session, chunk, reserved: 0 });
        Ok(())
    }

    /// Nobody joins any more and nothing is announced.
    pub(super) fn close(&self) {
        self.log.lock().closed = true;
        self.wake_speakers();
    }

    /// Notes what one of the server's threads has failed with; the first failure stays.
    pub(super) fn fail(&self, failure: Error) {
        let _ = self.failure.set(failure);
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.get().cloned()
    }

    /// Lets everybody leave whom a worker had that has failed.
    pub(super) fn forget_worker(&self, index: usize) {
        let orphans: Vec<_> = {
            let log = self.log.lock();
            let of_worker = log.members.values().filter(|(_, session)| session.worker == index);
            of_worker.map(|(member, _)| Arc::clone(member)).collect()
        };
        orphans.iter().for_each(|member| self.leave(member, LeaveReason::ServerStopped));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.log.lock().closed
    }

    /// Counts a member that has come to be behind, or is no longer.
    pub(super) fn note_behind(&self, behind: bool) {
        if behind {
            self.behind.fetch_add(1, Ordering::Relaxed);
        } else {
            self.behind.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(super) fn somebody_is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed) > 0
    }

    pub(super) fn is_congested(&self) -> bool {
        self.events.is_full() || self.inboxes.iter().any(Inbox::is_congested)
    }

    pub(super) fn wake_all(&self) {
        self.inboxes.iter().for_each(Inbox::wake);
    }
}

#[cold]
pub(super) fn no_such_peer(id: MemberId) -> Error {
    Error::new(Status::NoSuchPeer, format!("no member has the id {id}"))
}
