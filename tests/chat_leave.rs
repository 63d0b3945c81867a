//! Who has left is heard no more: no message, no hook, no name.

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Events, Handler, LeaveReason, MemberId, Message, Overflow, Rate, Verdict};
use rustchat::frame::{self, Framing};
use serde_json::json;
use support::{LinePeer, ObjectPeer, PATIENCE, await_members, eventually, next_event, options};

/// What is said next is slowed down at once, so that much of it waits when the member goes.
const SLOW: Rate = Rate { burst: 5, per_second: 50.0 };

/// Longer than the wait of what a member of that rate has said and that was not heard.
const MUCH_LATER: Duration = Duration::from_millis(500);

fn id_of(server: &ChatServer, peer: &LinePeer) -> MemberId {
    server.members().iter().find(|member| member.label() == peer.address()).expect("a member").id()
}

fn spam(count: usize) -> String {
    (0..count).map(|number| format!("spam {number}\n")).collect()
}

/// Takes events until that member has left and somebody else has spoken after it; nothing of it may come in between.
fn check_silence_after(server: &ChatServer, id: MemberId, reason: LeaveReason, bystander: &LinePeer) {
    loop {
        if let Event::Left(member, why) = next_event(server)
            && member.id() == id
        {
            assert_eq!(why, reason);
            break;
        }
    }
    std::thread::sleep(MUCH_LATER);
    bystander.say("still here");
    loop {
        match next_event(server) {
            Event::Message(message) if &*message.text == "still here" => return,
            Event::Message(message) => assert_ne!(message.from.id(), id, "heard after it left: {}", message.text),
            _ => {}
        }
    }
}

#[test]
fn lines_that_wait_for_their_rate_go_with_the_member() {
    let mut options = options();
    (options.rate, options.events) = (Some(SLOW), Events::All);
    let server = ChatServer::start(options).unwrap();
    let (bystander, spammer) = (LinePeer::join(&server), LinePeer::join(&server));
    let id = id_of(&server, &spammer);
    spammer.send(spam(200));
    eventually("it speaks", || server.member(id).unwrap().messages_in() > 0);
    server.disconnect(id).unwrap();
    check_silence_after(&server, id, LeaveReason::Disconnected, &bystander);
}

#[test]
fn lines_that_wait_for_the_speakers_own_outbox_go_with_the_member() {
    let mut options = options();
    (options.outbox_limit, options.events, options.workers) = (20 * 1024, Events::All, 1);
    let server = ChatServer::start(options).unwrap();
    let (bystander, spammer) = (LinePeer::join(&server), LinePeer::join(&server));
    // The way back is soon full: while its outbox is, what it says is taken slowly.
    socket2::SockRef::from(spammer.stream()).set_recv_buffer_size(4096).unwrap();
    let member = server.member(id_of(&server, &spammer)).unwrap();
    let mut reader = bystander.try_clone();
    let reader = std::thread::spawn(move || while reader.line().is_some() {});
    let sender = spammer.try_clone();
    // More than all buffers on the way back hold: it does not read, so it is not read to the end.
    let sender = std::thread::spawn(move || sender.stream().write_all(spam(300_000).as_bytes()));
    eventually("its outbox is half full", || member.outbox_bytes() > 10 * 1024);
    server.disconnect(member.id()).unwrap();
    eventually("it is gone", || server.member(member.id()).is_err());
    // How much comes, and how much of its own is still taken, does not matter.
    let _ = std::io::copy(&mut spammer.stream(), &mut std::io::sink());
    let _ = sender.join().unwrap();
    check_silence_after(&server, member.id(), LeaveReason::Disconnected, &bystander);
    server.stop(PATIENCE).unwrap();
    reader.join().unwrap();
}

#[test]
fn an_idle_member_takes_its_waiting_lines_along() {
    let mut options = options();
    options.rate = Some(Rate { burst: 1, per_second: 4.0 });
    (options.idle_timeout, options.events) = (Duration::from_millis(500), Events::All);
    let server = ChatServer::start(options).unwrap();
    let spammer = LinePeer::join(&server);
    // Not of the server's list: it may be idle for too long before one asks.
    let id = loop {
        if let Event::Joined(member) = next_event(&server) {
            break member.id();
        }
    };
    spammer.send(spam(20));
    loop {
        if let Event::Left(member, reason) = next_event(&server) {
            assert_eq!((member.id(), reason), (id, LeaveReason::Idle));
            break;
        }
    }
    std::thread::sleep(MUCH_LATER);
    server.stop(PATIENCE).unwrap();
    let mut rest = Vec::new();
    while server.poll(&mut rest, 100, PATIENCE).is_ok() {}
    assert!(!rest.iter().any(|event| matches!(event, Event::Message(_))), "{rest:?}");
}

