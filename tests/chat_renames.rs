//! Members who change their names, and who is told.

mod support;

use std::sync::mpsc;
use std::thread;

use rustchat::Status;
use rustchat::chat::{
    Ban, BanSubject, ChatClient, ChatServer, ClientEvent, ClientOptions, Event, Events, IncomingKind,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use serde_json::{Value, json};
use support::returning::{BOTH, Place, until};
use support::{LinePeer, ObjectPeer, PATIENCE, await_members, eventually, next_event, options};

use IncomingKind::{Disconnected, Named, Reconnected, Refused};

fn start(framing: Framing) -> ChatServer {
    let mut options = options();
    (options.framing, options.events) = (framing, Events::All);
    ChatServer::start(options).unwrap()
}

fn member_of(server: &ChatServer) -> ClientOptions {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    options.framing = server.options().framing;
    options
}

/// What the server tells next of names and words: who, and what of them.
fn next_told(server: &ChatServer) -> (String, String) {
    loop {
        match next_event(server) {
            Event::Renamed(member, before) => {
                let now = member.name().unwrap_or("-").to_owned();
                return (before.as_deref().unwrap_or("-").to_owned(), now);
            }
            Event::Message(message) => return ("says".into(), message.text.to_string()),
            _ => {}
        }
    }
}

fn told(before: &str, now: &str) -> (String, String) {
    (before.into(), now.into())
}

#[test]
fn a_client_takes_one_name_after_the_other_and_the_server_tells_of_each() {
    for framing in BOTH {
        let server = start(framing);
        let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
        assert_eq!(client.name(), None);
        for (before, name) in [("-", "ann"), ("ann", "Ann"), ("Ann", "\"bob\"")] {
            client.rename(Some(name), PATIENCE).unwrap();
            assert_eq!(client.name().as_deref(), Some(name), "{framing:?}");
            assert_eq!(next_told(&server), told(before, name));
        }
        client.send("hi", PATIENCE).unwrap();
        let heard = client.recv(PATIENCE).unwrap();
        assert_eq!((heard.text.as_str(), heard.from.name.as_deref()), ("hi", Some("\"bob\"")));
        assert_eq!(next_told(&server), told("says", "hi"));
        // Nothing has changed.
        client.rename(Some("\"bob\""), PATIENCE).unwrap();
        client.send("still", PATIENCE).unwrap();
        assert_eq!(next_told(&server), told("says", "still"));
    }
}

#[test]
fn a_name_is_given_up_in_message_chat() {
    let server = start(Framing::U32Be);
    let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    client.rename(Some("ann"), PATIENCE).unwrap();
    assert_eq!(next_told(&server), told("-", "ann"));
    client.rename(None, PATIENCE).unwrap();
    assert_eq!((client.name(), server.members()[0].name()), (None, None));
    assert_eq!(next_told(&server), told("ann", "-"));
    let other = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    other.rename(Some("ann"), PATIENCE).unwrap();

    let line = start(Framing::Line);
    let client = ChatClient::connect(&member_of(&line), PATIENCE).unwrap();
    assert_eq!(client.rename(None, PATIENCE).unwrap_err().status(), Status::NotSupported);
}

#[test]
fn a_name_that_is_not_to_be_had_is_told_to_who_asks_and_to_nobody_else() {
    for framing in BOTH {
        let server = start(framing);
        let (ann, ben) = (
            ChatClient::connect(&member_of(&server), PATIENCE).unwrap(),
            ChatClient::connect(&member_of(&server), PATIENCE).unwrap(),
        );
        ann.rename(Some("ann"), PATIENCE).unwrap();
        ben.rename(Some("ben"), PATIENCE).unwrap();
        let error = ben.rename(Some("аnn"), PATIENCE).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{error}");
        assert!(error.message().contains("is taken"), "{error}");
        assert_eq!(ben.rename(Some("server"), PATIENCE).unwrap_err().status(), Status::InvalidText);
        ben.send("hi", PATIENCE).unwrap();
        until(&ben, IncomingKind::Message).iter().for_each(|heard| assert_ne!(heard.kind, Refused));
        assert_eq!(ben.name().as_deref(), Some("ben"));
        ben.leave(PATIENCE).unwrap();
        assert_eq!(ben.rename(Some("bob"), PATIENCE).unwrap_err().status(), Status::Closed);
    }
}

#[test]
fn in_its_handler_a_client_is_told_by_events_what_has_come_of_a_name() {
    let server = start(Framing::U32Be);
    let (give, take) = mpsc::channel::<ChatClient>();
    let (told, tells) = mpsc::channel();
    let mut asked = Vec::from(["server's", "ann"]);
    let taken = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    taken.rename(Some("server's"), PATIENCE).unwrap();
    let mut own = None;
    let client = ChatClient::connect_with(&member_of(&server), PATIENCE, move |event| {
        let client: &ChatClient = own.get_or_insert_with(|| take.recv_timeout(PATIENCE).unwrap());
        if let ClientEvent::Incoming(incoming) = event {
            told.send((incoming.kind, incoming.from.name)).unwrap();
        }
        if let Some(name) = (!asked.is_empty()).then(|| asked.remove(0)) {
            client.rename(Some(name), PATIENCE).unwrap();
        }
    });
    let client = client.unwrap();
    give.send(client.clone()).unwrap();
    let kinds: Vec<_> = (0..3).map(|_| tells.recv_timeout(PATIENCE).unwrap()).collect();
    assert_eq!(kinds[1..], [(Refused, None), (Named, Some("ann".into()))]);
    client.stop(PATIENCE).unwrap();
}

#[test]
fn a_client_that_comes_back_takes_the_name_that_it_had_last() {
    for framing in BOTH {
        let place = Place::new();
        let server = place.start(framing);
        let mut options = place.options(framing);
        options.name = Some("ann".into());
        let client = ChatClient::connect(&options, PATIENCE).unwrap();
        until(&client, Named);
        client.rename(Some("bob"), PATIENCE).unwrap();
        server.stop(PATIENCE).unwrap();
        until(&client, Disconnected);
        assert_eq!(client.name(), None);
        let server = place.start(framing);
        until(&client, Reconnected);
        assert_eq!((client.name().as_deref(), server.members()[0].name()), (Some("bob"), Some("bob")));
    }
}

#[test]
fn who_has_given_its_name_up_comes_back_without_one() {
    let place = Place::new();
    let server = place.start(Framing::U32Be);
    let mut options = place.options(Framing::U32Be);
    options.name = Some("ann".into());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    until(&client, Named);
    client.rename(None, PATIENCE).unwrap();
    server.stop(PATIENCE).unwrap();
    until(&client, Disconnected);
    let server = place.start(Framing::U32Be);
    until(&client, Reconnected);
    await_members(&server, 1);
    assert_eq!((client.name(), server.members()[0].name()), (None, None));
}

#[test]
fn what_was_said_before_a_rename_is_told_before_it_and_stands_under_the_old_name() {
    let place = Place::new();
    let server = place.start_with(Framing::U32Be, |options| options.events = Events::All);
    let client = place.join(Framing::U32Be);
    for (before, name) in [("-", "ann"), ("ann", "ben"), ("ben", "cid")] {
        client.send("one", PATIENCE).unwrap();
        client.rename(Some(name), PATIENCE).unwrap();
        assert_eq!(next_told(&server), told("says", "one"));
        assert_eq!(next_told(&server).0, before);
        let said = until(&client, IncomingKind::Message).pop().unwrap();
        assert_eq!(said.from.name.as_deref().unwrap_or("-"), before);
    }
}

#[test]
fn whoever_names_a_member_the_server_tells_of_it_once() {
    let server = start(Framing::Line);
    let mut peer = LinePeer::join(&server);
    let id = server.members()[0].id();
    server.rename(id, Some("ann")).unwrap();
    server.rename(id, Some("ann")).unwrap();
    server.rename(id, None).unwrap();
    peer.say("/name bob");
    peer.say("hi");
    let all: Vec<_> = (0..4).map(|_| next_told(&server)).collect();
    let befores: Vec<_> = all.iter().map(|(before, _)| before.as_str()).collect();
    assert_eq!(befores, ["-", "ann", "-", "says"]);
    assert_eq!(peer.hear_text(), "* your name is ann");
}

#[test]
fn the_request_name_is_answered_with_its_number_and_does_what_hello_does_more_than_once() {
    let server = start(Framing::U32Be);
    let mut ann = ObjectPeer::join(&server);
    let id = &ann.welcome["you"]["id"].clone();
    let mut ask = |request: Value| {
        ann.send(&request);
        ann.hear()
    };
    let named = |name: Value| json!({"type": "name", "room": "lobby", "name": name, "id": id});
    assert_eq!(ask(json!({"type": "hello", "name": "ann"})), named(json!("ann")));
    assert_eq!(ask(json!({"type": "hello", "name": "ann"}))["code"], "RUSTCHAT_ESTATE");
    assert_eq!(ask(json!({"type": "name", "name": "bea"})), named(json!("bea")));
    let answer = ask(json!({"type": "name", "name": "cid", "ref": 9}));
    assert_eq!((&answer["name"], &answer["ref"]), (&json!("cid"), &json!(9)));
    assert_eq!(ask(json!({"type": "name", "name": null})), named(Value::Null));
    assert_eq!(ask(json!({"type": "name"})), named(Value::Null));
    let refused = ask(json!({"type": "name", "name": "server", "ref": 10}));
    assert_eq!((&refused["code"], &refused["ref"]), (&json!("RUSTCHAT_EUTF8"), &json!(10)));
    for number in 0..252 {
        assert_eq!(ask(json!({"type": "name", "name": format!("ann {number}")}))["type"], "name");
    }
    let refused = ask(json!({"type": "name", "name": "one more"}));
    assert_eq!(refused["code"], "RUSTCHAT_ESTATE", "{refused}");
}

#[test]
fn a_banned_name_ends_the_membership_of_who_asks_for_it() {
    for framing in BOTH {
        let server = start(framing);
        server.ban(Ban::new(BanSubject::Name("troll".into()), "no trolls")).unwrap();
        let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
        let error = client.rename(Some("troll"), PATIENCE).unwrap_err();
        assert_eq!(error.status(), Status::Closed, "{error}");
        eventually("it is gone", || server.members().is_empty());
    }
}

#[test]
fn renames_and_words_from_several_threads_all_come_to_their_end() {
    let server = start(Framing::U32Be);
    let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    thread::scope(|scope| {
        for thread in 0..4 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..20 {
                    client.rename(Some(&format!("ann {thread} {number}")), PATIENCE).unwrap();
                    client.send("hi", PATIENCE).unwrap();
                }
            });
        }
    });
    let last = client.who(PATIENCE).unwrap().pop().unwrap().name;
    assert_eq!(last.as_deref(), server.members()[0].name());
    assert_eq!(client.name(), last);
}
