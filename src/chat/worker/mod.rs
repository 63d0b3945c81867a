//! One I/O thread: a poller, a share of the connections, and the turn that serves them.
//!
//! A turn reads every ready session, publishes what was said as one batch, takes what the room has published
//! meanwhile, and writes it to each member with one call.

mod deliver;
mod handshakes;
mod hold;
mod lifecycle;
mod read;
mod requests;
mod strangers;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Token};
use slab::Slab;

use self::handshakes::Handshakes;
use self::hold::AdaptiveHold;
use super::clock::Clock;
use super::event::LeaveReason;
use super::events::Item;
use super::inbox::{Batch, Command, SessionRef};
use super::room::Room;
use super::session::{Session, Stage};
use super::timers::Timers;
use super::wire::Draft;
use crate::error::sentence;
use crate::net::{AdaptivePolling, sharpen_timers};

/// The waker's token; sessions have the indices of the slab.
pub(super) const WAKER: Token = Token(usize::MAX);

const EVENTS_PER_TURN: usize = 1024;

/// One read of one session in one turn.
const READ_SIZE: usize = 64 * 1024;

/// How long a worker waits, at most, before it looks again whether a congestion is over.
const CONGESTION_PAUSE: Duration = Duration::from_millis(20);

/// What a worker has as long as it may read. When the last one is gone, however its worker came to end, what the filter
/// has to let pass is complete.
pub(super) struct Reading {
    room: Arc<Room>,
    workers: Arc<AtomicUsize>,
}

impl Reading {
    /// For one of `workers`.
    pub(super) fn new(room: &Arc<Room>, workers: &Arc<AtomicUsize>) -> Reading {
        Reading { room: Arc::clone(room), workers: Arc::clone(workers) }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if self.workers.fetch_sub(1, Ordering::AcqRel) == 1 && self.room.options.filter {
            self.room.events.push_for_dispatcher(Item::LastSubmitted);
        }
    }
}

pub(super) struct Worker {
    index: usize,
    poll: Poll,
    polling: AdaptivePolling,
    room: Arc<Room>,
    inbox: Receiver<Command>,
    /// `None` once it has been told to stop.
    reading: Option<Reading>,
    sessions: Slab<Session>,
    /// Tokens of the sessions that receive the room's messages.
    joined: Vec<usize>,
    /// Tokens of the sessions that may have something to read.
    ready: VecDeque<usize>,
    /// Tokens of the sessions with output of their own.
    dirty: Vec<usize>,
    /// Sessions that leave in good order once this turn's messages are with them, their own included.
    leavers: Vec<(SessionRef, LeaveReason)>,
    /// Sessions that must go as soon as nobody holds a reference into the slab.
    doomed: Vec<(usize, LeaveReason)>,
    /// Handshakes in the order of their start, so that the oldest can be given up.
    handshakes: Handshakes,
    turn: Vec<Arc<Batch>>,
    hold: AdaptiveHold,
    draft: Draft,
    batch_size: usize,
    clock: Clock,
    now: Instant,
    timers: Timers,
    /// When to tell what was gathered of strangers, if this worker has held back any of it.
    gathering: Option<Instant>,
    buffer: Vec<u8>,
    stop: Option<Instant>,
    finished: bool,
    /// Reserved bytes of the embedder's that this turn has taken.
    reserved: usize,
}

impl Worker {
    pub(super) fn new(index: usize, poll: Poll, room: Arc<Room>, inbox: Receiver<Command>, reading: Reading) -> Worker {
        let batch_size = room.options.batch_size();
        let polling = AdaptivePolling::new(room.options.polling);
        let clock = room.new_clock();
        Worker {
            index,
            poll,
            polling,
            room,
            inbox,
            reading: Some(reading),
            sessions: Slab::new(),
            joined: Vec::new(),
            ready: VecDeque::new(),
            dirty: Vec::new(),
            leavers: Vec::new(),
            doomed: Vec::new(),
            handshakes: Handshakes::default(),
            turn: Vec::new(),
            hold: AdaptiveHold::default(),
            draft: Draft::default(),
            batch_size,
            clock,
            now: Instant::now(),
            timers: Timers::default(),
            gathering: None,
            buffer: vec![0; READ_SIZE],
            stop: None,
            finished: false,
            reserved: 0,
        }
    }

