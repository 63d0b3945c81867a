//! A server stops in bounded time, whatever its members and its embedder do.

mod support;

use std::io::{Read, Write};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::auth::{Digest, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{ChatServer, Event, Events, Handler, Member, Message, Verdict};
use rustchat::net::{Deadline, Endpoint, Stream};
use support::{LinePeer, PATIENCE, await_members, eventually, next_event, options};

#[test]
fn stop_tells_members_delivers_what_is_queued_and_closes_last() {
    let mut options = options();
    options.events = Events::Membership;
    let server = ChatServer::start(options).unwrap();
    let mut peers: Vec<_> = (0..20).map(|_| LinePeer::join(&server)).collect();
    server.broadcast("the last word").unwrap();
    server.stop(PATIENCE).unwrap();
    for peer in &mut peers {
        assert_eq!(peer.hear_text(), "the last word");
        assert_eq!(peer.hear_text(), "* server stopped");
        assert_eq!(peer.line(), None);
    }
    assert!(server.members().is_empty());
    let mut events = Vec::new();
    while !matches!(events.last(), Some(Event::Closed)) {
        events.push(next_event(&server));
    }
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Left(..))).count(), 20);
    assert_eq!(server.poll(&mut events, 1, PATIENCE).unwrap_err().status(), Status::Closed);
    assert_eq!(server.broadcast("too late").unwrap_err().status(), Status::Closed);
    server.stop(PATIENCE).unwrap();
}

#[test]
fn a_server_can_start_where_one_has_just_stopped() {
    let mut options = options();
    for _ in 0..3 {
        let server = ChatServer::start(options.clone()).unwrap();
        options.endpoint = server.address().into();
        let mut peer = LinePeer::join(&server);
        peer.say("hello");
        assert_eq!(peer.hear_text(), "hello");
        server.stop(PATIENCE).unwrap();
    }
}

#[test]
fn members_that_never_read_do_not_hold_up_the_stop() {
    let mut options = options();
    options.outbox_limit = 1 << 30;
    let server = ChatServer::start(options).unwrap();
    let _stalled: Vec<_> = (0..5).map(|_| LinePeer::join(&server)).collect();
    let text = "x".repeat(8000);
    while server.members().iter().all(|member| member.outbox_bytes() < 100_000) {
        server.broadcast(&text).unwrap();
    }
    let start = Instant::now();
    server.stop(Duration::from_millis(200)).unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn stop_without_members_and_with_a_thousand_ends_at_once() {
    ChatServer::start(options()).unwrap().stop(PATIENCE).unwrap();
    let server = ChatServer::start(options()).unwrap();
    let peers: Vec<_> = (0..1000).map(|_| support::dial(&server)).collect();
    await_members(&server, 1000);
    server.stop(PATIENCE).unwrap();
    drop(peers);
}

#[test]
fn waiting_calls_are_woken() {
    let mut options = options();
    options.events = Events::All;
    let server = ChatServer::start(options).unwrap();
    assert!(matches!(next_event(&server), Event::Listening(_)));
    let waiting = server.clone();
    let thread = std::thread::spawn(move || {
        let mut events = Vec::new();
        let woken = waiting.poll(&mut events, 1, PATIENCE).unwrap_err().status();
        let closed = waiting.poll(&mut events, 1, PATIENCE).map(|()| events.pop());
        (woken, matches!(closed, Ok(Some(Event::Closed))))
    });
    server.wake();
    server.close();
    assert_eq!(thread.join().unwrap(), (Status::Interrupted, true));
    server.join(PATIENCE).unwrap();
}

struct Stopper {
    server: mpsc::Receiver<ChatServer>,
    seen: mpsc::Sender<Status>,
}

impl Handler for Stopper {
    fn event(&mut self, event: Event) {
        if matches!(event, Event::Message(_)) {
            let server = self.server.recv_timeout(PATIENCE).unwrap();
            server.broadcast("stopping from within").unwrap();
            server.close();
            self.seen.send(server.join(PATIENCE).unwrap_err().status()).unwrap();
            // The last handle may go here: it must not wait for its own thread.
        }
    }
}

#[test]
fn a_handler_may_stop_its_server_but_not_wait_for_it() {
    let (to_handler, server) = mpsc::channel();
    let (seen, result) = mpsc::channel();
    let mut options = options();
    options.events = Events::All;
    let server = ChatServer::start_with(options, Stopper { server, seen }).unwrap();
    let mut peer = LinePeer::join(&server);
    to_handler.send(server).unwrap();
    peer.say("stop");
    assert_eq!(peer.hear_text(), "stop");
    assert_eq!(peer.hear_text(), "stopping from within");
    assert_eq!(peer.hear_text(), "* server stopped");
    assert_eq!(peer.line(), None);
    assert_eq!(result.recv_timeout(PATIENCE).unwrap(), Status::WouldDeadlock);
}

struct Stuck(mpsc::Receiver<()>);

impl Handler for Stuck {
    fn event(&mut self, event: Event) {
        if matches!(event, Event::Message(_)) {
            let _ = self.0.recv_timeout(PATIENCE);
        }
    }
}

#[test]
fn a_handler_that_does_not_return_makes_stop_time_out_instead_of_hang() {
    let (release, stuck) = mpsc::channel();
    let mut options = options();
    options.events = Events::All;
    let server = ChatServer::start_with(options, Stuck(stuck)).unwrap();
    let mut peer = LinePeer::join(&server);
    peer.say("stuck");
    peer.hear();
    server.close();
    assert_eq!(peer.hear_text(), "* server stopped");
    assert_eq!(server.join(Duration::from_millis(100)).unwrap_err().status(), Status::TimedOut);
    release.send(()).unwrap();
    server.join(PATIENCE).unwrap();
}

/// A handler that stays inside one kind of call until it is released.
struct Inside {
    kind: &'static str,
    began: mpsc::Sender<()>,
    release: mpsc::Receiver<()>,
}

impl Inside {
    fn at(&self, kind: &str) {
        if self.kind == kind {
            let _ = self.began.send(());
            let _ = self.release.recv_timeout(PATIENCE);
        }
    }
}

impl Handler for Inside {
    fn authorize(&mut self, _member: &Arc<Member>) -> bool {
        self.at("authorize");
        true
    }

    fn filter(&mut self, _message: &Message) -> Verdict {
        self.at("filter");
        Verdict::Deliver
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Joined(_) => self.at("joined"),
            Event::Left(..) => self.at("left"),
            Event::Closed => self.at("closed"),
            _ => {}
        }
    }
}

