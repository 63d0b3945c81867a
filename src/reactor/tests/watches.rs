//! Descriptors that a service watches beside its connections.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use mio::Interest;

use super::probe::{self, Event, Running};
use super::*;
use crate::net::PrivateFd;
use crate::reactor::{Readiness, WatchRef};

fn watch(probe: &Running, fd: impl Into<OwnedFd>, interest: Interest) -> WatchRef {
    let fd = PrivateFd::from(fd.into());
    probe.ask(0, move |turn| turn.watch(fd, interest)).unwrap()
}

/// The next news of a watch.
fn ready(probe: &Running) -> (WatchRef, Readiness) {
    match probe.next() {
        Event::Ready(watch, readiness) => (watch, readiness),
        other => panic!("{other:?}"),
    }
}

/// Up to news of that kind.
fn await_ready(probe: &Running, watch: WatchRef, is_it: impl Fn(Readiness) -> bool) {
    while !matches!(ready(probe), (of, readiness) if of == watch && is_it(readiness)) {}
}

#[test]
fn a_pipe_tells_when_there_is_something_to_read_and_when_it_ends() {
    let probe = probe::start(options());
    let (reader, mut writer) = io::pipe().unwrap();
    let pipe = watch(&probe, reader, Interest::READABLE);
    writer.write_all(b"output").unwrap();
    await_ready(&probe, pipe, |readiness| readiness.readable && !readiness.closed);
    let read = probe.ask(0, move |turn| {
        let mut buffer = [0; 100];
        let mut file = File::from(turn.watched(pipe).unwrap().try_clone_to_owned().unwrap());
        file.read(&mut buffer).unwrap()
    });
    assert_eq!(read, 6);
    drop(writer);
    await_ready(&probe, pipe, |readiness| readiness.closed);
}

#[test]
fn a_pipe_tells_when_there_is_room_and_when_nobody_reads() {
    let probe = probe::start(options());
    let (reader, writer) = io::pipe().unwrap();
    let pipe = watch(&probe, writer, Interest::WRITABLE);
    await_ready(&probe, pipe, |readiness| readiness.writable && !readiness.closed);
    drop(reader);
    await_ready(&probe, pipe, |readiness| readiness.closed);
}

#[test]
fn what_is_watched_no_more_is_given_back_whole_and_told_of_no_more() {
    let probe = probe::start(options());
    let (reader, mut writer) = io::pipe().unwrap();
    let pipe = watch(&probe, reader, Interest::READABLE);
    let fd = probe.ask(0, move |turn| turn.unwatch(pipe)).unwrap();
    writer.write_all(b"late").unwrap();
    (0..3).for_each(|_| probe.ask(0, |_| ()));
    assert!(probe.nothing_more());
    assert_eq!(hear(&mut File::from(OwnedFd::from(fd)), 4), "late");
}

#[test]
fn what_names_an_earlier_watch_names_nothing() {
    let probe = probe::start(options());
    let (reader, _writer) = io::pipe().unwrap();
    let old = watch(&probe, reader, Interest::READABLE);
    let fd = probe.ask(0, move |turn| turn.unwatch(old)).unwrap();
    let new = watch(&probe, fd, Interest::READABLE);
    assert_ne!(old, new);
    probe.ask(0, move |turn| {
        assert!(turn.watched(old).is_none() && turn.unwatch(old).is_none());
        assert!(turn.watched(new).is_some() && turn.unwatch(new).is_some());
        assert!(turn.watched(new).is_none() && turn.unwatch(new).is_none());
    });
}

#[test]
fn a_watch_is_overdue_once_at_the_time_that_was_set_last() {
    let probe = probe::start(options());
    let (reader, _writer) = io::pipe().unwrap();
    let pipe = watch(&probe, reader, Interest::READABLE);
    probe.ask(0, move |turn| {
        let now = turn.now();
        turn.watch_until(pipe, Some(now + PATIENCE));
        turn.watch_until(pipe, Some(now));
    });
    assert_eq!(probe.next(), Event::Overdue(pipe));
    probe.ask(0, move |turn| {
        let now = turn.now();
        turn.watch_until(pipe, Some(now));
        turn.watch_until(pipe, None);
        // What is watched no more is never overdue.
        turn.watch_until(pipe, Some(now));
        turn.unwatch(pipe);
        turn.watch_until(pipe, Some(now));
    });
    (0..3).for_each(|_| probe.ask(0, |_| ()));
    assert!(probe.nothing_more());
}

#[test]
fn what_is_lent_stays_open_and_is_told_of_until_it_is_given_back() {
    let probe = probe::start(options());
    let (mut reader, mut writer) = io::pipe().unwrap();
    let number = reader.as_raw_fd();
    for _ in 0..2 {
        let pipe = probe.ask(0, move |turn| turn.lend(number, Interest::READABLE)).unwrap();
        assert!(probe.ask(0, move |turn| turn.watched(pipe).is_none()));
        writer.write_all(b"x").unwrap();
        await_ready(&probe, pipe, |readiness| readiness.readable);
        assert_eq!(probe.ask(0, move |turn| turn.give_back(pipe)), Some(number));
        assert_eq!(probe.ask(0, move |turn| turn.give_back(pipe)), None);
        reader.read_exact(&mut [0]).unwrap();
    }
}

#[test]
fn what_cannot_be_watched_is_an_error_and_leaves_nothing_behind() {
    let probe = probe::start(options());
    let file = File::open("/proc/self/status").unwrap();
    assert!(probe.ask(0, move |turn| turn.watch(OwnedFd::from(file).into(), Interest::READABLE)).is_err());
    let (reader, mut writer) = io::pipe().unwrap();
    let pipe = watch(&probe, reader, Interest::READABLE);
    writer.write_all(b"x").unwrap();
    await_ready(&probe, pipe, |readiness| readiness.readable);
}

#[test]
fn what_is_watched_ends_with_its_worker() {
    let probe = probe::start(options());
    let (mut reader, writer) = io::pipe().unwrap();
    watch(&probe, writer, Interest::WRITABLE);
    probe.host.stop(crate::net::Deadline::after(PATIENCE)).unwrap();
    assert_eq!(reader.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn watches_and_connections_do_not_answer_for_each_other() {
    let probe = probe::start(options());
    let mut pipes: Vec<_> = (0..10)
        .map(|_| {
            let (reader, writer) = io::pipe().unwrap();
            (watch(&probe, reader, Interest::READABLE), writer)
        })
        .collect();
    let mut streams: Vec<_> = (0..10)
        .map(|_| {
            let stream = dial(&probe.host);
            (probe.opened(), stream)
        })
        .collect();
    for ((pipe, writer), (peer, stream)) in pipes.iter_mut().zip(&mut streams) {
        writer.write_all(b"x").unwrap();
        await_ready(&probe, *pipe, |readiness| readiness.readable);
        stream.write_all(b"y\n").unwrap();
        assert_eq!(probe.next(), Event::Message(*peer, "y".into()));
    }
}