    /// Runs until the server has stopped and every member is gone.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        // What is held back, see `hold`, is held for some tens of microseconds.
        sharpen_timers();
        while !self.is_done() {
            self.sleep(&mut events);
            self.now = Instant::now();
            self.clock.update();
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once(&format!("rustchat-io-{} ", self.index), &self.room.wire.label);
            self.note_readiness(&events);
            // Whoever was accepted before something was said hears it.
            self.take_commands();
            if !self.room.is_congested() {
                self.read_ready();
                self.hold(&mut events);
            }
            self.publish();
            self.take_commands();
            self.deliver();
            self.see_off();
            self.flush_dirty();
            self.relieve();
            self.sound_alarms();
            self.bury();
        }
        self.end();
    }

    fn is_done(&self) -> bool {
        let Some(deadline) = self.stop else { return false };
        (self.finished && self.sessions.is_empty()) || deadline <= self.now
    }

    fn end(&mut self) {
        self.doomed.extend(self.sessions.iter().map(|(token, _)| (token, LeaveReason::ServerStopped)));
        self.bury();
    }

    fn sleep(&mut self, events: &mut Events) {
        let inbox = &self.room.inboxes[self.index];
        inbox.falling_asleep();
        let timeout = if !self.inbox.is_empty() {
            Some(Duration::ZERO)
        } else if self.ready.is_empty() || self.stop.is_some() {
            self.until_next_alarm()
        } else if self.room.is_congested() {
            Some(CONGESTION_PAUSE)
        } else {
            Some(Duration::ZERO)
        };
        // Interrupted or out of memory for a moment: the turn then finds nothing to do, and the next one tries again.
        if let Err(error) = self.polling.wait(&mut self.poll, events, timeout) {
            log::debug!("worker {}: poll: {}", self.index, sentence(&error));
            events.clear();
        }
        inbox.awake();
    }

    /// Waits for more to be said, where that pays, and reads it.
    fn hold(&mut self, events: &mut Events) {
        let messages = self.draft.count();
        if self.draft.len() >= self.batch_size {
            return;
        }
        let Some(time) = self.hold.before(messages) else { return };
        std::thread::sleep(time);
        if self.poll.poll(events, Some(Duration::ZERO)).is_ok() {
            self.note_readiness(events);
            self.read_ready();
        }
        self.hold.after(messages, self.draft.count());
    }

    fn until_next_alarm(&self) -> Option<Duration> {
        let next = [self.timers.next(), self.stop, self.gathering].into_iter().flatten().min();
        next.map(|at| at.saturating_duration_since(Instant::now()))
    }

    fn note_readiness(&mut self, events: &Events) {
        for event in events {
            let token = event.token().0;
            // Stale when the session went in this very turn, or of the waker, which has no session.
            let Some(session) = self.sessions.get_mut(token) else { continue };
            if event.is_read_closed() || event.is_error() {
                session.hung_up = true;
            }
            session.readable |= event.is_readable() || session.hung_up;
            let may_write = event.is_writable() && session.outbox.blocked;
            self.queue_read(token);
            if may_write {
                self.flush(token);
            }
        }
    }

    fn publish(&mut self) {
        if self.draft.is_empty() {
            return;
        }
        let (_, punished) = self.room.publish(&mut self.draft, 0);
        for id in punished {
            // It may have left meanwhile.
            let _ = self.room.disconnect(id, LeaveReason::EventsOverflow);
        }
    }

    fn take_commands(&mut self) {
        let mut bytes = 0;
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Publish(batch) => {
                    bytes += batch.bytes.len();
                    self.reserved += batch.reserved;
                    self.turn.push(batch);
                    continue;
                }
                Command::Adopt(stream, member, permit) => self.adopt(stream, member, permit),
                Command::Send { to, chunk, reserved } => {
                    self.reserved += reserved;
                    // What was published before it goes first.
                    self.deliver();
                    // After its farewell a peer is told nothing.
                    if self.is_current(to) && self.sessions[to.token].is_joined() {
                        self.say_privately(to.token, chunk);
                        self.bury();
                    }
                }
                Command::Disconnect(session, reason) => {
                    self.deliver();
                    if self.is_current(session) {
                        self.close(session.token, reason);
                    }
                }
                Command::Admit(session, admitted) => self.admit(session, admitted),
                Command::Stop(deadline) => self.stop_reading(deadline),
                Command::Finish => self.finish(),
            }
        }
        if bytes > 0 && self.room.inboxes[self.index].relieve(bytes) {
            self.room.wake_all();
        }
    }

    /// Lets the embedder go on: what it has said is written or queued, and who is behind is counted.
    fn relieve(&mut self) {
        let reserved = std::mem::take(&mut self.reserved);
        if reserved > 0 {
            self.room.relieve(&self.room.inboxes[self.index], reserved);
        }
    }

    fn is_current(&self, session: SessionRef) -> bool {
        self.sessions.get(session.token).is_some_and(|current| current.member.id() == session.id)
    }

    fn stop_reading(&mut self, deadline: Instant) {
        self.stop = Some(deadline);
        self.ready.clear();
        self.publish();
        self.reading = None;
    }

    fn finish(&mut self) {
        if self.finished {
            return;
        }
        self.deliver();
        self.finished = true;
        let tokens: Vec<usize> = self.sessions.iter().map(|(token, _)| token).collect();
        for token in tokens {
            match self.sessions[token].stage {
                Stage::Joined => self.close(token, LeaveReason::ServerStopped),
                Stage::Authorizing => self.turn_away(token, true),
                // Its farewell is on its way, and the end of it is ours.
                Stage::Closing { ended: false } => {}
                Stage::Closing { ended: true } => self.end_sending(token),
                Stage::Handshake(_) => self.doomed.push((token, LeaveReason::ServerStopped)),
            }
        }
    }

    fn see_off(&mut self) {
        while let Some((session, reason)) = self.leavers.pop() {
            // Its connection may have broken since, and its token have gone to another one.
            if self.is_current(session) {
                self.close(session.token, reason);
            }
        }
    }

    /// Removes what was marked for it.
    fn bury(&mut self) {
        while let Some((token, reason)) = self.doomed.pop() {
            self.remove(token, reason);
        }
    }
}
