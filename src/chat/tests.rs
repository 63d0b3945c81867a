//! How a server ends when one of its threads fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{ChatServer, DRAIN, Event, Events, Handler, LeaveReason, Message, ServerOptions, Verdict};
use crate::Status;
use crate::inject::Aim;
use crate::net::Endpoint;

const PATIENCE: Duration = Duration::from_secs(30);

fn options() -> ServerOptions {
    let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    (options.workers, options.events) = (2, Events::All);
    options
}

fn dial(server: &ChatServer) -> TcpStream {
    let stream = TcpStream::connect(server.address().to_string()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn await_members(server: &ChatServer, count: usize) {
    let end = Instant::now() + PATIENCE;
    while server.members().len() != count {
        assert!(Instant::now() < end, "waited in vain for {count} members");
        std::thread::yield_now();
    }
}

/// All events up to the last.
fn events(server: &ChatServer) -> Vec<Event> {
    let mut events = Vec::new();
    while server.poll(&mut events, 1000, PATIENCE).map_err(|error| error.status()) != Err(Status::Closed) {}
    events
}

fn assert_tells_of(events: &[Event], thread: &str) {
    let [.., Event::Error(error), Event::Closed] = events else { panic!("{events:?}") };
    assert_eq!(error.status(), Status::Panicked);
    assert!(error.message().contains(thread) && error.message().contains("injected"), "{error}");
}

fn assert_ended(server: &ChatServer, thread: &str) {
    server.join(PATIENCE).unwrap();
    server.stop(Duration::ZERO).unwrap();
    assert!(server.is_closed() && server.members().is_empty());
    let failure = server.failure().expect("it has failed");
    assert!(failure.message().contains(thread), "{failure}");
    for error in [server.broadcast("x").unwrap_err(), server.send(1, "x").unwrap_err()] {
        assert_eq!(error.status(), Status::Panicked, "{error}");
    }
}

#[test]
fn a_worker_that_fails_ends_the_server_and_everybodys_connection() {
    let server = ChatServer::start(options()).unwrap();
    let mut peers: Vec<_> = (0..4).map(|_| dial(&server)).collect();
    await_members(&server, 4);
    let _aim = Aim::at(format!("rustchat-io-1 {}", server.address()));
    server.broadcast("one").unwrap();
    for peer in &mut peers {
        let mut heard = String::new();
        // Those of the worker that has failed are cut off, the others are told.
        let _ = peer.read_to_string(&mut heard);
    }
    assert_ended(&server, "rustchat-io-1");
    let events = events(&server);
    let left = |event: &&Event| matches!(event, Event::Left(_, LeaveReason::ServerStopped));
    assert_eq!(events.iter().filter(left).count(), 4);
    assert_tells_of(&events, "rustchat-io-1");
}

#[test]
fn an_acceptor_that_fails_ends_the_server_in_good_order() {
    let server = ChatServer::start(options()).unwrap();
    let mut member = BufReader::new(dial(&server));
    await_members(&server, 1);
    let _aim = Aim::at(format!("rustchat-accept {}", server.address()));
    let _knocking = dial(&server);
    let mut farewell = String::new();
    member.read_line(&mut farewell).unwrap();
    member.read_to_string(&mut farewell).unwrap();
    assert!(farewell.ends_with("* server stopped\n"), "{farewell:?}");
    assert_ended(&server, "rustchat-accept");
    assert_tells_of(&events(&server), "rustchat-accept");
}

struct Teller(mpsc::Sender<Event>);

impl Handler for Teller {
    fn filter(&mut self, _message: &Message) -> Verdict {
        Verdict::Deliver
    }

    fn event(&mut self, event: Event) {
        let _ = self.0.send(event);
    }
}

#[test]
fn a_dispatcher_that_fails_still_tells_its_handler_of_the_end() {
    let (teller, told) = mpsc::channel();
    let mut options = options();
    (options.filter, options.authorize) = (true, true);
    let server = ChatServer::start_with(options, Teller(teller)).unwrap();
    let mut peer = dial(&server);
    await_members(&server, 1);
    let _aim = Aim::at(format!("rustchat-hooks {}", server.address()));
    peer.write_all(b"what is lost\n").unwrap();
    let mut heard = String::new();
    let _ = peer.read_to_string(&mut heard);
    assert!(heard.ends_with("* server stopped\n"), "{heard:?}");
    assert_ended(&server, "rustchat-hooks");
    let events: Vec<_> = told.iter().collect();
    assert_tells_of(&events, "rustchat-hooks");
}

#[test]
fn a_worker_that_fails_while_a_filter_is_busy_or_the_server_stops_is_not_waited_for() {
    let mut options = options();
    options.filter = true;
    let (teller, told) = mpsc::channel();
    let server = ChatServer::start_with(options, Teller(teller)).unwrap();
    let _peers: Vec<_> = (0..2).map(|_| dial(&server)).collect();
    await_members(&server, 2);
    let _aim = Aim::at(format!("rustchat-io-0 {}", server.address()));
    server.stop(Duration::from_secs(3)).unwrap();
    assert_ended(&server, "rustchat-io-0");
    assert_tells_of(&told.iter().collect::<Vec<_>>(), "rustchat-io-0");
}

#[test]
fn a_second_close_brings_an_earlier_end_about_and_a_later_one_does_not_put_it_off() {
    let mut options = options();
    options.outbox_limit = 1 << 30;
    let server = ChatServer::start(options).unwrap();
    let peer = dial(&server);
    await_members(&server, 1);
    let text = "x".repeat(8000);
    while server.members()[0].outbox_bytes() < 100_000 {
        server.broadcast(&text).unwrap();
    }
    server.close_within(Duration::from_secs(3000));
    assert_eq!(server.join(Duration::from_millis(50)).unwrap_err().status(), Status::TimedOut);
    server.close();
    let begin = Instant::now();
    server.close_within(Duration::from_millis(1));
    server.close_within(Duration::from_secs(3000));
    server.join(PATIENCE).unwrap();
    assert!(begin.elapsed() < DRAIN, "{:?}", begin.elapsed());
    drop(peer);
}
