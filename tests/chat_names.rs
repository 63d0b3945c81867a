//! Names: taken by what looks like them, never the server's or an address.

mod support;

use std::os::unix::fs::FileTypeExt;

use rustchat::Status;
use rustchat::chat::{ChatClient, ChatServer, ClientEvent, ClientOptions, IncomingKind, ServerOptions};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use serde_json::{Value, json};
use support::{ObjectPeer, PATIENCE, await_members, eventually, options};

fn start() -> ChatServer {
    let mut options = options();
    options.framing = Framing::U32Be;
    ChatServer::start(options).unwrap()
}

fn hello(peer: &mut ObjectPeer, name: &str) -> Value {
    peer.send(&json!({"type": "hello", "name": name}));
    peer.hear()
}

fn check_taken(answer: &Value) {
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("RUSTCHAT_EINVAL")), "{answer}");
    assert!(answer["text"].as_str().unwrap().contains("is taken"), "{answer}");
}

#[test]
fn a_name_is_taken_by_whatever_looks_like_it() {
    let server = start();
    let (mut teacher, mut pupil) = (ObjectPeer::join(&server), ObjectPeer::join(&server));
    assert_eq!(hello(&mut teacher, "Admin")["name"], "Admin");
    for alike in ["Admin", "admin", "ADMIN", "Ａｄｍｉｎ", "Аdmin", "аdmin", "АDМIN", "Adrnin", "Adm\u{fe0f}in"]
    {
        check_taken(&hello(&mut pupil, alike));
    }
    // None of these was taken by the attempt.
    assert_eq!(hello(&mut pupil, "admiral")["name"], "admiral");
    teacher.send(&json!({"type": "quit"}));
    await_members(&server, 1);
    let mut next = ObjectPeer::join(&server);
    assert_eq!(hello(&mut next, "аdmin")["name"], "аdmin");
}

#[test]
fn nobody_takes_the_servers_name_or_an_address() {
    let server = start();
    let mut pupil = ObjectPeer::join(&server);
    let own = server.address().to_string();
    for bad in [
        own.as_str(),
        "server",
        "Server",
        "ｓｅｒｖｅｒ",
        "sеrvеr",
        "[server]",
        "127.0.0.1:60000",
        "127.0.0.1",
        "l27.O.O.1:6OOOO",
        "::1",
        "localhost:60000",
        "/run/chat.sock",
        "unix",
        "* server stopped",
        "ann\u{202e}",
    ] {
        let answer = hello(&mut pupil, bad);
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("RUSTCHAT_EUTF8")), "{bad}: {answer}");
    }
    assert_eq!(hello(&mut pupil, "ann")["name"], "ann");
}

#[test]
fn a_client_is_told_before_it_connects_that_its_name_cannot_be_one() {
    // Nobody listens there.
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", 1));
    options.framing = Framing::U32Be;
    for bad in ["server", "127.0.0.1:60000", "Ѕerver"] {
        options.name = Some(bad.into());
        assert_eq!(ChatClient::connect(&options, PATIENCE).err().unwrap().status(), Status::InvalidText, "{bad}");
    }
}

/// A directory that is gone with the test.
struct Place(std::path::PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("rustchat-names-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Place(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_path_of_a_member_is_not_shown_when_it_reads_as_the_servers() {
    let place = Place::new("path");
    let path = place.0.join("chat.sock");
    let mut options = ServerOptions::new(Endpoint::unix(&path));
    options.framing = Framing::U32Be;
    let server = ChatServer::start(options).unwrap();
    assert!(std::fs::metadata(&path).unwrap().file_type().is_socket());
    let names = [("сhat.sock", "unix"), ("CHAT.sock", "unix"), ("ann.sock", "ann.sock")];
    for (count, (own, shown)) in names.iter().enumerate() {
        let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
        socket.bind(&socket2::SockAddr::unix(place.0.join(own)).unwrap()).unwrap();
        socket.connect(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
        eventually("it joins", || server.stats().joined == count as u64 + 1);
        let members = server.members();
        let label = members.last().unwrap().label();
        assert!(label == *shown || label == place.0.join(shown).display().to_string(), "{own} is shown as {label}");
    }
}

#[test]
fn the_path_of_the_server_is_nobodys_name() {
    let place = Place::new("server");
    // The other tests here have paths from the root.
    std::env::set_current_dir(&place.0).unwrap();
    std::fs::create_dir("raum").unwrap();
    let mut options = ServerOptions::new(Endpoint::unix("raum/klasse"));
    options.framing = Framing::U32Be;
    let server = ChatServer::start(options).unwrap();
    let mut joining = ClientOptions::new(Endpoint::unix("raum/klasse"));
    (joining.framing, joining.name) = (Framing::U32Be, Some("Raum/kIasse".into()));
    let client = ChatClient::connect(&joining, PATIENCE).unwrap();
    let mut events = Vec::new();
    let refused = || {
        client.poll(&mut events, 1, PATIENCE).unwrap();
        events.drain(..).any(|event| match event {
            ClientEvent::Incoming(incoming) => incoming.kind == IncomingKind::Refused && incoming.from.server,
            _ => false,
        })
    };
    eventually("the name is refused", refused);
    assert_eq!(server.members()[0].name(), None);
}
