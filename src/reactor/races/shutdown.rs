//! Several threads that stop a host, one of them because it has failed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::Receiver;
use mio::{Poll, Token, Waker};
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::thread;

use super::sleep;
use crate::auth::Identity;
use crate::frame::Framing;
use crate::net::{Address, Endpoint, ListenOptions, Listener};
use crate::peer::Rules;
use crate::races::{draw, point};
use crate::reactor::clock::Clock;
use crate::reactor::commons::Commons;
use crate::reactor::crowd::Crowd;
use crate::reactor::inbox::{Inbox, Post};
use crate::reactor::shutdown::{DRAIN, Shutdown};
use crate::reactor::{Flow, HostOptions, PeerRef, Service, Shared, Turn};
use crate::{Error, Status};

const WORKERS: usize = 2;
const CLOSERS: usize = 3;
const SOONER: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(60);

/// A service that nobody comes to.
struct Nothing;

/// How often the service was told of it.
#[derive(Default)]
struct Told {
    closing: AtomicUsize,
}

impl Service for Nothing {
    type Call = ();
    type State = Address;
    type Shared = Told;

    fn greet(&mut self, _turn: &mut Turn<Nothing>, _peer: PeerRef, address: &Address) -> Address {
        address.clone()
    }

    fn opened(&mut self, _turn: &mut Turn<Nothing>, _peer: PeerRef, _who: Option<Identity>) {}

    fn message(&mut self, _turn: &mut Turn<Nothing>, _peer: PeerRef, _bytes: &[u8]) -> Flow {
        Flow::Continue
    }

    fn call(&mut self, _turn: &mut Turn<Nothing>, (): ()) {}

    fn address(address: &Address) -> &Address {
        address
    }
}

impl Shared for Told {
    fn refusal(&self, _why: Error) -> Option<Bytes> {
        None
    }

    fn trouble(&self, _error: Error) {}
    fn unproved(&self, _count: u64, _last: Address) {}
    fn ended(&self) {}

    /// Asked between what each worker is told.
    fn finishes_itself(&self) -> bool {
        point();
        false
    }

    fn closing(&self) {
        self.closing.fetch_add(1, Ordering::SeqCst);
    }
}

fn options(endpoint: Endpoint) -> HostOptions {
    HostOptions {
        endpoint,
        listening: ListenOptions::default(),
        auth: None,
        tls: None,
        rules: Rules {
            framing: Framing::Line,
            is_raw: false,
            message_limit: 8192,
            long: None,
            outbox_limit: 1 << 20,
            profile: None,
            handshake_timeout: DRAIN,
            write_timeout: DRAIN,
            ping_interval: None,
            ping_timeout: DRAIN,
            idle_timeout: None,
        },
        workers: WORKERS,
        acceptor: false,
        limit: 1,
        per_ip: None,
        handshake_limit: 1,
        polling: Duration::ZERO,
        name: "race",
    }
}

/// What a worker is told to the end: how often to say goodbye, and by when to be gone.
#[derive(Default)]
struct Orders {
    stops: Vec<Instant>,
    finishes: usize,
}

impl Orders {
    fn take(&mut self, inbox: &Receiver<Post<()>>) {
        while let Ok(post) = inbox.try_recv() {
            match post {
                Post::Stop(at) => self.stops.push(at),
                Post::Finish => self.finishes += 1,
                Post::Adopt(_) | Post::Call(..) => panic!("nobody has sent that"),
            }
            point();
        }
    }

    /// A worker whose peers never go: it ends at its deadline, and goes to sleep until it is told of one before `latest`.
    fn follow(
        &mut self,
        latest: Instant,
        mut poll: Poll,
        inbox: &Inbox<()>,
        receiver: &Receiver<Post<()>>,
        done: &AtomicUsize,
    ) {
        while self.finishes == 0 || self.stops.last().is_none_or(|at| *at >= latest) {
            inbox.falling_asleep();
            point();
            if receiver.is_empty() {
                sleep(&mut poll, || done.load(Ordering::SeqCst) == CLOSERS);
            }
            inbox.awake();
            point();
            self.take(receiver);
        }
    }
}

#[test]
fn every_worker_ends_once_and_by_the_earliest_of_all_deadlines() {
    let listener = Arc::new(Listener::bind(&Endpoint::tcp("127.0.0.1", 0), &ListenOptions::default()).unwrap());
    draw(move || {
        let (mut inboxes, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..WORKERS {
            let poll = Poll::new().unwrap();
            let (inbox, receiver) =
                Inbox::new(Waker::new(poll.registry(), Token(0)).unwrap(), 1 << 20, Crowd::default());
            inboxes.push(inbox);
            ends.push((poll, receiver));
        }
        let address = listener.address().clone();
        let commons = Arc::new(Commons::new(options(Endpoint::from(&address)), address, Clock::default(), inboxes));
        let begin = Instant::now();
        let (told, done) = (Arc::new(Told::default()), Arc::new(AtomicUsize::new(0)));
        let shutdown = Arc::new(Shutdown::<Nothing>::new(&commons, &told, Some(&listener), None));
        let workers: Vec<_> = ends
            .into_iter()
            .enumerate()
            .map(|(index, (poll, receiver))| {
                let (commons, done) = (Arc::clone(&commons), Arc::clone(&done));
                thread::spawn(move || {
                    let mut orders = Orders::default();
                    orders.follow(begin + DRAIN, poll, &commons.inboxes()[index], &receiver, &done);
                    (orders, receiver)
                })
            })
            .collect();
        let closers = [LATER, SOONER].map(|drain| {
            let (shutdown, done) = (Arc::clone(&shutdown), Arc::clone(&done));
            thread::spawn(move || {
                shutdown.close(drain);
                done.fetch_add(1, Ordering::SeqCst);
            })
        });
        shutdown.fail(Error::new(Status::Panicked, "a thread has failed"));
        done.fetch_add(1, Ordering::SeqCst);
        closers.into_iter().for_each(|closer| closer.join().unwrap());
        for worker in workers {
            let (mut orders, receiver) = worker.join().unwrap();
            // What comes after it has ended.
            orders.take(&receiver);
            assert_eq!(orders.finishes, 1, "it says goodbye once");
            assert!(orders.stops.is_sorted_by(|one, next| one > next), "each order is an earlier end");
            assert_eq!(orders.stops.last().copied(), shutdown.deadline());
        }
        let ended_by = shutdown.deadline().unwrap();
        assert!(ended_by <= Instant::now() + SOONER);
        assert_eq!(told.closing.load(Ordering::SeqCst), 1);
        assert_eq!(commons.failure().map(|failure| failure.status()), Some(Status::Panicked));
    });
}
