//! The thread that accepts connections and deals them out.

use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use super::admission::{Admission, Permit};
use super::doorstep::Doorstep;
use super::event::Event;
use super::inbox::{Command, Inbox};
use super::member::Member;
use super::room::Room;
use super::stats::Totals;
use super::worker::WAKER;
use crate::error::sentence;
use crate::net::{Listener, Stream};
use crate::{Error, Status};

const LISTENER: Token = Token(0);

/// How long to leave the listener alone when the system is out of descriptors or memory; doubled up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Connections dealt out before the workers are woken for them.
const HANDFUL: usize = 64;

pub(super) struct Acceptor {
    listener: Arc<Listener>,
    poll: Poll,
    room: Arc<Room>,
    admission: Arc<Admission>,
    doorstep: Doorstep,
    stopping: Arc<AtomicBool>,
    /// When to tell what was gathered of those who were refused.
    gathering: Option<Instant>,
    next_worker: usize,
}

impl Acceptor {
    pub(super) fn new(
        listener: Arc<Listener>,
        poll: Poll,
        room: Arc<Room>,
        stopping: Arc<AtomicBool>,
    ) -> crate::Result<Acceptor> {
        poll.registry().register(&mut SourceFd(&listener.as_raw_fd()), LISTENER, Interest::READABLE)?;
        let admission = Admission::new(&room.options);
        let doorstep = Doorstep::default();
        Ok(Acceptor { listener, poll, room, admission, doorstep, stopping, gathering: None, next_worker: 0 })
    }

    /// Runs until told to stop; the waker's token ends a wait.
    pub(super) fn run(mut self) {
        debug_assert_ne!(LISTENER, WAKER);
        let mut events = Events::with_capacity(4);
        let mut pause: Option<Duration> = None;
        while !self.stopping.load(Ordering::SeqCst) {
            pause = match self.accept_all() {
                Ok(()) => None,
                Err(_) if self.listener.is_closed() => break,
                Err(error) => Some(self.trouble(error, pause)),
            };
            // Edge-triggered: while a pause lasts, connections that wait do not end it.
            if let Err(error) = self.poll.poll(&mut events, self.sleep(pause)) {
                log::debug!("acceptor: poll: {}", sentence(&error));
                events.clear();
            }
            if self.gathering.is_some_and(|due| due <= Instant::now()) {
                self.gathering = None;
                self.room.strangers.collect(Instant::now(), &self.room.events);
            }
            let strangers = events.iter().map(mio::event::Event::token).filter(|token| *token != LISTENER);
            strangers.for_each(|token| self.doorstep.ready(token));
            self.doorstep.expire(Instant::now());
        }
        self.listener.close();
        self.doorstep.clear();
    }

    /// How long to wait at most: a pause, until something is to be told, or somebody on the doorstep was waited for.
    fn sleep(&self, pause: Option<Duration>) -> Option<Duration> {
        let due = self.gathering.into_iter().chain(self.doorstep.next()).min();
        pause.into_iter().chain(due.map(|due| due.saturating_duration_since(Instant::now()))).min()
    }

    /// Reports the beginning of a trouble, not each of its repetitions; returns how long to wait.
    fn trouble(&mut self, error: Error, pause: Option<Duration>) -> Duration {
        // They hold descriptors that others may need more.
        self.doorstep.clear();
        match pause {
            Some(pause) => (pause * 2).min(PAUSES.1),
            None => {
                log::error!("{error}; new connections wait");
                self.room.events.push(Event::Error(error));
                PAUSES.0
            }
        }
    }

    /// Takes the connections that wait. Workers are woken for a handful at a time: one by one each would cost a wake-up.
    fn accept_all(&mut self) -> Result<(), Error> {
        loop {
            let result = self.accept_some();
            self.room.inboxes.iter().for_each(Inbox::wake_if_any);
            if !result? {
                return Ok(());
            }
        }
    }

    /// Whether there may be more.
    fn accept_some(&mut self) -> Result<bool, Error> {
        for _ in 0..HANDFUL {
            let Some(stream) = self.listener.try_accept()? else { return Ok(false) };
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once("rustchat-accept ", &self.room.wire.label);
            Totals::add(&self.room.totals.accepted, 1);
            match self.admission.admit(stream.peer()) {
                Ok(permit) => self.deal(stream, permit),
                Err(reason) => self.refuse(stream, reason),
            }
        }
        Ok(true)
    }

    fn deal(&mut self, stream: Stream, permit: Permit) {
        let member = Arc::new(Member::new(Member::next_id(), self.room.address_of(stream.peer())));
        stream.keep_from_children();
        self.room.inboxes[self.next_worker].push(Command::Adopt(stream, member, permit));
        self.next_worker = (self.next_worker + 1) % self.room.inboxes.len();
    }

    /// Tells the peer why it is turned away, as far as that takes no waiting.
    fn refuse(&mut self, stream: Stream, reason: String) {
        Totals::add(&self.room.totals.refused, 1);
        let due = self.room.strangers.refused(Instant::now(), stream.peer(), &reason);
        self.gathering = due.or(self.gathering);
        // Before a handshake the peer expects none of our messages: it sees the end of the stream.
        if self.room.options.auth.is_none() {
            let error = Error::new(Status::Overflow, reason);
            let _ = stream.try_send(&self.room.wire.refusal(&self.room.new_clock(), &self.room.signature, &error));
        }
        self.doorstep.see_off(stream, self.poll.registry());
    }
}
