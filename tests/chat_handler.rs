//! Hooks: they decide, they observe, and their bugs stay theirs.

mod support;

use std::sync::{Arc, mpsc};

use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Events, Handler, Member, MemberId, Message, Verdict};
use support::{LinePeer, PATIENCE, dial, options};

/// Shouts, swallows, stumbles and keeps out, depending on the text.
struct Moody(mpsc::Sender<String>, Vec<MemberId>);

impl Moody {
    /// The how manieth newcomer it is.
    fn number(&mut self, member: &Member) -> usize {
        let known = self.1.iter().position(|&id| id == member.id());
        1 + known.unwrap_or_else(|| {
            self.1.push(member.id());
            self.1.len() - 1
        })
    }
}

impl Handler for Moody {
    fn authorize(&mut self, member: &Arc<Member>) -> bool {
        let number = self.number(member);
        self.0.send(format!("may {number}?")).unwrap();
        number != 2
    }

    fn filter(&mut self, message: &Message) -> Verdict {
        match &*message.text {
            "swallow" => Verdict::Drop,
            "stumble" => panic!("on purpose"),
            "forge" => Verdict::Replace("two\nlines".into()),
            text => Verdict::Replace(text.to_uppercase()),
        }
    }

    fn event(&mut self, event: Event) {
        let told = match event {
            Event::Joined(member) => format!("joined {}", self.number(&member)),
            Event::Left(member, reason) => format!("left {}: {reason}", self.number(&member)),
            Event::Message(message) => format!("message {}", message.text),
            Event::Closed => "closed".into(),
            _ => return,
        };
        self.0.send(told).unwrap();
    }
}

#[test]
fn a_handler_filters_admits_and_observes_in_order() {
    let (sender, told) = mpsc::channel();
    let mut options = options();
    (options.filter, options.authorize, options.events) = (true, true, Events::All);
    let server = ChatServer::start_with(options, Moody(sender, Vec::new())).unwrap();
    let mut ann = LinePeer::join(&server);
    let mut refused = String::new();
    std::io::Read::read_to_string(&mut dial(&server), &mut refused).unwrap();
    assert!(refused.contains("* error: not admitted"), "{refused}");
    let mut bob = LinePeer::join(&server);
    ann.send("loud\nswallow\nstumble\nforge\nend\nquit\n");
    for (peer, errors) in [(&mut ann, 2), (&mut bob, 0)] {
        let (told, heard): (Vec<_>, Vec<_>) =
            (0..2 + errors).map(|_| peer.hear_text()).partition(|text| text.starts_with("* error: not said"));
        assert_eq!((told.len(), heard), (errors, vec!["LOUD".into(), "END".into()]));
    }
    assert_eq!(server.stats().messages, 2);
    server.stop(PATIENCE).unwrap();
    let told: Vec<String> = told.iter().collect();
    assert_eq!(
        told,
        ["may 1?", "joined 1", "may 2?", "may 3?", "joined 3", "left 1: quit", "left 3: server stopped", "closed"]
    );
}

struct Observer(mpsc::Sender<(String, u64, String)>);

impl Handler for Observer {
    fn event(&mut self, event: Event) {
        if let Event::Message(message) = event {
            self.0.send((message.from.label().to_owned(), message.seq, message.text.to_string())).unwrap();
            assert_ne!(&*message.text, "stumble", "on purpose");
        }
    }
}

#[test]
fn an_observer_sees_every_message_with_its_number_even_after_a_panic() {
    let (sender, seen) = mpsc::channel();
    let mut options = options();
    options.events = Events::All;
    let server = ChatServer::start_with(options, Observer(sender)).unwrap();
    let mut ann = LinePeer::join(&server);
    for text in ["one", "stumble", "three"] {
        ann.say(text);
        assert_eq!(ann.hear_text(), text);
    }
    for (number, text) in [(1, "one"), (2, "stumble"), (3, "three")] {
        assert_eq!(seen.recv_timeout(PATIENCE).unwrap(), (ann.address(), number, text.into()));
    }
    let mut events = Vec::new();
    assert_eq!(server.poll(&mut events, 1, PATIENCE).unwrap_err().status(), Status::BadState);
}

#[test]
fn what_was_read_before_the_stop_passes_the_filter_and_arrives() {
    let (sender, _told) = mpsc::channel();
    let mut options = options();
    (options.filter, options.events) = (true, Events::None);
    let server = ChatServer::start_with(options, Moody(sender, Vec::new())).unwrap();
    let mut ann = LinePeer::join(&server);
    ann.send((0..1000).map(|number| format!("n{number}\n")).collect::<String>());
    let first = ann.hear_text();
    assert_eq!(first, "N0");
    let read = server.members()[0].messages_in();
    server.stop(PATIENCE).unwrap();
    for number in 1..read {
        assert_eq!(ann.hear_text(), format!("N{number}"));
    }
}

#[test]
fn a_member_that_speaks_and_ends_is_heard_before_it_leaves() {
    let (sender, told) = mpsc::channel();
    let mut options = options();
    (options.filter, options.events, options.announce) = (true, Events::All, true);
    let server = ChatServer::start_with(options, Moody(sender, Vec::new())).unwrap();
    let mut bob = LinePeer::join(&server);
    let mut ann = LinePeer::join(&server);
    ann.send("last words\n");
    ann.end_sending();
    assert_eq!(ann.hear_text(), "LAST WORDS");
    let heard: Vec<String> = (0..3).map(|_| bob.hear_text()).collect();
    assert!(heard[0].ends_with("joined") && heard[1] == "LAST WORDS" && heard[2].contains("closed"), "{heard:?}");
    drop((server, told));
}
