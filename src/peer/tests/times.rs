//! What a peer has time for, and what happens when that is over.

use bytes::Bytes;

use super::*;
use crate::peer::Rate;

fn blocked(now: Moment) -> Peer {
    let mut peer = open();
    peer.keep_rest(&Bytes::from("words that wait"), 1, now);
    peer
}

fn pinging() -> Rules {
    Rules { ping_interval: Some(Duration::from_secs(10)), ..rules(Framing::Line) }
}

fn impatient() -> Rules {
    Rules { idle_timeout: Some(Duration::from_secs(60)), ..rules(Framing::Line) }
}

#[test]
fn who_has_no_limits_has_no_deadline() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(due(&mut peer, at(u64::MAX / 4_000_000), &rules), []);
}

#[test]
fn who_reads_nothing_is_dropped_in_time_and_not_before() {
    let (mut peer, rules) = (blocked(at(100)), rules(Framing::Line));
    assert_eq!(peer.next_timeout(&rules), Some(at(2100)));
    assert_eq!(due(&mut peer, at(2099), &rules), []);
    assert_eq!(due(&mut peer, at(2100), &rules), [Due::Gone(LeaveReason::Stalled)]);
}

#[test]
fn every_byte_that_is_read_renews_the_time_for_the_rest() {
    let (mut peer, rules) = (blocked(at(0)), rules(Framing::Line));
    for second in 1..8 {
        assert_eq!(due(&mut peer, at(1000 * second), &rules), []);
        assert_eq!(take(&mut peer, 1, at(1000 * second)).len(), 1);
        assert_eq!(peer.next_timeout(&rules), Some(at(1000 * second + 2000)));
    }
}

#[test]
fn an_attempt_that_moves_nothing_renews_nothing() {
    let (mut peer, rules) = (blocked(at(0)), rules(Framing::Line));
    assert_eq!(take(&mut peer, 0, at(1900)), b"");
    assert_eq!(due(&mut peer, at(2000), &rules), [Due::Gone(LeaveReason::Stalled)]);
}

#[test]
fn who_blocks_again_has_all_of_its_time_from_then_on() {
    let (mut peer, rules) = (blocked(at(0)), rules(Framing::Line));
    drain(&mut peer, at(600));
    assert_eq!(peer.next_timeout(&rules), None);
    peer.push([Bytes::from("more")], &rules).unwrap();
    take(&mut peer, 0, at(1850));
    assert_eq!(due(&mut peer, at(2100), &rules), []);
    assert_eq!(peer.next_timeout(&rules), Some(at(3850)));
}

#[test]
fn who_blocks_again_on_a_shared_buffer_has_all_of_its_time_too() {
    let (mut peer, rules) = (blocked(at(0)), rules(Framing::Line));
    drain(&mut peer, at(600));
    peer.keep_rest(&Bytes::from("more"), 0, at(1850));
    assert_eq!(due(&mut peer, at(2100), &rules), []);
    assert_eq!(peer.next_timeout(&rules), Some(at(3850)));
}

#[test]
fn who_has_said_its_last_word_must_go_on_reading() {
    let (mut peer, rules) = (blocked(at(0)), rules(Framing::Line));
    peer.leave();
    assert_eq!(due(&mut peer, at(2000), &rules), [Due::Gone(LeaveReason::Stalled)]);
}

#[test]
fn an_alarm_rings_once_and_at_its_time() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    peer.set_alarm(Some(at(50)));
    assert_eq!(due(&mut peer, at(49), &rules), []);
    assert_eq!(due(&mut peer, at(50), &rules), [Due::Alarm]);
    assert_eq!(due(&mut peer, at(1000), &rules), []);
}

#[test]
fn an_alarm_takes_the_place_of_the_one_before_and_nothing_is_left_of_a_cancelled_one() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    peer.set_alarm(Some(at(50)));
    peer.set_alarm(Some(at(90)));
    assert_eq!(peer.next_timeout(&rules), Some(at(90)));
    assert_eq!(due(&mut peer, at(50), &rules), []);
    peer.set_alarm(None);
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(due(&mut peer, at(90), &rules), []);
}

