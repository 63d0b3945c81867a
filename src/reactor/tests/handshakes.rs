//! Newcomers who have to prove a secret.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::probe::{self, Event, Running};
use super::*;
use crate::auth::{ChannelBinding, ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth};
use crate::net::Address;
use crate::reactor::strangers::{Failure, Strangers};

fn guarded() -> HostOptions {
    guarded_in(Profile::Mutual)
}

fn guarded_in(profile: Profile) -> HostOptions {
    let keys = KeyRing::new();
    keys.insert("alice", secret()).unwrap();
    let mut options = HostOptions { auth: Some(ServerAuth::new(profile, keys)), ..options() };
    options.rules.profile = Some(profile);
    options
}

fn secret() -> Secret {
    Secret::new("what only the two of them know").unwrap()
}

/// Proves it, and says something right behind the proof.
fn prove(stream: &mut TcpStream, behind: &[u8]) {
    prove_in(Profile::Mutual, stream, behind);
}

fn prove_in(profile: Profile, stream: &mut TcpStream, behind: &[u8]) {
    let mut client =
        ClientAuth::new(profile, secret()).with_key_id("alice").unwrap().begin(&ChannelBinding::NONE).unwrap();
    let mut buffer = [0; 4096];
    loop {
        let mut answer = client.output();
        if client.is_complete() {
            answer.extend_from_slice(behind);
            return stream.write_all(&answer).unwrap();
        }
        stream.write_all(&answer).unwrap();
        let count = stream.read(&mut buffer).unwrap();
        client.receive(&buffer[..count]).unwrap();
    }
}

fn failures(probe: &Running) -> u64 {
    probe.host.commons().totals.authentication_failed.get()
}

#[test]
fn who_proves_a_secret_is_known_by_its_key_and_heard_from_the_first_byte() {
    let probe = probe::start(guarded());
    let mut stream = dial(&probe.host);
    prove(&mut stream, b"first words\n");
    let Event::Opened(peer, key) = probe.next() else { panic!() };
    assert_eq!(key.as_deref(), Some("alice"));
    assert_eq!(probe.next(), Event::Message(peer, "first words".into()));
    assert_eq!(failures(&probe), 0);
}

#[test]
fn past_the_limit_the_oldest_handshake_makes_place() {
    let probe = probe::start(HostOptions { handshake_limit: 3, ..guarded() });
    let silent: Vec<_> = (0..3).map(|_| dial(&probe.host)).collect();
    let mut honest = dial(&probe.host);
    prove(&mut honest, b"");
    probe.opened();
    assert_eq!(hear_out(&silent[0]), "");
    assert_eq!(failures(&probe), 1);
    let mut honest = dial(&probe.host);
    prove(&mut honest, b"");
    probe.opened();
    assert_eq!(failures(&probe), 1);
}

#[test]
fn any_number_of_broken_handshakes_beside_a_silent_one_leaves_room_for_others() {
    let probe = probe::start(HostOptions { handshake_limit: 2, ..guarded() });
    let _silent = dial(&probe.host);
    for number in 1..=20 {
        let mut broken = dial(&probe.host);
        broken.write_all(b"no handshake at all\n").unwrap();
        let _ = hear_out(broken);
        assert_eq!(failures(&probe), number);
    }
    let (open, count) = probe.ask(0, |turn| {
        let handshakes = turn.handshakes.count();
        (handshakes, turn.table.slots.iter().filter(|(_, slot)| slot.peer.is_shaking_hands()).count())
    });
    assert_eq!((open, count), (1, 1));
}

#[test]
fn a_handshake_that_takes_too_long_is_over() {
    let mut options = guarded();
    options.rules.handshake_timeout = Duration::from_millis(20);
    let probe = probe::start(options);
    assert_eq!(hear_out(dial(&probe.host)), "");
    assert_eq!(failures(&probe), 1);
    assert_eq!(probe.ask(0, |turn| turn.handshakes.count()), 0);
}

#[test]
fn failures_are_told_once_and_then_counted() {
    let probe = probe::start(guarded());
    for _ in 0..50 {
        let mut stranger = dial(&probe.host);
        stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        hear_out(stranger);
    }
    probe.host.stop(crate::net::Deadline::after(PATIENCE)).unwrap();
    let told = probe.bench.unproved.lock().unwrap();
    assert!(told[0] == 1 && told.iter().sum::<u64>() == 50 && told.len() < 10, "{told:?}");
}

#[test]
fn the_many_of_one_kind_hide_none_of_another() {
    let strangers = Strangers::default();
    let probe = probe::start(guarded());
    let (shared, begin) = (&*probe.bench, Instant::now());
    let address = Address::Unix("here".into());
    let no_proof = || Failure::NoProof;
    let at = |milliseconds| begin + Duration::from_millis(milliseconds);
    let failed = |milliseconds, why| strangers.failed(at(milliseconds), &address, "no", &why, shared);
    assert_eq!(failed(0, Failure::TooLong), None);
    assert_eq!(failed(500, no_proof()), None);
    assert_eq!(failed(600, no_proof()), Some(at(1500)));
    assert_eq!(failed(700, Failure::TooLong), Some(at(1000)));
    // Each is told in its own time, and who collects the first one learns of the second.
    assert_eq!(strangers.collect(at(1000), shared), Some(at(1500)));
    assert_eq!(strangers.collect(at(1500), shared), None);
    assert_eq!(*shared.unproved.lock().unwrap(), [1; 4]);
}

#[test]
fn a_wrong_secret_is_told_beside_many_who_speak_something_else_or_break_off() {
    let strangers = Strangers::default();
    let probe = probe::start(guarded());
    let (now, address) = (Instant::now(), Address::Unix("here".into()));
    let all = || {
        let talk = [Failure::Stranger("known".to_owned()), Failure::Channel("known".to_owned())];
        talk.into_iter().chain([
            Failure::Unfit("known"),
            Failure::BrokenOff("it broke off"),
            Failure::TooLong,
            Failure::TooMany,
            Failure::NoProof,
        ])
    };
    for why in all() {
        assert_eq!(strangers.failed(now, &address, "no", &why, &*probe.bench), None, "{why:?} is told at once");
    }
    for why in all() {
        assert!(strangers.failed(now, &address, "no", &why, &*probe.bench).is_some(), "{why:?} is held back");
    }
}

#[test]
fn a_connection_that_is_given_away_outlives_its_host() {
    // Its client is done as soon as it has answered, and may go on in the same breath.
    let profile = Profile::Tutorial(Digest::Sha256);
    let probe = probe::start(guarded_in(profile));
    probe.bench.admits.store(false, Ordering::SeqCst);
    let mut stream = dial(&probe.host);
    prove_in(profile, &mut stream, b"right behind");
    let peer = probe.opened();
    let (given, state) = probe.ask(0, move |turn| turn.release(peer)).unwrap();
    assert_eq!((&given.rest[..], state.peer), (&b"right behind"[..], peer));
    assert!(probe.ask(0, move |turn| turn.door(peer).is_none()));
    stream.write_all(b"still here\n").unwrap();
    probe.host.stop(crate::net::Deadline::after(PATIENCE)).unwrap();
    assert_eq!(probe.rest(), [Event::Over]);
    let mut buffer = [0; 11];
    assert_eq!(given.stream.recv(&mut buffer, &crate::net::Deadline::after(PATIENCE)).unwrap(), 11);
    assert_eq!(&buffer, b"still here\n");
}
