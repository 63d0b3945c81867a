//! What becomes of connections.

use std::io::Write;
use std::net::Shutdown;
use std::time::Duration;

use bytes::Bytes;

use super::probe::{self, Event};
use super::*;
use crate::opening::Opening;
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Turn};

#[test]
fn lines_come_back_numbered_and_the_last_one_is_answered_with_a_goodbye() {
    let host = echo::start(options()).unwrap();
    let mut stream = dial(&host);
    stream.write_all(b"one\ntwo\r\nbye\nthree\n").unwrap();
    assert_eq!(hear_out(stream), "1 one\n2 two\ngoodbye: quit\n");
}

#[test]
fn every_connection_has_its_own_state_whichever_worker_has_it() {
    for (workers, acceptor) in [(1, false), (1, true), (3, false), (3, true)] {
        let host = echo::start(HostOptions { workers, acceptor, ..options() }).unwrap();
        let mut streams: Vec<_> = (0..7).map(|_| dial(&host)).collect();
        for round in 1..4 {
            for stream in &mut streams {
                stream.write_all(b"x\n").unwrap();
                assert_eq!(hear(stream, 4), format!("{round} x\n"));
            }
        }
    }
}

#[test]
fn who_sends_no_more_still_gets_every_answer() {
    let host = echo::start(options()).unwrap();
    let mut stream = dial(&host);
    let lines: String = (1..=1000).map(|number| format!("line {number}\n")).collect();
    stream.write_all(lines.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let heard = hear_out(stream);
    assert!(heard.ends_with("1000 line 1000\ngoodbye: closed the connection\n"), "{heard}");
    assert_eq!(heard.lines().count(), 1001);
}

#[test]
fn bytes_and_connections_are_counted() {
    let host = echo::start(options()).unwrap();
    let mut stream = dial(&host);
    stream.write_all(b"hello\nbye\n").unwrap();
    let heard = hear_out(stream);
    host.stop(crate::net::Deadline::after(PATIENCE)).unwrap();
    let totals = &host.commons().totals;
    assert_eq!((totals.accepted.get(), totals.refused.get()), (1, 0));
    assert_eq!((totals.bytes_in.get(), totals.bytes_out.get()), (10, heard.len() as u64));
}

#[test]
fn another_thread_has_something_for_one_of_them() {
    let probe = probe::start(options());
    let (mut one, other) = (dial(&probe.host), dial(&probe.host));
    let (first, second) = (probe.opened(), probe.opened());
    assert_eq!((first.worker(), second.worker()), (0, 0));
    probe.on(0, move |turn| turn.push(first, Bytes::from_static(b"for one\n")));
    assert_eq!(hear(&mut one, 8), "for one\n");
    probe.on(0, move |turn| turn.farewell(second, Bytes::from_static(b"for the other\n")));
    assert_eq!(hear_out(other), "for the other\n");
}

#[test]
fn no_connection_of_the_process_is_named_like_another() {
    let mut serials = Vec::new();
    for _ in 0..3 {
        let probes = [probe::start(options()), probe::start(options())];
        let _streams: Vec<_> = probes.iter().flat_map(|probe| [dial(&probe.host), dial(&probe.host)]).collect();
        serials.extend(probes.iter().flat_map(|probe| [probe.opened().serial(), probe.opened().serial()]));
    }
    let count = serials.len();
    serials.sort_unstable();
    serials.dedup();
    assert_eq!((serials.len(), serials.contains(&0)), (count, false));
}

#[test]
fn what_names_a_connection_that_is_gone_does_not_name_the_next_one() {
    let probe = probe::start(options());
    let first = dial(&probe.host);
    let old = probe.opened();
    drop(first);
    assert_eq!(probe.next(), Event::Ended(old, LeaveReason::Closed));
    let mut second = dial(&probe.host);
    let new = probe.opened();
    let is_reused = probe.ask(0, move |turn| {
        turn.push(old, Bytes::from_static(b"secret\n"));
        turn.farewell(old, Bytes::from_static(b"secret\n"));
        turn.doom(old, LeaveReason::Disconnected);
        turn.dismiss_later(old, LeaveReason::Disconnected);
        turn.set_alarm(old, Some(turn.now()));
        turn.spoke(old);
        assert!(turn.door(old).is_none() && turn.state(old).is_none() && turn.release(old).is_none());
        assert!(turn.has_gone(old, &mut [0; 8]) && turn.within_rate(old));
        turn.push(new, Bytes::from_static(b"news\n"));
        old.token() == new.token()
    });
    assert!(is_reused);
    assert_eq!(hear(&mut second, 5), "news\n");
    drop(second);
    assert_eq!(probe.next(), Event::Ended(new, LeaveReason::Closed));
}

#[test]
fn who_is_sent_away_amid_its_words_is_heard_no_more() {
    let probe = probe::start_with(options(), |turn, peer, _| {
        turn.farewell(peer, Bytes::from_static(b"enough\n"));
        Flow::Continue
    });
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"one\ntwo\nthree\n").unwrap();
    assert_eq!(hear_out(stream), "enough\n");
    assert_eq!(probe.next(), Event::Message(peer, "one".into()));
    assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::Closed));
}

