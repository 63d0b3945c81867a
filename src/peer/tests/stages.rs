//! What each stage takes, and what it refuses.

use bytes::Bytes;

use super::*;
use crate::peer::Unsent;

fn line() -> Rules {
    rules(Framing::Line)
}

#[test]
fn who_asks_is_kept_and_heard_when_admitted() {
    let (mut peer, rules) = (Peer::new(at(0)), line());
    assert_eq!(hear(&mut peer, b"one\ntw", &rules, at(0)), []);
    assert!(peer.resume().is_none() && !peer.has_said_nothing());
    peer.admit(None, at(1));
    assert_eq!(resume(&mut peer, &rules, at(1)), [message("one")]);
    assert_eq!(hear(&mut peer, b"o\n", &rules, at(2)), [message("two")]);
}

#[test]
fn who_asks_is_neither_read_nor_sent_anything_nor_in_a_hurry() {
    let (mut peer, rules) = (Peer::new(at(0)), line());
    assert!(!peer.may_be_read(&rules) && peer.is_asking() && !peer.is_open() && !peer.is_clear());
    assert_eq!(peer.push([Bytes::from("x")], &rules), Err(Unsent::Refused));
    assert!(!peer.has_output());
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(due(&mut peer, at(1_000_000), &rules), []);
}

#[test]
fn who_has_been_sent_away_cannot_be_admitted() {
    let (mut peer, rules) = (Peer::new(at(0)), line());
    peer.close([], None);
    peer.admit(None, at(1));
    assert!(peer.is_closing() && !peer.is_open());
    assert_eq!(peer.push([Bytes::from("x")], &rules), Err(Unsent::Refused));
}

#[test]
fn to_be_admitted_again_changes_nothing() {
    let (mut peer, rules) = (open(), line());
    peer.leave();
    peer.admit(None, at(1));
    assert_eq!(hear(&mut peer, b"one\n", &rules, at(1)), []);
}

#[test]
fn who_has_left_is_heard_no_more() {
    let (mut peer, rules) = (open(), line());
    peer.throttle(at(100));
    assert_eq!(hear(&mut peer, b"one\ntwo\n", &rules, at(0)), []);
    assert!(peer.has_more());
    peer.leave();
    assert_eq!(due(&mut peer, at(100), &rules), []);
    assert!(peer.resume().is_none() && !peer.may_be_read(&rules));
    assert_eq!(hear(&mut peer, b"three\n", &rules, at(200)), []);
}

#[test]
fn who_is_closed_while_throttled_is_heard_no_more() {
    let (mut peer, rules) = (open(), line());
    peer.throttle(at(100));
    assert_eq!(hear(&mut peer, b"one\ntwo\n", &rules, at(0)), []);
    peer.close([], None);
    assert_eq!(peer.next_timeout(&rules), None);
    assert!(peer.resume().is_none() && peer.has_said_nothing() && !peer.has_more());
    assert_eq!(hear(&mut peer, b"three\n", &rules, at(200)), []);
}

#[test]
fn what_is_in_hand_when_a_peer_goes_is_heard_no_more() {
    let goodbyes: [fn(&mut Peer); 2] = [Peer::leave, |peer| peer.close([], None)];
    for goodbye in goodbyes {
        let (mut peer, rules) = (open(), line());
        let Heard::Messages(mut reading) = peer.hear(b"one\ntwo\nthree\n", &rules, at(0)) else { panic!() };
        assert_eq!(peer.next(&mut reading, &rules, at(0)), Piece::Message(0..3));
        reading.take();
        goodbye(&mut peer);
        assert_eq!(peer.next(&mut reading, &rules, at(0)), Piece::Nothing);
        peer.finish(reading, true, &rules);
        assert!(peer.resume().is_none());
    }
}

#[test]
fn who_has_left_is_still_sent_what_comes() {
    let (mut peer, rules) = (open(), line());
    peer.leave();
    assert!(peer.is_open() && peer.is_clear());
    assert_eq!(peer.push([Bytes::from("one")], &rules), Ok(()));
    peer.close([Bytes::from("bye")], None);
    assert_eq!(drain(&mut peer, at(0)), b"onebye");
}

#[test]
fn after_the_farewell_nothing_is_sent() {
    let (mut peer, rules) = (open(), line());
    assert_eq!(peer.push([Bytes::from("one ")], &rules), Ok(()));
    peer.close([Bytes::from("good"), Bytes::from("bye")], None);
    assert_eq!(peer.push([Bytes::from("more")], &rules), Err(Unsent::Refused));
    peer.close([Bytes::from("bye again")], None);
    assert_eq!(drain(&mut peer, at(0)), b"one goodbye");
}

#[test]
fn a_second_goodbye_does_not_renew_the_time_for_the_first() {
    let (mut peer, rules) = (open(), line());
    peer.close([], Some(at(100)));
    peer.close([], Some(at(900)));
    assert_eq!(peer.next_timeout(&rules), Some(at(100)));
}

#[test]
fn the_end_is_sent_once_when_all_before_it_is() {
    let mut peer = open();
    assert!(!peer.must_end_sending());
    peer.close([Bytes::from("bye")], None);
    assert!(!peer.must_end_sending());
    take(&mut peer, 2, at(0));
    assert!(!peer.must_end_sending());
    drain(&mut peer, at(0));
    assert!(peer.must_end_sending());
    peer.end_sending();
    assert!(!peer.must_end_sending() && peer.is_closing());
}

#[test]
fn only_who_takes_part_can_leave() {
    let mut peer = Peer::new(at(0));
    peer.leave();
    assert!(peer.is_asking());
    peer.close([], Some(at(5)));
    peer.leave();
    assert_eq!(peer.next_timeout(&line()), Some(at(5)));
}

#[test]
fn to_end_sending_is_nothing_to_who_is_not_going() {
    let mut peer = open();
    peer.end_sending();
    assert!(peer.is_open() && !peer.must_end_sending());
}

#[test]
fn who_sends_no_more_is_known_for_it() {
    let mut peer = open();
    assert!(!peer.has_ended());
    peer.end();
    assert!(peer.has_ended() && peer.is_open());
}

#[test]
fn what_came_behind_a_proof_can_be_taken_away() {
    let (mut peer, rules) = (Peer::new(at(0)), line());
    hear(&mut peer, b"first words", &rules, at(0));
    assert_eq!(peer.take_rest(), b"first words");
    assert!(peer.has_said_nothing() && !peer.has_more());
}

#[test]
fn an_idle_peer_keeps_no_bytes() {
    let (mut peer, rules) = (open(), line());
    assert_eq!(hear(&mut peer, b"one\ntwo\n", &rules, at(0)), [message("one"), message("two")]);
    assert!(peer.has_said_nothing() && !peer.has_more());
}
