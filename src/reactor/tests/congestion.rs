//! Who is not read while others have too much to do.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use mio::{Poll, Waker};

use super::probe::{self, Event};
use super::*;
use crate::reactor::Inbox;
use crate::reactor::crowd::Crowd;
use crate::reactor::inbox::Post;
use crate::reactor::worker::WAKER;

const LIMIT: usize = 1000;

fn inbox() -> Inbox<()> {
    let poll = Poll::new().unwrap();
    Inbox::new(Waker::new(poll.registry(), WAKER).unwrap(), LIMIT, Crowd::default()).0
}

#[test]
fn an_inbox_is_congested_past_twice_what_an_outbox_holds() {
    let inbox = inbox();
    inbox.push((), 2 * LIMIT);
    assert!(!inbox.is_congested());
    inbox.push((), 1);
    assert!(inbox.is_congested());
    assert!(inbox.relieve(1));
    assert!(!inbox.is_congested() && !inbox.relieve(LIMIT));
}

#[test]
fn nobody_waits_for_a_worker_that_has_failed() {
    let inbox = inbox();
    inbox.push((), 10 * LIMIT);
    assert!(inbox.is_congested());
    inbox.abandon();
    assert!(!inbox.is_congested());
}

#[test]
fn what_is_no_call_weighs_nothing() {
    let inbox = inbox();
    (0..100).for_each(|_| inbox.post(Post::Finish));
    inbox.push((), 2 * LIMIT);
    assert!(!inbox.is_congested());
}

#[test]
fn one_message_always_has_room_and_the_next_one_has_when_it_is_within_the_bound() {
    let inbox = inbox();
    assert!(inbox.has_room(10 * LIMIT, LIMIT));
    inbox.reserve(10 * LIMIT);
    assert!(!inbox.has_room(1, LIMIT) && !inbox.has_room(usize::MAX, usize::MAX - 1));
    inbox.release(10 * LIMIT);
    inbox.reserve(LIMIT / 2);
    assert!(inbox.has_room(LIMIT / 2, LIMIT) && !inbox.has_room(LIMIT / 2 + 1, LIMIT));
}

#[test]
fn while_one_worker_is_behind_the_peers_of_all_wait_and_lose_nothing() {
    let mut options = HostOptions { workers: 2, ..options() };
    options.rules.outbox_limit = LIMIT;
    let probe = probe::start(options);
    let mut streams = [dial(&probe.host), dial(&probe.host)];
    let _peers = [probe.opened(), probe.opened()];
    let (release, held) = mpsc::channel::<()>();
    let (began, inside) = mpsc::channel();
    probe.on(1, move |_| {
        began.send(()).unwrap();
        let _ = held.recv_timeout(PATIENCE);
    });
    inside.recv_timeout(PATIENCE).unwrap();
    probe.host.commons().inboxes()[1].push(Box::new(|_| ()), 10 * LIMIT);
    for stream in &mut streams {
        stream.write_all(b"x\n").unwrap();
    }
    (0..5).for_each(|_| probe.ask(0, |_| ()));
    assert!(probe.nothing_more());
    drop(release);
    assert!([probe.next(), probe.next()].iter().all(|event| matches!(event, Event::Message(..))));
}

#[test]
fn while_the_embedder_is_behind_nobody_is_read_and_nothing_is_lost() {
    let probe = probe::start(options());
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    probe.bench.reads.store(false, Ordering::SeqCst);
    probe.ask(0, |_| ());
    stream.write_all(b"x\n").unwrap();
    (0..5).for_each(|_| probe.ask(0, |_| ()));
    assert!(probe.nothing_more());
    probe.bench.reads.store(true, Ordering::SeqCst);
    probe.host.commons().wake_all();
    assert_eq!(probe.next(), Event::Message(peer, "x".into()));
}

#[test]
fn who_does_not_read_its_answers_is_not_read_until_it_does() {
    let mut options = options();
    options.rules.outbox_limit = 1 << 20;
    let probe = probe::start_with(options, |turn, peer, _| {
        turn.push(peer, vec![b'x'; 32 << 20].into());
        crate::reactor::Flow::Continue
    });
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"one\ntwo\n").unwrap();
    assert_eq!(probe.next(), Event::Message(peer, "one".into()));
    (0..5).for_each(|_| probe.ask(0, |_| ()));
    assert!(probe.nothing_more());
    hear(&mut stream, 32 << 20);
    assert_eq!(probe.next(), Event::Message(peer, "two".into()));
}
