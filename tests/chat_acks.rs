//! Messages with a number of their sender's: said once, and acknowledged.

mod support;

use std::sync::{Arc, Mutex, mpsc};

use rustchat::chat::{ChatServer, Event, Handler, LeaveReason, Message, ServerOptions, Verdict};
use rustchat::frame::Framing;
use serde_json::{Value, json};
use support::{ObjectPeer, PATIENCE, await_members, eventually, options};

fn message_options() -> ServerOptions {
    let mut options = options();
    options.framing = Framing::U32Be;
    options
}

fn start(change: impl FnOnce(&mut ServerOptions)) -> ChatServer {
    let mut options = message_options();
    change(&mut options);
    ChatServer::start(options).unwrap()
}

fn say(peer: &ObjectPeer, text: &str, number: u64) {
    peer.send(&json!({"type": "message", "text": text, "ref": number}));
}

/// The next object of that type; those before it go by.
fn hear(peer: &mut ObjectPeer, kind: &str) -> Value {
    loop {
        let heard = peer.hear();
        assert!(!heard.is_null(), "the end, instead of {kind}");
        if heard["type"] == kind {
            return heard;
        }
    }
}

fn session(peer: &ObjectPeer) -> String {
    peer.welcome["session"].as_str().unwrap().to_owned()
}

fn resume(peer: &mut ObjectPeer, session: &str) -> bool {
    peer.send(&json!({"type": "resume", "session": session}));
    let answer = hear(peer, "resumed");
    assert_eq!(answer["session"], session);
    answer["known"].as_bool().unwrap()
}

/// All texts of the room up to the one that is said now.
fn texts(peer: &mut ObjectPeer, last: &str) -> Vec<String> {
    peer.say(last);
    let mut texts = Vec::new();
    loop {
        let text = hear(peer, "message")["text"].as_str().unwrap().to_owned();
        if text == last {
            return texts;
        }
        texts.push(text);
    }
}

#[test]
fn a_message_is_acknowledged_behind_itself_and_one_that_comes_again_is_not_said() {
    let server = start(|_| {});
    let mut ann = ObjectPeer::join(&server);
    say(&ann, "hi", 7);
    let said = ann.hear();
    let ack = ann.hear();
    assert_eq!((&said["type"], &said["again"]), (&json!("message"), &Value::Null));
    let expected = json!({"type": "ack", "ref": 7, "room": "lobby", "epoch": said["epoch"], "seq": said["seq"]});
    assert_eq!(ack, expected);
    say(&ann, "hi", 7);
    let mut again = expected;
    again["again"] = true.into();
    assert_eq!(ann.hear(), again);
    assert_eq!(texts(&mut ann, "end"), [""; 0]);
    assert_eq!(server.stats().messages, 2);
}

#[test]
fn many_at_once_are_acknowledged_each_with_its_own_number() {
    let server = start(|_| {});
    let (mut ann, mut bob) = (ObjectPeer::join(&server), ObjectPeer::join(&server));
    for number in 1..=500 {
        say(&ann, &number.to_string(), number);
        bob.say("between");
    }
    let mut seqs = std::collections::HashMap::new();
    for _ in 0..1500 {
        let heard = ann.hear();
        match heard["type"].as_str().unwrap() {
            "message" => drop(seqs.insert(heard["text"].as_str().unwrap().to_owned(), heard["seq"].clone())),
            "ack" => assert_eq!(seqs[&heard["ref"].to_string()], heard["seq"]),
            other => panic!("{other}"),
        }
    }
    assert_eq!(hear(&mut bob, "message")["seq"], 1);
}

#[test]
fn who_comes_back_with_its_session_says_nothing_twice() {
    let server = start(|_| {});
    let ann = ObjectPeer::join(&server);
    let (name, mut watcher) = (session(&ann), ObjectPeer::join(&server));
    say(&ann, "once", 1);
    eventually("it is said", || server.stats().messages == 1);
    drop(ann);
    let mut ann = ObjectPeer::join(&server);
    assert_ne!(session(&ann), name);
    assert!(resume(&mut ann, &name));
    ann.send(&json!({"type": "message", "text": "once", "ref": 1, "again": true}));
    let ack = hear(&mut ann, "ack");
    assert_eq!((&ack["ref"], &ack["again"], &ack["seq"]), (&json!(1), &json!(true), &json!(1)));
    // What the server has not heard is new here, though its sender says it again.
    ann.send(&json!({"type": "message", "text": "lost before", "ref": 2, "again": true}));
    assert_eq!(hear(&mut ann, "ack")["again"], Value::Null);
    assert_eq!(texts(&mut watcher, "end"), ["once", "lost before"]);
}

