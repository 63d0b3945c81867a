//! What the calls of `benches/ours/abi.c` cost when they are made from Rust: the same calls, the same number of times.
//! Prints nanoseconds a call, or an event, as JSON.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use rustchat::chat::{ChatServer, Events, ServerOptions};
use rustchat::connection::{AcceptOptions, ConnectOptions, MessageListener, connect};
use rustchat::frame::{Decoder, Framing};
use rustchat::net::{Deadline, Endpoint};

use crate::Result;

/// As in abi.c.
const ROUNDS: usize = 15;
const CALLS: u32 = 20_000;
const DIALOGUES: u32 = 4_000;
const BATCH: usize = 64;
const SIZE: usize = 64;

pub(crate) fn measure() -> Result {
    let figures = [
        ("handle", handle()?),
        ("encode", encode()),
        ("decode", decode()?),
        ("broadcast", broadcast()?),
        ("send and receive", dialogue()?),
        ("event", events()?),
    ];
    let figures: Vec<String> = figures.iter().map(|(name, ns)| format!("\"{name}\": {ns:.2}")).collect();
    println!("{{{}}}", figures.join(", "));
    Ok(())
}

/// The best of the rounds, for each of `calls` calls: what disturbs a round only makes it slower.
fn best(calls: u32, mut round: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        round();
        best = best.min(begin.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    best
}

fn pair() -> Result<(rustchat::connection::Connection, rustchat::connection::Connection)> {
    let listener = MessageListener::bind("127.0.0.1:0".parse::<Endpoint>()?, AcceptOptions::default())?;
    let address = listener.address().to_string().parse::<Endpoint>()?;
    let client = connect(address, &ConnectOptions::default(), Deadline::never())?;
    Ok((client, listener.accept(Deadline::never())?))
}

fn handle() -> Result<f64> {
    let (connection, _other) = pair()?;
    Ok(best(CALLS, || (0..CALLS).for_each(|_| assert!(black_box(&connection).as_raw_fd() >= 0))))
}

fn encode() -> f64 {
    let (message, mut frame) = (vec![b'x'; SIZE], Vec::with_capacity(SIZE + 4));
    best(CALLS, || {
        for _ in 0..CALLS {
            frame.clear();
            assert!(Framing::U32Be.encode_into(black_box(&message), 1 << 24, &mut frame).is_ok());
        }
    })
}

/// 64 frames pushed at once, then taken one by one: for each frame.
fn decode() -> Result<f64> {
    let mut frames = Vec::new();
    for _ in 0..BATCH {
        Framing::U32Be.encode_into(&[b'x'; SIZE], 1 << 24, &mut frames)?;
    }
    let mut decoder = Decoder::new(Framing::U32Be, 1 << 24);
    let batches = CALLS / BATCH as u32;
    Ok(best(batches * BATCH as u32, || {
        for _ in 0..batches {
            let mut count = 0;
            assert!(decoder.push(black_box(&frames)).is_ok());
            while let Ok(Some(frame)) = decoder.next() {
                count += black_box(frame).len() / SIZE;
            }
            assert_eq!(count, BATCH);
        }
    }))
}

fn server(events: Events) -> Result<ChatServer> {
    let mut options = ServerOptions::new("127.0.0.1:0".parse::<Endpoint>()?);
    (options.events, options.workers) = (events, 1);
    Ok(ChatServer::start(options)?)
}

/// To a room without members.
fn broadcast() -> Result<f64> {
    let (server, text) = (server(Events::None)?, "x".repeat(SIZE));
    Ok(best(CALLS, || (0..CALLS).for_each(|_| assert!(server.broadcast(black_box(&text)).is_ok()))))
}

/// Both ends in one thread: one send, one receive.
fn dialogue() -> Result<f64> {
    let (a, b) = pair()?;
    let message = [b'x'; SIZE];
    Ok(best(DIALOGUES, || {
        for _ in 0..DIALOGUES {
            assert!(a.send(&message, Deadline::never()).is_ok());
            assert!(b.recv_with(Deadline::never(), |message| message.len() == SIZE).is_ok());
        }
    }))
}

/// Batches of 64 events that are there already: for each event.
fn events() -> Result<f64> {
    let server = server(Events::All)?;
    let mut member = TcpStream::connect(server.address().to_string())?;
    let (lines, mut events) = (format!("{}\n", "x".repeat(SIZE)).repeat(BATCH), Vec::with_capacity(BATCH));
    std::thread::sleep(Duration::from_millis(100));
    server.poll(&mut events, BATCH, Deadline::never())?;
    let (mut best, mut heard) = (f64::INFINITY, vec![0; 64 << 10]);
    for _ in 0..ROUNDS * 10 {
        let due = server.stats().messages + BATCH as u64;
        member.write_all(lines.as_bytes())?;
        while server.stats().messages < due {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_millis(1));
        events.clear();
        let begin = Instant::now();
        server.poll(&mut events, BATCH, Deadline::never())?;
        let count = events.len();
        // To let go of an event is part of taking it.
        events.clear();
        let took = begin.elapsed().as_nanos() as f64 / BATCH as f64;
        assert_eq!(count, BATCH, "a batch of events was not whole");
        best = best.min(took);
        // A member who does not read is not kept.
        member.set_nonblocking(true)?;
        while member.read(&mut heard).is_ok_and(|length| length > 0) {}
        member.set_nonblocking(false)?;
    }
    Ok(best)
}
