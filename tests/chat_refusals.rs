//! Who or what is not taken is told why, and counted.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, mpsc};

use rustchat::chat::{ChatServer, Event, FilterFailure, Handler, Member, Message, Verdict};
use rustchat::frame::Framing;
use serde_json::json;
use support::{LinePeer, ObjectPeer, PATIENCE, dial, eventually, options};

/// Everything up to the end, which must be one in good order.
fn rest(mut stream: &TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an end in good order");
    text
}

#[test]
fn a_refusal_at_the_door_can_be_read_by_who_has_spoken_already() {
    let mut options = options();
    options.member_limit = 1;
    let server = ChatServer::start(options).unwrap();
    let _ann = LinePeer::join(&server);
    for round in 1..=100 {
        let mut stranger = dial(&server);
        stranger.write_all(b"hello?\n").unwrap();
        eventually("it is refused", || server.stats().refused == round);
        stranger.write_all(b"is anybody there?\n").unwrap();
        let told = rest(&stranger);
        assert!(told.contains("the server is full (1 members)"), "{told}");
    }
}

#[test]
fn refused_peers_that_never_end_are_let_go() {
    let mut options = options();
    options.member_limit = 1;
    let server = ChatServer::start(options).unwrap();
    let _ann = LinePeer::join(&server);
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    let strangers: Vec<_> = (0..200).map(|_| dial(&server)).collect();
    eventually("all are refused", || server.stats().refused == 200);
    assert!(descriptors() < before + 200 + 100, "of ours at most 64 wait, beside what others open meanwhile");
    eventually("they are let go", || descriptors() < before + 200 + 20);
    strangers.iter().for_each(|stranger| drop(rest(stranger)));
}

/// Admits nobody but the first.
struct Exclusive(usize);

impl Handler for Exclusive {
    fn authorize(&mut self, _member: &Arc<Member>) -> bool {
        self.0 += 1;
        self.0 == 1
    }

    fn event(&mut self, _event: Event) {}
}

#[test]
fn whom_the_embedder_does_not_admit_is_counted_and_can_read_why() {
    for framing in [Framing::Line, Framing::U32Be] {
        let mut options = options();
        (options.authorize, options.framing) = (true, framing);
        let server = ChatServer::start_with(options, Exclusive(0)).unwrap();
        let _first = dial(&server);
        eventually("one is in", || server.stats().joined == 1);
        for round in 1..=5 {
            let mut stranger = dial(&server);
            stranger.write_all(b"let me in\n").unwrap();
            eventually("it is refused", || server.stats().refused == round);
            assert!(rest(&stranger).contains("not admitted"));
        }
        let stats = server.stats();
        assert_eq!((stats.accepted, stats.joined, stats.refused), (6, 1, 5));
    }
}

/// Says when it is asked, and admits everybody once it is let.
struct Slow(mpsc::Sender<()>, mpsc::Receiver<()>);

impl Handler for Slow {
    fn authorize(&mut self, _member: &Arc<Member>) -> bool {
        self.0.send(()).unwrap();
        self.1.recv_timeout(PATIENCE).unwrap();
        true
    }

    fn event(&mut self, _event: Event) {}
}

