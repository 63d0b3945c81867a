//! A server stops in bounded time, whatever its members and its embedder do.

mod support;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Events, Handler};
use rustchat::net::{Endpoint, Stream};
use support::{LinePeer, PATIENCE, await_members, next_event, options};

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