#[test]
fn who_is_silent_is_pinged_and_who_does_not_answer_is_dismissed() {
    let (mut peer, rules) = (open(), pinging());
    assert_eq!(due(&mut peer, at(9999), &rules), []);
    assert_eq!(due(&mut peer, at(10_000), &rules), [Due::Ping]);
    assert_eq!(due(&mut peer, at(10_999), &rules), []);
    assert_eq!(due(&mut peer, at(11_000), &rules), [Due::Dismiss(LeaveReason::Unresponsive)]);
}

#[test]
fn any_byte_answers_a_ping() {
    let (mut peer, rules) = (open(), pinging());
    assert_eq!(due(&mut peer, at(10_000), &rules), [Due::Ping]);
    hear(&mut peer, b"p", &rules, at(10_500));
    assert_eq!(due(&mut peer, at(11_000), &rules), []);
    assert_eq!(peer.next_timeout(&rules), Some(at(20_500)));
}

#[test]
fn who_has_more_to_say_than_was_heard_needs_no_ping() {
    let (mut peer, rules) = (open(), pinging());
    assert_eq!(due_beside(&mut peer, at(10_000), &rules, true), []);
    assert_eq!(peer.next_timeout(&rules), Some(at(20_000)));
    assert_eq!(due(&mut peer, at(20_000), &rules), [Due::Ping]);
    assert_eq!(due_beside(&mut peer, at(21_000), &rules, true), []);
    assert_eq!(due(&mut peer, at(31_000), &rules), [Due::Ping]);
}

#[test]
fn who_is_throttled_or_held_is_not_taken_for_dead() {
    let (mut peer, rules) = (open(), pinging());
    peer.throttle(at(15_000));
    assert_eq!(hear(&mut peer, b"throttled\n", &rules, at(0)), []);
    assert_eq!(due(&mut peer, at(10_000), &rules), []);
    assert_eq!(due(&mut peer, at(15_000), &rules), [Due::Resume]);
    peer.push([vec![b'x'; 600].into()], &rules).unwrap();
    assert_eq!(resume(&mut peer, &rules, at(15_000)), []);
    assert_eq!(due(&mut peer, at(20_000), &rules), []);
    drain(&mut peer, at(20_001));
    assert_eq!(resume(&mut peer, &rules, at(20_001)), [message("throttled")]);
    assert_eq!(due(&mut peer, at(30_000), &rules), [Due::Ping]);
}

#[test]
fn who_may_not_speak_is_not_pinged_for_its_silence() {
    let (mut peer, rules) = (open(), pinging());
    peer.throttle(at(12_000));
    assert_eq!(due(&mut peer, at(10_000), &rules), []);
    assert_eq!(due(&mut peer, at(12_000), &rules), [Due::Resume]);
    assert_eq!(due(&mut peer, at(20_000), &rules), [Due::Ping]);
}

#[test]
fn who_says_nothing_is_dismissed_though_its_bytes_come() {
    let (mut peer, rules) = (open(), impatient());
    for second in 1..60 {
        hear(&mut peer, b"\n", &rules, at(1000 * second));
    }
    assert_eq!(due(&mut peer, at(59_999), &rules), []);
    assert_eq!(due(&mut peer, at(60_000), &rules), [Due::Dismiss(LeaveReason::Idle)]);
}

#[test]
fn who_speaks_is_not_idle() {
    let (mut peer, rules) = (open(), impatient());
    peer.speak(at(59_000));
    assert_eq!(due(&mut peer, at(60_000), &rules), []);
    assert_eq!(peer.next_timeout(&rules), Some(at(119_000)));
}

