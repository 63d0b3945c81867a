//! Names of clients that come back.

mod support;

use std::thread;

use rustchat::Status;
use rustchat::chat::{ChatClient, IncomingKind};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use support::returning::{Cable, Place, end, message_server, until};
use support::{PATIENCE, await_members};

use IncomingKind::{Disconnected, Gap, Named, Reconnected, Refused};

#[test]
fn a_name_is_taken_again_from_a_connection_that_the_server_takes_for_alive() {
    let server = message_server();
    let cable = Cable::to(&server);
    thread::scope(|scope| {
        let mut options = cable.options();
        options.name = Some("ann".into());
        let connecting = scope.spawn(move || ChatClient::connect(&options, PATIENCE).unwrap());
        let wire = cable.connect(|_| true);
        let client = connecting.join().unwrap();
        until(&client, Named);
        client.send("one", PATIENCE).unwrap();
        client.drain(PATIENCE).unwrap();
        wire.cut();
        let _again = cable.connect(|_| true);
        until(&client, Reconnected);
        await_members(&server, 1);
        assert_eq!(server.members()[0].name(), Some("ann"));
    });
}

#[test]
fn in_line_chat_a_name_is_taken_again_before_anything_is_said() {
    let place = Place::new();
    let server = place.start(Framing::Line);
    let mut options = place.options(Framing::Line);
    options.name = Some("ann".into());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    until(&client, Named);
    server.stop(PATIENCE).unwrap();
    until(&client, Disconnected);
    client.send("meanwhile", PATIENCE).unwrap();
    let server = place.start(Framing::Line);
    until(&client, Reconnected);
    assert_eq!(client.recv(PATIENCE).unwrap().kind, Gap);
    let said = client.recv(PATIENCE).unwrap();
    assert_eq!((said.from.name.as_deref(), said.text.as_str()), (Some("ann"), "meanwhile"));
    assert_eq!(server.members()[0].name(), Some("ann"));
}

#[test]
fn a_server_of_line_chat_that_knows_no_names_is_gone_back_to_as_well() {
    let place = Place::new();
    let start = || place.start_with(Framing::Line, |options| options.commands = Some(false));
    let server = start();
    let mut options = place.options(Framing::Line);
    options.name = Some("ann".into());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    assert_eq!(client.recv(PATIENCE).unwrap().text, "/name ann");
    server.stop(PATIENCE).unwrap();
    let _server = start();
    until(&client, Reconnected);
    client.send("here", PATIENCE).unwrap();
    let heard: Vec<_> = (0..3).map(|_| client.recv(PATIENCE).unwrap()).collect();
    assert_eq!((heard[0].kind, &*heard[1].text, &*heard[2].text), (Gap, "/name ann", "here"));
}

#[test]
fn a_name_that_somebody_else_has_taken_is_asked_for_a_few_times_and_then_it_is_the_end() {
    let place = Place::new();
    let server = place.start(Framing::U32Be);
    let mut options = place.options(Framing::U32Be);
    options.name = Some("ann".into());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    until(&client, Named);
    let barred = place.0.with_extension("barred");
    std::fs::rename(&place.0, &barred).unwrap();
    server.disconnect_for(server.members()[0].id(), rustchat::chat::LeaveReason::TooSlow).unwrap();
    until(&client, Disconnected);
    let mut other = options.clone();
    other.endpoint = Endpoint::Unix(barred.clone());
    let other = ChatClient::connect(&other, PATIENCE).unwrap();
    until(&other, Named);
    std::fs::rename(&barred, &place.0).unwrap();
    let error = end(&client).unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("taken"), "{error}");
    assert_eq!(server.stats().joined, 2 + 5);
}

#[test]
fn in_line_chat_a_name_that_was_taken_later_is_taken_again() {
    let place = Place::new();
    let server = place.start(Framing::Line);
    let ann = place.join(Framing::Line);
    ann.send("/name ann", PATIENCE).unwrap();
    until(&ann, Named);
    let mut options = place.options(Framing::Line);
    options.name = Some("ann".into());
    let ben = ChatClient::connect(&options, PATIENCE).unwrap();
    until(&ben, Refused);
    ben.send("/name ben", PATIENCE).unwrap();
    until(&ben, Named);
    server.stop(PATIENCE).unwrap();
    let _server = place.start(Framing::Line);
    for (client, name) in [(&ann, "ann"), (&ben, "ben")] {
        until(client, Reconnected);
        let named = until(client, Named).pop().unwrap();
        assert_eq!(named.from.name.as_deref(), Some(name));
    }
}
