//! One I/O thread: a poller, a share of the connections, and the turn that serves them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Token};

use super::acceptor::Acceptor;
use super::commons::Commons;
use super::inbox::Post;
use super::service::Service;
use super::shared::Shared;
use super::strangers::Failure;
use super::table::{PeerRef, Slot};
use super::turn::Turn;
use super::watches::Readiness;
use crate::error::sentence;
use crate::net::{AdaptivePolling, sharpen_timers};
use crate::peer::{Due, LeaveReason};

/// The waker's token; connections have the indices of the table.
pub(super) const WAKER: Token = Token(usize::MAX);

const EVENTS_PER_TURN: usize = 1024;

/// One read of one connection in one turn.
const READ_SIZE: usize = 64 * 1024;

/// How long a worker waits, at most, before it looks again whether a congestion is over.
const CONGESTION_PAUSE: Duration = Duration::from_millis(20);

pub(super) struct Worker<S: Service> {
    poll: Poll,
    polling: AdaptivePolling,
    inbox: Receiver<Post<S::Call>>,
    pub(super) service: S,
    pub(super) turn: Turn<S>,
    /// Accepts on this thread, if no thread of its own does.
    acceptor: Option<Acceptor<S>>,
    /// What is read with.
    pub(super) buffer: Vec<u8>,
}

impl<S: Service> Worker<S> {
    pub(super) fn new(
        index: usize,
        poll: Poll,
        commons: &Arc<Commons<S::Call>>,
        shared: &Arc<S::Shared>,
        inbox: Receiver<Post<S::Call>>,
        service: S,
    ) -> crate::Result<Worker<S>> {
        let registry = poll.registry().try_clone()?;
        Ok(Worker {
            polling: AdaptivePolling::new(commons.options.polling),
            turn: Turn::new(index, registry, Arc::clone(commons), Arc::clone(shared)),
            poll,
            inbox,
            service,
            acceptor: None,
            buffer: vec![0; READ_SIZE],
        })
    }

    /// Has this worker accept, too.
    pub(super) fn with_acceptor(mut self, acceptor: Acceptor<S>) -> Worker<S> {
        self.acceptor = Some(acceptor);
        self
    }

