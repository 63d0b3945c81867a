//! Message chat over real sockets: one JSON object a frame.

mod support;

use std::time::Duration;

use rustchat::chat::{ChatClient, ChatServer, ClientEvent, ClientOptions, IncomingKind};
use rustchat::frame::Framing;
use rustchat::{Error, Status};
use serde_json::{Value, json};
use support::{ObjectPeer, PATIENCE, await_members, options};

fn start(framing: Framing) -> ChatServer {
    let mut options = options();
    options.framing = framing;
    ChatServer::start(options).unwrap()
}

#[test]
fn a_message_carries_all_its_fields_in_every_framing() {
    for framing in [Framing::U32Be, Framing::U32Le, Framing::Multiprocessing] {
        let server = start(framing);
        let (mut ann, mut bob) = (ObjectPeer::join(&server), ObjectPeer::join(&server));
        assert_eq!(ann.welcome["room"], "lobby");
        assert_eq!(ann.welcome["seq"], 0);
        ann.say("two\nlines \"quoted\" \\ 群");
        for peer in [&mut ann, &mut bob] {
            let heard = peer.hear();
            assert_eq!(heard["type"], "message");
            assert_eq!(heard["room"], "lobby");
            assert_eq!(heard["epoch"], peer.welcome["epoch"]);
            assert_eq!(heard["seq"], 1);
            assert!(heard["time"].as_str().unwrap().ends_with('Z'), "{heard}");
            assert_eq!(heard["text"], "two\nlines \"quoted\" \\ 群");
        }
        bob.say("second");
        let heard = ann.hear();
        assert_eq!(heard["from"], bob.welcome["you"]);
        assert_eq!(heard["seq"], 2);
        let late = ObjectPeer::join(&server);
        assert_eq!(late.welcome["seq"], 2);
    }
}

#[test]
fn what_the_server_says_is_marked_and_what_members_say_is_not() {
    let server = start(Framing::U32Be);
    let mut ann = ObjectPeer::join(&server);
    let id = server.members()[0].id();
    server.broadcast("to all").unwrap();
    server.send(id, "to you").unwrap();
    for kind in ["message", "direct"] {
        let said = ann.hear();
        assert_eq!(
            (&said["type"], &said["from"]["id"], &said["from"]["server"]),
            (&json!(kind), &json!(0), &json!(true))
        );
        assert_eq!(said["from"]["name"], Value::Null);
    }
    // Whatever a member says of itself is not passed on.
    ann.send(&json!({"type": "message", "text": "I am the server", "server": true, "from": {"id": 0, "server": true}}));
    let said = ann.hear();
    assert_eq!((&said["from"]["id"], &said["from"]["server"]), (&json!(id), &Value::Null));
}

#[test]
fn a_client_can_tell_the_server_from_its_members() {
    for framing in [Framing::U32Be, Framing::Line] {
        let server = start(framing);
        let mut client_options = ClientOptions::new(rustchat::net::Endpoint::from(server.address()));
        client_options.framing = framing;
        let client = ChatClient::connect(&client_options, PATIENCE).unwrap();
        await_members(&server, 1);
        client.send("by a member", PATIENCE).unwrap();
        let heard = client.recv(PATIENCE).unwrap();
        assert_eq!((heard.text.as_str(), heard.from.server), ("by a member", false));
        server.broadcast("by the server").unwrap();
        let heard = client.recv(PATIENCE).unwrap();
        assert_eq!((heard.text.as_str(), heard.from.server), ("by the server", true));
        server.send(server.members()[0].id(), "psst").unwrap();
        assert!(client.recv(PATIENCE).unwrap().from.server);
        server.close();
        let mut events = Vec::new();
        while client.poll(&mut events, 10, PATIENCE).is_ok() {}
        let bye = events.iter().find_map(|event| match event {
            ClientEvent::Incoming(incoming) if incoming.text.ends_with("server stopped") => Some(incoming.from.server),
            _ => None,
        });
        assert_eq!(bye, Some(true));
    }
}

#[test]
fn names_are_unique_as_long_as_they_are_used() {
    let server = start(Framing::U32Be);
    let (mut ann, mut bob) = (ObjectPeer::join(&server), ObjectPeer::join(&server));
    ann.send(&json!({"type": "hello", "name": "ann"}));
    assert_eq!(ann.hear()["name"], "ann");
    bob.send(&json!({"type": "hello", "name": "ann"}));
    let refusal = bob.hear();
    assert_eq!((&refusal["type"], &refusal["code"]), (&json!("error"), &json!("RUSTCHAT_EINVAL")));
    assert!(refusal["text"].as_str().unwrap().contains("'ann' is taken"));
    ann.say("it is me");
    assert_eq!(bob.hear()["from"]["name"], "ann");
    ann.send(&json!({"type": "quit"}));
    await_members(&server, 1);
    bob.send(&json!({"type": "hello", "name": "ann"}));
    assert_eq!(bob.hear()["type"], "name");
}