#[test]
fn what_a_server_cannot_know_is_marked() {
    let server = start(|_| {});
    let mut ann = ObjectPeer::join(&server);
    for bad in ["", "0123456789abcdef0123456789abcdef", "ä", "x"] {
        assert!(!resume(&mut ann, bad));
    }
    ann.send(&json!({"type": "message", "text": "perhaps twice", "ref": 1, "again": true}));
    let said = hear(&mut ann, "message");
    assert_eq!((&said["text"], &said["again"]), (&json!("perhaps twice"), &json!(true)));
    assert_eq!(hear(&mut ann, "ack")["seq"], said["seq"]);
}

#[test]
fn a_session_that_is_taken_over_frees_its_name_at_once_and_its_last_words_are_said() {
    let server = start(|options| options.announce = true);
    let mut ghost = ObjectPeer::join(&server);
    ghost.send(&json!({"type": "hello", "name": "ann"}));
    hear(&mut ghost, "name");
    say(&ghost, "mine", 1);
    hear(&mut ghost, "ack");
    let name = session(&ghost);
    // The ghost's connection still stands, as far as the server can see.
    let mut ann = ObjectPeer::join(&server);
    ann.send(&json!({"type": "resume", "session": name}));
    ann.send(&json!({"type": "hello", "name": "Ann"}));
    say(&ann, "mine", 1);
    say(&ann, "new", 2);
    assert_eq!(hear(&mut ann, "resumed")["known"], true);
    assert_eq!(hear(&mut ann, "name")["name"], "Ann");
    let acks = [hear(&mut ann, "ack"), hear(&mut ann, "ack")];
    assert_eq!((&acks[0]["again"], &acks[1]["ref"]), (&json!(true), &json!(2)));
    while !ghost.hear().is_null() {}
    await_members(&server, 1);
    // The name is still Ann's after the ghost has gone.
    let mut other = ObjectPeer::join(&server);
    other.send(&json!({"type": "hello", "name": "ANN"}));
    assert_eq!(hear(&mut other, "error")["code"], "RUSTCHAT_EINVAL");
}

#[test]
fn a_name_is_free_for_who_comes_back_without_having_said_anything() {
    let server = start(|_| {});
    let mut ghost = ObjectPeer::join(&server);
    ghost.send(&json!({"type": "hello", "name": "ann"}));
    hear(&mut ghost, "name");
    let mut ann = ObjectPeer::join(&server);
    assert!(resume(&mut ann, &session(&ghost)));
    ann.send(&json!({"type": "hello", "name": "ann"}));
    assert_eq!(hear(&mut ann, "name")["name"], "ann");
    await_members(&server, 1);
}

#[test]
fn refusals_carry_the_number_and_are_remembered_only_where_it_was_taken() {
    let server = start(|_| {});
    let mut ann = ObjectPeer::join(&server);
    say(&ann, "bad\u{7}", 1);
    let error = hear(&mut ann, "error");
    assert_eq!((&error["ref"], &error["code"]), (&json!(1), &json!("RUSTCHAT_EUTF8")));
    ann.send(&json!({"type": "dance", "ref": 5}));
    assert_eq!(hear(&mut ann, "error")["ref"], 5);
    say(&ann, "good", 1);
    assert_eq!(hear(&mut ann, "ack")["ref"], 1);
    for number in 2..=300 {
        say(&ann, "x", number);
        hear(&mut ann, "ack");
    }
    say(&ann, "x", 3);
    assert_eq!(hear(&mut ann, "error")["code"], "RUSTCHAT_EINVAL");
    ann.send(&json!({"type": "message", "text": "x", "ref": -1}));
    assert_eq!(hear(&mut ann, "error")["code"], "RUSTCHAT_EPROTO");
}

/// Lets pass what it is told to, when it is told to.
struct Gate(mpsc::Receiver<Verdict>);

