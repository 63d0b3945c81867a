//! What a service may do in a turn of its worker.

use std::collections::VecDeque;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mio::Registry;
use mio::unix::SourceFd;

use super::commons::Commons;
use super::door::Door;
use super::handshakes::Handshakes;
use super::kind::Kind;
use super::signing::Signing;
use super::strangers::Failure;
use super::table::{PeerRef, Table};
use super::timers::Timers;
use super::watches::Watches;
use crate::net::Stream;
use crate::peer::{LINGER, LeaveReason, Moment, Rate, Rules, Unsent};
use crate::tls::Machine;

/// A connection that is given away.
pub(crate) struct Released {
    pub(crate) stream: Stream,
    /// What secures it, with TLS: nothing of it waits to be sent.
    pub(crate) machine: Option<Machine>,
    /// What came behind the handshake.
    pub(crate) rest: Vec<u8>,
}

/// All of a worker but its service.
pub(crate) struct Turn<S: Kind> {
    pub(super) index: usize,
    pub(super) commons: Arc<Commons<S::Call>>,
    pub(super) shared: Arc<S::Shared>,
    pub(super) registry: Registry,
    pub(super) table: Table<S::State>,
    /// Tokens of the connections that may have something to read.
    pub(super) ready: VecDeque<usize>,
    /// Tokens of the connections with output of their own.
    pub(super) dirty: Vec<usize>,
    /// Connections whose outbox has more in it than before, or less.
    pub(super) pressed: Vec<PeerRef>,
    /// Connections that go in good order once this turn's messages are with them, their own included.
    pub(super) leavers: Vec<(PeerRef, LeaveReason)>,
    pub(super) timers: Timers<PeerRef>,
    pub(super) handshakes: Handshakes,
    /// Connections whose handshake has failed.
    pub(super) refused: VecDeque<PeerRef>,
    pub(super) watches: Watches,
    beginning: Instant,
    instant: Instant,
    pub(super) now: Moment,
    /// When to tell what was gathered of strangers, if this worker has held back any of it.
    pub(super) gathering: Option<Instant>,
    /// By when to be gone, once told to stop.
    pub(super) stop: Option<Instant>,
    /// When the service wants to look at what is no connection.
    pub(super) appointment: Option<Moment>,
    /// The service goes on in the next turn with what it has left.
    unfinished: bool,
    /// Nothing more comes of the service.
    pub(super) finished: bool,
    /// Bytes of this turn that the totals do not have yet.
    pub(super) received: u64,
    pub(super) sent: u64,
    /// When the first thing was said that peers get in this turn.
    pub(super) delivered: Option<Instant>,
    /// What has been decrypted last, and what was sealed last: each is made anew by who uses it.
    pub(super) plain: Vec<u8>,
    pub(super) scratch: Vec<u8>,
    /// How often a private key may be used.
    pub(super) signing: Signing,
}

impl<S: Kind> Turn<S> {
    pub(super) fn new(
        index: usize,
        registry: Registry,
        commons: Arc<Commons<S::Call>>,
        shared: Arc<S::Shared>,
    ) -> Turn<S> {
        let beginning = commons.clock.now();
        Turn {
            index,
            commons,
            shared,
            registry,
            table: Table::new(index),
            ready: VecDeque::new(),
            dirty: Vec::new(),
            pressed: Vec::new(),
            leavers: Vec::new(),
            timers: Timers::default(),
            handshakes: Handshakes::default(),
            refused: VecDeque::new(),
            watches: Watches::default(),
            beginning,
            instant: beginning,
            now: Moment::BEGINNING,
            gathering: None,
            stop: None,
            appointment: None,
            unfinished: false,
            finished: false,
            received: 0,
            sent: 0,
            delivered: None,
            plain: Vec::new(),
            scratch: Vec::new(),
            signing: Signing::default(),
        }
    }

    pub(super) fn update(&mut self) {
        self.signing.begin();
        self.unfinished = false;
        self.instant = self.commons.clock.now();
        self.now = Moment::after(self.instant.saturating_duration_since(self.beginning));
    }

    /// When that is for the rest of the world.
    pub(super) fn instant_of(&self, at: Moment) -> Instant {
        self.beginning + at.since(Moment::BEGINNING)
    }

    /// The time of this turn.
    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// The same for what outlives the worker.
    pub(crate) fn instant(&self) -> Instant {
        self.instant
    }

    #[cfg_attr(not(test), expect(dead_code, reason = "for services that have no options of their own"))]
    pub(crate) fn rules(&self) -> &Rules {
        &self.commons.options.rules
    }

    pub(crate) fn worker(&self) -> usize {
        self.index
    }

