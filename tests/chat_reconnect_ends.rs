//! Clients that come back no more.

mod support;

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{
    Backoff, Ban, BanSubject, ChatClient, ChatServer, ClientEvent, ClientOptions, Handler, IncomingKind, Member,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use rustchat::{Error, Status};
use support::returning::{BOTH, Cable, Place, end, message_server, quick, slow, until};
use support::{PATIENCE, await_members, eventually, options};

use IncomingKind::{Disconnected, Reconnected};

/// What a server refuses, and whether that is worth another try.
#[test]
fn who_is_not_wanted_does_not_come_back() {
    for framing in BOTH {
        let place = Place::new();
        let server = place.start(framing);
        let client = place.join(framing);
        await_members(&server, 1);
        server.disconnect(server.members()[0].id()).unwrap();
        let reason = end(&client).unwrap();
        assert_eq!(reason, Error::new(Status::Closed, "the server closed the connection: disconnected by the server"));
        assert_eq!(server.stats().joined, 1);
    }
}

/// Bans keep somebody out who is sent away, who comes to the door, and who takes a name.
#[test]
fn who_is_banned_does_not_come_back() {
    let ban = |name: &str| Ban::new(BanSubject::Name(name.into()), "");
    for framing in BOTH {
        let place = Place::new();
        let server = place.start(framing);
        let mut options = place.options(framing);
        options.name = Some("ann".into());
        let client = ChatClient::connect(&options, PATIENCE).unwrap();
        until(&client, IncomingKind::Named);
        assert_eq!(server.ban(ban("ann")).unwrap(), 1);
        assert_eq!(end(&client).unwrap(), Error::new(Status::Closed, "the server closed the connection: banned"));
        assert_eq!(server.stats().joined, 1);
        server.unban(&BanSubject::Name("ann".into())).unwrap();
        let client = ChatClient::connect(&options, PATIENCE).unwrap();
        until(&client, IncomingKind::Named);
        server.stop(PATIENCE).unwrap();
        until(&client, Disconnected);
        let bans = place.0.with_extension("bans");
        std::fs::write(&bans, "{\"name\":\"Ann\"}\n").unwrap();
        let server = place.start_with(framing, |options| options.ban_file = Some(bans.to_str().unwrap().to_owned()));
        std::fs::remove_file(&bans).unwrap();
        assert_eq!(
            end(&client).unwrap(),
            Error::new(Status::Closed, "the server closed the connection: you are banned here")
        );
        assert_eq!(server.stats().joined, 1);
    }
}

#[test]
fn whose_address_is_banned_is_told_so_and_does_not_come_back() {
    let server = message_server();
    let cable = Cable::to(&server);
    thread::scope(|scope| {
        let connecting = scope.spawn(|| ChatClient::connect(&cable.options(), PATIENCE).unwrap());
        let wire = cable.connect(|_| true);
        let client = connecting.join().unwrap();
        await_members(&server, 1);
        wire.cut();
        until(&client, Disconnected);
        server.ban(Ban::new(BanSubject::address("127.0.0.1").unwrap(), "floods the room")).unwrap();
        let _again = cable.connect(|_| true);
        let reason = end(&client).unwrap();
        assert!(reason.message().contains("you are banned here: floods the room"), "{reason}");
        assert!(client.was_refused());
    });
}

#[test]
fn a_secret_that_is_no_longer_right_is_not_tried_again() {
    let secret = |text: &str| Secret::new(text).unwrap();
    let place = Place::new();
    let with = |text: &str| {
        let auth = ServerAuth::new(Profile::Mutual, KeyRing::single(secret(text)));
        place.start_with(Framing::U32Be, |options| options.auth = Some(auth))
    };
    let server = with("the first secret of two");
    let mut options = place.options(Framing::U32Be);
    options.auth = Some(ClientAuth::new(Profile::Mutual, secret("the first secret of two")));
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    let server = with("the second secret of two");
    assert_eq!(end(&client).unwrap().status(), Status::AuthenticationFailed);
    assert_eq!(server.stats().authentication_failed, 1);
}

struct Bouncer;

impl Handler for Bouncer {
    fn authorize(&mut self, _member: &std::sync::Arc<Member>) -> bool {
        false
    }

    fn event(&mut self, _event: rustchat::chat::Event) {}
}

#[test]
fn whom_the_program_does_not_admit_is_not_tried_again() {
    for framing in BOTH {
        let place = Place::new();
        let server = place.start(framing);
        let client = place.join(framing);
        await_members(&server, 1);
        server.stop(PATIENCE).unwrap();
        let mut options = options();
        (options.endpoint, options.framing, options.authorize) = (Endpoint::Unix(place.0.clone()), framing, true);
        let _server = ChatServer::start_with(options, Bouncer).unwrap();
        assert!(end(&client).unwrap().message().contains("not admitted"));
        assert!(client.was_refused());
    }
}

#[test]
fn a_server_that_is_full_is_tried_until_there_is_room() {
    for framing in BOTH {
        let place = Place::new();
        let server = place.start(framing);
        let client = place.join(framing);
        await_members(&server, 1);
        server.stop(PATIENCE).unwrap();
        until(&client, Disconnected);
        let server = place.start_with(framing, |options| options.member_limit = 1);
        // Either of them is in first.
        let mut plain = place.options(framing);
        plain.reconnect = None;
        let other = ChatClient::connect(&plain, PATIENCE).unwrap();
        let refused = server.stats().refused;
        eventually("somebody is turned away", || server.stats().refused > refused || !client.is_reconnecting());
        other.close();
        until(&client, Reconnected);
    }
}

#[test]
fn tries_end_with_their_limit() {
    let place = Place::new();
    let server = place.start(Framing::Line);
    let mut options = place.options(Framing::Line);
    options.reconnect = Some(Backoff { limit: 3, ..quick() });
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    let error = end(&client).unwrap();
    assert!(error.message().starts_with("given up after 3 tries: "), "{error}");
}

#[test]
fn whoever_ends_it_while_it_waits_ends_it_at_once() {
    for framing in BOTH {
        for how in ["stop", "close", "leave", "drop"] {
            let place = Place::new();
            let server = place.start(framing);
            let mut options = place.options(framing);
            options.reconnect = Some(slow());
            let client = ChatClient::connect(&options, PATIENCE).unwrap();
            await_members(&server, 1);
            server.stop(PATIENCE).unwrap();
            until(&client, Disconnected);
            client.send("unheard", PATIENCE).unwrap();
            match how {
                "stop" => client.stop(PATIENCE).unwrap(),
                "close" => client.close(),
                "leave" => client.leave(PATIENCE).unwrap(),
                _ => {
                    drop(client);
                    continue;
                }
            }
            client.join(PATIENCE).unwrap();
            assert!(client.is_closed() && !client.is_reconnecting());
            assert_eq!(client.unacknowledged(), 1, "{how}");
            if how != "stop" {
                let reason = end(&client).unwrap();
                assert_eq!(reason.status(), Status::Closed);
                assert!(reason.message().contains("1 message was not acknowledged"), "{reason}");
            }
        }
    }
}

#[test]
fn a_handler_that_closes_or_leaves_ends_it() {
    for how in ["close", "leave", "stop"] {
        let place = Place::new();
        let server = place.start(Framing::U32Be);
        let (give, given) = mpsc::channel::<ChatClient>();
        let (tell, told) = mpsc::channel();
        let mut options = place.options(Framing::U32Be);
        options.reconnect = Some(slow());
        let client = ChatClient::connect_with(&options, PATIENCE, move |event| match event {
            ClientEvent::Incoming(incoming) if incoming.kind == Disconnected => {
                let client = given.recv_timeout(PATIENCE).unwrap();
                match how {
                    "close" => client.close(),
                    "leave" => client.leave(PATIENCE).unwrap(),
                    _ => client.stop(PATIENCE).unwrap(),
                }
            }
            ClientEvent::Closed(reason) => tell.send(reason).unwrap(),
            _ => {}
        })
        .unwrap();
        give.send(client.clone()).unwrap();
        await_members(&server, 1);
        server.stop(PATIENCE).unwrap();
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), None);
        client.join(PATIENCE).unwrap();
    }
}

#[test]
fn nobody_is_connected_with_itself() {
    // On a port of the system's own choice, where nobody listens, TCP connects a socket with itself sooner or later.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port()));
    let limit = Backoff { first: Duration::from_micros(1), most: Duration::from_micros(1), limit: 300, ..quick() };
    (options.framing, options.reconnect) = (Framing::Line, Some(limit));
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    drop(listener.accept().unwrap());
    drop(listener);
    assert_eq!(end(&client).unwrap().status(), Status::ConnectionRefused);
}
