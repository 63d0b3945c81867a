//! The calls of `benches/ours/abi.c`, made from Rust: a library for that program, so that both faces are measured in one
//! process and in turns. Each function makes as many calls as it is told, on objects made at its first call.

#![allow(unsafe_code, reason = "functions for C must have names that C can call")]

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustchat::chat::{ChatServer, Event, Events, ServerOptions};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, Received, connect};
use rustchat::frame::{Decoder, Framing};
use rustchat::net::{Deadline, Endpoint};

/// As in abi.c.
const BATCH: usize = 64;
const BATCHES: usize = 16;
const SIZE: usize = 64;

const MESSAGE: [u8; SIZE] = [b'x'; SIZE];

fn endpoint() -> Endpoint {
    "127.0.0.1:0".parse().expect("an address")
}

fn pair() -> &'static (Connection, Connection) {
    static PAIR: OnceLock<(Connection, Connection)> = OnceLock::new();
    PAIR.get_or_init(|| {
        let listener = MessageListener::bind(endpoint(), AcceptOptions::default()).expect("listen");
        let client = connect(listener.address(), &ConnectOptions::default(), Deadline::never()).expect("connect");
        (client, listener.accept(Deadline::never()).expect("accept"))
    })
}

fn start(events: Events) -> ChatServer {
    let mut options = ServerOptions::new(endpoint());
    (options.events, options.workers) = (events, 1);
    ChatServer::start(options).expect("start")
}

/// Descriptors asked for: nothing but the call.
#[unsafe(no_mangle)]
pub extern "C" fn from_rust_handle(calls: i32) {
    let (connection, _) = pair();
    (0..calls).for_each(|_| assert!(black_box(connection).as_raw_fd() >= 0));
}

/// Frames encoded.
#[unsafe(no_mangle)]
pub extern "C" fn from_rust_encode(calls: i32) {
    let mut frame = Vec::with_capacity(SIZE + 4);
    for _ in 0..calls {
        frame.clear();
        assert!(Framing::U32Be.encode_into(black_box(&MESSAGE), 1 << 24, &mut frame).is_ok());
    }
}

/// 64 frames pushed at once, then taken one by one: that many frames, about.
#[unsafe(no_mangle)]
pub extern "C" fn from_rust_decode(calls: i32) {
    let frame = rustchat::frame::encode(Framing::U32Be, &MESSAGE).expect("encode");
    let (frames, mut decoder) = (frame.repeat(BATCH), Decoder::new(Framing::U32Be, 1 << 24));
    for _ in 0..calls / BATCH as i32 {
        let mut count = 0;
        assert!(decoder.push(black_box(&frames)).is_ok());
        while let Ok(Some(frame)) = decoder.next() {
            count += black_box(frame).len() / SIZE;
        }
        assert_eq!(count, BATCH);
    }
}

/// Texts to a room without members.
#[unsafe(no_mangle)]
pub extern "C" fn from_rust_broadcast(calls: i32) {
    static SERVER: OnceLock<ChatServer> = OnceLock::new();
    let (server, text) = (SERVER.get_or_init(|| start(Events::None)), "x".repeat(SIZE));
    (0..calls).for_each(|_| assert!(server.broadcast(black_box(&text)).is_ok()));
}

/// One send and one receive each, both ends in one thread.
#[unsafe(no_mangle)]
pub extern "C" fn from_rust_dialogue(calls: i32) {
    let (near, far) = pair();
    let mut answer = [0; SIZE];
    for _ in 0..calls {
        assert!(near.send(black_box(&MESSAGE), Deadline::never()).is_ok());
        assert_eq!(far.recv_into(black_box(&mut answer), Deadline::never()), Ok(Received::Whole(SIZE)));
    }
}

struct Talk {
    server: ChatServer,
    member: TcpStream,
    events: Vec<Event>,
}

/// Batches of 64 events that are there already: the best of them, in nanoseconds an event.
#[unsafe(no_mangle)]
pub extern "C" fn from_rust_event() -> f64 {
    static TALK: Mutex<Option<Talk>> = Mutex::new(None);
    let mut talk = TALK.lock().unwrap_or_else(PoisonError::into_inner);
    let Talk { server, member, events } = talk.get_or_insert_with(begin_to_talk);
    let (due, lines) = (server.stats().messages + (BATCH * BATCHES) as u64, lines());
    (0..BATCHES).for_each(|_| member.write_all(&lines).expect("send"));
    while server.stats().messages < due {
        std::thread::yield_now();
    }
    std::thread::sleep(Duration::from_millis(1));
    let mut best = f64::INFINITY;
    for _ in 0..BATCHES {
        let begin = Instant::now();
        server.poll(events, BATCH, Deadline::never()).expect("poll");
        let count = events.len();
        // To let go of an event is part of taking it.
        events.clear();
        best = best.min(begin.elapsed().as_nanos() as f64 / BATCH as f64);
        assert_eq!(count, BATCH, "a batch of events was not whole");
    }
    // A member who does not read is not kept.
    let mut heard = vec![0; 64 << 10];
    member.set_nonblocking(true).expect("ask");
    while member.read(&mut heard).is_ok_and(|length| length > 0) {}
    member.set_nonblocking(false).expect("ask");
    best
}

fn begin_to_talk() -> Talk {
    let server = start(Events::All);
    let member = TcpStream::connect(server.address().to_string()).expect("connect");
    let mut events = Vec::with_capacity(BATCH);
    // What the server tells before anybody has said anything: that it listens, and that somebody joined.
    while !matches!(events.last(), Some(Event::Joined(_))) {
        server.poll(&mut events, BATCH, Deadline::never()).expect("poll");
    }
    events.clear();
    Talk { server, member, events }
}

fn lines() -> Vec<u8> {
    [&MESSAGE[..], b"\n"].concat().repeat(BATCH)
}
