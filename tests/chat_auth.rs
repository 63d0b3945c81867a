//! Who may join: strangers stay out, whatever they try, and never in anybody's way.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustchat::Status;
use rustchat::auth::{ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth, challenge};
use rustchat::chat::{ChatClient, ChatServer, ClientOptions, Event, Events, ServerOptions};
use rustchat::net::Endpoint;
use support::{PATIENCE, await_members, dial, eventually, next_event, options};

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn guarded(profile: Profile, keys: &KeyRing) -> ServerOptions {
    let mut options = options();
    options.auth = Some(ServerAuth::new(profile, keys.clone()));
    options.events = Events::Membership;
    options
}

fn try_join(server: &ChatServer, key_id: &str, key: &str) -> rustchat::Result<ChatClient> {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret(key)).with_key_id(key_id).unwrap());
    ChatClient::connect(&options, PATIENCE)
}

#[test]
fn holders_of_a_key_chat_and_are_known_by_it() {
    let keys = KeyRing::new();
    keys.insert("ann", secret("a")).unwrap();
    keys.insert("bob", secret("b")).unwrap();
    let server = ChatServer::start(guarded(Profile::Mutual, &keys)).unwrap();
    let ann = try_join(&server, "ann", "a").unwrap();
    await_members(&server, 1);
    let bob = try_join(&server, "bob", "b").unwrap();
    await_members(&server, 2);
    ann.send("hello", PATIENCE).unwrap();
    assert_eq!(bob.recv(PATIENCE).unwrap().text, "hello");
    let known: Vec<String> = server.members().iter().map(|member| member.key_id().to_owned()).collect();
    assert_eq!(known, ["ann", "bob"]);
}

#[test]
fn a_wrong_key_an_unknown_one_and_a_revoked_one_are_refused_alike() {
    let keys = KeyRing::new();
    keys.insert("ann", secret("a")).unwrap();
    let server = ChatServer::start(guarded(Profile::Mutual, &keys)).unwrap();
    let mut refusals = vec![
        try_join(&server, "ann", "wrong").err().unwrap().to_string(),
        try_join(&server, "nobody", "a").err().unwrap().to_string(),
    ];
    drop(try_join(&server, "ann", "a").unwrap());
    assert!(keys.remove("ann"));
    refusals.push(try_join(&server, "ann", "a").err().unwrap().to_string());
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    assert!(refusals[0].contains("authentication failed"), "{}", refusals[0]);
    eventually("three failures", || server.stats().authentication_failed == 3);
}

#[test]
fn silence_is_ended_by_the_deadline_and_reported() {
    let mut options = guarded(Profile::Mutual, &KeyRing::single(secret("k")));
    options.handshake_timeout = Duration::from_millis(200);
    let server = ChatServer::start(options).unwrap();
    let mut silent = dial(&server);
    let mut dripping = dial(&server);
    dripping.write_all(&[0, 0]).unwrap();
    let mut nothing = Vec::new();
    // The uniform refusal at most, then the end.
    silent.read_to_end(&mut nothing).unwrap();
    dripping.read_to_end(&mut nothing).unwrap();
    let failed = std::iter::repeat_with(|| next_event(&server))
        .filter(|event| matches!(event, Event::AuthenticationFailed(_)))
        .take(2)
        .count();
    assert_eq!((failed, server.stats().joined), (2, 0));
}

#[test]
fn a_crowd_of_silent_strangers_keeps_nobody_out() {
    let mut options = guarded(Profile::Mutual, &KeyRing::single(secret("k")));
    options.handshake_limit = 16;
    let server = ChatServer::start(options).unwrap();
    let strangers: Vec<TcpStream> = (0..200).map(|_| dial(&server)).collect();
    let member = try_join(&server, "", "k").unwrap();
    await_members(&server, 1);
    member.send("in", PATIENCE).unwrap();
    assert_eq!(member.recv(PATIENCE).unwrap().text, "in");
    eventually("the oldest are given up", || server.stats().authentication_failed >= 200 - 16);
    drop(strangers);
}

#[test]
fn junk_is_refused_at_once() {
    let server = ChatServer::start(guarded(Profile::Mutual, &KeyRing::single(secret("k")))).unwrap();
    for junk in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 5000], b"hello\n"] {
        let mut stranger = dial(&server);
        let _ = stranger.write_all(junk);
        let mut answer = Vec::new();
        let _ = stranger.read_to_end(&mut answer);
        assert!(answer.len() < 100, "{answer:?}");
    }
    assert_eq!(server.stats().joined, 0);
}

#[test]
fn the_tutorials_client_joins_by_its_digest_and_may_speak_at_once() {
    for digest in [Digest::Md5, Digest::Sha256] {
        let keys = KeyRing::single(secret("xiaoming"));
        let server = ChatServer::start(guarded(Profile::Tutorial(digest), &keys)).unwrap();
        let mut client = dial(&server);
        let mut asked = [0; 32];
        client.read_exact(&mut asked).unwrap();
        let mut answer = challenge::tutorial_response(digest, b"xiaoming", &asked);
        // Glued to the first message, as TCP likes to have it.
        answer.push_str("connect success\nquit\n");
        client.write_all(answer.as_bytes()).unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).unwrap();
        assert!(heard.ends_with("\nconnect success\n"), "{heard:?}");

        let mut stranger = dial(&server);
        stranger.read_exact(&mut asked).unwrap();
        let wrong = challenge::tutorial_response(digest, b"wrong", &asked);
        stranger.write_all(wrong.as_bytes()).unwrap();
        let mut nothing = Vec::new();
        let _ = stranger.read_to_end(&mut nothing);
        assert!(nothing.is_empty());
        assert_eq!(server.stats().joined, 1);
    }
}

#[test]
fn a_client_does_not_talk_to_a_server_that_cannot_prove_itself() {
    // An open server answers the hello with chat, not with a proof.
    let open = ChatServer::start(options()).unwrap();
    let mut options = ClientOptions::new(Endpoint::from(open.address()));
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret("k")));
    options.timeout = Duration::from_millis(300);
    let error = ChatClient::connect(&options, PATIENCE).err().unwrap();
    assert!(matches!(error.status(), Status::AuthenticationFailed | Status::TimedOut), "{error}");
}
