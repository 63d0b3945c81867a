//! A service that tells a test of everything, and does on its worker's thread whatever the test wants.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;

use super::PATIENCE;
use crate::auth::Identity;
use crate::net::Address;
use crate::opening::Opening;
use crate::peer::LeaveReason;
use crate::reactor::{Berth, Flow, Host, HostOptions, PeerRef, Readiness, Service, Shared, Turn, WatchRef};
use crate::{Error, Status};

/// What a test is told.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    /// With the id of the key that was proved.
    Opened(PeerRef, Option<String>),
    Message(PeerRef, String),
    Refused(PeerRef, Status),
    Stranger(Opening),
    Ended(PeerRef, LeaveReason),
    Ready(WatchRef, Readiness),
    Overdue(WatchRef),
    Alarm(PeerRef),
    Due,
    Ping(PeerRef),
    Failed(String),
    LostWorker(usize),
    Over,
}

type Job = Box<dyn FnOnce(&mut Turn<Probe>) + Send>;
pub(super) type Hook = fn(&mut Turn<Probe>, PeerRef, &str) -> Flow;

/// What each worker has.
pub(super) struct Probe(Arc<Bench>);

/// What hangs on each connection.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) peer: PeerRef,
    address: Address,
    /// Messages that have come of it, and come again.
    pub(super) heard: usize,
}

/// What a test and the service share.
pub(super) struct Bench {
    events: Mutex<Sender<Event>>,
    /// What is answered to a message.
    hook: Hook,
    pub(super) admits: AtomicBool,
    pub(super) reads: AtomicBool,
    pub(super) accepts: AtomicBool,
    pub(super) finishes_itself: AtomicBool,
    /// Handshakes of which it was told that they have failed.
    pub(super) unproved: Mutex<Vec<u64>>,
}

/// A probe that runs, and what it tells.
pub(super) struct Running {
    pub(super) bench: Arc<Bench>,
    pub(super) host: Host<Probe>,
    events: Receiver<Event>,
}

pub(super) fn start(options: HostOptions) -> Running {
    start_with(options, |_, _, _| Flow::Continue)
}

pub(super) fn start_with(options: HostOptions, hook: Hook) -> Running {
    let (sender, events) = mpsc::channel();
    let bench = Arc::new(Bench {
        events: Mutex::new(sender),
        hook,
        admits: AtomicBool::new(true),
        reads: AtomicBool::new(true),
        accepts: AtomicBool::new(true),
        finishes_itself: AtomicBool::new(false),
        unproved: Mutex::default(),
    });
    let host = Berth::new(options).unwrap().start(&bench, |_| Probe(Arc::clone(&bench)), |_| Vec::new()).unwrap();
    Running { bench, host, events }
}

impl Running {
    /// The next thing that happens.
    pub(super) fn next(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("waited in vain")
    }

    /// What has happened and was not asked for.
    pub(super) fn nothing_more(&self) -> bool {
        self.events.try_recv().is_err()
    }

    pub(super) fn opened(&self) -> PeerRef {
        match self.next() {
            Event::Opened(peer, _) => peer,
            other => panic!("{other:?}"),
        }
    }

    /// All up to the end.
    pub(super) fn rest(&self) -> Vec<Event> {
        let mut events = Vec::new();
        while events.last() != Some(&Event::Over) {
            events.push(self.next());
        }
        events
    }

    /// Has a worker do something.
    pub(super) fn on(&self, worker: usize, job: impl FnOnce(&mut Turn<Probe>) + Send + 'static) {
        self.host.commons().inboxes()[worker].send(Box::new(job));
    }

    /// The same, with what came of it.
    pub(super) fn ask<R: Send + 'static>(
        &self,
        worker: usize,
        job: impl FnOnce(&mut Turn<Probe>) -> R + Send + 'static,
    ) -> R {
        let (sender, result) = mpsc::channel();
        self.on(worker, move |turn| sender.send(job(turn)).unwrap());
        result.recv_timeout(PATIENCE).expect("the worker has not answered")
    }

    /// Waits until that is so on a worker, some turns later perhaps.
    pub(super) fn await_that(&self, worker: usize, is_so: impl Fn(&mut Turn<Probe>) -> bool + Send + Clone + 'static) {
        let end = Instant::now() + PATIENCE;
        while !self.ask(worker, is_so.clone()) {
            assert!(Instant::now() < end, "waited in vain");
            std::thread::yield_now();
        }
    }

    /// Waits until the kernel takes no more of what waits for a peer.
    pub(super) fn await_blocked(&self, peer: PeerRef) {
        self.await_that(peer.worker(), move |turn| turn.table.get(peer).is_some_and(|slot| slot.peer.is_blocked()));
    }
}