#[test]
fn a_newcomer_that_meets_a_stopping_server_is_told_so() {
    for (framing, goodbye) in [(Framing::Line, "* server stopped\n"), (Framing::U32Be, r#""reason":"server stopped""#)]
    {
        let ((asked, is_asked), (let_go, go)) = (mpsc::channel(), mpsc::channel());
        let mut options = options();
        (options.authorize, options.framing) = (true, framing);
        let server = ChatServer::start_with(options, Slow(asked, go)).unwrap();
        let mut newcomer = dial(&server);
        newcomer.write_all(b"hello\n").unwrap();
        is_asked.recv_timeout(PATIENCE).unwrap();
        server.close();
        let_go.send(()).unwrap();
        let told = rest(&newcomer);
        assert!(told.contains(goodbye), "{told}");
        newcomer.shutdown(Shutdown::Both).unwrap();
        server.join(PATIENCE).unwrap();
        assert_eq!(server.stats().refused, 1);
    }
}

/// Does what the text says.
struct Filter(mpsc::Sender<Message>);

impl Handler for Filter {
    fn filter(&mut self, message: &Message) -> Verdict {
        self.0.send(message.clone()).unwrap();
        match &*message.text {
            "panic" => panic!("on purpose"),
            "fail" => Verdict::Failed,
            "drop" => Verdict::Drop,
            "long" => Verdict::Replace("x".repeat(1001)),
            "forge" => Verdict::Replace("two\nlines\u{7}".into()),
            "fit" => Verdict::Replace("y".repeat(1000)),
            _ => Verdict::Deliver,
        }
    }

    fn event(&mut self, _event: Event) {}
}

fn filtering(framing: Framing, failure: FilterFailure) -> (ChatServer, mpsc::Receiver<Message>) {
    let (sender, seen) = mpsc::channel();
    let mut options = options();
    (options.filter, options.filter_failure, options.framing) = (true, failure, framing);
    options.message_limit = 1000;
    (ChatServer::start_with(options, Filter(sender)).unwrap(), seen)
}

#[test]
fn what_a_failing_filter_was_asked_about_goes_to_nobody_and_its_speaker_is_told() {
    let (server, _seen) = filtering(Framing::Line, FilterFailure::default());
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    for text in ["panic", "fail"] {
        ann.say(text);
        assert_eq!(ann.hear(), (server.address().to_string(), "* error: not said: the server's filter failed".into()));
    }
    for text in ["long", "forge"] {
        ann.say(text);
        assert!(ann.hear_text().starts_with("* error: not said: what the server's filter made of it"));
    }
    ann.send("drop\nfit\n");
    for peer in [&mut ann, &mut bob] {
        assert_eq!(peer.hear_text(), "y".repeat(1000));
    }
    assert_eq!(server.stats().messages, 1);
}

#[test]
fn a_failing_filter_may_be_made_to_let_pass_but_never_what_it_has_replaced() {
    let (server, _seen) = filtering(Framing::U32Be, FilterFailure::Pass);
    let mut ann = ObjectPeer::join(&server);
    for text in ["panic", "fail"] {
        ann.say(text);
        assert_eq!(ann.hear()["text"], text);
    }
    for (text, code) in [("long", "RUSTCHAT_EMSGSIZE"), ("forge", "RUSTCHAT_EUTF8")] {
        ann.say(text);
        let told = ann.hear();
        assert_eq!((&told["type"], &told["code"]), (&json!("error"), &json!(code)), "{told}");
    }
    assert_eq!(server.stats().messages, 2);
}

/// Takes its time over the first message, until the second one has been read for a while.
struct Pensive(mpsc::Sender<Message>, mpsc::Receiver<()>);

impl Handler for Pensive {
    fn filter(&mut self, message: &Message) -> Verdict {
        self.0.send(message.clone()).unwrap();
        if &*message.text == "first" {
            self.1.recv_timeout(PATIENCE).unwrap();
        }
        Verdict::Deliver
    }

    fn event(&mut self, _event: Event) {}
}

#[test]
fn a_filtered_message_has_one_time_for_the_filter_and_for_the_room() {
    let ((sender, seen), (let_go, go)) = (mpsc::channel(), mpsc::channel());
    let mut options = options();
    (options.filter, options.framing) = (true, Framing::U32Be);
    let server = ChatServer::start_with(options, Pensive(sender, go)).unwrap();
    let mut ann = ObjectPeer::join(&server);
    ann.say("first");
    let first = seen.recv_timeout(PATIENCE).unwrap();
    ann.say("second");
    eventually("both are read", || server.members()[0].messages_in() == 2);
    let read = std::time::Instant::now();
    eventually("some time goes by", || read.elapsed().as_millis() > 20);
    let_go.send(()).unwrap();
    for asked in [first, seen.recv_timeout(PATIENCE).unwrap()] {
        let said = ann.hear();
        let millis = asked.time.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let time: jiff::Timestamp = said["time"].as_str().unwrap().parse().unwrap();
        assert_eq!(time.as_millisecond() as u128, millis, "{}", asked.text);
    }
}
