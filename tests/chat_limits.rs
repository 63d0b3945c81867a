//! What is bounded stays bounded, and whoever passes a bound harms nobody else.

mod support;

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use rustchat::chat::{ChatServer, Event, Events, LeaveReason, Overflow, Rate, ServerOptions};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use rustchat::{Status, chat};
use serde_json::json;
use support::{LinePeer, ObjectPeer, PATIENCE, dial, eventually, next_event, options};

fn leaves(server: &ChatServer) -> LeaveReason {
    loop {
        if let Event::Left(_, reason) = next_event(server) {
            return reason;
        }
    }
}

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn one_too_many_is_told_so_and_there_is_room_again_later() {
    let mut options = options();
    options.member_limit = 2;
    let server = ChatServer::start(options).unwrap();
    let ann = LinePeer::join(&server);
    let mut bob = LinePeer::join(&server);
    let mut refused = String::new();
    dial(&server).read_to_string(&mut refused).unwrap();
    assert!(refused.contains("* error: the server is full (2 members)"), "{refused}");
    assert_eq!(server.stats().refused, 1);
    ann.say("quit");
    drop(ann);
    eventually("a place is free", || {
        let mut peer = dial(&server);
        let mut byte = [0; 1];
        peer.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        // A refusal comes at once; a member hears nothing.
        peer.read(&mut byte).is_err()
    });
    bob.say("unharmed");
    assert_eq!(bob.hear_text(), "unharmed");
}

#[test]
fn members_of_one_address_are_limited_when_asked_for() {
    let mut options = options();
    options.members_per_ip = Some(1);
    let server = ChatServer::start(options).unwrap();
    let _ann = LinePeer::join(&server);
    let mut refused = String::new();
    dial(&server).read_to_string(&mut refused).unwrap();
    assert!(refused.contains("too many connections from 127.0.0.1 (limit 1)"), "{refused}");
}

#[test]
fn twenty_members_that_never_read_cost_bounded_memory_and_nobody_notices() {
    const STALLED: usize = 20;
    const LIMIT: usize = 256 * 1024;
    let mut options = options();
    (options.outbox_limit, options.events) = (LIMIT, Events::Membership);
    let server = ChatServer::start(options).unwrap();
    let stalled: Vec<_> = (0..STALLED).map(|_| LinePeer::join(&server)).collect();
    let mut honest: Vec<_> = (0..4).map(|_| LinePeer::join(&server)).collect();
    let before = resident();
    let text = "x".repeat(4000);
    let mut peak = 0;
    let deadline = Instant::now() + PATIENCE;
    while server.stats().too_slow < STALLED as u64 {
        assert!(Instant::now() < deadline, "{} of {STALLED} were disconnected", server.stats().too_slow);
        honest[0].say(&text);
        for peer in &mut honest {
            assert_eq!(peer.hear_text(), text);
        }
        peak = peak.max(resident());
    }
    assert!(peak < before + STALLED * LIMIT + (32 << 20), "grew by {} KiB", (peak - before) / 1024);
    for _ in 0..STALLED {
        assert_eq!(leaves(&server), LeaveReason::TooSlow);
    }
    drop(stalled);
}

#[test]
fn a_burst_of_one_member_cuts_off_nobody_who_reads() {
    // What one read takes in; what goes out is twenty times as long, more than an outbox holds.
    const LINES: usize = 32 * 1024;
    let server = ChatServer::start(options()).unwrap();
    let hasty = LinePeer::join(&server);
    let readers: Vec<_> = (0..3).map(|_| LinePeer::join(&server)).collect();
    thread::scope(|scope| {
        for mut peer in readers {
            scope.spawn(move || (0..LINES).for_each(|_| assert_eq!(peer.hear_text(), "a")));
        }
        let mut echo = hasty.try_clone();
        scope.spawn(move || (0..LINES).for_each(|_| assert_eq!(echo.hear_text(), "a")));
        hasty.send("a\n".repeat(LINES));
    });
    assert_eq!(server.stats().too_slow, 0);
}

#[test]
fn answers_to_a_member_that_does_not_read_them_are_bounded() {
    let mut options = options();
    options.outbox_limit = 64 * 1024;
    let server = ChatServer::start(options).unwrap();
    let rude = LinePeer::join(&server);
    rude.stream().set_nonblocking(true).unwrap();
    // Every line is answered by an error forty times its length.
    let junk = "\x01\n".repeat(32 * 1024);
    let member = &server.members()[0];
    let mut most = 0;
    for _ in 0..200 {
        let _ = rude.stream().write(junk.as_bytes());
        most = most.max(member.outbox_bytes());
        thread::yield_now();
    }
    eventually("the kernel is full", || {
        let _ = rude.stream().write(junk.as_bytes());
        most = most.max(member.outbox_bytes());
        member.outbox_bytes() > 0
    });
    assert!(most <= 64 * 1024, "{most} bytes were queued");
}

#[test]
fn a_member_that_is_read_slowly_is_not_taken_for_dead() {
    let mut options = options();
    (options.framing, options.rate) = (Framing::U32Be, Some(Rate { burst: 1, per_second: 20.0 }));
    (options.ping_interval, options.ping_timeout) = (Duration::from_millis(400), Duration::from_millis(400));
    let server = ChatServer::start(options).unwrap();
    let mut hasty = ObjectPeer::join(&server);
    (0..40).for_each(|number| hasty.say(&number.to_string()));
    let mut heard = 0;
    while heard < 40 {
        let object = hasty.hear();
        match object["type"].as_str() {
            Some("message") => heard += 1,
            Some("ping") => hasty.send(&json!({"type": "pong"})),
            _ => panic!("{object}"),
        }
    }
}

