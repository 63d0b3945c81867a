//! How a host ends.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Instant;

use super::probe::{self, Event, Running};
use super::*;
use crate::Status;
use crate::inject::Aim;
use crate::net::Deadline;
use crate::peer::LeaveReason;
use crate::reactor::{Berth, Body, Flow, Host, PeerRef};

fn ended(events: &[Event], peer: PeerRef) -> Option<LeaveReason> {
    events.iter().find_map(|event| match event {
        Event::Ended(gone, reason) if *gone == peer => Some(*reason),
        _ => None,
    })
}

#[test]
fn everybody_is_told_goodbye_and_every_thread_ends() {
    let probe = probe::start(HostOptions { workers: 2, acceptor: true, ..options() });
    let streams = [dial(&probe.host), dial(&probe.host), dial(&probe.host)];
    let peers = [probe.opened(), probe.opened(), probe.opened()];
    assert!(!probe.host.is_closed());
    probe.host.stop(Deadline::after(PATIENCE)).unwrap();
    assert!(probe.host.is_closed());
    for stream in streams {
        assert_eq!(hear_out(stream), "goodbye: server stopped\n");
    }
    let events = probe.rest();
    assert!(peers.iter().all(|peer| ended(&events, *peer) == Some(LeaveReason::ServerStopped)), "{events:?}");
    probe.host.join(&Deadline::after(PATIENCE)).unwrap();
    probe.host.stop(Deadline::after(PATIENCE)).unwrap();
    assert!(probe.nothing_more());
}

#[test]
fn who_does_not_read_does_not_hold_up_the_end_beyond_its_time() {
    let probe = probe::start(options());
    let _deaf = dial(&probe.host);
    let peer = probe.opened();
    probe.on(0, move |turn| turn.push(peer, vec![b'x'; 32 << 20].into()));
    probe.await_blocked(peer);
    let begin = Instant::now();
    probe.host.stop(Deadline::after(Duration::from_millis(20))).unwrap();
    assert!(begin.elapsed() < PATIENCE);
    assert_eq!(ended(&probe.rest(), peer), Some(LeaveReason::ServerStopped));
}

#[test]
fn who_reads_gets_all_that_waits_before_the_end() {
    const MUCH: usize = 16 << 20;
    let probe = probe::start(options());
    let stream = dial(&probe.host);
    let peer = probe.opened();
    probe.ask(0, move |turn| turn.push(peer, vec![b'x'; MUCH].into()));
    probe.host.close_within(PATIENCE);
    let heard = hear_out(stream);
    assert!(heard.len() > MUCH && heard.ends_with("xgoodbye: server stopped\n"), "{} bytes", heard.len());
    probe.host.join(&Deadline::after(PATIENCE)).unwrap();
}

#[test]
fn an_earlier_end_counts_and_a_later_one_does_not() {
    let probe = probe::start(options());
    let _deaf = dial(&probe.host);
    let peer = probe.opened();
    probe.on(0, move |turn| turn.push(peer, vec![b'x'; 32 << 20].into()));
    probe.await_blocked(peer);
    probe.host.close_within(Duration::from_secs(3600));
    assert_eq!(probe.host.join(&Deadline::after(Duration::ZERO)).unwrap_err().status(), Status::TimedOut);
    probe.host.close_within(Duration::ZERO);
    probe.host.close_within(Duration::from_secs(3600));
    probe.host.join(&Deadline::after(PATIENCE)).unwrap();
}

#[test]
fn a_host_that_is_dropped_stops() {
    let probe = probe::start(options());
    let stream = dial(&probe.host);
    let peer = probe.opened();
    let Running { host, .. } = probe;
    drop(host);
    assert_eq!(hear_out(stream), "goodbye: server stopped\n");
    assert_ne!(peer.serial(), 0);
}