impl Handler for Gate {
    fn filter(&mut self, _message: &Message) -> Verdict {
        self.0.recv_timeout(PATIENCE).unwrap()
    }

    fn event(&mut self, _event: Event) {}
}

fn gated() -> (ChatServer, mpsc::Sender<Verdict>) {
    let (verdict, verdicts) = mpsc::channel();
    let mut options = message_options();
    options.filter = true;
    (ChatServer::start_with(options, Gate(verdicts)).unwrap(), verdict)
}

#[test]
fn whatever_a_filter_decides_is_answered() {
    let (server, verdict) = gated();
    let mut ann = ObjectPeer::join(&server);
    let verdicts = [Verdict::Deliver, Verdict::Drop, Verdict::Failed, Verdict::Replace("\u{7}".into())];
    for (number, answer) in (1..).zip(verdicts) {
        say(&ann, "x", number);
        verdict.send(answer).unwrap();
    }
    // What passes may wait for more that does.
    let mut answers: Vec<_> = (0..5).map(|_| ann.hear()).filter(|heard| heard["type"] != "message").collect();
    answers.sort_by_key(|answer| answer["ref"].as_u64());
    assert_eq!((&answers[0]["type"], &answers[0]["ref"]), (&json!("ack"), &json!(1)));
    for (answer, code) in answers[1..].iter().zip(["RUSTCHAT_EREFUSED", "RUSTCHAT_EIO", "RUSTCHAT_EUTF8"]) {
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)));
    }
    // Said again, the same is told again, and the filter is not asked.
    say(&ann, "x", 2);
    assert_eq!(hear(&mut ann, "error")["code"], "RUSTCHAT_EREFUSED");
}

#[test]
fn what_waits_for_a_filter_while_its_sender_comes_back_is_said_once() {
    let (server, verdict) = gated();
    let ghost = ObjectPeer::join(&server);
    let name = session(&ghost);
    say(&ghost, "slow", 1);
    eventually("it is read", || server.members()[0].messages_in() == 1);
    let mut ann = ObjectPeer::join(&server);
    assert!(resume(&mut ann, &name));
    say(&ann, "slow", 1);
    say(&ann, "next", 2);
    let id = ann.welcome["you"]["id"].as_u64().unwrap();
    eventually("both are read", || server.member(id).is_ok_and(|member| member.messages_in() == 1));
    verdict.send(Verdict::Deliver).unwrap();
    verdict.send(Verdict::Deliver).unwrap();
    let acks = [hear(&mut ann, "ack"), hear(&mut ann, "ack")];
    assert_eq!((&acks[0]["ref"], &acks[1]["ref"]), (&json!(1), &json!(2)));
    assert_eq!(server.stats().messages, 2);
}

#[test]
fn last_words_are_acknowledged_before_the_farewell() {
    let server = start(|_| {});
    let mut ann = ObjectPeer::join(&server);
    say(&ann, "last", 1);
    ann.send(&json!({"type": "quit"}));
    let kinds: Vec<_> = (0..3).map(|_| ann.hear()["type"].clone()).collect();
    assert_eq!(kinds, ["message", "ack", "bye"]);
}

