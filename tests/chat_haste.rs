//! An embedder that speaks as fast as it can: memory stays bounded, who reads stays, who does not leaves with a reason.

mod support;

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};
use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Events, Handler, LeaveReason, ServerOptions};
use rustchat::net::Address;
use rustchat::testing::World;
use support::{LinePeer, PATIENCE, await_members, dial, eventually, next_event, options};

const LIMIT: usize = 64 * 1024;

/// What the server may use at most for what an embedder says too fast, whoever it is for.
const GROWTH: usize = 40 << 20;

fn hasty() -> ServerOptions {
    let mut options = options();
    (options.outbox_limit, options.events) = (LIMIT, Events::Membership);
    options
}

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn reason_of_leave(server: &ChatServer) -> LeaveReason {
    loop {
        if let Event::Left(_, reason) = next_event(server) {
            return reason;
        }
    }
}

/// Reads what comes for `count` members on one thread, a little at a time, until told to stop or cut off.
fn read_slowly(server: &ChatServer, count: usize, stop: &AtomicBool) -> usize {
    let mut peers: Vec<_> = (0..count).map(|_| dial(server)).collect();
    peers.iter().for_each(|peer| peer.set_nonblocking(true).unwrap());
    let (mut buffer, mut total) = (vec![0; 8 * 1024], 0);
    while !stop.load(Ordering::Relaxed) && !peers.is_empty() {
        let before = total;
        peers.retain_mut(|peer| match peer.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                total += count;
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        });
        if total == before {
            thread::sleep(Duration::from_millis(1));
        }
    }
    total
}

#[test]
fn private_words_to_a_member_that_never_reads_are_bounded_and_end_it() {
    let server = ChatServer::start(hasty()).unwrap();
    let _deaf = LinePeer::join(&server);
    let member = server.members().remove(0);
    let (before, text, end) = (resident(), "x".repeat(8000), Instant::now() + PATIENCE);
    let mut most = 0;
    let gone = (0..20_000).find_map(|_| {
        assert!(Instant::now() < end, "still a member");
        let result = server.send(member.id(), &text);
        most = most.max(member.outbox_bytes());
        result.err()
    });
    assert!(most <= 2 * LIMIT as u64, "{most} bytes waited for a member that does not read");
    assert!(resident() < before + GROWTH, "grew by {} MiB", (resident() - before) >> 20);
    assert_eq!(gone.expect("an end").status(), Status::NoSuchPeer);
    assert_eq!(reason_of_leave(&server), LeaveReason::TooSlow);
}

#[test]
fn private_words_to_a_member_that_reads_all_arrive() {
    let server = ChatServer::start(hasty()).unwrap();
    let mut peer = LinePeer::join(&server);
    let (id, text, before) = (server.members()[0].id(), "x".repeat(8000), resident());
    thread::scope(|scope| {
        scope.spawn(|| (0..3000).for_each(|_| server.send(id, &text).unwrap()));
        (0..3000).for_each(|_| assert_eq!(peer.hear_text().len(), 8000));
    });
    assert!(resident() < before + GROWTH, "grew by {} MiB", (resident() - before) >> 20);
}

#[test]
fn a_loop_of_broadcasts_cuts_off_nobody_who_reads() {
    const READERS: usize = 50;
    let server = ChatServer::start(hasty()).unwrap();
    let (stop, text) = (AtomicBool::new(false), "y".repeat(8000));
    thread::scope(|scope| {
        let readers = scope.spawn(|| read_slowly(&server, READERS, &stop));
        await_members(&server, READERS);
        let before = resident();
        let said = (0..1000).filter(|_| server.broadcast(&text).is_ok()).count();
        let growth = resident().saturating_sub(before);
        eventually("what was said is heard", || server.members().iter().all(|member| member.outbox_bytes() == 0));
        let (members, too_slow) = (server.stats().members, server.stats().too_slow);
        stop.store(true, Ordering::Relaxed);
        let read = readers.join().unwrap();
        assert_eq!((members, too_slow), (READERS as u64, 0));
        assert_eq!(said, 1000);
        assert!(read > 0 && growth < GROWTH, "grew by {} MiB", growth >> 20);
    });
}