impl Bench {
    fn tell(&self, event: Event) {
        // The test may have seen enough.
        let _ = self.events.lock().unwrap().send(event);
    }
}

impl Service for Probe {
    type Call = Job;
    type State = Seat;
    type Shared = Bench;

    fn greet(&mut self, _turn: &mut Turn<Probe>, peer: PeerRef, address: &Address) -> Seat {
        Seat { peer, address: address.clone(), heard: 0 }
    }

    fn opened(&mut self, turn: &mut Turn<Probe>, peer: PeerRef, who: Option<Identity>) {
        if self.0.admits.load(Ordering::SeqCst) {
            turn.admit(peer, None);
        }
        self.0.tell(Event::Opened(peer, who.map(|who| who.key_id)));
    }

    fn message(&mut self, turn: &mut Turn<Probe>, peer: PeerRef, bytes: &[u8]) -> Flow {
        let text = String::from_utf8_lossy(bytes);
        if let Some(seat) = turn.state(peer) {
            seat.heard += 1;
        }
        self.0.tell(Event::Message(peer, text.to_string()));
        (self.0.hook)(turn, peer, &text)
    }

    fn refused(&mut self, _turn: &mut Turn<Probe>, peer: PeerRef, error: &Error) {
        self.0.tell(Event::Refused(peer, error.status()));
    }

    fn stranger(
        &mut self,
        _turn: &mut Turn<Probe>,
        _peer: PeerRef,
        opening: Opening,
        _error: Option<Error>,
    ) -> Option<Bytes> {
        self.0.tell(Event::Stranger(opening));
        Some(Bytes::from_static(b"you are wrong here\n"))
    }

    fn ping(&mut self, _turn: &mut Turn<Probe>, peer: PeerRef) {
        self.0.tell(Event::Ping(peer));
    }

    fn dismiss(&mut self, turn: &mut Turn<Probe>, peer: PeerRef, reason: LeaveReason) {
        turn.farewell(peer, format!("goodbye: {reason}\n").into());
    }

    fn ended(&mut self, _turn: &mut Turn<Probe>, seat: Seat, reason: LeaveReason) {
        self.0.tell(Event::Ended(seat.peer, reason));
    }

    fn call(&mut self, turn: &mut Turn<Probe>, job: Job) {
        job(turn);
    }

    fn ready(&mut self, _turn: &mut Turn<Probe>, watch: WatchRef, readiness: Readiness) {
        self.0.tell(Event::Ready(watch, readiness));
    }

    fn overdue(&mut self, _turn: &mut Turn<Probe>, watch: WatchRef) {
        self.0.tell(Event::Overdue(watch));
    }

    fn alarm(&mut self, _turn: &mut Turn<Probe>, peer: PeerRef) {
        self.0.tell(Event::Alarm(peer));
    }

    fn due(&mut self, _turn: &mut Turn<Probe>) {
        self.0.tell(Event::Due);
    }

    fn hears_early(&self) -> bool {
        true
    }

    fn address(seat: &Seat) -> &Address {
        &seat.address
    }
}

impl Shared for Bench {
    fn refusal(&self, why: Error) -> Option<Bytes> {
        Some(format!("{why}\n").into())
    }

    fn trouble(&self, error: Error) {
        self.tell(Event::Failed(error.to_string()));
    }

    fn unproved(&self, count: u64, _last: Address) {
        self.unproved.lock().unwrap().push(count);
    }

    fn may_read(&self) -> bool {
        self.reads.load(Ordering::SeqCst)
    }

    fn may_accept(&self) -> bool {
        self.accepts.load(Ordering::SeqCst)
    }

    fn finishes_itself(&self) -> bool {
        self.finishes_itself.load(Ordering::SeqCst)
    }

    fn lost_worker(&self, index: usize) {
        self.tell(Event::LostWorker(index));
    }

    fn ended(&self) {
        self.tell(Event::Over);
    }
}