#[test]
fn a_blocked_write_without_progress_ends_its_member() {
    let mut options = options();
    (options.write_timeout, options.events) = (Duration::from_millis(300), Events::Membership);
    // The outbox alone would hold far more than is said here.
    options.outbox_limit = 1 << 30;
    let server = ChatServer::start(options).unwrap();
    let _stalled = LinePeer::join(&server);
    let mut honest = LinePeer::join(&server);
    let text = "x".repeat(8000);
    for _ in 0..2000 {
        honest.say(&text);
        honest.hear();
        if server.stats().too_slow > 0 {
            break;
        }
    }
    assert_eq!(leaves(&server), LeaveReason::Stalled);
}

#[test]
fn a_member_over_its_rate_is_read_more_slowly_and_loses_nothing() {
    let mut options = options();
    options.rate = Some(Rate { burst: 5, per_second: 50.0 });
    let server = ChatServer::start(options).unwrap();
    let (hasty, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let start = Instant::now();
    let glued: String = (0..30).map(|number| format!("{number}\n")).collect();
    hasty.send(glued);
    for number in 0..30 {
        assert_eq!(bob.hear_text(), number.to_string());
    }
    // 25 messages beyond the burst at 50 a second; never faster, however loaded the machine is.
    assert!(start.elapsed() >= Duration::from_millis(450), "{:?}", start.elapsed());
}

#[test]
fn an_embedder_that_does_not_ask_holds_its_members_back_or_loses_as_it_chose() {
    for overflow in [Overflow::Block, Overflow::DropOldest] {
        let mut options = options();
        (options.events, options.event_limit, options.event_overflow) = (Events::All, 16, overflow);
        let server = ChatServer::start(options).unwrap();
        let ann = LinePeer::join(&server);
        thread::scope(|scope| {
            scope.spawn(|| (0..500).for_each(|number| ann.say(&number.to_string())));
            let (mut texts, mut lost) = (Vec::new(), 0);
            while texts.len() + lost < 500 {
                match next_event(&server) {
                    Event::Message(message) => texts.push(message.text.parse::<usize>().unwrap()),
                    Event::Overflow(count) => lost += count as usize,
                    _ => {}
                }
            }
            assert!(texts.is_sorted());
            if overflow == Overflow::Block {
                assert_eq!((texts.len(), lost), (500, 0));
            }
            assert_eq!(server.stats().events_dropped, lost as u64);
        });
    }
}

#[test]
fn wrong_options_are_refused_by_name() {
    let check = |change: fn(&mut chat::ServerOptions), name: &str| {
        let mut options = options();
        change(&mut options);
        let error = ChatServer::start(options).err().expect(name);
        assert_eq!(error.status(), Status::InvalidArgument, "{error}");
        assert!(error.message().contains(name) && error.message().contains("expected"), "{error}");
    };
    check(|options| options.workers = 5000, "workers");
    check(|options| options.outbox_limit = 100, "outbox_limit");
    check(|options| options.member_limit = 0, "member_limit");
    check(|options| options.event_limit = 0, "event_limit");
    check(|options| options.write_timeout = Duration::ZERO, "write_timeout");
    check(|options| options.rate = Some(Rate { burst: 1, per_second: f64::NAN }), "rate");
    check(|options| options.rate = Some(Rate { burst: 0, per_second: 1.0 }), "rate");
    check(
        |options| {
            options.framing = Framing::U32Be;
            options.message_limit = 1 << 20;
        },
        "outbox_limit",
    );
}

#[test]
fn strangers_are_not_let_in_by_oversight() {
    let mut options = options();
    options.endpoint = rustchat::net::Endpoint::tcp("0.0.0.0", 0);
    let error = ChatServer::start(options.clone()).err().unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("without a secret") && error.message().contains("allow_anonymous"), "{error}");
    options.allow_anonymous = true;
    ChatServer::start(options).unwrap();
}

/// One that reads what there is, and then nothing for a while, is not one that has read nothing since it was last full.
#[test]
fn a_member_that_comes_to_be_blocked_again_has_all_of_its_time() {
    const TIMEOUT: Duration = Duration::from_secs(2);
    // The system's room for a Unix socket does not grow by itself.
    let path = std::env::temp_dir().join(format!("rustchat-blocked-{}", std::process::id()));
    let mut options = ServerOptions::new(Endpoint::unix(&path));
    (options.outbox_limit, options.events, options.write_timeout) = (8 << 20, Events::Membership, TIMEOUT);
    let server = ChatServer::start(options).unwrap();
    let mut peer = UnixStream::connect(&path).unwrap();
    peer.set_nonblocking(true).unwrap();
    eventually("a member", || server.members().len() == 1);
    let member = server.members().pop().unwrap();
    let text = "x".repeat(8000);
    let block = || {
        while member.outbox_bytes() == 0 {
            server.broadcast(&text).unwrap();
            // Counted by the worker, a moment later.
            let said = server.stats().messages;
            eventually("delivery", || server.stats().deliveries >= said);
        }
    };
    let mut buffer = vec![0; 1 << 16];
    let mut drain = || {
        eventually("everything is read", || {
            let empty = member.outbox_bytes() == 0;
            let read = peer.read(&mut buffer);
            empty && read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        });
    };
    // The alarm of the first time is still armed when it is blocked for the second, and that is most of its time later.
    let begin = Instant::now();
    block();
    drain();
    while begin.elapsed() < TIMEOUT - TIMEOUT / 10 {
        server.broadcast("read at once").unwrap();
        drain();
        thread::sleep(Duration::from_millis(10));
    }
    block();
    let blocked = Instant::now();
    assert_eq!(leaves(&server), LeaveReason::Stalled);
    assert!(blocked.elapsed() > TIMEOUT / 2, "cut off {:?} after it was blocked", blocked.elapsed());
}
