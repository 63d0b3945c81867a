//! Messages one way, in a hurry: what holds them together must lose, mix and hold back nothing.

use std::thread;
use std::time::Duration;

use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect};
use rustchat::net::Endpoint;
use socket2::SockRef;

const PATIENCE: Duration = Duration::from_secs(30);

/// Enough for both ends to notice a stream, many times over.
const STREAM: u32 = 20_000;

fn pair() -> (Connection, Connection) {
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), AcceptOptions::default()).unwrap();
    let near = connect(listener.address(), &ConnectOptions::default(), PATIENCE).unwrap();
    (near, listener.accept(PATIENCE).unwrap())
}

fn pour(connection: &Connection, count: u32) {
    (0..count).for_each(|number| connection.send(&number.to_be_bytes(), PATIENCE).unwrap());
}

fn drain(connection: &Connection, count: u32) {
    (0..count).for_each(|number| assert_eq!(connection.recv(PATIENCE).unwrap(), number.to_be_bytes()));
}

/// Whether small messages go out at once.
fn is_prompt(connection: &Connection) -> bool {
    SockRef::from(connection).tcp_nodelay().unwrap()
}

#[test]
fn the_last_message_of_a_stream_needs_no_other_behind_it() {
    let (near, far) = pair();
    thread::scope(|scope| {
        scope.spawn(|| pour(&near, STREAM));
        // The sender has ended and does nothing more, and neither does its connection.
        drain(&far, STREAM);
    });
}

#[test]
fn an_answer_is_not_waited_for_with_the_question_held_back() {
    let (near, far) = pair();
    thread::scope(|scope| {
        scope.spawn(|| {
            drain(&far, STREAM);
            far.send(b"answer", PATIENCE).unwrap();
        });
        pour(&near, STREAM);
        assert_eq!(near.recv(PATIENCE).unwrap(), b"answer");
    });
    assert!(is_prompt(&near) && is_prompt(&far));
}

#[test]
fn a_stream_of_a_sender_in_a_hurry_is_over_with_what_comes_back() {
    let (near, far) = pair();
    // Nobody reads, so nothing slows the sender down: it is a stream within a few thousand messages, if not at once.
    let streamed = (0..1000).any(|_| {
        pour(&near, 100);
        !is_prompt(&near)
    });
    assert!(streamed, "it was never let off");
    far.send(b"something", PATIENCE).unwrap();
    assert_eq!(near.recv(PATIENCE).unwrap(), b"something");
    assert!(is_prompt(&near));
}

#[test]
fn streams_in_both_directions_do_not_mix() {
    let (near, far) = pair();
    thread::scope(|scope| {
        for connection in [&near, &far] {
            scope.spawn(|| pour(connection, STREAM));
            scope.spawn(|| drain(connection, STREAM));
        }
    });
}
