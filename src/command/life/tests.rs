//! Lives with a made-up clock.

use super::*;

const DONE: Status = Status::Exited(0);

fn at(milliseconds: u64) -> Moment {
    Moment::BEGINNING + Duration::from_millis(milliseconds)
}

fn life(survivors: Survivors) -> Life {
    let timeout = Some(Duration::from_secs(60));
    Life::new(Terms { timeout, patience: Duration::from_secs(2), survivors }, at(0))
}

fn dry(life: &mut Life, now: u64) {
    Output::BOTH.into_iter().for_each(|output| life.dry(output, at(now)));
}

fn close(life: &mut Life) {
    Output::BOTH.into_iter().for_each(|output| life.closed(output));
}

/// The next deed, and when.
fn next(life: &mut Life) -> (Deed, u64) {
    loop {
        let now = life.next_timeout().unwrap();
        if let Some(deed) = life.timeout(now) {
            return (deed, now.since(at(0)).as_millis() as u64);
        }
    }
}

#[test]
fn it_is_over_when_leader_and_outputs_are_in_either_order() {
    for leader_first in [true, false] {
        let mut life = life(Survivors::Kill);
        if leader_first {
            life.ended(DONE, at(10));
            assert!(!life.is_over());
            close(&mut life);
        } else {
            close(&mut life);
            assert!(!life.is_over());
            life.ended(DONE, at(10));
        }
        assert!(life.is_over() && life.next_timeout().is_none());
        assert_eq!(life.verdict(at(20)), (ExitKind::Exited, DONE, Duration::from_millis(10)));
    }
}

#[test]
fn survivors_have_a_grace_that_begins_anew_with_what_they_write() {
    let mut life = life(Survivors::Kill);
    dry(&mut life, 5);
    life.ended(DONE, at(1000));
    for now in (1000..4000).step_by(200) {
        assert_eq!(life.timeout(at(now)), None);
        life.wet(Output::Stdout);
        life.read(10, at(now));
        life.dry(Output::Stdout, at(now));
    }
    assert_eq!(next(&mut life), (Deed::Kill, 3800 + 250));
    assert_eq!(next(&mut life), (Deed::Close, 4050 + 100));
    assert!(life.survivors_killed());
}

#[test]
fn they_write_for_five_seconds_at_most_and_what_is_in_the_pipe_is_read() {
    let mut life = life(Survivors::Kill);
    life.ended(DONE, at(1000));
    assert_eq!(next(&mut life), (Deed::Kill, 6000));
    // Nobody asks for it: it stays where it is, however long.
    assert_eq!(life.next_timeout(), None);
    dry(&mut life, 60_000);
    assert_eq!(next(&mut life), (Deed::Close, 60_100));
}

#[test]
fn who_has_left_the_group_and_writes_on_is_not_read_for_ever() {
    let mut life = life(Survivors::Kill);
    life.ended(DONE, at(1000));
    assert_eq!(next(&mut life).0, Deed::Kill);
    life.read(PIPE as usize, at(7000));
    assert_eq!(life.timeout(at(7000)), None);
    life.read(1, at(7000));
    assert_eq!(life.timeout(at(7000)), Some(Deed::Close));
}

#[test]
fn those_that_are_left_are_not_killed() {
    let mut left = life(Survivors::Leave);
    left.ended(DONE, at(1000));
    dry(&mut left, 1000);
    assert_eq!(next(&mut left), (Deed::Close, 1000 + 250 + 100));
    assert!(!left.sweeps() && !left.survivors_killed());
    let mut awaited = life(Survivors::Wait);
    awaited.ended(DONE, at(1000));
    dry(&mut awaited, 1000);
    assert_eq!(next(&mut awaited), (Deed::Kill, 60_000), "the timeout is for them, too");
    assert_eq!(awaited.verdict(at(60_000)).0, ExitKind::Exited);
}

