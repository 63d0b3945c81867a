//! What the time brings.

use std::io::Write;

use super::probe::{self, Event, Running};
use super::*;
use crate::peer::LeaveReason;
use crate::reactor::PeerRef;

const SOON: Duration = Duration::from_millis(5);

fn set_alarm(probe: &Running, peer: PeerRef, after: Option<Duration>) {
    probe.ask(0, move |turn| turn.set_alarm(peer, after.map(|time| turn.now() + time)));
}

#[test]
fn an_alarm_rings_for_who_it_was_set_for() {
    let probe = probe::start(options());
    let _streams = [dial(&probe.host), dial(&probe.host)];
    let (first, second) = (probe.opened(), probe.opened());
    set_alarm(&probe, first, Some(Duration::ZERO));
    assert_eq!(probe.next(), Event::Alarm(first));
    set_alarm(&probe, second, Some(SOON));
    assert_eq!(probe.next(), Event::Alarm(second));
}

#[test]
fn an_alarm_that_was_cancelled_or_whose_peer_has_gone_does_not_ring() {
    let probe = probe::start(options());
    let _streams = [dial(&probe.host), dial(&probe.host), dial(&probe.host)];
    let [gone, cancelled, last] = [probe.opened(), probe.opened(), probe.opened()];
    // All before the time goes on.
    probe.ask(0, move |turn| {
        turn.set_alarm(gone, Some(turn.now() + SOON));
        turn.doom(gone, LeaveReason::Disconnected);
        turn.set_alarm(cancelled, Some(turn.now() + SOON));
        turn.set_alarm(cancelled, None);
        turn.set_alarm(last, Some(turn.now() + 2 * SOON));
    });
    assert_eq!(probe.next(), Event::Ended(gone, LeaveReason::Disconnected));
    assert_eq!(probe.next(), Event::Alarm(last));
}

#[test]
fn alarms_that_take_the_place_of_others_leave_nothing_behind() {
    let probe = probe::start(options());
    let _stream = dial(&probe.host);
    let peer = probe.opened();
    let day = Duration::from_secs(86_400);
    let next = probe.ask(0, move |turn| {
        for second in (1..10_000).rev() {
            turn.set_alarm(peer, Some(turn.now() + day + Duration::from_secs(second)));
        }
        turn.set_alarm(peer, None);
        turn.timers.next()
    });
    assert!(next.is_some());
    // Each was earlier than the one before, and so made an entry. They go when the turn ends.
    probe.await_that(0, |turn| !turn.timers.is_crowded());
}

#[test]
fn who_says_nothing_for_too_long_is_told_so_and_goes() {
    let mut options = options();
    options.rules.idle_timeout = Some(Duration::from_millis(20));
    let probe = probe::start(options);
    let stream = dial(&probe.host);
    let peer = probe.opened();
    assert_eq!(hear_out(stream), "goodbye: said nothing for too long\n");
    assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::Closed));
}

#[test]
fn who_does_not_answer_a_ping_is_told_so_and_goes() {
    let mut options = options();
    (options.rules.ping_interval, options.rules.ping_timeout) = (Some(SOON), SOON);
    let probe = probe::start(options);
    let stream = dial(&probe.host);
    let peer = probe.opened();
    assert_eq!(probe.next(), Event::Ping(peer));
    assert_eq!(hear_out(stream), "goodbye: did not answer a ping\n");
}

#[test]
fn who_reads_nothing_for_too_long_is_dropped() {
    let mut options = options();
    options.rules.write_timeout = Duration::from_millis(50);
    let probe = probe::start(options);
    let _deaf = dial(&probe.host);
    let peer = probe.opened();
    probe.on(0, move |turn| turn.push(peer, vec![b'x'; 32 << 20].into()));
    assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::Stalled));
}

#[test]
fn who_does_not_go_after_its_farewell_is_dropped() {
    let probe = probe::start(options());
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    probe.on(0, move |turn| turn.farewell(peer, "goodbye\n".into()));
    assert_eq!(hear(&mut stream, 8), "goodbye\n");
    stream.write_all(b"I stay\n").unwrap();
    assert_eq!(probe.next(), Event::Ended(peer, LeaveReason::Closed));
    let armed = probe.ask(0, |turn| turn.table.slots.len());
    assert_eq!(armed, 0);
}

#[test]
fn what_is_no_connection_has_its_time_as_well() {
    let probe = probe::start(options());
    probe.ask(0, |turn| {
        turn.appoint(Some(turn.now() + Duration::from_secs(3600)));
        turn.appoint(None);
        turn.appoint(Some(turn.now() + SOON));
    });
    assert_eq!(probe.next(), Event::Due);
    probe.ask(0, |turn| turn.appoint(Some(turn.now())));
    assert_eq!(probe.next(), Event::Due);
    assert!(probe.nothing_more());
}
