//! Many members with TLS, and members that do not do their part.
#![cfg(feature = "tls")]

mod support;

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustchat::chat::{ChatServer, Event, Events, LeaveReason};
use rustchat::tls::Tls;
use support::tls_member::{Both, LineMember, knock};
use support::{await_members, eventually, next_event};

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

#[test]
fn many_who_knock_at_once_do_not_keep_others_from_talking() {
    let both = Both::new();
    let mut options = both.options();
    (options.handshake_limit, options.handshake_timeout, options.workers) = (4096, support::PATIENCE, 1);
    let server = ChatServer::start(options).unwrap();
    let (mut ann, mut bob) = (both.join(&server), both.join(&server));
    let client = Tls::new().client(true).unwrap();
    let mut knocking: Vec<_> = (0..500).map(|_| knock(&server, &client)).collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for peer in &mut knocking {
                peer.settle();
            }
            let mut members: Vec<_> = knocking.drain(..).map(|peer| peer.secure().unwrap()).collect();
            members.iter_mut().for_each(|peer| both.prove(peer).unwrap());
            await_members(&server, 502);
            is_over.store(true, Ordering::Release);
            members
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
