//! Questions to who polls: answered in any order, published in that of the room, and bounded.

mod support;

use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::chat::{ChatServer, Event, Events, FilterFailure, Question, QuestionId, ServerOptions, Verdict};
use support::{LinePeer, PATIENCE, await_members, dial, eventually, next_event, options};

fn asking(change: impl FnOnce(&mut ServerOptions)) -> ChatServer {
    let mut options = options();
    options.filter = true;
    change(&mut options);
    ChatServer::start(options).unwrap()
}

/// The next question about a message, and its text; whatever else is told is passed over.
fn asked(server: &ChatServer) -> (QuestionId, String) {
    loop {
        if let Event::Ask(id, Question::Message(message)) = next_event(server) {
            assert_eq!(message.seq, 0);
            return (id, message.text.to_string());
        }
    }
}

/// The next question about who wants in.
fn asked_to_join(server: &ChatServer) -> QuestionId {
    loop {
        if let Event::Ask(id, Question::Join(_)) = next_event(server) {
            return id;
        }
    }
}

#[test]
fn answers_in_any_order_are_published_in_the_order_of_the_room() {
    let server = asking(|_| {});
    let mut ann = LinePeer::join(&server);
    for number in 0..6 {
        ann.say(&number.to_string());
    }
    let questions: Vec<_> = (0..6).map(|_| asked(&server)).collect();
    assert!(questions.iter().enumerate().all(|(number, (_, text))| *text == number.to_string()));
    let verdicts = [
        (5, Verdict::Deliver),
        (3, Verdict::Drop),
        (1, Verdict::Replace("one".into())),
        (4, Verdict::Failed),
        (2, Verdict::Deliver),
    ];
    for (number, verdict) in verdicts {
        server.answer(questions[number].0, verdict).unwrap();
    }
    assert_eq!(server.stats().messages, 0, "the first is not answered");
    server.answer(questions[0].0, Verdict::Deliver).unwrap();
    let heard: Vec<_> = (0..5).map(|_| ann.hear_text()).collect();
    assert_eq!(heard, ["0", "one", "2", "* error: not said: the server's filter failed", "5"]);
    for id in [questions[0].0, 0, 1000] {
        assert_eq!(server.answer(id, Verdict::Deliver).unwrap_err().status(), Status::InvalidArgument);
    }
}

#[test]
fn a_filter_that_fails_may_pass_and_a_text_that_may_not_be_said_does_not() {
    let server = asking(|options| options.filter_failure = FilterFailure::Pass);
    let mut ann = LinePeer::join(&server);
    for text in ["as it was", "forged"] {
        ann.say(text);
    }
    server.answer(asked(&server).0, Verdict::Failed).unwrap();
    server.answer(asked(&server).0, Verdict::Replace("two\nlines".into())).unwrap();
    assert_eq!(ann.hear_text(), "as it was");
    assert_eq!(ann.hear_text(), "* error: not said: what the server's filter made of it may not be sent");
}

#[test]
fn who_leaves_does_so_behind_what_it_has_said() {
    let server = asking(|options| options.events = Events::Membership);
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    bob.say("last words");
    let (id, _) = asked(&server);
    bob.say("quit");
    ann.say("later");
    let (later, _) = asked(&server);
    server.answer(later, Verdict::Deliver).unwrap();
    assert_eq!(server.members().len(), 2);
    server.answer(id, Verdict::Deliver).unwrap();
    assert_eq!((ann.hear_text(), ann.hear_text()), ("last words".into(), "later".into()));
    assert_eq!(bob.hear_text(), "last words");
    eventually("it leaves", || {
        let mut events = Vec::new();
        let _ = server.poll(&mut events, 1, Duration::ZERO);
        events.iter().any(|event| matches!(event, Event::Left(..)))
    });
}

#[test]
fn who_leaves_without_a_question_open_needs_no_answer() {
    let server = asking(|_| {});
    for _ in 0..3 {
        let ann = LinePeer::join(&server);
        ann.say("quit");
        eventually("it is gone", || {
            // Nothing is told, and yet somebody has to come by.
            assert_eq!(server.poll(&mut Vec::new(), 8, Duration::ZERO).unwrap_err().status(), Status::TimedOut);
            server.members().is_empty()
        });
    }
}

#[test]
fn what_a_member_has_said_that_was_sent_away_is_not_heard() {
    let server = asking(|_| {});
    let (mut ann, bob) = (LinePeer::join(&server), LinePeer::join(&server));
    bob.say("unheard");
    let (id, _) = asked(&server);
    let bob_id = server.members()[1].id();
    server.disconnect(bob_id).unwrap();
    server.answer(id, Verdict::Deliver).unwrap();
    ann.say("heard");
    server.answer(asked(&server).0, Verdict::Deliver).unwrap();
    assert_eq!(ann.hear_text(), "heard");
}

