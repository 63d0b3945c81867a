//! Long messages that have memory of their own.

use bytes::Bytes;

use super::*;
use crate::memory::Pool;

const LIMIT: usize = 200_000;

fn taking_long() -> (Rules, Pool) {
    let pool = Pool::new(LIMIT + 4, 2);
    pool.begin();
    (Rules { message_limit: LIMIT, long: Some(pool.clone()), ..rules(Framing::U32Be) }, pool)
}

/// Messages that came whole, with their memory or without.
fn hear_all(peer: &mut Peer, bytes: &[u8], rules: &Rules) -> Vec<(Bytes, bool)> {
    let mut all = Vec::new();
    let Heard::Messages(mut reading) = peer.hear(bytes, rules, at(0)) else { return all };
    while let Piece::Message(range) = peer.next(&mut reading, rules, at(0)) {
        let whole = reading.take_whole(&range);
        let is_whole = whole.is_some();
        all.push((whole.unwrap_or_else(|| Bytes::copy_from_slice(reading.bytes(range))), is_whole));
        reading.take();
    }
    peer.finish(reading, false, rules);
    all
}

fn framed(length: usize) -> Vec<u8> {
    let mut message = (length as u32).to_be_bytes().to_vec();
    message.extend((0..length).map(|at| (at % 251) as u8));
    message
}

#[test]
fn what_comes_is_the_same_with_memory_of_its_own_wherever_it_is_cut() {
    let lengths = [10, 70_000, 70_000, 0, 65_532, 65_531, LIMIT, 3, LIMIT, 66_000];
    let wire: Vec<u8> = lengths.iter().flat_map(|&length| framed(length)).collect();
    for step in [1000, 4096, 65_536, 65_537, 300_000, wire.len()] {
        let ((rules, _pool), mut peer) = (taking_long(), open());
        let (mut heard, mut rest) = (Vec::new(), &wire[..]);
        while !rest.is_empty() {
            let direct = match peer.place() {
                None => None,
                // What is read into its place goes no further than the message does.
                Some((place, missing)) => {
                    let count = missing.min(step).min(rest.len());
                    assert!(place.capacity() - place.len() >= missing);
                    place.extend_from_slice(&rest[..count]);
                    Some(count)
                }
            };
            let count = direct.unwrap_or(step.min(rest.len()));
            let fresh = if direct.is_some() { &[] } else { &rest[..count] };
            heard.extend(hear_all(&mut peer, fresh, &rules));
            rest = &rest[count..];
        }
        assert_eq!(heard.len(), lengths.len(), "{step}");
        for (length, (message, is_whole)) in lengths.iter().zip(&heard) {
            assert!(message[..] == framed(*length)[4..], "{step}: {length}");
            assert!(!is_whole || length + 4 >= 64 * 1024);
        }
        let cut = lengths.iter().filter(|&&length| length + 4 >= 64 * 1024 && step < length);
        let whole = heard.iter().filter(|(_, is_whole)| *is_whole);
        assert!(whole.count() >= cut.count(), "{step}: those that did not come in one piece");
    }
}

#[test]
fn the_memory_of_one_is_used_for_the_next_but_one() {
    let ((rules, pool), mut peer) = (taking_long(), open());
    let wire = framed(LIMIT);
    let mut hear_one = || {
        assert!(hear_all(&mut peer, &wire[..50_000], &rules).is_empty());
        hear_all(&mut peer, &wire[50_000..], &rules).pop().unwrap()
    };
    let (first, _) = hear_one();
    let (second, is_whole) = hear_one();
    assert!(is_whole && first.as_ptr() != second.as_ptr(), "somebody has the first one still");
    let place = first.as_ptr();
    drop(first);
    assert_eq!(hear_one().0.as_ptr(), place);
    drop((second, pool));
}

#[test]
fn who_has_left_has_no_place_for_the_rest() {
    let ((rules, _pool), mut peer) = (taking_long(), open());
    assert!(hear_all(&mut peer, &framed(LIMIT)[..50_000], &rules).is_empty());
    assert_eq!(peer.place().map(|(_, missing)| missing), Some(LIMIT + 4 - 50_000));
    peer.leave();
    assert!(peer.place().is_none());
}

#[test]
fn a_service_that_does_not_ask_for_it_has_none() {
    let (rules, mut peer) = (Rules { message_limit: LIMIT, ..rules(Framing::U32Be) }, open());
    let wire = framed(LIMIT);
    assert!(hear_all(&mut peer, &wire[..50_000], &rules).is_empty());
    assert!(peer.place().is_none());
    let heard = hear_all(&mut peer, &wire[50_000..], &rules);
    assert!(heard.len() == 1 && !heard[0].1);
}