    /// Whether something was queued after the place in a turn that it belongs to.
    pub(super) fn has_more_to_do(&self) -> bool {
        !self.dirty.is_empty() || !self.leavers.is_empty() || !self.pressed.is_empty() || self.unfinished
    }

    /// Has the service [called](super::Service::due) then, whatever it has set before; `None` is not at all.
    pub(crate) fn appoint(&mut self, at: Option<Moment>) {
        self.appointment = at;
    }

    /// Has the next turn begin at once: the service has left something for it.
    pub(crate) fn go_on(&mut self) {
        self.unfinished = true;
    }

    /// By when the host will have stopped, if it stops.
    pub(crate) fn time_to_stop(&self) -> Option<Duration> {
        self.stop.map(|at| at.saturating_duration_since(self.instant))
    }

    /// Whether the host stops.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// One connection, if it is still there.
    pub(crate) fn door(&mut self, peer: PeerRef) -> Option<Door<'_, S>> {
        let Turn { table, commons, now, sent, scratch, .. } = self;
        Some(Door { slot: table.get_mut(peer)?, rules: &commons.options.rules, now: *now, sent, scratch })
    }

    /// What the service hangs on a connection, if that is still there.
    pub(crate) fn state(&mut self, peer: PeerRef) -> Option<&mut S::State> {
        self.table.get_mut(peer).map(|slot| &mut slot.state)
    }

    /// Queues bytes for one peer alone, which must take part; they go out at the end of the turn. One that is full goes.
    pub(crate) fn push(&mut self, peer: PeerRef, chunk: Bytes) {
        let rules = &self.commons.options.rules;
        let Some(slot) = self.table.get_mut(peer) else { return };
        match slot.peer.push([chunk], rules) {
            Ok(()) if slot.peer.is_blocked() => self.press(peer),
            Ok(()) => self.want_flush(peer.token()),
            Err(Unsent::Full) => self.table.doom(peer.token(), LeaveReason::TooSlow),
            Err(Unsent::Refused) => {}
        }
    }

    /// Lets a peer take part, at that rate if there is one.
    pub(crate) fn admit(&mut self, peer: PeerRef, rate: Option<Rate>) {
        let now = self.now;
        let Some(slot) = self.table.get_mut(peer) else { return };
        slot.peer.admit(rate, now);
        self.arm(peer.token());
        self.queue_read(peer.token());
    }

    /// Whether somebody who waits to be admitted has ended its connection, with nothing left to hear.
    pub(crate) fn has_gone(&mut self, peer: PeerRef, buffer: &mut [u8]) -> bool {
        let now = self.now;
        let Turn { table, commons, plain, .. } = self;
        let Some(slot) = table.get_mut(peer) else { return true };
        if !slot.link.has_hung_up() || !slot.peer.has_said_nothing() {
            return false;
        }
        let Some(bytes) = slot.link.glance(buffer, plain) else { return true };
        if !bytes.is_empty() {
            slot.peer.hear(bytes, &commons.options.rules, now);
            let count = bytes.len();
            self.count_received(peer.token(), count);
        }
        false
    }

    /// Sends a peer away with these last words. What is in its outbox goes before them.
    pub(crate) fn farewell(&mut self, peer: PeerRef, words: Bytes) {
        // When the host stops, its own deadline is the only one.
        let until = (!self.finished).then(|| self.now + LINGER);
        let Some(slot) = self.table.get_mut(peer) else { return };
        slot.peer.close([words], until);
        self.arm(peer.token());
        // Flushed at the end of the turn even when there is nothing to say, so that the end is sent.
        self.want_flush(peer.token());
    }

    /// Has a peer dismissed at the end of this turn, when it has what the turn brings.
    pub(crate) fn dismiss_later(&mut self, peer: PeerRef, reason: LeaveReason) {
        self.leavers.push((peer, reason));
    }

    /// Peers get in this turn what was said then; of several times the first one told counts.
    pub(crate) fn delivers(&mut self, said: Instant) {
        self.delivered.get_or_insert(said);
    }

    /// Drops a connection at the end of what is being done.
    pub(crate) fn doom(&mut self, peer: PeerRef, reason: LeaveReason) {
        if self.table.get(peer).is_some() {
            self.table.doom(peer.token(), reason);
        }
    }

    /// Takes one message's worth of what the peer may say; if there is none left, nothing of it is heard until there is.
    pub(crate) fn within_rate(&mut self, peer: PeerRef) -> bool {
        let now = self.now;
        self.table.get_mut(peer).is_none_or(|slot| slot.peer.within_rate(now))
    }

    /// It has said something that counts as being there.
    pub(crate) fn spoke(&mut self, peer: PeerRef) {
        let now = self.now;
        if let Some(slot) = self.table.get_mut(peer) {
            slot.peer.speak(now);
        }
    }

    /// Has [`Service::alarm`](super::Service::alarm) called for that peer then, instead of when it was set to before;
    /// `None` is not at all.
    pub(crate) fn set_alarm(&mut self, peer: PeerRef, at: Option<Moment>) {
        let now = self.now;
        let Some(slot) = self.table.get_mut(peer) else { return };
        // An alarm that is set when one sounds is for later.
        slot.peer.set_alarm(at.map(|at| at.max(now + Duration::from_nanos(1))));
        self.arm(peer.token());
    }

    /// Tells the log of somebody who speaks something else.
    pub(crate) fn tell_of_stranger(&mut self, peer: PeerRef, what: String) {
        let Some(slot) = self.table.get(peer) else { return };
        let due = self.commons.strangers.met(self.instant, S::address(&slot.state), what);
        self.gathering = due.or(self.gathering);
    }

    /// Gives a connection away that has proved what it had to, and what hangs on it. `None` when the end of the handshake could not be sent. Not
    /// amid its messages, where it is still being read.
    pub(crate) fn release(&mut self, peer: PeerRef) -> Option<(Released, S::State)> {
        let now = self.now;
        let Turn { table, scratch, .. } = self;
        let slot = table.get_mut(peer)?;
        let is_sent = slot.flush(now, scratch).is_ok() && !slot.peer.has_output() && !slot.link.owes();
        let mut slot = self.table.slots.remove(peer.token());
        // From here on somebody else waits for this descriptor.
        let _ = self.registry.deregister(&mut SourceFd(&slot.link.as_raw_fd()));
        let rest = slot.peer.take_rest();
        if !is_sent {
            self.tell_of_newcomer(S::address(&slot.state), false, &Failure::BrokenOff("could not send"));
            return None;
        }
        let (stream, machine) = slot.link.into_parts();
        Some((Released { stream, machine, rest }, slot.state))
    }

    /// Has the service look at a peer for which more waits than before, or less.
    pub(crate) fn press(&mut self, peer: PeerRef) {
        let Some(slot) = self.table.get_mut(peer) else { return };
        if let Some(traffic) = S::traffic(&slot.state) {
            traffic.outbox_bytes.set(slot.peer.outbox_bytes() as u64);
        }
        if !std::mem::replace(&mut slot.pressed, true) {
            self.pressed.push(peer);
        }
        self.arm(peer.token());
    }

    /// Puts a connection with output on the list for the end of the turn.
    pub(super) fn want_flush(&mut self, token: usize) {
        let slot = &mut self.table.slots[token];
        if !slot.peer.is_blocked() && !std::mem::replace(&mut slot.to_flush, true) {
            self.dirty.push(token);
        }
    }

    /// Sets the timers to the next time at which that connection wants to be looked at, if that is earlier than before.
    pub(super) fn arm(&mut self, token: usize) {
        let slot = &mut self.table.slots[token];
        let Some(next) = slot.peer.next_timeout(&self.commons.options.rules) else { return };
        if slot.armed.is_none_or(|armed| next < armed) {
            slot.armed = Some(next);
            let peer = self.table.reference(token);
            self.timers.set(next, peer);
        }
    }

    /// Puts a connection that may have something to read on the list for the next turn.
    pub(super) fn queue_read(&mut self, token: usize) {
        let Some(slot) = self.table.slots.get_mut(token) else { return };
        if (slot.link.is_readable() || slot.peer.has_more()) && !slot.to_read {
            slot.to_read = true;
            self.ready.push_back(token);
            // While nobody is read, connections come and go, and leave theirs behind.
            if self.ready.len() > 2 * self.table.slots.len() + 64 {
                self.tidy_ready();
            }
        }
    }

    /// Leaves one entry of each connection that stands in the list.
    fn tidy_ready(&mut self) {
        let mut ready = std::mem::take(&mut self.ready);
        let slots = &mut self.table.slots;
        ready.retain(|token| slots.get_mut(*token).is_some_and(|slot| std::mem::take(&mut slot.to_read)));
        ready.shrink_to(2 * ready.len());
        ready.iter().for_each(|token| slots[*token].to_read = true);
        self.ready = ready;
    }

    pub(super) fn count_received(&mut self, token: usize, count: usize) {
        self.received += count as u64;
        if let Some(traffic) = S::traffic(&self.table.slots[token].state) {
            traffic.bytes_in.add(count as u64);
        }
    }
}
