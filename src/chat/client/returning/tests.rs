use std::time::Duration;

use super::*;
use crate::chat::client::sender::Sender;
use crate::net::{Backoff, Endpoint};

fn options(framing: Framing) -> ClientOptions {
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", 1));
    (options.framing, options.reconnect) = (framing, Some(Backoff::default()));
    options
}

fn first(name: Option<&str>) -> Returning {
    let mut options = options(Framing::U32Be);
    options.name = name.map(str::to_owned);
    Returning::new(&options, Instant::now()).unwrap()
}

fn terms(session: &str) -> Terms {
    Terms { limit: None, session: (!session.is_empty()).then(|| session.to_owned()) }
}

fn welcome(epoch: &str, seq: u64) -> Incoming {
    Incoming { epoch: epoch.to_owned(), seq, ..Incoming::own(IncomingKind::Welcome, String::new()) }
}

fn said(epoch: &str, seq: u64) -> Incoming {
    Incoming { kind: IncomingKind::Message, ..welcome(epoch, seq) }
}

fn refused(status: Status) -> Incoming {
    Incoming { status: Some(status), ..Incoming::own(IncomingKind::Refused, "no".to_owned()) }
}

fn own(kind: IncomingKind) -> Incoming {
    Incoming::own(kind, String::new())
}

/// The kinds of what is told on arrival, and what the gap says is missing.
fn arrived(step: Step) -> (Vec<IncomingKind>, Option<u64>) {
    let Step::Arrived(all) = step else { panic!("{step:?}") };
    let missed = all.iter().find(|incoming| incoming.kind == IncomingKind::Gap).and_then(|gap| gap.missed);
    (all.into_iter().map(|incoming| incoming.kind).collect(), missed)
}

use IncomingKind::{Gap, Message, Named, Reconnected, Welcome};

#[test]
fn the_first_connection_is_told_as_it_comes() {
    let mut returning = first(Some("ann"));
    assert!(returning.is_arriving());
    assert!(matches!(returning.welcomed(welcome("e", 3), &terms("s")), Step::Tell(_)));
    assert!(!returning.is_arriving() && returning.acknowledges());
    // A name that is taken at the beginning is the program's business.
    assert!(matches!(returning.heard(refused(Status::InvalidArgument)), Ok(Step::Tell(_))));
}

#[test]
fn a_later_one_has_all_answers_before_anything_is_told() {
    let mut returning = first(Some("ann"));
    returning.welcomed(welcome("e", 3), &terms("s1"));
    returning.heard(said("e", 4)).unwrap();
    let requests = returning.begin(Instant::now());
    assert!(requests[0].contains("resume") && requests[0].contains("s1"), "{requests:?}");
    assert!(requests[1].contains("hello") && requests[1].contains("ann"), "{requests:?}");
    assert_eq!(returning.welcomed(welcome("e", 9), &terms("s2")), Step::Wait);
    assert_eq!(returning.heard(said("e", 10)).unwrap(), Step::Wait);
    assert_eq!(returning.resumed(true), Step::Wait);
    let (kinds, missed) = arrived(returning.heard(own(Named)).unwrap());
    assert_eq!((kinds, missed), (vec![Reconnected, Gap, Welcome, Message, Named], Some(5)));
    assert!(matches!(returning.heard(said("e", 11)), Ok(Step::Tell(_))));
    // The session is the one that is remembered.
    assert!(returning.begin(Instant::now())[0].contains("s1"));
}

#[test]
fn a_room_that_has_begun_anew_says_nothing_of_what_is_missing() {
    let mut returning = first(None);
    returning.welcomed(welcome("e", 3), &terms("s1"));
    returning.begin(Instant::now());
    returning.welcomed(welcome("f", 3), &terms("s2"));
    assert_eq!(arrived(returning.resumed(false)), (vec![Reconnected, Gap, Welcome], None));
    assert!(returning.begin(Instant::now())[0].contains("s2"));
}

#[test]
fn where_nothing_was_missed_there_is_no_gap() {
    let mut returning = first(None);
    returning.welcomed(welcome("e", 3), &terms("s1"));
    returning.begin(Instant::now());
    returning.welcomed(welcome("e", 3), &terms("s2"));
    assert_eq!(arrived(returning.resumed(true)).0, [Reconnected, Welcome]);
}

#[test]
fn a_server_that_knows_no_sessions_is_not_asked_and_one_that_has_forgotten_how_is_taken_as_it_is() {
    let mut returning = first(None);
    returning.welcomed(welcome("e", 3), &terms(""));
    assert!(!returning.acknowledges() && returning.begin(Instant::now()).is_empty());
    let mut returning = first(None);
    returning.welcomed(welcome("e", 3), &terms("s"));
    returning.begin(Instant::now());
    returning.welcomed(welcome("f", 0), &terms(""));
    arrived(returning.heard(refused(Status::ProtocolViolation)).unwrap());
    assert!(!returning.acknowledges());
}

#[test]
fn a_name_that_is_taken_is_asked_for_a_few_times() {
    let mut returning = first(Some("ann"));
    returning.welcomed(welcome("e", 3), &terms(""));
    returning.heard(own(Named)).unwrap();
    let mut ask = || {
        returning.begin(Instant::now());
        returning.welcomed(welcome("e", 3), &terms(""));
        returning.heard(refused(Status::InvalidArgument)).unwrap_err()
    };
    assert!((1..NAME_TRIES).all(|_| !is_final(&ask())));
    let last = ask();
    assert!(is_final(&last) && last.status() == Status::InvalidArgument, "{last}");
}

