//! Many members with TLS, and members that do not do their part.
#![cfg(feature = "tls")]

mod support;

use std::io::{Read, Write};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use rustchat::chat::{ChatServer, Event, Events, LeaveReason, ServerOptions};
use rustchat::tls::Tls;
use support::tls_member::{Both, LineMember, knock};
use support::{await_members, eventually, next_event, options};

#[test]
fn a_member_that_reads_late_gets_every_byte_of_it() {
    let both = Both::new();
    let mut options = both.options();
    options.outbox_limit = 64 << 20;
    let server = ChatServer::start(options).unwrap();
    let (mut slow, mut ann) = (both.join(&server), both.join(&server));
    let (count, text) = (1000, "x".repeat(8000));
    let slow_member = server.members()[0].clone();
    for number in 0..count {
        ann.say(&format!("{number} {text}"));
        ann.hear_text();
    }
    eventually("much waits for it", || slow_member.outbox_bytes() > 1 << 20);
    for number in 0..count {
        assert_eq!(slow.hear_text(), format!("{number} {text}"));
    }
    eventually("nothing waits for it", || slow_member.outbox_bytes() == 0);
    ann.say("and it is heard");
    assert_eq!(slow.hear_text(), "and it is heard");
    slow.say("quit");
    assert_eq!(slow.hear_out(), "");
}

#[test]
fn who_asks_for_new_keys_while_it_does_not_read_is_answered_when_it_does() {
    let both = Both::new();
    let mut options = both.options();
    options.outbox_limit = 16 << 20;
    let server = ChatServer::start(options).unwrap();
    let (mut slow, mut ann) = (both.join(&server), both.join(&server));
    let text = "x".repeat(8000);
    let slow_member = server.members()[0].clone();
    let mut said = 0;
    while slow_member.outbox_bytes() < 200_000 {
        ann.say(&text);
        ann.hear_text();
        said += 1;
    }
    slow.machine.renew_keys().unwrap();
    slow.settle();
    slow.say("I am here");
    assert_eq!(ann.hear_text(), "I am here");
    for _ in 0..said {
        assert_eq!(slow.hear_text(), text);
    }
    assert_eq!(slow.hear_text(), "I am here");
}

/// Has so many join at once, a thread for each, while two members talk.
fn a_herd_joins(count: usize, set: impl FnOnce(&mut ServerOptions)) {
    let both = Both::new();
    let mut options = both.options();
    (options.handshake_timeout, options.workers) = (support::PATIENCE, 1);
    set(&mut options);
    let server = ChatServer::start(options).unwrap();
    let (mut ann, mut bob) = (both.join(&server), both.join(&server));
    let client = Tls::new().client(true).unwrap();
    let (begin, is_over) = (Barrier::new(count), AtomicBool::new(false));
    let try_to_join = || -> rustchat::Result<_> {
        let mut peer = knock(&server, &client).secure()?;
        both.prove(&mut peer)?;
        Ok(peer)
    };
    thread::scope(|scope| {
        let join = || {
            begin.wait();
            let deadline = Instant::now() + support::PATIENCE;
            // Who does not get the processor in time is given up for others, and comes again.
            loop {
                match try_to_join() {
                    Ok(peer) => break peer,
                    Err(error) => assert!(Instant::now() < deadline, "{error}"),
                }
            }
        };
        let joining: Vec<_> = (0..count).map(|_| scope.spawn(join)).collect();
        scope.spawn(|| {
            let _members: Vec<_> = joining.into_iter().map(|peer| peer.join().unwrap()).collect();
            await_members(&server, count + 2);
            is_over.store(true, Ordering::Release);
        });
        let mut said = 0;
        while !is_over.load(Ordering::Acquire) {
            said += 1;
            ann.say(&said.to_string());
            assert_eq!(bob.hear_text(), said.to_string());
        }
        assert!(said > 0);
    });
}

#[test]
fn many_who_knock_at_once_do_not_keep_others_from_talking() {
    a_herd_joins(500, |options| options.handshake_limit = 4096);
}

#[test]
fn all_who_come_at_once_get_in_by_the_default_limit() {
    assert_eq!(options().handshake_limit, 128);
    a_herd_joins(500, |_| {});
}

#[test]
fn a_few_at_a_time_get_in_whoever_accepts_them() {
    a_herd_joins(100, |options| (options.handshake_limit, options.workers) = (4, 3));
}

/// Ciphertext waits for nobody but for the kernel: what one member has of it beside the shared messages is bounded.
#[test]
fn members_that_do_not_read_cost_little_more_than_what_is_shared() {
    let both = Both::new();
    let mut options = both.options();
    options.outbox_limit = 16 << 20;
    let server = ChatServer::start(options).unwrap();
    let mut slow: Vec<_> = (0..50).map(|_| both.join(&server)).collect();
    let mut ann = both.join(&server);
    let text = "x".repeat(8000);
    let before = resident();
    let mut said = 0;
    while server.members().iter().filter(|member| member.outbox_bytes() > 2 << 20).count() < 50 {
        ann.say(&text);
        ann.hear_text();
        said += 1;
    }
    let grown = resident().saturating_sub(before);
    // 50 outboxes of 2 MiB would be 100 MiB.
    assert!(grown < 50 << 20, "{grown} bytes for {said} messages");
    for _ in 0..said {
        assert_eq!(slow[0].hear_text(), text);
    }
}

/// Bytes of memory that this process has.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn a_burst_that_breaks_its_channel_ends_the_member_and_nobody_else() {
    let both = Both::new();
    let mut options = both.options();
    options.events = Events::All;
    let server = ChatServer::start(options).unwrap();
    let (mut broken, mut ann) = (both.join(&server), both.join(&server));
    let mut wire = broken.sealed(b"good\n");
    wire.extend_from_slice(b"\x17\x03\x03\x00\x20................................");
    broken.stream.write_all(&wire).unwrap();
    assert_eq!(ann.hear_text(), "good", "what came before is heard");
    await_members(&server, 1);
    let reason = loop {
        if let Event::Left(_, reason) = next_event(&server) {
            break reason;
        }
    };
    assert_eq!(reason, LeaveReason::Lost);
    let mut alert = Vec::new();
    broken.stream.read_to_end(&mut alert).unwrap();
    let error = broken.machine.receive(&alert, &mut Vec::new()).unwrap_err();
    assert!(error.message().contains("BadRecordMac"), "{error}");
}