#[test]
fn whom_the_program_lets_in_joins_and_nobody_waits_for_who_is_asked_about() {
    let server = asking(|options| options.authorize = true);
    let first = dial(&server);
    let admitted = asked_to_join(&server);
    assert!(server.members().is_empty());
    server.answer(admitted, Verdict::Deliver).unwrap();
    await_members(&server, 1);
    let mut ann = LinePeer::over(first);
    let mut second = LinePeer::over(dial(&server));
    let open = asked_to_join(&server);
    ann.say("meanwhile");
    server.answer(asked(&server).0, Verdict::Deliver).unwrap();
    assert_eq!(ann.hear_text(), "meanwhile");
    server.answer(open, Verdict::Drop).unwrap();
    assert_eq!(second.hear_text(), "* error: not admitted");
    assert_eq!(server.stats().refused, 1);
    // Of who has gone the answer does nothing.
    drop(dial(&server));
    server.answer(asked_to_join(&server), Verdict::Deliver).unwrap();
}

#[test]
fn members_are_not_read_while_too_much_is_not_answered() {
    let server = asking(|options| options.event_limit = 10);
    let mut ann = LinePeer::join(&server);
    for number in 0..1000 {
        ann.say(&format!("{number}"));
    }
    let mut questions = Vec::new();
    let mut events = Vec::new();
    eventually("it stops asking", || {
        let before = questions.len();
        while server.poll(&mut events, 100, Duration::from_millis(20)).is_ok() {
            questions.extend(events.drain(..).filter_map(|event| match event {
                Event::Ask(id, _) => Some(id),
                _ => None,
            }));
        }
        before > 0 && questions.len() == before
    });
    // A read brings several messages.
    assert!(questions.len() < 1000, "{} were asked", questions.len());
    let mut answered = 0;
    while answered < 1000 {
        for id in questions.drain(..) {
            server.answer(id, Verdict::Deliver).unwrap();
            answered += 1;
        }
        if answered < 1000 {
            questions.push(asked(&server).0);
        }
    }
    assert!((0..1000).all(|number| ann.hear_text() == number.to_string()));
}

#[test]
fn a_server_that_stops_waits_for_answers_no_longer_than_it_may() {
    for answers in [true, false] {
        let server = asking(|options| options.events = Events::All);
        let mut ann = LinePeer::join(&server);
        ann.say("last words");
        let (id, _) = asked(&server);
        server.close_within(if answers { PATIENCE } else { Duration::from_millis(100) });
        if answers {
            server.answer(id, Verdict::Deliver).unwrap();
            assert_eq!(ann.hear_text(), "last words");
            drop(ann);
            // The end is told to who polls.
            while !matches!(next_event(&server), Event::Closed) {}
        }
        server.join(PATIENCE).unwrap();
        assert_eq!(server.answer(id, Verdict::Deliver).is_ok(), !answers);
    }
}

#[test]
fn who_is_asked_nothing_has_nothing_to_answer() {
    let mut options = options();
    options.events = Events::All;
    let server = ChatServer::start(options).unwrap();
    assert_eq!(server.answer(1, Verdict::Deliver).unwrap_err().status(), Status::BadState);
}

/// An embedder that has answered all that it was asked, and does not poll again.
#[test]
fn nobody_needs_to_poll_for_who_leaves_with_nothing_unanswered() {
    let server = asking(|options| options.events = Events::Membership);
    let mut ann = LinePeer::join(&server);
    // Who has said nothing that was not answered leaves at once, however it does.
    drop(dial(&server));
    let ben = LinePeer::join(&server);
    await_members(&server, 2);
    ann.say("hello");
    let (id, _) = asked(&server);
    server.answer(id, Verdict::Deliver).unwrap();
    assert_eq!(ann.hear_text(), "hello");
    ann.say("quit");
    drop(ben);
    await_members(&server, 0);
    let begin = Instant::now();
    server.stop(PATIENCE).unwrap();
    assert!(begin.elapsed() < PATIENCE / 2, "{:?}", begin.elapsed());
}

#[test]
fn an_answer_lets_go_whoever_left_behind_what_is_answered() {
    let server = asking(|options| options.events = Events::Membership);
    let (ann, mut ben) = (LinePeer::join(&server), LinePeer::join(&server));
    ann.send("one\ntwo\nquit\n");
    let questions = [asked(&server).0, asked(&server).0];
    server.answer(questions[0], Verdict::Deliver).unwrap();
    assert_eq!(ben.hear_text(), "one");
    // Nobody takes what is said behind that; the turn is over in which it was read.
    ben.say("three");
    eventually("three waits", || server.members()[1].messages_in() == 1);
    assert_eq!(server.members().len(), 2, "its last word is not decided");
    server.answer(questions[1], Verdict::Deliver).unwrap();
    assert_eq!(ben.hear_text(), "two");
    await_members(&server, 1);
    server.answer(asked(&server).0, Verdict::Deliver).unwrap();
    assert_eq!(ben.hear_text(), "three");
    server.stop(PATIENCE).unwrap();
}
