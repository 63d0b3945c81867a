//! What a service may answer to a message, and who waits to be admitted.

use std::io::Write;
use std::sync::atomic::Ordering;

use super::probe::{self, Event, Running};
use super::*;
use crate::Status;
use crate::net::Deadline;
use crate::peer::{LeaveReason, Rate};
use crate::reactor::{Flow, PeerRef, Turn};

fn is_first(turn: &mut Turn<probe::Probe>, peer: PeerRef) -> bool {
    turn.state(peer).is_some_and(|seat| seat.heard == 1)
}

/// What is heard of somebody who says two lines.
fn said(probe: &Running, count: usize) -> Vec<String> {
    let mut stream = dial(&probe.host);
    probe.opened();
    stream.write_all(b"one\ntwo\n").unwrap();
    let text = |event| match event {
        Event::Message(_, text) => text,
        other => format!("{other:?}"),
    };
    (0..count).map(|_| text(probe.next())).collect()
}

#[test]
fn a_message_that_is_held_comes_again_before_the_next_one() {
    let probe =
        probe::start_with(options(), |turn, peer, _| if is_first(turn, peer) { Flow::Hold } else { Flow::Continue });
    assert_eq!(said(&probe, 3), ["one", "one", "two"]);
}

#[test]
fn a_message_that_is_put_off_comes_again_when_its_time_has_come() {
    let probe = probe::start_with(options(), |turn, peer, _| match is_first(turn, peer) {
        true => Flow::Pause(turn.now() + Duration::from_millis(5)),
        false => Flow::Continue,
    });
    assert_eq!(said(&probe, 3), ["one", "one", "two"]);
}

#[test]
fn who_is_over_its_rate_is_heard_again_in_time() {
    let probe = probe::start_with(options(), |turn, peer, _| match turn.within_rate(peer) {
        true => Flow::Continue,
        false => Flow::Throttled,
    });
    probe.bench.admits.store(false, Ordering::SeqCst);
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"one\ntwo\n").unwrap();
    probe.on(0, move |turn| turn.admit(peer, Some(Rate { burst: 1, per_second: 100.0 })));
    for text in ["one", "two", "two"] {
        assert_eq!(probe.next(), Event::Message(peer, text.into()));
    }
}

#[test]
fn a_message_that_makes_no_sense_is_refused_and_the_next_one_heard() {
    let probe = probe::start_with(options(), |turn, peer, _| match is_first(turn, peer) {
        true => Flow::Refuse(crate::Error::new(Status::InvalidText, "no")),
        false => Flow::Continue,
    });
    let heard = said(&probe, 3);
    assert!(heard[1].starts_with("Refused") && heard[1].contains("InvalidText"), "{heard:?}");
    assert_eq!((&heard[0][..], &heard[2][..]), ("one", "two"));
}

#[test]
fn a_message_with_telnet_in_it_comes_again_without() {
    let probe = probe::start_with(options(), |_, _, text| match text.contains('\u{fffd}') {
        true => Flow::Refuse(crate::Error::new(Status::InvalidText, "no text")),
        false => Flow::Continue,
    });
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"\xff\xfd\x03hello\r\n\xff\xf1there\r\n").unwrap();
    assert!(matches!(probe.next(), Event::Message(_, text) if text.ends_with("hello")));
    assert_eq!(probe.next(), Event::Message(peer, "hello".into()));
    assert_eq!(probe.next(), Event::Message(peer, "there".into()));
}

#[test]
fn a_message_too_long_is_refused_and_the_next_one_heard() {
    let probe = probe::start(options());
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(&[&[b'x'; 20_000][..], b"\nnext\n"].concat()).unwrap();
    assert_eq!(probe.next(), Event::Refused(peer, Status::MessageTooLong));
    assert_eq!(probe.next(), Event::Message(peer, "next".into()));
}

/// Somebody who waits to be admitted.
fn asking(words: &[u8]) -> (Running, std::net::TcpStream, PeerRef) {
    let probe = probe::start(options());
    probe.bench.admits.store(false, Ordering::SeqCst);
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(words).unwrap();
    (probe, stream, peer)
}

#[test]
fn who_waits_to_be_admitted_is_heard_when_it_is() {
    let (probe, _stream, peer) = asking(b"hello\n");
    assert!(probe.ask(0, move |turn| turn.door(peer).is_some_and(|door| door.is_asking() && !door.is_open())));
    assert!(probe.nothing_more());
    probe.on(0, move |turn| turn.admit(peer, None));
    assert_eq!(probe.next(), Event::Message(peer, "hello".into()));
}

#[test]
fn who_has_gone_without_a_word_while_it_waited_is_known_to_have() {
    let (probe, stream, peer) = asking(b"");
    assert!(!probe.ask(0, move |turn| turn.has_gone(peer, &mut [0; 64])));
    drop(stream);
    probe.await_that(0, move |turn| turn.has_gone(peer, &mut [0; 64]));
}

#[test]
fn who_has_left_words_behind_has_not_gone_before_they_are_heard() {
    let (probe, stream, peer) = asking(b"my last words\n");
    drop(stream);
    probe.await_that(0, move |turn| turn.table.get(peer).is_some_and(|slot| slot.link.has_hung_up()));
    assert!(!probe.ask(0, move |turn| turn.has_gone(peer, &mut [0; 64])));
    assert!(!probe.ask(0, move |turn| turn.has_gone(peer, &mut [0; 64])));
    probe.on(0, move |turn| turn.admit(peer, None));
    assert_eq!(probe.next(), Event::Message(peer, "my last words".into()));
    assert!(matches!(probe.next(), Event::Ended(gone, _) if gone == peer));
}

#[test]
fn who_waits_to_be_admitted_when_the_host_stops_is_told_goodbye() {
    let (probe, stream, peer) = asking(b"");
    probe.host.stop(Deadline::after(PATIENCE)).unwrap();
    assert_eq!(hear_out(stream), "goodbye: server stopped\n");
    assert_eq!(probe.rest(), [Event::Ended(peer, LeaveReason::ServerStopped), Event::Over]);
}
