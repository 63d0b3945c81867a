//! A chat whose members come with TLS.
#![cfg(feature = "tls")]

mod support;

use std::io::Read;
use std::net::Shutdown;
use std::time::Duration;

use rustchat::auth::{Channel, ChannelBinding, Requirement};
use rustchat::chat::{Ban, BanSubject, ChatClient, ChatServer, ClientOptions, Event, Events, LeaveReason};
use rustchat::frame::{Decoder, Framing, encode};
use rustchat::net::Endpoint;
use rustchat::tls::{Tls, Trust};
use rustchat::{Error, Result, Status};
use serde_json::{Value, json};
use support::tls::{Authority, RawPeer};
use support::tls_member::{Both, LineMember, secured};
use support::{await_members, dial, eventually, next_event, options};

/// How that member left.
fn left(server: &ChatServer) -> LeaveReason {
    loop {
        if let Event::Left(_, reason) = next_event(server) {
            return reason;
        }
    }
}

#[test]
fn with_a_secret_members_join_talk_and_quit_and_nobody_made_a_certificate() {
    let both = Both::new();
    let mut server_options = both.options();
    server_options.events = Events::All;
    let server = ChatServer::start(server_options).unwrap();
    let (mut ann, mut bob) = (both.join(&server), both.join(&server));
    for member in server.members() {
        let protection = member.protection();
        assert_eq!((protection.name(), protection.binding), ("tls", ChannelBinding::TLS_EXPORTER));
        assert_eq!(member.key_id(), "alice");
    }
    assert_eq!((server.stats().members, server.stats().members_tls), (2, 2));
    ann.say("hello");
    assert_eq!((ann.hear_text(), bob.hear_text()), ("hello".into(), "hello".into()));
    bob.say("quit");
    assert_eq!(bob.hear_out(), "", "the end was announced");
    assert_eq!(left(&server), LeaveReason::Quit);
    await_members(&server, 1);
    server.stop(support::PATIENCE).unwrap();
    assert!(ann.hear_out().contains("* server stopped"), "the farewell comes before the end of the channel");
}

#[test]
fn message_chat_is_the_same_inside() {
    let both = Both::new();
    let mut server_options = both.options();
    server_options.framing = Framing::U32Be;
    let server = ChatServer::start(server_options).unwrap();
    let (mut ann, mut decoder) = (both.join(&server), Decoder::new(Framing::U32Be, 1 << 20));
    let mut hear = |ann: &mut RawPeer| loop {
        if let Some(frame) = decoder.next().unwrap() {
            return serde_json::from_slice::<Value>(frame).unwrap();
        }
        let some = ann.some().unwrap();
        assert!(!some.is_empty(), "the end");
        decoder.push(&some).unwrap();
    };
    assert_eq!(hear(&mut ann)["type"], "welcome");
    let say = |value: Value| encode(Framing::U32Be, value.to_string().as_bytes()).unwrap();
    ann.send(&say(json!({"type": "message", "text": "hello"})));
    assert_eq!(hear(&mut ann)["text"], "hello");
    ann.send(&say(json!({"type": "quit"})));
    assert_eq!(hear(&mut ann)["type"], "bye");
    assert_eq!(ann.hear_out(), "");
}

#[test]
fn the_librarys_own_client_is_a_member_like_others() {
    let both = Both::new();
    for framing in [Framing::Line, Framing::U32Be] {
        let mut server_options = both.options();
        (server_options.framing, server_options.events) = (framing, Events::All);
        let server = ChatServer::start(server_options).unwrap();
        let mut client_options = ClientOptions::new(Endpoint::from(server.address()));
        (client_options.framing, client_options.auth, client_options.tls) =
            (framing, Some(both.client.clone()), Some(Tls::new()));
        let client = ChatClient::connect(&client_options, support::PATIENCE).unwrap();
        await_members(&server, 1);
        client.send("hello", support::PATIENCE).unwrap();
        eventually("it is said", || server.stats().messages == 1);
        assert_eq!(server.members()[0].protection().binding, ChannelBinding::TLS_EXPORTER);
        client_options.tls = None;
        let error = ChatClient::connect(&client_options, support::PATIENCE).err().unwrap();
        assert!(error.message().contains("TLS"), "a client without TLS is told what is spoken here: {error}");
        drop(client);
        assert_eq!(left(&server), LeaveReason::Closed, "its end was announced");
    }
}

#[test]
fn without_a_secret_the_certificate_is_verified() {
    let authority = Authority::new();
    let mut server_options = options();
    server_options.tls = Some(Tls::new());
    let error = ChatServer::start(server_options.clone()).err().unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("nobody could verify"), "{error}");
    server_options.tls = Some(Tls::new().with_certificate(authority.certificate("localhost")));
    let server = ChatServer::start(server_options).unwrap();
    let trusting = |trust| Tls::new().with_trust(trust).client(false).unwrap();
    let mut by_root = secured(&server, &trusting(Trust::Roots(authority.pem().into()))).unwrap();
    let pin = server.pin().unwrap();
    let mut by_pin = secured(&server, &trusting(Trust::Pins(vec![pin]))).unwrap();
    await_members(&server, 2);
    by_root.say("hello");
    assert_eq!((by_root.hear_text(), by_pin.hear_text()), ("hello".into(), "hello".into()));
    assert_eq!(server.members()[0].protection().binding, 0);
    let stranger = secured(&server, &trusting(Trust::Roots(Authority::new().pem().into())));
    assert!(stranger.err().unwrap().message().contains("vouched for by nobody"));
}