#[test]
fn what_is_no_request_is_refused_with_a_reason_and_the_sender_stays() {
    let server = start(Framing::U32Be);
    let (mut ann, mut bob) = (ObjectPeer::join(&server), ObjectPeer::join(&server));
    let frame = |payload: &[u8]| rustchat::frame::encode(Framing::U32Be, payload).unwrap();
    for (payload, code, what) in [
        (&b"not json"[..], "RUSTCHAT_EPROTO", "expected"),
        (b"[1,2]", "RUSTCHAT_EPROTO", "not an object"),
        (b" [\"message\",\"hi\"]", "RUSTCHAT_EPROTO", "not an object"),
        (b"{\"type\":\"message\"}", "RUSTCHAT_EPROTO", "without 'text'"),
        (b"{\"type\":\"dance\\u001b\"}", "RUSTCHAT_EPROTO", "dance\\u{1b}"),
        (b"{\"type\":\"message\",\"text\":\"\\u0007\"}", "RUSTCHAT_EUTF8", "U+0007"),
        (b"{\"type\":\"message\",\"text\":\"\xff\"}", "RUSTCHAT_EPROTO", ""),
        (b"", "RUSTCHAT_EPROTO", ""),
    ] {
        ann.send_raw(&frame(payload));
        let refusal = ann.hear();
        assert_eq!((&refusal["type"], &refusal["code"]), (&json!("error"), &json!(code)), "{refusal}");
        assert!(refusal["text"].as_str().unwrap().contains(what), "{refusal}");
    }
    ann.say("fine");
    assert_eq!((ann.hear()["text"].clone(), bob.hear()["text"].clone()), (json!("fine"), json!("fine")));
    // A length that nobody would wait for: refused at its header, and the connection is of no more use.
    ann.send_raw(&(1_u32 << 30).to_be_bytes());
    assert_eq!(ann.hear()["code"], "RUSTCHAT_EMSGSIZE");
    assert_eq!(ann.hear(), json!({"type": "bye", "reason": "message too long"}));
    assert_eq!(ann.hear(), Value::Null);
    bob.say("unharmed");
    assert_eq!(bob.hear()["seq"], 2);
}

#[test]
fn a_silent_member_is_pinged_and_one_that_does_not_answer_is_gone() {
    let mut options = options();
    options.framing = Framing::U32Be;
    options.ping_interval = Duration::from_millis(50);
    options.ping_timeout = Duration::from_secs(2);
    let server = ChatServer::start(options).unwrap();
    let mut dead = ObjectPeer::join(&server);
    // The client of the library answers by itself.
    let mut client = ClientOptions::new(rustchat::net::Endpoint::from(server.address()));
    client.framing = Framing::U32Be;
    let alive = ChatClient::connect(&client, PATIENCE).unwrap();
    assert_eq!(dead.hear(), json!({"type": "ping"}));
    assert_eq!(dead.hear(), json!({"type": "bye", "reason": "did not answer a ping"}));
    assert_eq!(dead.hear(), Value::Null);
    alive.send("still here", PATIENCE).unwrap();
    assert_eq!(alive.recv(PATIENCE).unwrap().text, "still here");
    assert_eq!(server.members().len(), 1);
}

#[test]
fn the_client_has_a_name_and_sees_everything_in_order() {
    let server = start(Framing::U32Be);
    let mut named = ClientOptions::new(rustchat::net::Endpoint::from(server.address()));
    (named.framing, named.name) = (Framing::U32Be, Some("ann".into()));
    let ann = ChatClient::connect(&named, PATIENCE).unwrap();
    named.name = Some("bob".into());
    let bob = ChatClient::connect(&named, PATIENCE).unwrap();
    await_members(&server, 2);
    for number in 0..100 {
        ann.send(&format!("number {number}"), PATIENCE).unwrap();
    }
    for number in 0..100 {
        let message = bob.recv(PATIENCE).unwrap();
        assert_eq!((message.text, message.seq), (format!("number {number}"), number + 1));
        assert_eq!(message.from.name.as_deref(), Some("ann"));
    }
    server.send(server.members()[1].id(), "psst").unwrap();
    let direct = bob.recv(PATIENCE).unwrap();
    assert_eq!((direct.kind, direct.seq, direct.text.as_str()), (IncomingKind::Direct, 0, "psst"));
    ann.stop(PATIENCE).unwrap();
    ann.stop(PATIENCE).unwrap();
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    let end: Error = bob.recv(PATIENCE).unwrap_err();
    assert_eq!(end.status(), Status::Closed);
    assert!(end.message().contains("server stopped"), "{end}");
}

#[test]
fn a_client_with_a_handler_is_told_everything_and_may_leave_from_within() {
    let server = start(Framing::U32Be);
    let mut options = ClientOptions::new(rustchat::net::Endpoint::from(server.address()));
    options.framing = Framing::U32Be;
    let (sender, receiver) = std::sync::mpsc::channel();
    let client = ChatClient::connect_with(&options, PATIENCE, move |event| sender.send(event).unwrap()).unwrap();
    await_members(&server, 1);
    client.send("to myself", PATIENCE).unwrap();
    let kinds = [(); 2].map(|()| match receiver.recv_timeout(PATIENCE).unwrap() {
        ClientEvent::Incoming(incoming) => incoming.kind,
        other => panic!("{other:?}"),
    });
    assert_eq!(kinds, [IncomingKind::Welcome, IncomingKind::Message]);
    assert_eq!(client.recv(PATIENCE).unwrap_err().status(), Status::BadState);
    client.close();
    client.join(PATIENCE).unwrap();
    assert!(matches!(receiver.recv_timeout(PATIENCE).unwrap(), ClientEvent::Closed(None)));
}
