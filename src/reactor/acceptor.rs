//! Accepting connections and dealing them out.

use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};

use super::admission::{Admission, Permit};
use super::commons::Commons;
use super::doorstep::Doorstep;
use super::inbox::Inbox;
use super::service::Service;
use super::shared::Shared;
use crate::Error;
use crate::error::sentence;
use crate::net::{Listener, Stream};

const LISTENER: Token = Token(usize::MAX - 1);

/// How long to leave the listener alone when the system is out of descriptors or memory; doubled up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How long to wait, at most, before looking again whether the workers have room for newcomers.
const CROWDED: Duration = Duration::from_millis(5);

/// Connections dealt out before the workers are woken for them.
const HANDFUL: usize = 64;

/// Who lets newcomers in, on a thread of its own or on that of a worker.
pub(super) struct Acceptor<S: Service> {
    listener: Arc<Listener>,
    registry: Registry,
    commons: Arc<Commons<S::Call>>,
    shared: Arc<S::Shared>,
    admission: Arc<Admission>,
    doorstep: Doorstep,
    /// There may be newcomers of whom the poller has told already.
    waiting: bool,
    /// How long the listener is left alone after a failure, and until when.
    pause: Option<(Duration, Instant)>,
    /// When the workers were last asked whether they have room.
    asked: Instant,
    /// When to tell what was gathered of those who were refused.
    gathering: Option<Instant>,
    next_worker: usize,
}

impl<S: Service> Acceptor<S> {
    /// Has the poller of `registry` watch the listener.
    pub(super) fn new(
        listener: &Arc<Listener>,
        registry: Registry,
        commons: &Arc<Commons<S::Call>>,
        shared: &Arc<S::Shared>,
    ) -> crate::Result<Acceptor<S>> {
        registry.register(&mut SourceFd(&listener.as_raw_fd()), LISTENER, Interest::READABLE)?;
        Ok(Acceptor {
            admission: Admission::new(commons.options.limit, commons.options.per_ip),
            listener: Arc::clone(listener),
            registry,
            commons: Arc::clone(commons),
            shared: Arc::clone(shared),
            doorstep: Doorstep::default(),
            waiting: true,
            pause: None,
            asked: Instant::now(),
            gathering: None,
            next_worker: 0,
        })
    }

    /// Runs on a thread of its own until told to stop; any other token than its own ends a wait.
    pub(super) fn run(mut self, mut poll: Poll, stopping: &AtomicBool) {
        let mut events = Events::with_capacity(64);
        while !stopping.load(Ordering::SeqCst) && !self.listener.is_closed() {
            self.tend(&events, Instant::now());
            let timeout = self.next().map(|at| at.saturating_duration_since(Instant::now()));
            if let Err(error) = poll.poll(&mut events, timeout) {
                log::debug!("acceptor: poll: {}", sentence(&error));
                events.clear();
            }
        }
        self.end();
    }

    /// Closes the listener, and everybody's connection who was refused.
    pub(super) fn end(&mut self) {
        self.listener.close();
        self.doorstep.clear();
    }

    /// When to be called again, whatever the poller tells: after a pause, to tell something, or for the doorstep.
    pub(super) fn next(&self) -> Option<Instant> {
        let pause = self.pause.map(|(_, until)| until).filter(|_| !self.listener.is_closed());
        // Of a place that becomes free after the last look nobody tells.
        let crowded = self.is_wanted().then(|| self.asked + CROWDED);
        [pause, crowded, self.gathering, self.doorstep.next()].into_iter().flatten().min()
    }

    /// Whether newcomers may wait whom at most a lack of room keeps out.
    fn is_wanted(&self) -> bool {
        self.waiting && self.pause.is_none() && !self.listener.is_closed() && self.shared.may_accept()
    }

    /// Whether newcomers may wait who can be let in at once.
    pub(super) fn may_accept(&self) -> bool {
        self.is_wanted() && self.has_room()
    }