#[test]
fn who_fills_the_queue_of_events_takes_its_waiting_lines_along() {
    let mut options = options();
    (options.rate, options.events) = (Some(SLOW), Events::All);
    (options.event_limit, options.event_overflow) = (4, Overflow::Disconnect);
    let server = ChatServer::start(options).unwrap();
    let mut bystander = LinePeer::join(&server);
    let spammer = LinePeer::join(&server);
    let id = id_of(&server, &spammer);
    spammer.send(spam(200));
    eventually("it is gone", || server.member(id).is_err());
    let said = server.stats().messages;
    std::thread::sleep(MUCH_LATER);
    assert_eq!(server.stats().messages, said);
    for _ in 0..said {
        assert!(bystander.hear_text().starts_with("spam"));
    }
}

#[test]
fn a_hello_that_is_read_after_the_leave_takes_no_name() {
    let mut options = options();
    (options.framing, options.rate) = (Framing::U32Be, Some(Rate { burst: 5, per_second: 10.0 }));
    let server = ChatServer::start(options).unwrap();
    let late = ObjectPeer::join(&server);
    let mut all = Vec::new();
    for number in 0..7 {
        let request = json!({"type": "message", "text": number.to_string()});
        all.extend(frame::encode(Framing::U32Be, request.to_string().as_bytes()).unwrap());
    }
    let hello = json!({"type": "hello", "name": "alice"}).to_string();
    all.extend(frame::encode(Framing::U32Be, hello.as_bytes()).unwrap());
    late.send_raw(&all);
    let member = server.members().remove(0);
    eventually("it speaks", || member.messages_in() > 0);
    server.disconnect(member.id()).unwrap();
    await_members(&server, 0);
    std::thread::sleep(MUCH_LATER);
    assert_eq!(member.name(), None);
    let mut alice = ObjectPeer::join(&server);
    alice.send(&json!({"type": "hello", "name": "alice"}));
    assert_eq!(alice.hear()["name"], "alice");
}

#[test]
fn no_two_members_of_a_process_have_one_id() {
    let (one, other) = (ChatServer::start(options()).unwrap(), ChatServer::start(options()).unwrap());
    let (first, mut stranger) = (LinePeer::join(&one), LinePeer::join(&other));
    let id = id_of(&one, &first);
    assert_ne!(id, id_of(&other, &stranger));
    assert_eq!(other.send(id, "secret").unwrap_err().status(), Status::NoSuchPeer);
    assert_eq!(other.disconnect(id).unwrap_err().status(), Status::NoSuchPeer);
    assert_eq!(other.broadcast_except("to all", id).unwrap().queued, 1);
    assert_eq!(stranger.hear_text(), "to all");
    one.stop(PATIENCE).unwrap();
    let again = ChatServer::start(options()).unwrap();
    let _newcomer = LinePeer::join(&again);
    assert_eq!(again.send(id, "secret").unwrap_err().status(), Status::NoSuchPeer);
}

#[test]
fn nothing_is_told_to_a_member_after_its_farewell() {
    let mut options = options();
    options.framing = Framing::U32Be;
    let server = ChatServer::start(options).unwrap();
    for _ in 0..50 {
        let mut peer = ObjectPeer::join(&server);
        let id = server.members()[0].id();
        server.disconnect(id).unwrap();
        assert_eq!(server.send(id, "too late").unwrap_err().status(), Status::NoSuchPeer);
        assert_eq!(peer.hear()["type"], "bye");
        assert_eq!(peer.hear(), serde_json::Value::Null);
    }
}

#[test]
fn who_speaks_and_breaks_off_is_not_heard_after_its_leave() {
    let mut options = options();
    options.events = Events::All;
    let server = ChatServer::start(options).unwrap();
    let talkers: Vec<_> = (0..4)
        .map(|_| {
            let address = server.address().to_string();
            std::thread::spawn(move || {
                for _ in 0..100 {
                    let stream = std::net::TcpStream::connect(&address).unwrap();
                    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                    // The server may have more of it to read when the connection breaks.
                    let _ = (&stream).write_all(spam(20).as_bytes());
                }
            })
        })
        .collect();
    let (mut left, mut here) = (0, std::collections::HashSet::new());
    while left < 400 {
        match next_event(&server) {
            Event::Joined(member) => assert!(here.insert(member.id())),
            Event::Message(message) => assert!(here.contains(&message.from.id()), "heard after it left"),
            Event::Left(member, _) => {
                assert!(here.remove(&member.id()));
                left += 1;
            }
            _ => {}
        }
    }
    talkers.into_iter().for_each(|talker| talker.join().unwrap());
}

