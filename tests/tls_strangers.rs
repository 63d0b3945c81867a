//! Who speaks something else at a port with TLS, or TLS at one without.
#![cfg(feature = "tls")]

mod support;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use rustchat::Status;
use rustchat::auth::ChannelBinding;
use rustchat::chat::{ChatServer, Event, Events, ServerOptions};
use rustchat::connection::{ConnectOptions, connect};
use rustchat::net::Endpoint;
use rustchat::tls::{Tls, Trust};
use support::tls::Authority;
use support::tls_member::{Both, knock, secured};
use support::warnings::{collect_warnings, warnings};
use support::{PATIENCE, await_members, dial, eventually, next_event, options};

/// The fatal alert `unexpected_message`.
const ALERT: &[u8] = b"\x15\x03\x03\x00\x02\x02\x0a";

/// Without a secret.
fn certified() -> ServerOptions {
    let mut options = options();
    options.tls = Some(Tls::new().with_certificate(Authority::new().certificate("localhost")));
    options
}

fn answer(server: &ChatServer, bytes: &[u8]) -> Vec<u8> {
    let (mut stream, mut answer) = (dial(server), Vec::new());
    stream.write_all(bytes).unwrap();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

#[test]
fn plain_bytes_at_a_port_with_tls_are_named_in_one_line_and_answered_by_an_alert() {
    collect_warnings();
    let both = Both::new();
    let hello = both.client.begin(&ChannelBinding::NONE).unwrap().output();
    for (bytes, what) in [(&b"hello everybody\n"[..], "text"), (&hello, "a handshake of the profile mutual")] {
        let server = ChatServer::start(certified()).unwrap();
        assert_eq!(answer(&server, bytes), ALERT, "{what}");
        let port = server.address().to_string();
        let expected = format!(": TLS: it sent {what}");
        eventually("a line in the log", || !warnings(&expected).is_empty());
        assert!(warnings(&expected)[0].ends_with("and TLS is spoken here"), "{port} {:?}", warnings(&expected));
        assert_eq!((server.stats().joined, server.stats().authentication_failed), (0, 0));
    }
    let server = ChatServer::start(certified()).unwrap();
    let page = String::from_utf8(answer(&server, b"GET /tls HTTP/1.1\r\nHost: here\r\n\r\n")).unwrap();
    assert!(page.starts_with("HTTP/1.1 400 ") && page.contains("TLS is spoken here"), "{page}");
    eventually("a line in the log", || warnings(": TLS: it sent an HTTP request").len() == 1);
}

#[test]
fn where_a_secret_is_asked_for_they_count_as_failed_proofs() {
    collect_warnings();
    let mut server_options = Both::new().options();
    server_options.events = Events::All;
    let server = ChatServer::start(server_options).unwrap();
    assert_eq!(answer(&server, b"SSH-2.0-OpenSSH_9.6\r\n"), ALERT);
    eventually("a line in the log", || !warnings("failed: TLS: it sent an SSH banner").is_empty());
    assert_eq!(server.stats().authentication_failed, 1);
    assert!(matches!(next_event(&server), Event::Listening(_)));
    assert!(matches!(next_event(&server), Event::AuthenticationFailed(_)));
}

#[test]
fn tls_at_a_port_without_is_named_in_one_line_and_answered_by_an_alert() {
    collect_warnings();
    let both = Both::new();
    for auth in [None, Some(both.server.clone())] {
        for events in [Events::None, Events::All] {
            let mut server_options = options();
            (server_options.auth, server_options.events) = (auth.clone(), events);
            let server = ChatServer::start(server_options).unwrap();
            let client = Tls::new().client(true).unwrap();
            let error = secured(&server, &client).err().unwrap();
            assert!(error.message().contains("UnexpectedMessage"), "{error}");
            eventually("it is gone", || server.members().is_empty());
        }
    }
    eventually("lines in the log", || {
        let (open, asked) = (
            warnings("sent a TLS record, and no TLS is set here; this is line chat"),
            warnings("failed: it sent a TLS record, and no TLS is set here"),
        );
        !open.is_empty() && !asked.is_empty()
    });
}

#[test]
fn who_is_silent_is_given_up_and_can_see_that_tls_was_spoken() {
    let mut server_options = certified();
    server_options.handshake_timeout = Duration::from_millis(50);
    let server = ChatServer::start(server_options).unwrap();
    let mut heard = Vec::new();
    dial(&server).read_to_end(&mut heard).unwrap();
    assert_eq!(heard[..5], [0x15, 3, 3, 0, 2], "an alert: {heard:?}");
}

#[test]
fn who_is_done_too_late_stays_out_and_keeps_nobody_else_out() {
    let mut server_options = certified();
    server_options.handshake_timeout = Duration::from_secs(2);
    server_options.workers = 1;
    let server = ChatServer::start(server_options).unwrap();
    let client = Tls::new().with_trust(Trust::Pins(vec![server.pin().unwrap()])).client(false).unwrap();
    let mut late = knock(&server, &client);
    late.settle();
    let (mut flight, mut plain, mut finished) = (vec![0; 16 * 1024], Vec::new(), Vec::new());
    while !late.machine.is_secured() {
        let count = late.stream.read(&mut flight).unwrap();
        assert!(count > 0, "the server gave up before the client was done");
        late.machine.receive(&flight[..count], &mut plain).unwrap();
        late.machine.owed(&mut finished);
    }
    // The server gives up, and waits for the end of the other direction.
    late.stream.read_to_end(&mut flight).unwrap();
    late.stream.write_all(&finished).unwrap();
    late.stream.shutdown(Shutdown::Write).unwrap();
    let mut member = None;
    eventually("another one gets in", || {
        member = secured(&server, &client).ok();
        member.is_some()
    });
    await_members(&server, 1);
    assert_eq!((server.stats().joined, server.failure()), (1, None));
}

#[test]
fn past_the_limit_the_oldest_without_a_channel_makes_place() {
    let both = Both::new();
    let mut server_options = both.options();
    (server_options.handshake_limit, server_options.workers) = (3, 1);
    let server = ChatServer::start(server_options).unwrap();
    let silent: Vec<_> = (0..3).map(|_| dial(&server)).collect();
    eventually("they are there", || server.stats().accepted == 3);
    let _ann = both.join(&server);
    let mut heard = Vec::new();
    (&silent[0]).read_to_end(&mut heard).unwrap();
    assert_eq!(heard.first(), Some(&0x15), "it is told: {heard:?}");
    assert_eq!(server.stats().authentication_failed, 1);
}

#[test]
fn who_is_turned_away_for_want_of_a_place_is_told_that_tls_is_spoken_and_there_is_none() {
    let both = Both::new();
    let mut server_options = both.options();
    server_options.member_limit = 1;
    let server = ChatServer::start(server_options).unwrap();
    let _ann = both.join(&server);
    let mut client = ConnectOptions::default();
    (client.auth, client.tls, client.timeout) = (Some(both.client), Some(Tls::new()), 10 * PATIENCE);
    let error = connect(server.address(), &client, PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::ConnectionReset);
    let words = "the server ended it before the channel was secured: it is busy or full";
    assert!(error.message().contains(words), "{error}");
}

#[test]
fn a_client_that_does_not_trust_the_certificate_is_named() {
    collect_warnings();
    let server = ChatServer::start(certified()).unwrap();
    let client = Tls::new().with_trust(Trust::Roots(Authority::new().pem().into())).client(false).unwrap();
    let error = secured(&server, &client).err().unwrap();
    assert!(error.message().contains("vouched for by nobody"), "{error}");
    eventually("a line in the log", || !warnings(": TLS: the peer does not trust this certificate").is_empty());
}

#[test]
fn tls_that_makes_no_sense_is_refused_before_anybody_listens() {
    let mut server_options = options();
    server_options.endpoint = Endpoint::tcp("127.0.0.1", 0);
    server_options.tls = Some(Tls::new());
    assert_eq!(ChatServer::start(server_options).err().unwrap().status(), Status::InvalidArgument);
}