#[test]
fn who_tells_who_is_there_page_by_page() {
    let server = start(|options| options.message_limit = 2048);
    let mut peers: Vec<_> = (0..10).map(|_| ObjectPeer::join(&server)).collect();
    peers[3].send(&json!({"type": "hello", "name": "ann"}));
    hear(&mut peers[3], "name");
    let ann = &mut peers[0];
    let (mut found, mut after) = (Vec::new(), json!(null));
    loop {
        let request = if after.is_null() { json!({"type": "who"}) } else { json!({"type": "who", "after": after}) };
        ann.send(&request);
        let page = hear(ann, "presence");
        assert_eq!((&page["count"], &page["left"], &page["room"]), (&json!(10), &json!([]), &json!("lobby")));
        assert!(page.to_string().len() < 2 * 2048 + 1024);
        found.extend(page["joined"].as_array().unwrap().clone());
        if page["more"] == false {
            break;
        }
        after = found.last().unwrap()["id"].clone();
    }
    let ids: Vec<_> = found.iter().map(|member| member["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, server.members().iter().map(|member| member.id()).collect::<Vec<_>>());
    assert_eq!(found[3]["name"], "ann");
}

#[test]
fn a_message_to_one_reaches_that_one_behind_what_was_said_before() {
    let server = start(|_| {});
    let (mut ann, mut bob, mut eve) = (ObjectPeer::join(&server), ObjectPeer::join(&server), ObjectPeer::join(&server));
    bob.send(&json!({"type": "hello", "name": "Bob"}));
    hear(&mut bob, "name");
    let id = bob.welcome["you"]["id"].clone();
    for (number, to) in [(1, json!("bob")), (2, id)] {
        ann.say("to all");
        ann.send(&json!({"type": "message", "to": to, "text": "psst", "ref": number}));
        let kinds: Vec<_> = (0..2).map(|_| bob.hear()).collect();
        assert_eq!((&kinds[0]["text"], &kinds[1]["text"]), (&json!("to all"), &json!("psst")));
        let direct = &kinds[1];
        assert_eq!((&direct["type"], &direct["from"]), (&json!("direct"), &ann.welcome["you"]));
        assert_eq!(hear(&mut ann, "ack"), json!({"type": "ack", "ref": number, "delivered": true}));
    }
    for to in [json!("nobody"), json!(0), json!(u64::MAX), json!("127.0.0.1:60000"), json!("")] {
        ann.send(&json!({"type": "message", "to": to, "text": "psst"}));
        let code = hear(&mut ann, "error")["code"].clone();
        assert!(["RUSTCHAT_ENOPEER", "RUSTCHAT_EUTF8"].contains(&code.as_str().unwrap()), "{code}");
    }
    assert_eq!(texts(&mut eve, "end"), ["to all", "to all"]);
}

#[test]
fn a_filter_is_asked_about_what_is_for_one_alone_and_told_whom_it_is_for() {
    struct Censor;
    impl Handler for Censor {
        fn filter(&mut self, message: &Message) -> Verdict {
            match (&message.to, &*message.text) {
                (_, "no") => Verdict::Drop,
                (Some(to), text) => Verdict::Replace(format!("{text}, {}", to.name().unwrap_or("you"))),
                (None, _) => Verdict::Deliver,
            }
        }

        fn event(&mut self, _event: Event) {}
    }
    let mut options = message_options();
    options.filter = true;
    let server = ChatServer::start_with(options, Censor).unwrap();
    let (mut ann, mut bob, mut eve) = (ObjectPeer::join(&server), ObjectPeer::join(&server), ObjectPeer::join(&server));
    bob.send(&json!({"type": "hello", "name": "Bob"}));
    hear(&mut bob, "name");
    ann.say("to all");
    for (number, text) in [(1, "psst"), (2, "no")] {
        ann.send(&json!({"type": "message", "to": "bob", "text": text, "ref": number}));
    }
    assert_eq!(hear(&mut ann, "ack"), json!({"type": "ack", "ref": 1, "delivered": true}));
    let refused = hear(&mut ann, "error");
    assert_eq!((&refused["code"], &refused["ref"]), (&json!("RUSTCHAT_EREFUSED"), &json!(2)));
    assert_eq!(bob.hear()["text"], "to all");
    let direct = bob.hear();
    assert_eq!((&direct["type"], &direct["text"]), (&json!("direct"), &json!("psst, Bob")));
    assert_eq!(texts(&mut eve, "end"), ["to all"]);
    assert_eq!(texts(&mut bob, "last"), ["end"]);
}

#[test]
fn whose_session_is_taken_over_leaves_as_one_whose_connection_broke() {
    let left: Arc<Mutex<Vec<LeaveReason>>> = Arc::default();
    struct Watch(Arc<Mutex<Vec<LeaveReason>>>);
    impl Handler for Watch {
        fn event(&mut self, event: Event) {
            if let Event::Left(_, reason) = event {
                self.0.lock().unwrap().push(reason);
            }
        }
    }
    let mut options = message_options();
    options.events = rustchat::chat::Events::All;
    let server = ChatServer::start_with(options, Watch(Arc::clone(&left))).unwrap();
    let mut ann = ObjectPeer::join(&server);
    say(&ann, "one", 1);
    hear(&mut ann, "ack");
    let name = session(&ann);
    let mut later = ObjectPeer::join(&server);
    assert!(resume(&mut later, &name));
    eventually("it has left", || left.lock().unwrap().as_slice() == [LeaveReason::Lost]);
}