#[test]
fn a_certificate_is_replaced_under_those_who_are_connected() {
    let authority = Authority::new();
    let (old, new) = (authority.certificate("localhost"), authority.certificate("localhost"));
    let mut server_options = options();
    server_options.tls = Some(Tls::new().with_certificate(old.clone()));
    let server = ChatServer::start(server_options).unwrap();
    let trusting = |certificate: &rustchat::tls::Certificate| {
        Tls::new().with_trust(Trust::Pins(vec![certificate.pin()])).client(false).unwrap()
    };
    let mut early: Vec<_> = (0..50).map(|_| secured(&server, &trusting(&old)).unwrap()).collect();
    server.replace_certificate(&new).unwrap();
    assert_eq!(server.pin().unwrap(), new.pin());
    assert!(secured(&server, &trusting(&old)).is_err());
    let mut late = secured(&server, &trusting(&new)).unwrap();
    await_members(&server, 51);
    early[0].say("still here");
    assert!(early.iter_mut().all(|peer| peer.hear_text() == "still here"));
    assert_eq!(late.hear_text(), "still here");
    let plain = ChatServer::start(options()).unwrap();
    assert_eq!(plain.replace_certificate(&new).unwrap_err().status(), Status::BadState);
}

/// The end of somebody who proves the secret over `channel`.
fn prove_on(both: &Both, server: &ChatServer, channel: &Channel) -> Result<()> {
    let mut peer = secured(server, &Tls::new().client(true)?)?;
    both.prove_on(&mut peer, channel)
}

#[test]
fn a_proof_that_is_not_bound_to_the_channel_is_refused_unless_told_otherwise() {
    let both = Both::new();
    let unbound = Channel::new(Requirement::Nothing);
    let server = ChatServer::start(both.options()).unwrap();
    let refused = |result: Result<()>| result.err().map(|error: Error| error.status());
    assert_eq!(refused(prove_on(&both, &server, &unbound)), Some(Status::AuthenticationFailed));
    assert_eq!(server.stats().authentication_failed, 1);
    let mut lenient = both.options();
    lenient.tls = Some(Tls::new().allowing_unbound());
    let lenient = ChatServer::start(lenient).unwrap();
    prove_on(&both, &lenient, &unbound).unwrap();
    eventually("it joins", || lenient.stats().joined == 1);
}

#[test]
fn the_right_secret_in_another_channel_is_worth_nothing() {
    let both = Both::new();
    let server = ChatServer::start(both.options()).unwrap();
    // What somebody in between would be bound to, who has a channel to each end.
    let other = secured(&server, &Tls::new().client(true).unwrap()).unwrap();
    let channel = other.machine.channel().unwrap();
    let error = prove_on(&both, &server, &channel).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed);
    eventually("it is counted", || server.stats().authentication_failed == 1);
    assert_eq!(server.stats().joined, 0);
}

#[test]
fn a_stream_that_ends_without_a_word_is_a_connection_lost() {
    let both = Both::new();
    let mut server_options = both.options();
    server_options.events = Events::All;
    let server = ChatServer::start(server_options).unwrap();
    for said in ["", "whole\n", "whole\nhalf"] {
        let mut cut = both.join(&server);
        cut.send(said.as_bytes());
        cut.stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(left(&server), LeaveReason::Lost, "{said:?}");
        let mut announced = both.join(&server);
        announced.send(said.as_bytes());
        announced.end();
        assert_eq!(left(&server), LeaveReason::Closed, "{said:?}");
        let rest = announced.hear_out();
        assert!(rest.contains("whole") == said.contains("whole"), "its own last words come back: {rest:?}");
    }
    assert_eq!(server.stats().messages, 4);
}

#[test]
fn who_is_over_its_rate_is_heard_to_the_last_word_without_another_byte() {
    let both = Both::new();
    let mut server_options = both.options();
    server_options.rate = Some(rustchat::chat::Rate { burst: 10, per_second: 2000.0 });
    let server = ChatServer::start(server_options).unwrap();
    let mut ann = both.join(&server);
    let lines: String = (0..1000).map(|number| format!("{number}\n")).collect();
    ann.send(lines.as_bytes());
    for number in 0..1000 {
        assert_eq!(ann.hear_text(), number.to_string());
    }
}

#[test]
fn who_never_reads_after_its_handshake_is_heard_and_then_let_go() {
    let both = Both::new();
    let mut server_options = both.options();
    server_options.events = Events::All;
    server_options.write_timeout = Duration::from_millis(200);
    let server = ChatServer::start(server_options).unwrap();
    let (mut deaf, mut ann) = (both.join(&server), both.join(&server));
    deaf.say("hello");
    assert_eq!(ann.hear_text(), "hello");
    let text = "x".repeat(8000);
    eventually("it is told so much that the system takes no more", || {
        let _ = server.broadcast(&text);
        ann.hear_text();
        server.members().len() == 1
    });
    let reason = left(&server);
    assert!(matches!(reason, LeaveReason::Stalled | LeaveReason::TooSlow), "{reason}");
}

#[test]
fn a_banned_newcomer_sees_the_end_of_the_channel_and_nothing_in_plain() {
    let server = ChatServer::start(Both::new().options()).unwrap();
    server.ban(Ban::new(BanSubject::address("127.0.0.1").unwrap(), "not for others' eyes")).unwrap();
    // A few may prove themselves first: of so many at once most are turned away at the door.
    let mut crowd: Vec<_> = (0..40).map(|_| (dial(&server), Vec::new())).collect();
    eventually("most of them have seen the end", || {
        crowd.retain_mut(|(stranger, answer)| {
            stranger.set_nonblocking(true).unwrap();
            let is_over = stranger.read_to_end(answer).is_ok();
            assert!(!is_over || answer.starts_with(&[21, 3]) && answer.len() < 10, "an alert, not {answer:?}");
            !is_over
        });
        crowd.len() <= 20
    });
    assert!(server.stats().refused >= 20);
}