#[test]
fn members_that_never_read_hold_up_a_loop_of_broadcasts_for_a_moment_only() {
    const DEAF: usize = 10;
    let server = ChatServer::start(hasty()).unwrap();
    let deaf: Vec<_> = (0..DEAF).map(|_| LinePeer::join(&server)).collect();
    let mut honest = LinePeer::join(&server);
    let (before, text) = (resident(), "y".repeat(8000));
    thread::scope(|scope| {
        scope.spawn(|| (0..2000).for_each(|_| assert_eq!(server.broadcast(&text).err(), None)));
        (0..2000).for_each(|_| assert_eq!(honest.hear_text().len(), 8000));
    });
    assert!(resident() < before + GROWTH, "grew by {} MiB", (resident() - before) >> 20);
    assert_eq!(server.stats().too_slow, DEAF as u64);
    for _ in 0..DEAF {
        assert_eq!(reason_of_leave(&server), LeaveReason::TooSlow);
    }
    assert_eq!(server.stats().members, 1);
    drop(deaf);
}

/// A member that does not read, and an embedder that has just found that it must wait for it, for two seconds at most.
fn with_a_member_behind(options: ServerOptions) -> (ChatServer, LinePeer, String) {
    let server = ChatServer::start(options).unwrap();
    let (deaf, text) = (LinePeer::join(&server), "y".repeat(8000));
    // What is under way is an overflow as well, but soon over; what each chunk costs besides its bytes counts, too.
    let overflows = || {
        thread::sleep(Duration::from_millis(2));
        server.broadcast_within(&text, 0, Duration::ZERO).is_err_and(|error| error.status() == Status::Overflow)
    };
    eventually("it is waited for", || {
        (0..5).all(|_| overflows()) && server.members()[0].outbox_bytes() > LIMIT as u64 / 2 - 512
    });
    (server, deaf, text)
}

#[test]
fn without_patience_the_answer_is_overflow_and_nothing_is_said() {
    let mut options = hasty();
    options.send_timeout = Duration::ZERO;
    let (server, _deaf, text) = with_a_member_behind(options);
    let id = server.members()[0].id();
    // The member's kernel may still take a little, so that a call or two succeed.
    let refused = |say: &dyn Fn() -> Result<(), Status>| {
        let said = server.stats().messages;
        say() == Err(Status::Overflow) && server.stats().messages == said
    };
    let broadcast = || server.broadcast(&text).map(drop).map_err(|error| error.status());
    let send = || server.send(id, &text).map_err(|error| error.status());
    eventually("it is too much for all", || refused(&broadcast));
    eventually("it is too much for one", || refused(&send));
}

/// Whether two calls that wait for a member were woken by `close`, and not by that member's end two seconds later.
fn close_wakes_who_waits() -> bool {
    let (server, _deaf, text) = with_a_member_behind(hasty());
    let (id, begin) = (server.members()[0].id(), Instant::now());
    // The member's kernel may still take a little, so that a call or two succeed.
    let broadcast = || loop {
        if let Err(error) = server.broadcast_within(&text, 0, None) {
            return error;
        }
    };
    let send = || loop {
        if let Err(error) = server.send_within(id, &text, None) {
            return error;
        }
    };
    thread::scope(|scope| {
        let calls = [scope.spawn(broadcast), scope.spawn(send)];
        thread::yield_now();
        server.close();
        for call in calls {
            assert!(matches!(call.join().unwrap().status(), Status::Closed | Status::NoSuchPeer));
        }
    });
    begin.elapsed() < Duration::from_secs(1)
}

#[test]
fn who_waits_to_speak_is_woken_by_close() {
    // A machine that takes its time may need more than one try to show it.
    assert!((0..10).any(|_| close_wakes_who_waits()));
}

#[test]
fn members_speak_while_the_embedder_waits() {
    let (server, _deaf, text) = with_a_member_behind(hasty());
    let mut peer = LinePeer::join(&server);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| server.broadcast(&text));
        for number in 0..10 {
            peer.say(&number.to_string());
            while peer.hear_text() != number.to_string() {}
        }
        assert_eq!(waiting.join().unwrap().err(), None);
    });
}