/// Lets everything pass but waits for a word before each answer, and tells what it was asked.
struct Patient {
    asked: mpsc::Sender<String>,
    answer: mpsc::Receiver<()>,
}

impl Handler for Patient {
    fn filter(&mut self, message: &Message) -> Verdict {
        self.asked.send(message.text.to_string()).unwrap();
        let _ = self.answer.recv_timeout(PATIENCE);
        Verdict::Deliver
    }

    fn event(&mut self, event: Event) {
        if let Event::Left(member, reason) = event {
            self.asked.send(format!("{} left: {reason}", member.id())).unwrap();
        }
    }
}

#[test]
fn what_waits_for_the_filter_goes_with_the_member() {
    let (sender, asked) = mpsc::channel();
    let (go, answer) = mpsc::channel();
    let mut options = options();
    (options.filter, options.announce, options.events) = (true, true, Events::Membership);
    let server = ChatServer::start_with(options, Patient { asked: sender, answer }).unwrap();
    let mut bystander = LinePeer::join(&server);
    let spammer = LinePeer::join(&server);
    assert!(bystander.hear_text().ends_with("joined"));
    let id = id_of(&server, &spammer);
    spammer.send("one\ntwo\nthree\nfour\n");
    eventually("all of it is read", || server.member(id).unwrap().messages_in() == 4);
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), "one");
    go.send(()).unwrap();
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), "two");
    // "one" has passed and may be on its way, "two" is being looked at.
    server.disconnect(id).unwrap();
    eventually("it is gone", || server.member(id).is_err());
    for _ in 0..3 {
        go.send(()).unwrap();
    }
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), format!("{id} left: disconnected by the server"));
    bystander.say("fine");
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), "fine");
    go.send(()).unwrap();
    let mut left = false;
    loop {
        let text = bystander.hear_text();
        match text.as_str() {
            "fine" => break,
            "one" => assert!(!left, "heard after it left"),
            text if text.ends_with("disconnected by the server") => left = true,
            other => panic!("{other}"),
        }
    }
    assert!(left);
}

#[test]
fn last_words_pass_the_filter_even_if_the_connection_breaks() {
    let (sender, asked) = mpsc::channel();
    let (go, answer) = mpsc::channel();
    let mut options = options();
    (options.filter, options.events) = (true, Events::Membership);
    let server = ChatServer::start_with(options, Patient { asked: sender, answer }).unwrap();
    let mut bystander = LinePeer::join(&server);
    let speaker = LinePeer::join(&server);
    let id = id_of(&server, &speaker);
    speaker.say("last words");
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), "last words");
    server.send(id, "unread, so that the end is a reset").unwrap();
    eventually("it is there", || speaker.stream().peek(&mut [0; 8]).unwrap() == 8);
    drop(speaker);
    bystander.say("and I");
    eventually("that is read", || server.members()[0].messages_in() == 1);
    go.send(()).unwrap();
    go.send(()).unwrap();
    assert_eq!(bystander.hear_text(), "last words");
    assert_eq!(bystander.hear_text(), "and I");
}

#[test]
fn the_last_words_of_who_breaks_off_with_much_unread_are_heard() {
    for _ in 0..20 {
        let mut options = options();
        (options.workers, options.events, options.outbox_limit) = (1, Events::All, 64 << 20);
        let server = ChatServer::start(options).unwrap();
        let mut peer = TcpStream::connect(server.address().to_string()).unwrap();
        await_members(&server, 1);
        let text = "x".repeat(8000);
        while server.members()[0].outbox_bytes() < 100_000 {
            server.broadcast(&text).unwrap();
        }
        // The worker is busy for a moment: it meets the words and the end at once.
        for _ in 0..20 {
            server.broadcast(&text).unwrap();
        }
        peer.write_all(b"last words\n").unwrap();
        drop(peer);
        let mut is_heard = false;
        loop {
            match next_event(&server) {
                Event::Message(message) => is_heard |= &*message.text == "last words",
                Event::Left(..) => break,
                _ => {}
            }
        }
        assert!(is_heard);
    }
}
