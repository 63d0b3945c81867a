//! What may wait for a peer.

use bytes::Bytes;

use super::*;
use crate::peer::Unsent;

/// What the rules let wait.
const LIMIT: usize = 1024;

fn chunk(length: usize) -> Bytes {
    vec![b'x'; length].into()
}

/// Somebody who has not read the end of that.
fn blocked_behind(length: usize) -> Peer {
    let mut peer = open();
    peer.keep_rest(&chunk(length + 1), 1, at(0));
    assert!(peer.is_blocked() && peer.outbox_bytes() == length);
    peer
}

#[test]
fn private_sends_to_who_does_not_read_end_at_the_limit() {
    let (mut peer, rules) = (blocked_behind(1), rules(Framing::Line));
    let accepted = (0..10_000).take_while(|_| peer.push([chunk(100)], &rules).is_ok()).count();
    assert!(accepted < LIMIT / 100 + 1, "{accepted}");
    assert_eq!(peer.push([chunk(1)], &rules), Err(Unsent::Full));
    assert!(peer.outbox_cost() <= LIMIT + 100 + 64, "{}", peer.outbox_cost());
}

#[test]
fn small_sends_to_who_does_not_read_end_at_the_limit_too() {
    let (mut peer, rules) = (blocked_behind(1), rules(Framing::Line));
    assert!((0..1000).take_while(|_| peer.push([chunk(1)], &rules).is_ok()).count() < 20);
}

#[test]
fn chunks_of_nothing_cost_nothing() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    assert_eq!(peer.push((0..1000).map(|_| Bytes::new()), &rules), Ok(()));
    assert!(!peer.has_output() && peer.outbox_cost() == 0 && peer.is_clear());
}

#[test]
fn one_piece_is_judged_by_what_waits_before_it() {
    let (mut peer, rules) = (blocked_behind(LIMIT / 2), rules(Framing::Line));
    assert_eq!(peer.push((0..10).map(|_| chunk(LIMIT)), &rules), Ok(()));
    assert_eq!(peer.push([chunk(1)], &rules), Err(Unsent::Full));
    assert_eq!(peer.outbox_bytes(), LIMIT / 2 + 10 * LIMIT);
}

#[test]
fn who_has_had_no_chance_to_read_is_not_too_slow() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    for _ in 0..3 {
        assert_eq!(peer.push([chunk(2 * LIMIT)], &rules), Ok(()));
    }
    take(&mut peer, 1, at(0));
    assert_eq!(peer.push([chunk(1)], &rules), Err(Unsent::Full));
}

#[test]
fn who_has_caught_up_may_be_sent_to_again() {
    let (mut peer, rules) = (blocked_behind(2 * LIMIT), rules(Framing::Line));
    assert_eq!(peer.push([chunk(1)], &rules), Err(Unsent::Full));
    drain(&mut peer, at(1));
    assert!(peer.is_clear() && !peer.is_blocked());
    assert_eq!(peer.push([chunk(1)], &rules), Ok(()));
}

#[test]
fn a_farewell_is_said_to_who_is_full_too() {
    let (mut peer, rules) = (blocked_behind(2 * LIMIT), rules(Framing::Line));
    assert_eq!(peer.push([chunk(1)], &rules), Err(Unsent::Full));
    peer.close([Bytes::from("bye")], None);
    assert!(drain(&mut peer, at(1)).ends_with(b"xbye"));
}

#[test]
fn who_does_not_read_is_not_read() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    assert_eq!(hear(&mut peer, b"one\n", &rules, at(0)), [message("one")]);
    assert_eq!(peer.push([chunk(LIMIT / 2)], &rules), Ok(()));
    assert!(!peer.may_be_read(&rules));
    assert_eq!(hear(&mut peer, b"two\n", &rules, at(0)), []);
    take(&mut peer, LIMIT / 2 - 1, at(1));
    assert!(peer.may_be_read(&rules));
    assert_eq!(resume(&mut peer, &rules, at(1)), [message("two")]);
}

#[test]
fn what_the_kernel_has_not_taken_of_a_shared_buffer_waits() {
    let mut peer = open();
    peer.keep_rest(&Bytes::from("one two three"), 4, at(0));
    assert!(peer.is_blocked() && !peer.is_clear());
    peer.push([Bytes::from(" four")], &rules(Framing::Line)).unwrap();
    assert_eq!(drain(&mut peer, at(1)), b"two three four");
}

#[test]
fn a_kernel_that_took_all_of_a_shared_buffer_is_not_full() {
    let mut peer = open();
    peer.keep_rest(&Bytes::from("one"), 3, at(0));
    assert!(!peer.is_blocked() && peer.is_clear());
    assert_eq!(peer.next_timeout(&rules(Framing::Line)), None);
}

#[test]
fn who_has_taken_everything_is_not_blocked() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    peer.push([chunk(3)], &rules).unwrap();
    take(&mut peer, 2, at(0));
    assert!(peer.is_blocked() && peer.has_output());
    take(&mut peer, 1, at(0));
    assert!(!peer.is_blocked() && !peer.has_output());
    assert_eq!((peer.outbox_bytes(), peer.outbox_cost()), (0, 0));
}

#[test]
fn what_waits_is_offered_in_order_from_where_the_kernel_stopped() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    peer.push((0..10).map(|number| Bytes::from(format!("{number}{number}"))), &rules).unwrap();
    let expected = b"00112233445566778899";
    let got: Vec<u8> =
        (1..).map_while(|most| peer.has_output().then(|| take(&mut peer, most, at(0)))).flatten().collect();
    assert_eq!(got, expected);
}
