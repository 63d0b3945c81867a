//! What clients say to one member alone.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use rustchat::Status;
use rustchat::chat::{ChatClient, ChatServer, ClientOptions, Incoming, IncomingKind};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use serde_json::json;
use support::returning::{Cable, Place, message_server, quick, until};
use support::{ObjectPeer, PATIENCE, await_members};

use IncomingKind::{Direct, Message, Named, Reconnected, Refused, Unconfirmed};

fn join(server: &ChatServer, name: &str) -> ChatClient {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    (options.framing, options.name) = (server.options().framing, Some(name.into()));
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    until(&client, Named);
    client
}

fn hear(client: &ChatClient) -> Incoming {
    client.recv(PATIENCE).unwrap()
}

#[test]
fn a_private_word_is_heard_by_one_and_says_that_it_is_private() {
    let server = message_server();
    let (ann, ben, cid) = (join(&server, "ann"), join(&server, "ben"), join(&server, "cid"));
    ann.send("aloud", PATIENCE).unwrap();
    ann.send_to("ben", "psst\nyou ", PATIENCE).unwrap();
    ann.send("aloud again", PATIENCE).unwrap();
    let aloud = hear(&ben);
    assert_eq!((aloud.kind, aloud.is_private(), aloud.text.as_str()), (Message, false, "aloud"));
    let psst = hear(&ben);
    assert_eq!((psst.kind, psst.is_private(), psst.text.as_str(), psst.seq), (Direct, true, "psst\nyou", 0));
    assert_eq!((psst.from.name.as_deref(), psst.from.server, psst.to), (Some("ann"), false, None));
    for member in [&ann, &cid] {
        assert_eq!((hear(member).text, hear(member).text), ("aloud".into(), "aloud again".into()));
    }
    assert_eq!(server.stats().messages, 2);
    // Names are known in another case, and one's own is as good as any.
    ann.send_to("ANN", "to myself", PATIENCE).unwrap();
    assert_eq!((hear(&ann).text.as_str(), ann.stats().messages_out), ("to myself", 4));
}

#[test]
fn who_says_something_to_nobody_is_told_so() {
    let server = message_server();
    let ann = join(&server, "ann");
    ann.send_to("ben", "psst", PATIENCE).unwrap();
    let error = ann.recv(PATIENCE).unwrap_err();
    assert_eq!(
        (error.status(), error.message()),
        (Status::NoSuchPeer, "the server refused: nobody here is called 'ben'")
    );
    // The connection goes on, and white space is nothing to anybody.
    ann.send_to("ben", " \n ", PATIENCE).unwrap();
    ann.send("aloud", PATIENCE).unwrap();
    assert_eq!(hear(&ann).text, "aloud");
}

#[test]
fn what_cannot_be_said_is_told_before_anything_is_sent() {
    let server = message_server();
    let ann = join(&server, "ann");
    for (to, text, status) in [
        ("", "x", Status::InvalidText),
        ("server", "x", Status::InvalidText),
        ("a\nb", "x", Status::InvalidText),
        ("ann", "\x1b", Status::InvalidText),
        ("ann", &*"x".repeat(65536), Status::MessageTooLong),
    ] {
        assert_eq!(ann.send_to(to, text, PATIENCE).unwrap_err().status(), status, "{to:?}");
    }
    assert_eq!(ann.offer_to("", "x").unwrap_err().status(), Status::InvalidText);
    assert_eq!(ann.offer_to("ann", "offered").unwrap(), Some(0));
    assert_eq!(hear(&ann).text, "offered");
    ann.leave(PATIENCE).unwrap();
    assert_eq!(ann.send_to("ann", "x", PATIENCE).unwrap_err().status(), Status::Closed);
}

#[test]
fn line_chat_has_no_words_that_are_sure_to_be_private() {
    let place = Place::new();
    let _server = place.start(Framing::Line);
    let client = place.join(Framing::Line);
    let error = client.send_to("ann", "psst", PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::NotSupported);
    assert!(error.message().contains("/msg"), "{error}");
}

#[test]
fn a_private_word_whose_acknowledgement_was_lost_is_said_once() {
    let server = message_server();
    let cable = Cable::to(&server);
    let ben = join(&server, "ben");
    thread::scope(|scope| {
        let connecting = scope.spawn(|| ChatClient::connect(&cable.options(), PATIENCE).unwrap());
        let (heard, hears) = mpsc::channel();
        let wire = cable.connect(move |bytes| {
            let is_welcome = String::from_utf8_lossy(bytes).contains("welcome");
            let _ = heard.send(is_welcome);
            is_welcome
        });
        let client = connecting.join().unwrap();
        await_members(&server, 2);
        client.send_to("ben", "once", PATIENCE).unwrap();
        assert_eq!((hear(&ben).text.as_str(), client.unacknowledged()), ("once", 1));
        while hears.recv_timeout(PATIENCE).unwrap() {}
        wire.cut();
        let again = cable.connect(|_| true);
        until(&client, Reconnected);
        client.drain(PATIENCE).unwrap();
        client.send_to("ben", "next", PATIENCE).unwrap();
        let next = hear(&ben);
        assert_eq!((next.text.as_str(), next.again), ("next", false));
        // Nothing of that is missing in the room.
        client.send_to("nobody", "psst", PATIENCE).unwrap();
        let refused = until(&client, Refused).pop().unwrap();
        assert_eq!((refused.status, refused.to.as_deref()), (Some(Status::NoSuchPeer), Some("nobody")));
        assert!(refused.is_private());
        client.drain(PATIENCE).unwrap();
        drop(again);
    });
}

#[test]
fn a_private_word_that_was_said_to_an_earlier_server_is_marked() {
    let server = message_server();
    let ben = join(&server, "ben");
    let ann = ObjectPeer::join(&server);
    for (number, again) in [(1, true), (2, false)] {
        ann.send(&json!({"type": "message", "to": "ben", "text": "psst", "ref": number, "again": again}));
        let psst = hear(&ben);
        assert_eq!((psst.kind, psst.again), (Direct, again));
    }
}

#[test]
fn what_may_not_have_arrived_says_whom_it_was_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port()));
    (options.framing, options.reconnect) = (Framing::U32Be, Some(quick()));
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    // A server that never acknowledges anything, until it has heard the words.
    let serve = || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        for line in [r#"{"type":"welcome","session":"s","limit":65536}"#, r#"{"type":"resumed","known":true}"#] {
            stream.write_all(&rustchat::frame::encode(Framing::U32Be, line.as_bytes()).unwrap()).unwrap();
        }
        let (mut all, mut buffer) = (String::new(), [0; 4096]);
        while !all.contains(r#""to":"ben""#) {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "{all}");
            all += &String::from_utf8_lossy(&buffer[..count]);
        }
    };
    thread::scope(|scope| {
        let serving = scope.spawn(|| (0..2).for_each(|_| serve()));
        client.send_to("ben", "psst", PATIENCE).unwrap();
        serving.join().unwrap();
    });
    let told = until(&client, Unconfirmed).pop().unwrap();
    assert_eq!((told.text.as_str(), told.to.as_deref(), told.is_private()), ("psst", Some("ben"), true));
    client.close();
}