#[test]
fn who_is_dropped_amid_its_words_ends_for_that_reason() {
    let probe = probe::start_with(options(), |turn, peer, _| {
        turn.doom(peer, LeaveReason::Disconnected);
        turn.doom(peer, LeaveReason::Idle);
        Flow::Hold
    });
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"one\ntwo\n").unwrap();
    assert_eq!(probe.next(), Event::Message(peer, "one".into()));
    assert!(matches!(probe.next(), Event::Ended(gone, _) if gone == peer));
    drop(stream);
    probe.host.close_within(Duration::ZERO);
    assert_eq!(probe.next(), Event::Over);
}

#[test]
fn a_farewell_reaches_who_sends_no_more_however_much_waits_before_it() {
    const MUCH: usize = 16 << 20;
    let mut options = options();
    options.rules.outbox_limit = 4 * MUCH;
    let probe = probe::start_with(options, |turn, peer, _| {
        turn.push(peer, vec![b'x'; MUCH].into());
        turn.farewell(peer, Bytes::from_static(b"\ngoodbye\n"));
        Flow::Continue
    });
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"go\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(probe.next(), Event::Message(peer, "go".into()));
    probe.await_that(0, move |turn| turn.table.get(peer).is_none_or(|slot| slot.peer.has_ended()));
    let heard = hear_out(stream);
    assert!(heard.len() == MUCH + 9 && heard.ends_with("\ngoodbye\n"), "{} bytes", heard.len());
    assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::Closed));
}

#[test]
fn private_sends_to_who_does_not_read_cost_it_its_place() {
    const PIECE: usize = 1 << 20;
    let mut options = options();
    options.rules.outbox_limit = 64 * PIECE;
    let probe = probe::start(options);
    let _deaf = dial(&probe.host);
    let peer = probe.opened();
    probe.on(0, move |turn| turn.push(peer, vec![b'x'; 16 * PIECE].into()));
    probe.await_blocked(peer);
    let greatest = probe.ask(0, move |turn| {
        let chunk = Bytes::from(vec![b'x'; PIECE]);
        let cost = |turn: &mut Turn<_>| turn.door(peer).map_or(0, |door| door.outbox_cost());
        (0..1000).map(|_| (turn.push(peer, chunk.clone()), cost(turn)).1).max().unwrap_or(0)
    });
    assert_eq!(probe.ask(0, |turn| turn.rules().outbox_limit), 64 * PIECE);
    assert!(greatest > 64 * PIECE && greatest <= 65 * PIECE + 100 * 64, "{greatest} bytes waited");
    assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::TooSlow));
}

#[test]
fn a_browser_is_told_where_it_is_and_nothing_it_says_is_heard() {
    let probe = probe::start(options());
    let mut stream = dial(&probe.host);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nhello\n").unwrap();
    // A goodbye follows if it was let in before a byte of it had come.
    assert!(hear_out(stream).starts_with("you are wrong here\n"));
    let mut events = vec![probe.next()];
    while !matches!(events.last(), Some(Event::Ended(..))) {
        events.push(probe.next());
    }
    assert!(events.contains(&Event::Stranger(Opening::HttpRequest)));
    assert!(!events.iter().any(|event| matches!(event, Event::Message(..))), "{events:?}");
}

#[test]
fn many_are_served_at_once_in_order() {
    let probe = probe::start_with(HostOptions { workers: 2, ..options() }, |turn, peer, text| {
        turn.push(peer, format!("{text}\n").into());
        Flow::Continue
    });
    let mut streams: Vec<_> = (0..50).map(|_| dial(&probe.host)).collect();
    let peers: Vec<PeerRef> = streams.iter().map(|_| probe.opened()).collect();
    assert!(peers.iter().any(|peer| peer.worker() == 1));
    for stream in &mut streams {
        stream.write_all(b"a\nb\nc\n").unwrap();
    }
    for stream in &mut streams {
        assert_eq!(hear(stream, 6), "a\nb\nc\n");
    }
}
