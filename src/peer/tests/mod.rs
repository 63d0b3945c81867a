//! One connection without a socket, tried with a made-up clock.

mod framings;
mod handshakes;
mod histories;
mod long;
mod outboxes;
mod pipe;
mod securing;
mod stages;
mod strangers;
mod times;
mod world;
mod worlds;

use std::io::IoSlice;
use std::time::Duration;

use proptest::test_runner::Config as ProptestConfig;

use super::{Due, Heard, LINGER, LeaveReason, Moment, Peer, Piece, Reading, Rules};
use crate::Status;
use crate::frame::Framing;
use crate::opening::Opening;

/// More things than can be due at one moment.
const ENDLESS: usize = 16;

/// What came of some bytes.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Message(Vec<u8>),
    Refused(Status, Option<LeaveReason>),
    Stranger(Opening),
    Endless,
}

/// That many cases of a property. A failing one is shown in full, and needs no file.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

fn message(text: impl AsRef<[u8]>) -> Event {
    Event::Message(text.as_ref().to_vec())
}

/// So many milliseconds after the beginning.
fn at(milliseconds: u64) -> Moment {
    Moment::after(Duration::from_millis(milliseconds))
}

/// Small limits, and no time without need.
fn rules(framing: Framing) -> Rules {
    Rules {
        framing,
        is_raw: false,
        message_limit: 64,
        long: None,
        outbox_limit: 1024,
        profile: None,
        handshake_timeout: Duration::from_secs(5),
        write_timeout: Duration::from_secs(2),
        ping_interval: None,
        ping_timeout: Duration::from_secs(1),
        idle_timeout: None,
    }
}

/// Somebody who takes part from the beginning.
fn open() -> Peer {
    let mut peer = Peer::new(at(0));
    peer.admit(None, at(0));
    peer
}

/// What a service hears that takes every message; `quit` is a last word.
fn hear(peer: &mut Peer, bytes: &[u8], rules: &Rules, now: Moment) -> Vec<Event> {
    match peer.hear(bytes, rules, now) {
        Heard::Messages(reading) => converse(peer, reading, rules, now),
        _ => Vec::new(),
    }
}

/// The same of what was kept.
fn resume(peer: &mut Peer, rules: &Rules, now: Moment) -> Vec<Event> {
    peer.resume().map_or_else(Vec::new, |reading| converse(peer, reading, rules, now))
}

fn converse(peer: &mut Peer, mut reading: Reading<'_>, rules: &Rules, now: Moment) -> Vec<Event> {
    let mut events = Vec::new();
    let paused = loop {
        if !peer.may_be_read(rules) {
            break true;
        }
        let (event, is_last) = match peer.next(&mut reading, rules, now) {
            Piece::Nothing => break false,
            Piece::Throttled => break true,
            Piece::Message(_) if !peer.within_rate(now) => break true,
            Piece::Message(range) => {
                let bytes = reading.bytes(range).to_vec();
                let is_text = !rules.is_line() || (std::str::from_utf8(&bytes).is_ok() && !bytes.contains(&0));
                if !is_text && peer.reads_anew(&mut reading, rules) {
                    continue;
                }
                reading.take();
                let is_last = bytes == b"quit";
                (if is_text { message(bytes) } else { Event::Refused(Status::InvalidText, None) }, is_last)
            }
            Piece::Refused(error, end) => (Event::Refused(error.status(), end), end.is_some()),
            Piece::Stranger(opening, _) => (Event::Stranger(opening), true),
            Piece::Endless => (Event::Endless, true),
        };
        events.push(event);
        if is_last {
            reading.drop_rest();
            peer.leave();
            break false;
        }
    };
    peer.finish(reading, paused, rules);
    events
}

/// What a kernel takes that takes so many bytes at most.
fn take(peer: &mut Peer, most: usize, now: Moment) -> Vec<u8> {
    let mut places = [IoSlice::new(&[]); 4];
    let count = peer.waiting(&mut places);
    let mut bytes: Vec<u8> = places[..count].iter().flat_map(|place| place.to_vec()).collect();
    let is_full = most < bytes.len();
    bytes.truncate(most);
    peer.sent(bytes.len(), is_full, now);
    bytes
}

/// What a kernel takes that takes everything.
fn drain(peer: &mut Peer, now: Moment) -> Vec<u8> {
    let mut bytes = Vec::new();
    while peer.has_output() {
        bytes.extend(take(peer, usize::MAX, now));
    }
    bytes
}

/// All that the time has brought, for a service that says no goodbye.
fn due(peer: &mut Peer, now: Moment, rules: &Rules) -> Vec<Due> {
    due_beside(peer, now, rules, false)
}

/// The same when the kernel has more of the peer's bytes.
fn due_beside(peer: &mut Peer, now: Moment, rules: &Rules, unread: bool) -> Vec<Due> {
    let is_early = peer.next_timeout(rules).is_none_or(|next| next > now);
    let mut all = Vec::new();
    while let Some(due) = peer.timeout(now, rules, unread) {
        all.push(due);
        assert!(all.len() < ENDLESS, "without end: {all:?}");
        match due {
            Due::Gone(_) => return all,
            Due::Dismiss(_) => peer.close([], Some(now + LINGER)),
            _ => {}
        }
    }
    assert!(!is_early || all.is_empty(), "too early: {all:?}");
    assert!(peer.next_timeout(rules).is_none_or(|next| next > now), "passed unnoticed");
    all
}