#[test]
fn the_time_of_who_waits_to_be_admitted_begins_when_it_is() {
    let (mut peer, rules) = (Peer::new(at(0)), Rules { ping_interval: pinging().ping_interval, ..impatient() });
    peer.admit(None, at(500_000));
    assert_eq!(peer.next_timeout(&rules), Some(at(510_000)));
    assert_eq!(due(&mut peer, at(500_000), &rules), []);
}

#[test]
fn nobody_waits_for_a_word_of_who_has_said_its_last() {
    let (mut peer, rules) = (open(), Rules { ping_interval: pinging().ping_interval, ..impatient() });
    assert_eq!(due(&mut peer, at(10_000), &rules), [Due::Ping]);
    peer.leave();
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(due(&mut peer, at(1_000_000), &rules), []);
}

#[test]
fn who_is_throttled_is_heard_again_at_that_time() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    peer.throttle(at(70));
    assert!(!peer.may_be_read(&rules));
    assert_eq!(peer.next_timeout(&rules), Some(at(70)));
    assert_eq!(due(&mut peer, at(70), &rules), [Due::Resume]);
    assert!(peer.may_be_read(&rules));
}

#[test]
fn who_is_over_its_rate_has_what_it_may_say_when_it_is_heard_again() {
    for per_second in [0.3, 1.0, 3.0, 7.0, 49.0, 1e3, 1e9 / 3.0] {
        let (mut peer, rules) = (Peer::new(at(0)), rules(Framing::Line));
        let mut now = at(0);
        peer.admit(Some(Rate { burst: 1, per_second }), now);
        for _ in 0..100 {
            assert!(peer.within_rate(now), "{per_second} at {now:?}");
            assert!(!peer.within_rate(now));
            let next = peer.next_timeout(&rules).unwrap();
            assert!(next > now);
            now = next;
            assert_eq!(due(&mut peer, now, &rules), [Due::Resume]);
        }
    }
}

#[test]
fn a_farewell_has_its_time_to_be_read() {
    let (mut peer, rules) = (open(), pinging());
    peer.close([Bytes::from("bye")], Some(at(1000)));
    assert_eq!(due(&mut peer, at(999), &rules), []);
    drain(&mut peer, at(999));
    peer.end_sending();
    assert_eq!(due(&mut peer, at(1000), &rules), [Due::Gone(LeaveReason::Closed)]);
}

#[test]
fn after_a_goodbye_without_a_time_no_deadline_is_left() {
    let rules = Rules { ping_interval: pinging().ping_interval, ..impatient() };
    let mut peer = blocked(at(0));
    peer.set_alarm(Some(at(10)));
    peer.throttle(at(20));
    peer.close([Bytes::from("bye")], None);
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(due(&mut peer, at(1_000_000), &rules), []);
}

#[test]
fn what_is_due_together_comes_one_by_one() {
    let rules = Rules { ping_interval: pinging().ping_interval, ..impatient() };
    let mut peer = blocked(at(0));
    peer.set_alarm(Some(at(20)));
    peer.throttle(at(10));
    let expected = [Due::Resume, Due::Alarm, Due::Gone(LeaveReason::Stalled)];
    assert_eq!(due(&mut peer, at(2000), &rules), expected);
    let mut peer = open();
    peer.set_alarm(Some(at(60_000)));
    assert_eq!(due(&mut peer, at(60_000), &rules), [Due::Alarm, Due::Dismiss(LeaveReason::Idle)]);
}

#[test]
fn moments_are_in_order_and_never_overflow() {
    assert!(Moment::BEGINNING < at(1) && at(1) < at(2));
    assert_eq!(at(5).since(at(2)), Duration::from_millis(3));
    assert_eq!(at(2).since(at(5)), Duration::ZERO);
    assert_eq!(Moment::after(Duration::MAX), Moment::after(Duration::MAX) + Duration::MAX);
    assert!(Moment::after(Duration::MAX).since(at(0)) > Duration::from_secs(500 * 365 * 86_400));
}