/// A server whose handler is inside that call, or will be when the server ends, and what releases it.
fn inside(kind: &'static str) -> (ChatServer, mpsc::Sender<()>, std::net::TcpStream) {
    let (began, inside) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let mut options = options();
    (options.events, options.filter, options.authorize) = (Events::Membership, true, true);
    let server = ChatServer::start_with(options, Inside { kind, began, release: released }).unwrap();
    let mut peer = support::dial(&server);
    peer.write_all(if kind == "left" { b"quit\n" } else { b"hello\n" }).unwrap();
    if kind != "closed" {
        inside.recv_timeout(PATIENCE).unwrap();
    }
    (server, release, peer)
}

const KINDS: [&str; 5] = ["authorize", "filter", "joined", "left", "closed"];

#[test]
fn a_handler_that_does_not_return_costs_stop_no_more_than_its_time_and_a_later_stop_succeeds() {
    for kind in KINDS {
        let (server, release, _peer) = inside(kind);
        let begin = Instant::now();
        let stops: Vec<_> = (0..3).map(|_| server.clone()).collect();
        std::thread::scope(|scope| {
            let stops: Vec<_> =
                stops.iter().map(|server| scope.spawn(|| server.stop(Duration::from_secs(1)))).collect();
            for stop in stops {
                assert_eq!(stop.join().unwrap().unwrap_err().status(), Status::TimedOut, "{kind}");
            }
        });
        assert!(begin.elapsed() < Duration::from_secs(10), "{kind}: {:?}", begin.elapsed());
        drop(release);
        server.stop(PATIENCE).unwrap();
        server.stop(Duration::ZERO).unwrap();
        server.join(Duration::ZERO).unwrap();
    }
}

#[test]
fn the_last_handle_goes_in_bounded_time_beside_a_handler_that_does_not_return() {
    for kind in KINDS {
        let (server, release, peer) = inside(kind);
        let address = server.address().clone();
        server.close_within(Duration::ZERO);
        let begin = Instant::now();
        drop(server);
        assert!(begin.elapsed() < Duration::from_secs(4), "{kind}: {:?}", begin.elapsed());
        // Its address is free, whatever the handler does.
        let mut options = options();
        options.endpoint = (&address).into();
        ChatServer::start(options).unwrap().stop(PATIENCE).unwrap();
        drop((release, peer));
    }
}

#[test]
fn a_server_stops_at_once_while_newcomers_shake_hands() {
    let mut options = options();
    let keys = KeyRing::single(Secret::new("sixteen bytes or more").unwrap());
    options.auth = Some(ServerAuth::new(Profile::Tutorial(Digest::Sha256), keys));
    let server = ChatServer::start(options).unwrap();
    let mut silent: Vec<_> = (0..10).map(|_| support::dial(&server)).collect();
    for peer in &mut silent {
        peer.read_exact(&mut [0]).unwrap();
    }
    let begin = Instant::now();
    server.stop(PATIENCE).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
}

#[test]
fn whoever_waits_to_speak_is_woken_by_the_end() {
    let server = ChatServer::start(options()).unwrap();
    let _deaf = LinePeer::join(&server);
    let (text, half) = ("x".repeat(8000), server.options().outbox_limit as u64 / 2);
    std::thread::scope(|scope| {
        let speaking = scope.spawn(|| {
            loop {
                if let Err(error) = server.broadcast_within(&text, 0, Deadline::never()) {
                    return error.status();
                }
            }
        });
        // Nothing more is accepted soon, or the one who does not read is thrown out.
        eventually("it is full", || server.members().first().is_none_or(|deaf| deaf.outbox_bytes() > half));
        server.stop(Duration::from_millis(100)).unwrap();
        assert_eq!(speaking.join().unwrap(), Status::Closed);
    });
}

#[test]
fn once_told_to_stop_a_server_lets_nobody_in() {
    // Nobody else listens at this address, so that the port stays free.
    let mut options = options();
    options.endpoint = Endpoint::tcp("127.0.0.78", 0);
    let server = ChatServer::start(options).unwrap();
    let address = server.address().clone();
    server.close();
    // Not by and by, when its threads have got round to it: nobody has waited for them.
    let refused = Stream::connect(&(&address).into(), PATIENCE).unwrap_err();
    assert_eq!(refused.status(), Status::ConnectionRefused);
    server.stop(PATIENCE).unwrap();
}
