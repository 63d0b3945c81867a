//! Who is let in, and what the others are told.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use mio::{Events, Interest, Poll, Token};

use super::probe::{self, Event};
use super::*;
use crate::auth::{KeyRing, Profile, Secret, ServerAuth};
use crate::net::Stream;
use crate::peer::LeaveReason;
use crate::reactor::doorstep::Doorstep;

#[test]
fn who_finds_no_place_can_read_why_though_it_has_sent_something() {
    for acceptor in [false, true] {
        let host = echo::start(HostOptions { limit: 1, acceptor, ..options() }).unwrap();
        let mut first = dial(&host);
        first.write_all(b"x\n").unwrap();
        assert_eq!(hear(&mut first, 4), "1 x\n");
        for _ in 0..10 {
            let mut late = dial(&host);
            late.write_all(&[b'x'; 10_000]).unwrap();
            let heard = hear_out(late);
            assert!(heard.contains("full (1 members)"), "{heard}");
        }
        assert_eq!(host.commons().totals.refused.get(), 10);
    }
}

#[test]
fn a_place_that_is_given_up_is_free_again() {
    let probe = probe::start(HostOptions { limit: 1, ..options() });
    for _ in 0..5 {
        let stream = dial(&probe.host);
        let peer = probe.opened();
        drop(stream);
        assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::Closed));
    }
}

#[test]
fn one_address_has_so_many_places_and_no_more() {
    let host = echo::start(HostOptions { per_ip: Some(2), ..options() }).unwrap();
    let mut friends = [dial(&host), dial(&host)];
    for friend in &mut friends {
        friend.write_all(b"x\n").unwrap();
        assert_eq!(hear(friend, 4), "1 x\n");
    }
    let heard = hear_out(dial(&host));
    assert!(heard.contains("too many connections from 127.0.0.1 (limit 2)"), "{heard}");
}

#[test]
fn before_a_handshake_nobody_is_told_why_there_is_no_place() {
    let auth = ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new("long enough to be one").unwrap()));
    let host = echo::start(HostOptions { limit: 0, auth: Some(auth), ..options() }).unwrap();
    assert_eq!(hear_out(dial(&host)), "");
}

#[test]
fn while_nobody_is_let_in_newcomers_wait_and_lose_nothing() {
    let probe = probe::start(options());
    probe.bench.accepts.store(false, Ordering::SeqCst);
    probe.ask(0, |_| ());
    let mut stream = dial(&probe.host);
    stream.write_all(b"patience\n").unwrap();
    (0..3).for_each(|_| probe.ask(0, |_| ()));
    assert!(probe.nothing_more());
    probe.bench.accepts.store(true, Ordering::SeqCst);
    probe.host.commons().wake_all();
    let peer = probe.opened();
    assert_eq!(probe.next(), Event::Message(peer, "patience".into()));
}

#[test]
fn who_lets_newcomers_in_again_amid_a_turn_is_not_missed() {
    let probe = probe::start(options());
    probe.bench.accepts.store(false, Ordering::SeqCst);
    probe.ask(0, |_| ());
    let _newcomer = dial(&probe.host);
    (0..3).for_each(|_| probe.ask(0, |_| ()));
    let bench = Arc::clone(&probe.bench);
    probe.on(0, move |turn| {
        bench.accepts.store(true, Ordering::SeqCst);
        turn.commons.wake_all();
    });
    probe.opened();
}

fn pair() -> (Stream, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_read_timeout(Some(PATIENCE)).unwrap();
    (Stream::from_fd(ours.into()).unwrap(), theirs)
}

#[test]
fn at_the_doorstep_there_is_a_second_to_read_a_refusal() {
    let (poll, mut doorstep, now) = (Poll::new().unwrap(), Doorstep::default(), Instant::now());
    let (stream, _theirs) = pair();
    doorstep.see_off(stream, poll.registry(), now);
    let until = doorstep.next().unwrap();
    assert_eq!(until - now, Duration::from_secs(1));
    doorstep.expire(until - Duration::from_nanos(1));
    assert_eq!(doorstep.next(), Some(until));
    doorstep.expire(until);
    assert_eq!(doorstep.next(), None);
}

#[test]
fn at_the_doorstep_the_first_makes_place_for_the_last() {
    let (poll, mut doorstep, now) = (Poll::new().unwrap(), Doorstep::default(), Instant::now());
    let mut theirs: Vec<UnixStream> = (0..65_u64)
        .map(|number| {
            let (stream, theirs) = pair();
            doorstep.see_off(stream, poll.registry(), now + Duration::from_millis(number));
            theirs
        })
        .collect();
    assert_eq!(doorstep.next(), Some(now + Duration::from_millis(1) + Duration::from_secs(1)));
    assert!(theirs[0].write_all(b"x").is_err() && theirs[1].write_all(b"x").is_ok());
}

#[test]
fn at_the_doorstep_nobody_is_listened_to_for_ever() {
    let (mut poll, mut doorstep) = (Poll::new().unwrap(), Doorstep::default());
    let (stream, mut theirs) = pair();
    doorstep.see_off(stream, poll.registry(), Instant::now());
    let talk = std::thread::spawn(move || while theirs.write_all(&[b'x'; 4096]).is_ok() {});
    let mut events = Events::with_capacity(8);
    while doorstep.next().is_some() {
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
        events.iter().for_each(|event| doorstep.ready(event.token()));
    }
    talk.join().unwrap();
}

#[test]
fn who_has_read_its_refusal_leaves_the_doorstep() {
    let (mut poll, mut doorstep) = (Poll::new().unwrap(), Doorstep::default());
    let (stream, theirs) = pair();
    doorstep.see_off(stream, poll.registry(), Instant::now());
    doorstep.ready(Token(7));
    drop(theirs);
    let mut events = Events::with_capacity(8);
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert!(events.iter().all(|event| event.is_readable() && Interest::READABLE.is_readable()));
    events.iter().for_each(|event| doorstep.ready(event.token()));
    assert_eq!(doorstep.next(), None);
}