#[test]
fn a_private_word_waits_for_nobody_else() {
    let (server, _deaf, text) = with_a_member_behind(hasty());
    let mut peer = LinePeer::join(&server);
    let id = server.members().last().unwrap().id();
    server.send_within(id, "psst", Duration::ZERO).unwrap();
    assert_eq!(peer.hear_text(), "psst");
    eventually("the others are waited for", || {
        server.broadcast_within(&text, 0, Duration::ZERO).is_err_and(|error| error.status() == Status::Overflow)
    });
}

/// Speaks in a handler until told that it is too much.
struct Hasty {
    server: Receiver<ChatServer>,
    answer: Sender<Status>,
}

impl Handler for Hasty {
    fn event(&mut self, event: Event) {
        let Event::Joined(_) = event else { return };
        let server = self.server.recv().unwrap();
        let text = "y".repeat(8000);
        let error = (0..10_000).find_map(|_| server.broadcast(&text).err()).expect("an end");
        self.answer.send(error.status()).unwrap();
    }
}

#[test]
fn a_handler_is_told_at_once() {
    let ((give, server), (answer, answers)) = (channel(), channel());
    let mut options = hasty();
    // Far longer than the test may take.
    options.send_timeout = 10 * PATIENCE;
    let running = ChatServer::start_with(options, Hasty { server, answer }).unwrap();
    give.send(running.clone()).unwrap();
    let _deaf = LinePeer::join(&running);
    assert_eq!(answers.recv_timeout(PATIENCE).unwrap(), Status::Overflow);
}

#[test]
fn a_member_that_reads_a_byte_now_and_then_holds_nobody_up() {
    let server = ChatServer::start(hasty()).unwrap();
    let (stop, text) = (AtomicBool::new(false), "y".repeat(8000));
    let trickle = LinePeer::join(&server);
    let mut honest = LinePeer::join(&server);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut byte = [0];
            while !stop.load(Ordering::Relaxed) && matches!(trickle.stream().read(&mut byte), Ok(1)) {
                thread::sleep(Duration::from_millis(20));
            }
        });
        scope.spawn(|| (0..500).for_each(|_| assert_eq!(server.broadcast(&text).err(), None)));
        (0..500).for_each(|_| assert_eq!(honest.hear_text().len(), 8000));
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(reason_of_leave(&server), LeaveReason::TooSlow);
}

#[test]
fn words_to_an_empty_room_cost_no_memory() {
    let server = ChatServer::start(hasty()).unwrap();
    let (text, before) = ("x".repeat(8000), resident());
    for _ in 0..10_000 {
        assert_eq!(server.broadcast_within(&text, 0, Duration::ZERO).unwrap().queued, 0);
    }
    assert!(resident() < before + GROWTH, "grew by {} MiB", (resident() - before) >> 20);
    let mut peer = LinePeer::join(&server);
    server.broadcast("hello").unwrap();
    assert_eq!(peer.hear_text(), "hello");
}

/// Whether somebody who waits for this descriptor would be woken.
fn is_readable(descriptor: RawFd) -> bool {
    let mut poll = Poll::new().unwrap();
    poll.registry().register(&mut SourceFd(&descriptor), Token(0), Interest::READABLE).unwrap();
    let mut events = mio::Events::with_capacity(1);
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    !events.is_empty()
}

#[test]
fn who_is_refused_is_told_when_to_speak_again() {
    let mut world = World::start(hasty(), SystemTime::UNIX_EPOCH).unwrap();
    let mut ann = world.connect(Address::Unix("".into())).unwrap();
    let (server, text) = (world.server().clone(), "x".repeat(8000));
    let descriptor = server.speech_fd().unwrap();
    assert!(is_readable(descriptor));
    for _ in 0..3 {
        let said = (0..).find(|_| server.broadcast(&text).is_err()).unwrap();
        assert!(said > 0 && !is_readable(descriptor));
        assert_eq!(server.broadcast(&text).unwrap_err().status(), Status::Overflow);
        world.settle();
        assert!(is_readable(descriptor), "it is delivered");
        while ann.read(&mut [0; 64 * 1024]).is_ok() {
            world.settle();
        }
    }
    server.broadcast(&text).unwrap();
    server.close();
    world.advance(Duration::from_secs(6));
    assert!(world.has_ended() && is_readable(descriptor));
}