#[test]
fn a_name_that_was_never_ours_is_asked_for_and_not_fought_for() {
    for framing in [Framing::Line, Framing::U32Be] {
        let mut options = options(framing);
        options.name = Some("ann".to_owned());
        let mut returning = Returning::new(&options, Instant::now()).unwrap();
        for _ in 0..=NAME_TRIES {
            assert_eq!(returning.begin(Instant::now()).len(), 1);
            returning.welcomed(welcome("e", 3), &terms(""));
            let kinds = arrived(returning.heard(refused(Status::InvalidArgument)).unwrap()).0;
            assert_eq!(kinds.last(), Some(&IncomingKind::Refused));
        }
    }
}

#[test]
fn what_ends_a_connection_on_which_we_are_not_in_yet_is_not_told() {
    let mut returning = first(None);
    assert!(matches!(returning.heard(refused(Status::Overflow)), Ok(Step::Tell(_))));
    returning.begin(Instant::now());
    assert_eq!(returning.heard(refused(Status::Overflow)), Ok(Step::Wait));
    assert!(returning.is_arriving());
}

#[test]
fn a_line_chat_is_back_with_its_first_line_or_after_a_moment() {
    let mut returning = Returning::new(&options(Framing::Line), Instant::now()).unwrap();
    assert!(!returning.is_arriving());
    for by_line in [true, false] {
        assert!(returning.begin(Instant::now()).is_empty() && returning.is_arriving());
        let step = if by_line { returning.heard(own(Message)).unwrap() } else { returning.waited() };
        let kinds = arrived(step).0;
        assert_eq!(kinds[..2], [Reconnected, Gap]);
        assert_eq!(kinds.len(), 2 + usize::from(by_line));
    }
}

/// That a server of line chat has given us a name.
fn called(name: &str) -> Incoming {
    let from = Sender { name: Some(name.to_owned()), ..Sender::default() };
    Incoming { from, ..own(Named) }
}

/// A client of line chat that was called ann, and has come back.
fn named() -> Returning {
    let mut returning = Returning::new(&options(Framing::Line), Instant::now()).unwrap();
    returning.heard(called("ann")).unwrap();
    assert!(!returning.is_arriving() && !returning.awaits_name());
    assert_eq!(returning.begin(Instant::now()), ["/name ann"]);
    assert!(returning.is_arriving() && returning.awaits_name());
    returning
}

#[test]
fn a_line_chat_that_knows_names_is_waited_for_until_it_has_given_ours() {
    let mut returning = named();
    assert_eq!(returning.heard(own(Message)), Ok(Step::Wait));
    assert_eq!(arrived(returning.heard(own(Named)).unwrap()).0, [Reconnected, Gap, Message, Named]);
    assert!(!returning.awaits_name());
    // Whoever has it may be our last connection.
    assert_eq!(named().heard(refused(Status::InvalidArgument)).unwrap_err().status(), Status::ConnectionReset);
}

#[test]
fn a_line_chat_is_asked_for_the_name_that_was_ours_last() {
    let mut returning = named();
    returning.heard(called("ben")).unwrap();
    assert_eq!(returning.begin(Instant::now()), ["/name ben"]);
    returning.heard(own(Named)).unwrap();
    assert_eq!(returning.begin(Instant::now()), [""; 0]);
}

#[test]
fn a_line_chat_that_knows_no_names_is_not_waited_for_long() {
    let mut returning = named();
    let echo = Incoming::own(Message, "/name ann".to_owned());
    assert_eq!(arrived(returning.heard(echo).unwrap()).0, [Reconnected, Gap, Message]);
    let mut returning = named();
    returning.heard(own(Message)).unwrap();
    assert_eq!(arrived(returning.waited()).0, [Reconnected, Gap, Message]);
    let mut returning = named();
    let waits = (0..).take_while(|_| returning.heard(own(Message)) == Ok(Step::Wait)).count();
    assert_eq!(waits, HELD);
}

#[test]
fn only_who_was_in_for_long_enough_is_tried_again_quickly() {
    let mut returning = first(None);
    let now = Instant::now();
    returning.waits.next(0.0);
    returning.begin(now);
    returning.ended(now + Duration::from_secs(3600));
    assert_eq!(returning.waits.tries(), 1, "it was never let in");
    returning.begin(now);
    returning.welcomed(welcome("e", 3), &terms(""));
    returning.ended(now + Duration::from_secs(3600));
    assert_eq!(returning.waits.tries(), 0);
}

#[test]
fn whom_the_server_does_not_want_back_does_not_come() {
    for (words, status) in [
        ("disconnected by the server", None),
        ("not admitted", Some(Status::AuthenticationFailed)),
        ("banned", None),
        ("you are banned here", Some(Status::Refused)),
    ] {
        assert!(is_final_farewell(words, status));
    }
    for words in
        ["server stopped", "too slow: outbox over its limit", "the server is full (1 members); try again later"]
    {
        assert!(!is_final_farewell(words, Some(Status::Overflow)));
    }
    assert!(is_final(&Status::AuthenticationFailed.into()) && !is_final(&Status::ConnectionRefused.into()));
}