#[test]
fn who_takes_too_long_is_asked_then_killed_and_has_timed_out_whatever_it_makes_of_it() {
    let mut life = life(Survivors::Kill);
    assert_eq!(next(&mut life), (Deed::Terminate, 60_000));
    assert_eq!(next(&mut life), (Deed::Kill, 62_000));
    life.ended(DONE, at(62_001));
    close(&mut life);
    assert!(life.is_over());
    assert_eq!(life.verdict(at(63_000)).0, ExitKind::TimedOut);
}

#[test]
fn an_end_that_is_wanted_after_the_leaders_own_changes_nothing_of_it() {
    let mut life = life(Survivors::Wait);
    life.ended(Status::Exited(3), at(10));
    assert_eq!(life.end(Cause::Stopping, at(20)), Deed::Kill);
    dry(&mut life, 20);
    assert_eq!(next(&mut life), (Deed::Close, 120));
    assert_eq!(life.verdict(at(130)).0, ExitKind::Exited);
    life.cut();
    assert_eq!(life.verdict(at(130)).0, ExitKind::ServerStopping, "unless something of its output is missing");
}

#[test]
fn output_that_is_not_whole_is_no_success_whenever_that_is_found() {
    for ended_first in [true, false] {
        let mut life = life(Survivors::Kill);
        if ended_first {
            Output::BOTH.into_iter().for_each(|output| life.hung_up(output));
            life.ended(DONE, at(10));
        }
        life.end(Cause::OutputLimit, at(20));
        life.ended(DONE, at(30));
        close(&mut life);
        assert_eq!(life.verdict(at(40)).0, ExitKind::OutputLimit);
        assert!(!life.survivors_killed());
    }
}

#[test]
fn a_reader_who_takes_his_time_is_no_survivor() {
    for slow in [Output::Stdout, Output::Stderr] {
        let mut life = life(Survivors::Kill);
        Output::BOTH.into_iter().filter(|output| *output != slow).for_each(|output| life.closed(output));
        life.hung_up(slow);
        life.ended(DONE, at(10));
        assert_eq!(life.timeout(at(20_000)), None, "nobody is there to be killed");
        life.closed(slow);
        assert!(life.is_over() && !life.survivors_killed());
    }
    // Whoever holds an output is one, whether there is something in it or not.
    for end_at in [None, Some(100)] {
        let mut life = life(Survivors::Kill);
        life.closed(Output::Stderr);
        life.ended(DONE, at(10));
        match end_at {
            Some(now) => assert_eq!(life.end(Cause::ClientGone, at(now)), Deed::Kill),
            None => assert_eq!(next(&mut life).0, Deed::Kill),
        }
        assert!(life.survivors_killed());
    }
}

#[test]
fn a_signal_is_the_clients_if_the_client_has_sent_it() {
    let kind = |signals: &[Signal], signal| {
        let mut life = life(Survivors::Kill);
        assert!(signals.iter().all(|signal| life.signalled(*signal)));
        life.ended(Status::Killed { signal, core: false }, at(1));
        life.verdict(at(1)).0
    };
    assert_eq!(kind(&[Signal::Interrupt], 2), ExitKind::ClientSignal);
    assert_eq!(kind(&[Signal::Interrupt], 9), ExitKind::Signalled);
    assert_eq!(kind(&[], 2), ExitKind::Signalled);
    assert_eq!(kind(&Signal::ALL, 64), ExitKind::Signalled);
}

#[test]
fn less_patience_counts_and_more_does_not() {
    let mut life = life(Survivors::Kill);
    assert_eq!(life.end(Cause::ClientGone, at(0)), Deed::Terminate);
    assert_eq!(life.end_within(Cause::Stopping, Duration::from_millis(500), at(0)), Deed::Terminate);
    assert_eq!(next(&mut life), (Deed::Kill, 500));
    assert!(life.is_forsaken());
    assert_eq!(life.end_within(Cause::Stopping, Duration::ZERO, at(0)), Deed::Kill);
}
