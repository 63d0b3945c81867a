//! Chat clients by TLS.
#![cfg(feature = "tls")]

mod support;

use std::time::Duration;

use rustchat::Status;
use rustchat::auth::{ChannelBinding, ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{ChatClient, ChatServer, ClientOptions, ServerOptions};
use rustchat::frame::Framing;
use rustchat::tls::{Tls, Trust};
use support::tls::{Authority, secret};
use support::{PATIENCE, eventually, options};

fn guarded(framing: Framing) -> ServerOptions {
    let mut options = options();
    options.framing = framing;
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(secret())));
    options.tls = Some(Tls::new());
    options
}

fn client(server: &ChatServer, secret: Option<Secret>, tls: Option<Tls>) -> ClientOptions {
    let mut options = ClientOptions::new(server.address());
    options.framing = server.options().framing;
    options.timeout = 10 * PATIENCE;
    options.auth = secret.map(|secret| ClientAuth::new(Profile::Mutual, secret));
    options.tls = tls;
    options
}

fn join(server: &ChatServer) -> ChatClient {
    ChatClient::connect(&client(server, Some(secret()), Some(Tls::new())), PATIENCE).unwrap()
}

#[test]
fn they_talk_in_every_framing_and_the_server_knows_that_nobody_listens() {
    for framing in [Framing::Line, Framing::U32Be, Framing::U32Le, Framing::Multiprocessing] {
        let server = ChatServer::start(guarded(framing)).unwrap();
        let clients = [join(&server), join(&server), join(&server)];
        support::await_members(&server, 3);
        for member in server.members() {
            let protection = member.protection();
            assert_eq!((protection.name(), protection.binding), ("tls", ChannelBinding::TLS_EXPORTER));
        }
        assert!(clients[0].protection().tls && clients[0].protection().pin == Some(server.pin().unwrap()));
        for (number, speaker) in clients.iter().enumerate() {
            let text = format!("{number} {}", "x".repeat(5000));
            speaker.send(&text, PATIENCE).unwrap();
            for hearer in &clients {
                assert_eq!(hearer.recv(PATIENCE).unwrap().text, text, "{framing}");
            }
        }
        for client in &clients {
            client.stop(PATIENCE).unwrap();
            assert_eq!(client.recv(PATIENCE).unwrap_err().status(), Status::Closed);
        }
        eventually("nobody is left", || server.members().is_empty());
    }
}

#[test]
fn a_server_that_stops_says_so() {
    let server = ChatServer::start(guarded(Framing::U32Be)).unwrap();
    let member = join(&server);
    support::await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    let error = member.recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::Closed);
    assert!(error.message().contains("server stopped"), "{error}");
}

#[test]
fn a_wrong_secret_a_plain_client_and_a_plain_server_are_told_apart() {
    let (server, plain) = (ChatServer::start(guarded(Framing::Line)).unwrap(), {
        let mut options = guarded(Framing::Line);
        options.tls = None;
        ChatServer::start(options).unwrap()
    });
    let error = |server: &ChatServer, secret: Option<Secret>, tls: Option<Tls>| {
        let client = ChatClient::connect(&client(server, secret, tls), PATIENCE).and_then(|client| {
            client.send("hello", PATIENCE)?;
            client.recv(PATIENCE)
        });
        client.unwrap_err()
    };
    let wrong = Secret::new("some other words").unwrap();
    assert_eq!(error(&server, Some(wrong), Some(Tls::new())).status(), Status::AuthenticationFailed);
    for (error, words) in [
        (error(&server, Some(secret()), None), "TLS"),
        (error(&server, None, None), "TLS"),
        (error(&plain, Some(secret()), Some(Tls::new())), "does not speak TLS"),
    ] {
        assert!(error.message().contains(words), "{words:?} is not in {error}");
    }
}

#[test]
fn without_a_secret_the_certificate_is_what_counts() {
    let authority = Authority::new();
    let mut options = options();
    options.tls = Some(Tls::new().with_certificate(authority.certificate("127.0.0.1")));
    let server = ChatServer::start(options).unwrap();
    let trusted = Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes()));
    let member = ChatClient::connect(&client(&server, None, Some(trusted)), PATIENCE).unwrap();
    member.send("hello", PATIENCE).unwrap();
    assert_eq!(member.recv(PATIENCE).unwrap().text, "hello");
    let error = ChatClient::connect(&client(&server, None, Some(Tls::new())), PATIENCE).err().unwrap();
    assert_eq!(error.status(), Status::AuthenticationFailed, "{error}");
    member.leave(Duration::from_secs(1)).unwrap();
}