    /// Runs until the host has stopped and every connection is gone.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        // What is held back is held for some tens of microseconds.
        sharpen_timers();
        while !self.is_done() {
            self.sleep(&mut events);
            self.serve(&mut events);
        }
        self.end();
    }

    /// One turn.
    fn serve(&mut self, events: &mut Events) {
        self.turn.update();
        #[cfg(any(test, feature = "panic-injection"))]
        self.inject();
        self.service.begin(&mut self.turn);
        self.note_readiness(events);
        self.accept(events);
        // Whoever was accepted before something was said hears it.
        self.take_posts();
        if self.may_read() {
            self.read_ready();
            self.hold(events);
        }
        self.service.gathered(&mut self.turn);
        self.take_posts();
        self.service.round(&mut self.turn);
        self.bury();
        self.see_off();
        self.flush_dirty();
        self.look_at_pressed();
        self.service.settled(&mut self.turn);
        self.sound_alarms();
        self.bury();
        self.turn.measure_crowd();
        self.add_up();
        self.measure();
    }

    /// One turn without waiting, if there is anything to do in it; whether there was.
    pub(super) fn serve_now(&mut self, events: &mut Events) -> bool {
        let is_wanted = self.patience() == Some(Duration::ZERO);
        self.poll(events, Some(Duration::ZERO));
        if is_wanted || !events.is_empty() {
            self.serve(events);
            return true;
        }
        false
    }

    #[cfg(any(test, feature = "panic-injection"))]
    fn inject(&self) {
        let (name, index) = (self.turn.commons.options.name, self.turn.index);
        crate::inject::point_once(&format!("rustchat-{name}-{index} "), &self.turn.commons.address);
    }

    pub(super) fn is_done(&self) -> bool {
        let Some(deadline) = self.turn.stop else { return false };
        (self.turn.finished && self.turn.table.slots.is_empty()) || deadline <= self.turn.instant()
    }

    pub(super) fn end(&mut self) {
        for token in self.turn.table.tokens() {
            self.turn.table.doom(token, LeaveReason::ServerStopped);
        }
        self.bury();
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.end();
        }
        self.add_up();
    }

    fn sleep(&mut self, events: &mut Events) {
        let commons = Arc::clone(&self.turn.commons);
        let inbox = &commons.inboxes()[self.turn.index];
        inbox.falling_asleep();
        // Whoever lets newcomers in again after this looked wakes the worker; who did before is seen here.
        let timeout = self.patience();
        self.poll(events, timeout);
        inbox.awake();
    }

    /// How long there is nothing to do, unless something comes.
    fn patience(&self) -> Option<Duration> {
        let is_wanted = !self.inbox.is_empty()
            || self.turn.has_more_to_do()
            || self.acceptor.as_ref().is_some_and(Acceptor::may_accept);
        if is_wanted {
            Some(Duration::ZERO)
        } else if self.turn.ready.is_empty() || self.turn.stop.is_some() {
            self.until_next_alarm()
        } else if !self.may_read() {
            Some(CONGESTION_PAUSE)
        } else {
            Some(Duration::ZERO)
        }
    }

    fn poll(&mut self, events: &mut Events, timeout: Option<Duration>) {
        // Interrupted or out of memory for a moment: the turn then finds nothing to do, and the next one tries again.
        if let Err(error) = self.polling.wait(&mut self.poll, events, timeout) {
            log::debug!("worker {}: poll: {}", self.turn.index, sentence(&error));
            events.clear();
        }
    }

    fn may_read(&self) -> bool {
        self.turn.shared.may_read() && !self.turn.commons.is_congested()
    }

    /// How long the time has nothing to bring.
    pub(super) fn until_next_alarm(&self) -> Option<Duration> {
        let alarm = self.turn.timers.next().map(|at| self.turn.instant_of(at));
        let appointment = self.turn.appointment.map(|at| self.turn.instant_of(at));
        let door = self.acceptor.as_ref().and_then(Acceptor::next);
        let watch = self.turn.watches.next().map(|at| self.turn.instant_of(at));
        let times = [alarm, appointment, watch, door, self.turn.stop, self.turn.gathering];
        let next = times.into_iter().flatten().min();
        next.map(|at| at.saturating_duration_since(self.turn.commons.clock.now()))
    }

    /// Waits for more to come, where the service finds that worth it, and reads it.
    fn hold(&mut self, events: &mut Events) {
        let Some(time) = self.service.hold(&mut self.turn) else { return };
        std::thread::sleep(time);
        if self.poll.poll(events, Some(Duration::ZERO)).is_ok() {
            self.note_readiness(events);
            self.accept(events);
            self.read_ready();
        }
        self.service.held(&mut self.turn);
    }

    fn note_readiness(&mut self, events: &Events) {
        for event in events {
            let hung_up = event.is_read_closed() || event.is_error();
            if let Some(watch) = self.turn.watches.of(event.token()) {
                let (readable, writable) = (event.is_readable(), event.is_writable());
                let readiness = Readiness { readable, writable, closed: hung_up || event.is_write_closed() };
                if let Some(watch) = watch {
                    self.service.ready(&mut self.turn, watch, readiness);
                }
                continue;
            }
            let token = event.token().0;
            // Stale when the connection went in this very turn, or of somebody who is no connection.
            let Some(slot) = self.turn.table.slots.get_mut(token) else { continue };
            slot.link.note(event.is_readable(), hung_up);
            let may_write = event.is_writable() && (slot.peer.is_blocked() || slot.link.owes());
            self.turn.queue_read(token);
            if may_write {
                self.flush(token);
            }
        }
        self.look_at_pressed();
    }

    fn accept(&mut self, events: &Events) {
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.tend(events, self.turn.instant());
        }
    }

    fn take_posts(&mut self) {
        let mut bytes = 0;
        while let Ok(post) = self.inbox.try_recv() {
            match post {
                Post::Call(call, weight) => {
                    bytes += weight;
                    self.service.call(&mut self.turn, call);
                }
                Post::Adopt(arrival) => self.adopt(arrival),
                Post::Stop(deadline) => self.stop_reading(deadline),
                Post::Revoked => self.expel(),
                Post::Finish => self.finish(),
            }
        }
        let commons = &self.turn.commons;
        if bytes > 0 && commons.inboxes()[self.turn.index].relieve(bytes) {
            commons.wake_all();
        }
    }

    fn stop_reading(&mut self, deadline: Instant) {
        self.turn.stop = Some(deadline);
        self.turn.ready.clear();
        self.service.gathered(&mut self.turn);
        self.service.stopping(&mut self.turn);
    }

    fn finish(&mut self) {
        if self.turn.finished {
            return;
        }
        self.service.round(&mut self.turn);
        self.bury();
        self.turn.finished = true;
        for token in self.turn.table.tokens() {
            let (peer, slot) = (self.turn.table.reference(token), &self.turn.table.slots[token].peer);
            if slot.is_open() || slot.is_asking() {
                self.service.dismiss(&mut self.turn, peer, LeaveReason::ServerStopped);
            } else if slot.is_shaking_hands() {
                self.turn.table.doom(token, LeaveReason::ServerStopped);
            } else if !slot.has_output() && !slot.must_end_sending() {
                self.end_sending(token);
            }
            // Otherwise its farewell is on its way, and the end of it is ours.
        }
    }

    fn see_off(&mut self) {
        while let Some((peer, reason)) = self.turn.leavers.pop() {
            // Its connection may have broken since, and its token have gone to another one.
            if self.turn.table.get(peer).is_some_and(|slot| slot.peer.is_open() && !slot.doomed) {
                self.service.dismiss(&mut self.turn, peer, reason);
            }
        }
    }

    fn look_at_pressed(&mut self) {
        while let Some(peer) = self.turn.pressed.pop() {
            if let Some(slot) = self.turn.table.get_mut(peer) {
                slot.pressed = false;
                self.service.pressed(&mut self.turn, peer);
            }
        }
    }

    fn sound_alarms(&mut self) {
        while let Some((at, peer)) = self.turn.timers.expired(self.turn.now) {
            let Some(slot) = self.turn.table.get_mut(peer) else { continue };
            if slot.armed == Some(at) {
                slot.armed = None;
                self.look_at(peer);
            }
        }
        if self.turn.appointment.take_if(|at| *at <= self.turn.now).is_some() {
            self.service.due(&mut self.turn);
        }
        if self.turn.timers.is_crowded() {
            let mut timers = std::mem::take(&mut self.turn.timers);
            timers.tidy(|peer, at| self.turn.table.get(peer).is_some_and(|slot| slot.armed == Some(at)));
            self.turn.timers = timers;
        }
        while let Some(watch) = self.turn.watches.expired(self.turn.now) {
            self.service.overdue(&mut self.turn, watch);
        }
        if self.turn.gathering.is_some_and(|due| due <= self.turn.instant()) {
            self.turn.gathering = self.turn.commons.strangers.collect(self.turn.instant(), &*self.turn.shared);
        }
        self.service.gathered(&mut self.turn);
        self.flush_dirty();
        self.look_at_pressed();
    }

    /// Does all that is due for one connection, and sets its next time.
    fn look_at(&mut self, peer: PeerRef) {
        let (token, now) = (peer.token(), self.turn.now);
        loop {
            let Turn { table, commons, .. } = &mut self.turn;
            let slot = &mut table.slots[token];
            let Some(due) = slot.peer.timeout(now, &commons.options.rules, slot.link.is_readable()) else {
                return self.turn.arm(token);
            };
            match due {
                Due::Reminder => self.turn.want_flush(token),
                Due::HandshakeOver => {
                    self.turn.handshake_failed(token, Failure::TooLong);
                    self.turn.want_flush(token);
                }
                Due::Resume => self.turn.queue_read(token),
                Due::Alarm => self.service.alarm(&mut self.turn, peer),
                Due::Ping => self.service.ping(&mut self.turn, peer),
                Due::Dismiss(reason) => {
                    self.service.dismiss(&mut self.turn, peer, reason);
                    if self.turn.table.slots[token].peer.is_open() {
                        return self.turn.table.doom(token, reason);
                    }
                }
                // It is gone before the timers are asked again.
                Due::Gone(reason) => return self.turn.table.doom(token, reason),
            }
        }
    }

    /// Removes what was marked for it.
    pub(super) fn bury(&mut self) {
        while let Some((token, reason)) = self.turn.table.doomed.pop() {
            let Some(slot) = self.turn.table.slots.try_remove(token) else { continue };
            if slot.peer.is_shaking_hands() {
                self.turn.end_handshake();
                // Otherwise its own server has broken it off.
                if reason != LeaveReason::ServerStopped {
                    let (address, is_securing) = (S::address(&slot.state), slot.link.is_securing());
                    self.turn.tell_of_newcomer(address, is_securing, &Failure::BrokenOff("it broke off"));
                }
            }
            let Slot { state, link, _permit, .. } = slot;
            self.service.ended(&mut self.turn, state, reason);
            drop(link);
        }
    }

    /// Notes how long the turn took, which is over.
    fn measure(&mut self) {
        let commons = &self.turn.commons;
        let (gauge, end) = (&commons.gauges()[self.turn.index], commons.clock.now());
        gauge.turns.record(end.saturating_duration_since(self.turn.instant()));
        if let Some(said) = self.turn.delivered.take() {
            gauge.deliveries.record(end.saturating_duration_since(said));
        }
    }

    /// Adds what the turn has moved to the totals.
    fn add_up(&mut self) {
        let totals = &self.turn.commons.totals;
        totals.bytes_in.add(std::mem::take(&mut self.turn.received));
        totals.bytes_out.add(std::mem::take(&mut self.turn.sent));
    }
}
