//! Keys that count no more: whoever has proved one is sent away, and nobody else notices.

mod support;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{
    ChatClient, ChatServer, ClientEvent, ClientOptions, Event, Events, IncomingKind, LeaveReason, Question,
    ServerOptions, Verdict,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use support::{PATIENCE, await_members, dial, eventually, next_event, options};

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn ring(ids: &[&str]) -> KeyRing {
    let keys = KeyRing::new();
    ids.iter().for_each(|id| keys.insert(*id, secret(id)).unwrap());
    keys
}

fn guarded(keys: &KeyRing) -> ServerOptions {
    let mut options = options();
    options.framing = Framing::U32Be;
    options.auth = Some(ServerAuth::new(Profile::Mutual, keys.clone()));
    options.events = Events::Membership;
    options
}

fn join(server: &ChatServer, key_id: &str) -> rustchat::Result<ChatClient> {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    options.framing = Framing::U32Be;
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret(key_id)).with_key_id(key_id).unwrap());
    ChatClient::connect(&options, PATIENCE)
}

/// Reads up to the farewell, and returns its words.
fn farewell(client: &ChatClient) -> String {
    loop {
        let mut events = Vec::new();
        client.poll(&mut events, 1, PATIENCE).expect("a farewell");
        if let Some(ClientEvent::Incoming(incoming)) = events.pop()
            && incoming.kind == IncomingKind::Bye
        {
            return incoming.text;
        }
    }
}

#[test]
fn the_members_of_a_revoked_key_are_told_and_gone_and_the_others_go_on() {
    let keys = ring(&["ann", "ben"]);
    let server = ChatServer::start(guarded(&keys)).unwrap();
    let ben = join(&server, "ben").unwrap();
    let anns = [join(&server, "ann").unwrap(), join(&server, "ann").unwrap()];
    await_members(&server, 3);
    server.broadcast("before").unwrap();
    assert!(keys.remove("ann"));
    for ann in &anns {
        assert_eq!(ann.recv(PATIENCE).unwrap().text, "before");
        assert_eq!(farewell(ann), "key revoked");
    }
    await_members(&server, 1);
    server.broadcast("after").unwrap();
    assert_eq!([ben.recv(PATIENCE).unwrap().text, ben.recv(PATIENCE).unwrap().text], ["before", "after"]);
    let left = std::iter::repeat_with(|| next_event(&server)).filter_map(|event| match event {
        Event::Left(member, reason) => Some((member.key_id().to_owned(), reason)),
        _ => None,
    });
    assert!(left.take(2).all(|left| left == ("ann".to_owned(), LeaveReason::KeyRevoked)));
    assert_eq!(join(&server, "ann").err().unwrap().status(), Status::AuthenticationFailed);
}

#[test]
fn another_secret_under_the_same_id_is_another_key_and_the_same_one_is_not() {
    let keys = ring(&["ann", "ben"]);
    let server = ChatServer::start(guarded(&keys)).unwrap();
    let (ann, ben) = (join(&server, "ann").unwrap(), join(&server, "ben").unwrap());
    await_members(&server, 2);
    let same = [("ann".to_owned(), secret("ann")), ("ben".to_owned(), secret("another"))];
    assert_eq!(keys.replace(same).unwrap(), ["ben"]);
    keys.insert("ann", secret("ann")).unwrap();
    assert_eq!(farewell(&ben), "key revoked");
    await_members(&server, 1);
    server.broadcast("still here").unwrap();
    assert_eq!(ann.recv(PATIENCE).unwrap().text, "still here");
}

#[test]
fn a_key_that_is_revoked_during_a_handshake_lets_nobody_in() {
    let keys = ring(&["ann"]);
    for profile in [Profile::Mutual, Profile::Multiprocessing(rustchat::auth::Digest::Sha256)] {
        keys.insert("ann", secret("ann")).unwrap();
        let mut options = guarded(&keys);
        options.auth = Some(ServerAuth::new(profile, keys.clone()));
        let server = ChatServer::start(options).unwrap();
        let mut stream = dial(&server);
        let auth = ClientAuth::new(profile, secret("ann")).with_key_id("ann").unwrap();
        let mut handshake = auth.begin(&rustchat::auth::ChannelBinding::NONE).unwrap();
        let mut buffer = [0; 4096];
        // Up to its last word, which the server has yet to hear.
        let last = loop {
            let output = handshake.output();
            if handshake.is_complete() || (profile == Profile::Mutual && is_second(&output)) {
                break output;
            }
            stream.write_all(&output).unwrap();
            let count = stream.read(&mut buffer).unwrap();
            handshake.receive(&buffer[..count]).unwrap();
        };
        assert!(keys.remove("ann"));
        stream.write_all(&last).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.len() < 100, "{profile}: {rest:?}");
        eventually("a failure", || server.stats().authentication_failed == 1);
        assert_eq!(server.stats().joined, 0, "{profile}");
    }
}

/// Whether that is a client's proof, the second message of the profile mutual: a byte of kind and 32 of proof in a frame.
fn is_second(output: &[u8]) -> bool {
    output.len() > 4 && output.len() < 4 + 40
}

#[test]
fn who_waits_to_be_admitted_is_not_when_the_key_is_revoked_meanwhile() {
    let keys = ring(&["ann"]);
    let mut options = guarded(&keys);
    options.authorize = true;
    let server = ChatServer::start(options).unwrap();
    let address = Endpoint::from(server.address());
    let waiting = std::thread::spawn(move || {
        let mut options = ClientOptions::new(address);
        options.framing = Framing::U32Be;
        options.auth = Some(ClientAuth::new(Profile::Mutual, secret("ann")).with_key_id("ann").unwrap());
        let client = ChatClient::connect(&options, PATIENCE)?;
        client.recv(PATIENCE)
    });
    let question = std::iter::repeat_with(|| next_event(&server)).find_map(|event| match event {
        Event::Ask(id, Question::Join(_)) => Some(id),
        _ => None,
    });
    assert!(keys.remove("ann"));
    eventually("it is refused", || server.stats().refused == 1);
    server.answer(question.unwrap(), Verdict::Deliver).unwrap();
    assert!(waiting.join().unwrap().is_err());
    assert_eq!(server.stats().joined, 0);
}

#[test]
fn a_storm_of_changes_ends_with_the_members_whose_keys_count() {
    let keys = ring(&["stays"]);
    let server = Arc::new(ChatServer::start(guarded(&keys)).unwrap());
    let stays = join(&server, "stays").unwrap();
    await_members(&server, 1);
    let done = Arc::new(AtomicBool::new(false));
    let comers: Vec<_> = (0..2)
        .map(|_| {
            let (server, done) = (Arc::clone(&server), Arc::clone(&done));
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let _ = join(&server, "comes and goes");
                }
            })
        })
        .collect();
    let end = Instant::now() + Duration::from_millis(500);
    while Instant::now() < end {
        let pair = [("stays", "stays"), ("comes and goes", "comes and goes")];
        keys.replace(pair.map(|(id, text)| (id.to_owned(), secret(text)))).unwrap();
        keys.replace([("stays".to_owned(), secret("stays"))]).unwrap();
    }
    done.store(true, Ordering::Relaxed);
    comers.into_iter().for_each(|comer| comer.join().unwrap());
    await_members(&server, 1);
    server.broadcast("calm").unwrap();
    assert_eq!(stays.recv(PATIENCE).unwrap().text, "calm");
    server.stop(PATIENCE).unwrap();
}
