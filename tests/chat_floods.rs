//! What strangers can bring about thousands of times a second is told once, and then counted each second.

mod support;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use rustchat::auth::{KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{ChatServer, Event, Events};
use support::warnings::{collect_warnings, warnings};
use support::{dial, eventually, options};

const FLOOD: usize = 300;

/// Each says `bytes` and reads to the end.
fn flood(server: &ChatServer, bytes: &[u8]) {
    for _ in 0..FLOOD {
        let mut stranger = dial(server);
        let _ = stranger.write_all(bytes);
        let _ = stranger.read_to_end(&mut Vec::new());
    }
}

/// At most one at once, and one for each second that was begun.
fn most(start: Instant) -> usize {
    2 + start.elapsed().as_secs() as usize
}

/// How many the lines tell of: each of one, and of those it counts besides.
fn told(lines: &[String]) -> usize {
    let others = |line: &String| {
        let (_, rest) = line.rsplit_once("; and ").unwrap_or_default();
        rest.split_once(" other").map_or(0, |(count, _)| count.parse().unwrap())
    };
    lines.iter().map(|line| 1 + others(line)).sum()
}

#[test]
fn a_flood_of_failed_handshakes_is_counted_in_the_log_and_in_the_events() {
    collect_warnings();
    let mut options = options();
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new("s").unwrap())));
    options.events = Events::Membership;
    let server = ChatServer::start(options).unwrap();
    let start = Instant::now();
    flood(&server, b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(server.stats().authentication_failed as usize, FLOOD);
    let (mut events, mut failed, mut tellings) = (Vec::new(), 0, 0);
    while failed < FLOOD {
        server.poll(&mut events, 100, support::PATIENCE).expect("the rest is told within a second");
        for event in events.drain(..) {
            let count = match event {
                Event::AuthenticationFailed(_) => 1,
                Event::AuthenticationsFailed(count, _) => count as usize,
                _ => continue,
            };
            failed += count;
            tellings += 1;
        }
    }
    assert_eq!(failed, FLOOD);
    assert!(tellings <= most(start), "{tellings} events");
    let lines = warnings("authentication failed");
    assert_eq!(told(&lines), FLOOD, "{lines:?}");
    assert!(lines.len() <= most(start) && lines[0].contains("an HTTP request"), "{lines:?}");
}

#[test]
fn a_flood_at_the_door_of_a_full_server_is_counted_in_the_log() {
    collect_warnings();
    let mut options = options();
    options.member_limit = 1;
    let server = ChatServer::start(options).unwrap();
    let _member = support::LinePeer::join(&server);
    let start = Instant::now();
    flood(&server, b"");
    eventually("all are told", || told(&warnings("refused: the server is full")) == FLOOD);
    assert!(warnings("refused: the server is full").len() <= most(start));
}

#[test]
fn a_flood_of_web_pages_is_counted_in_the_log_and_the_end_of_the_server_loses_none() {
    collect_warnings();
    let server = ChatServer::start(options()).unwrap();
    let start = Instant::now();
    flood(&server, b"GET / HTTP/1.1\r\n\r\n");
    server.stop(Duration::from_secs(5)).unwrap();
    let lines = warnings("this is line chat");
    assert_eq!(told(&lines), FLOOD, "{lines:?}");
    assert!(lines.len() <= most(start), "{lines:?}");
}