#[test]
fn nobody_gets_in_any_more_once_a_host_stops() {
    let host = echo::start(options()).unwrap();
    let address = host.commons().address.to_string();
    host.stop(Deadline::after(PATIENCE)).unwrap();
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_thread_of_the_host_cannot_wait_for_its_end() {
    let probe = probe::start(options());
    let Running { host, bench, .. } = probe;
    let host = Arc::new(host);
    let (sender, result) = mpsc::channel();
    let inner = Arc::clone(&host);
    let job = move |_: &mut crate::reactor::Turn<probe::Probe>| {
        let statuses = [inner.join(&Deadline::never()), inner.stop(Deadline::never())];
        let is_current = inner.is_current();
        drop(inner);
        sender.send((is_current, statuses.map(|result| result.unwrap_err().status()))).unwrap();
    };
    host.commons().inboxes()[0].send(Box::new(job));
    assert_eq!(result.recv_timeout(PATIENCE).unwrap(), (true, [Status::WouldDeadlock; 2]));
    assert!(!host.is_current());
    drop(bench);
}

#[test]
fn a_service_that_finishes_itself_says_when_goodbye_is_said() {
    let probe = probe::start(options());
    probe.bench.finishes_itself.store(true, Ordering::SeqCst);
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    probe.host.close_within(PATIENCE);
    assert!(probe.ask(0, |turn| turn.is_stopping()));
    stream.write_all(b"too late\n").unwrap();
    probe.ask(0, move |turn| turn.push(peer, "the last word\n".into()));
    assert_eq!(hear(&mut stream, 14), "the last word\n");
    assert!(probe.nothing_more());
    probe.host.commons().finish();
    assert_eq!(hear_out(stream), "goodbye: server stopped\n");
    assert_eq!(probe.rest(), [Event::Ended(peer, LeaveReason::ServerStopped), Event::Over]);
}

#[test]
fn a_service_that_panics_ends_the_host_and_says_so() {
    let probe = probe::start_with(HostOptions { workers: 2, ..options() }, |_, _, text| panic!("{text} was said"));
    let mut streams = [dial(&probe.host), dial(&probe.host)];
    let peers = [probe.opened(), probe.opened()];
    let victim = peers.iter().position(|peer| peer.worker() == 1).unwrap();
    // Which connection is whose is known by what it hears.
    let unlucky = peers[victim];
    probe.ask(1, move |turn| turn.push(unlucky, "you\n".into()));
    let lucky = peers[1 - victim];
    probe.ask(0, move |turn| turn.push(lucky, "not you\n".into()));
    let heads = streams.each_mut().map(|stream| hear(stream, 4));
    let index = heads.iter().position(|head| head == "you\n").unwrap();
    streams[index].write_all(b"nonsense\n").unwrap();
    let events = probe.rest();
    assert_eq!(events[0], Event::Message(unlucky, "nonsense".into()));
    let why = probe.host.commons().failure().unwrap().to_string();
    assert!(why.contains("rustchat-test-1") && why.contains("nonsense was said"), "{why}");
    assert!(events.contains(&Event::LostWorker(1)));
    assert_eq!(ended(&events, lucky), Some(LeaveReason::ServerStopped));
    probe.host.join(&Deadline::after(PATIENCE)).unwrap();
    probe.host.stop(Deadline::after(PATIENCE)).unwrap();
    assert_eq!(hear_out(&streams[1 - index]), "you\ngoodbye: server stopped\n");
    // Its worker takes nothing any more, and nobody waits for it.
    probe.host.commons().inboxes()[1].push(Box::new(|_| ()), 1 << 30);
    assert!(!probe.host.commons().is_congested());
    // Its connection went with its worker.
    let mut rest = Vec::new();
    let _ = streams[index].read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn an_acceptor_that_panics_ends_the_host_in_good_order() {
    let host = echo::start(HostOptions { acceptor: true, ..options() }).unwrap();
    let mut stream = dial(&host);
    stream.write_all(b"x\n").unwrap();
    assert_eq!(hear(&mut stream, 4), "1 x\n");
    let _aim = Aim::at(format!("rustchat-accept {}", host.commons().address));
    let _newcomer = dial(&host);
    host.join(&Deadline::after(PATIENCE)).unwrap();
    assert_eq!(hear_out(stream), "goodbye: server stopped\n");
    assert_eq!(host.commons().failure().unwrap().status(), Status::Panicked);
}

#[test]
fn other_threads_of_a_server_end_with_it() {
    let (end, ended) = mpsc::channel::<()>();
    let beside = move || {
        let _ = ended.recv();
    };
    let bodies: Vec<Body> = vec![("beside".into(), Box::new(beside))];
    let berth = Berth::new(options()).unwrap();
    let host: Host<echo::Echo> = berth.start(&Arc::new(echo::Nothing), |_| echo::Echo, |_| bodies).unwrap();
    host.close_within(Duration::ZERO);
    assert_eq!(host.join(&Deadline::after(Duration::from_millis(20))).unwrap_err().status(), Status::TimedOut);
    drop(end);
    host.join(&Deadline::after(PATIENCE)).unwrap();
}

#[test]
fn who_has_said_its_last_word_is_told_goodbye_once() {
    let probe = probe::start_with(options(), |_, _, _| Flow::Close(LeaveReason::Quit));
    let mut stream = dial(&probe.host);
    let peer = probe.opened();
    stream.write_all(b"last\nwords\n").unwrap();
    assert_eq!(probe.next(), Event::Message(peer, "last".into()));
    probe.host.close_within(PATIENCE);
    let heard = hear_out(stream);
    assert_eq!(heard.matches("goodbye").count(), 1, "{heard}");
    assert!(matches!(probe.rest()[..], [Event::Ended(gone, _), Event::Over] if gone == peer));
}

#[test]
fn a_worker_that_hangs_is_named_and_one_that_sleeps_is_woken() {
    let probe = probe::start(HostOptions { workers: 2, ..options() });
    probe.host.probe(&Deadline::after(PATIENCE)).unwrap();
    let (go_on, waits) = mpsc::channel::<()>();
    let (sender, hangs) = mpsc::channel();
    probe.on(1, move |_| {
        sender.send(()).unwrap();
        let _ = waits.recv_timeout(PATIENCE);
    });
    hangs.recv_timeout(PATIENCE).unwrap();
    let error = probe.host.probe(&Deadline::after(Duration::from_millis(20))).unwrap_err();
    assert_eq!(error.status(), Status::TimedOut);
    assert!(error.message().contains("-1 ") && !error.message().contains("-0"), "{error}");
    drop(go_on);
    probe.host.probe(&Deadline::after(PATIENCE)).unwrap();
    let failed = probe.ask(0, |turn| turn.commons.turns().count());
    assert!(failed >= 2);
}