    /// Does what the poller and the time have brought.
    pub(super) fn tend(&mut self, events: &Events, now: Instant) {
        for event in events {
            self.waiting |= event.token() == LISTENER;
            self.doorstep.ready(event.token());
        }
        self.doorstep.expire(now);
        if self.gathering.is_some_and(|due| due <= now) {
            self.gathering = self.commons.strangers.collect(now, &*self.shared);
        }
        // Edge-triggered: while a pause lasts, connections that wait do not end it.
        if self.waiting && self.pause.is_none_or(|(_, until)| until <= now) && !self.listener.is_closed() {
            self.pause = self.accept_all(now).err().and_then(|error| self.trouble(error, now));
        }
        self.look_for_room(now);
    }

    /// Whether some worker takes one more newcomer on.
    fn has_room(&self) -> bool {
        self.commons.inboxes().iter().any(|inbox| inbox.crowd().has_room())
    }

    /// While newcomers wait for whom there is no room, has the workers say from time to time whether there is.
    fn look_for_room(&mut self, now: Instant) {
        if self.asked + CROWDED <= now && self.is_wanted() && !self.has_room() {
            self.asked = now;
            self.commons.wake_all();
        }
    }

    /// Reports the beginning of a trouble, not each of its repetitions.
    fn trouble(&mut self, error: Error, now: Instant) -> Option<(Duration, Instant)> {
        if self.listener.is_closed() {
            return None;
        }
        // They hold descriptors that others may need more.
        self.doorstep.clear();
        let pause = match self.pause {
            Some((pause, _)) => (pause * 2).min(PAUSES.1),
            None => {
                log::error!("{error}; new connections wait");
                self.shared.trouble(error);
                PAUSES.0
            }
        };
        Some((pause, now + pause))
    }

    /// Takes the connections that wait. Workers are woken for a handful at a time: one by one each would cost a wake-up. A
    /// worker that accepts deals with them before it takes more.
    fn accept_all(&mut self, now: Instant) -> Result<(), Error> {
        let mut handfuls = if self.commons.options.acceptor { usize::MAX } else { 1 };
        while self.waiting && handfuls > 0 && self.shared.may_accept() && self.has_room() {
            handfuls -= 1;
            let result = self.accept_some(now);
            self.commons.inboxes().iter().for_each(Inbox::wake_if_any);
            self.waiting = result?;
        }
        Ok(())
    }

    /// Whether there may be more.
    fn accept_some(&mut self, now: Instant) -> Result<bool, Error> {
        for _ in 0..HANDFUL {
            if !self.has_room() {
                break;
            }
            let Some(stream) = self.listener.try_accept()? else { return Ok(false) };
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once("rustchat-accept ", &self.commons.address);
            self.commons.totals.accepted.add(1);
            let turned_away = self.shared.turns_away(stream.peer());
            match turned_away.map_or_else(|| self.admission.admit(stream.peer()), Err) {
                Ok(permit) => self.deal(stream, permit),
                Err(why) => self.refuse(stream, why, now),
            }
        }
        Ok(true)
    }

    fn deal(&mut self, stream: Stream, permit: Permit) {
        let inboxes = self.commons.inboxes();
        let has_room = |index: &usize| inboxes[*index].crowd().has_room();
        let worker = (self.next_worker..inboxes.len()).chain(0..self.next_worker).find(has_room);
        let worker = worker.unwrap_or(self.next_worker);
        self.next_worker = (worker + 1) % inboxes.len();
        self.commons.let_in(worker, stream, permit);
    }

    /// Tells the peer why it is turned away, as far as that takes no waiting.
    fn refuse(&mut self, stream: Stream, why: Error, now: Instant) {
        let due = self.commons.turn_away(&*self.shared, &stream, why, now);
        self.gathering = due.or(self.gathering);
        self.doorstep.see_off(stream, &self.registry, now);
    }
}
