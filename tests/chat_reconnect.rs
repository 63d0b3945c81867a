//! Clients that come back.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustchat::chat::{ChatClient, ClientOptions, IncomingKind};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use rustchat::{Error, Status};
use support::returning::{BOTH, Cable, Place, message_server, quick, slow, until};
use support::{PATIENCE, await_members};

use IncomingKind::{Disconnected, Gap, Reconnected, Unconfirmed};

#[test]
fn a_client_comes_back_to_a_server_that_was_away_and_says_what_it_has_to_say() {
    for framing in BOTH {
        let place = Place::new();
        let server = place.start(framing);
        let client = place.join(framing);
        client.send("before", PATIENCE).unwrap();
        assert_eq!(client.recv(PATIENCE).unwrap().text, "before");
        client.drain(PATIENCE).unwrap();
        let fd = client.poll_fd().unwrap();
        server.stop(PATIENCE).unwrap();
        let told = until(&client, Disconnected);
        let loss = told.last().unwrap().loss().unwrap();
        assert_eq!(loss, Error::new(Status::Closed, "the server closed the connection: server stopped"));
        assert!(client.is_reconnecting() && !client.is_closed());
        client.send("meanwhile", PATIENCE).unwrap();
        assert_eq!(client.unacknowledged(), 1);
        let server = place.start(framing);
        until(&client, Reconnected);
        let gap = client.recv(PATIENCE).unwrap();
        assert_eq!((gap.kind, gap.missed), (Gap, None));
        assert_eq!(client.recv(PATIENCE).unwrap().text, "meanwhile");
        client.drain(PATIENCE).unwrap();
        assert!(!client.is_reconnecting());
        assert_eq!((client.unacknowledged(), client.poll_fd().unwrap()), (0, fd));
        assert_eq!(server.stats().messages, 1);
        client.stop(PATIENCE).unwrap();
        assert_eq!(client.send("x", PATIENCE).unwrap_err().status(), Status::Closed);
    }
}

#[test]
fn a_message_whose_acknowledgement_was_lost_is_said_once() {
    let server = message_server();
    let cable = Cable::to(&server);
    thread::scope(|scope| {
        let connecting = scope.spawn(|| ChatClient::connect(&cable.options(), PATIENCE).unwrap());
        let (heard, hears) = mpsc::channel();
        // Of what the server says the client hears the welcome and nothing more.
        let wire = cable.connect(move |bytes| {
            let is_welcome = String::from_utf8_lossy(bytes).contains("welcome");
            heard.send(is_welcome).unwrap();
            is_welcome
        });
        let client = connecting.join().unwrap();
        let mut name = ClientOptions::new(Endpoint::from(server.address()));
        name.framing = Framing::U32Be;
        let watcher = ChatClient::connect(&name, PATIENCE).unwrap();
        await_members(&server, 2);
        client.send("once", PATIENCE).unwrap();
        assert_eq!(watcher.recv(PATIENCE).unwrap().text, "once");
        while hears.recv_timeout(PATIENCE).unwrap() {}
        wire.cut();
        let again = cable.connect(|_| true);
        until(&client, Reconnected);
        client.drain(PATIENCE).unwrap();
        let gap = client.recv(PATIENCE).unwrap();
        // Its own message is what it has missed.
        assert_eq!((gap.kind, gap.missed, gap.seq), (Gap, Some(1), 1));
        client.send("next", PATIENCE).unwrap();
        for member in [&client, &watcher] {
            let said = member.recv(PATIENCE).unwrap();
            assert_eq!((said.text.as_str(), said.again), ("next", false));
        }
        assert_eq!(server.stats().messages, 2);
        drop(again);
    });
}

#[test]
fn a_wait_for_a_message_keeps_its_time_whatever_the_connection_does() {
    let place = Place::new();
    let server = place.start(Framing::U32Be);
    let client = place.join(Framing::U32Be);
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    let begin = Instant::now();
    assert_eq!(client.recv(Duration::from_millis(100)).unwrap_err().status(), Status::TimedOut);
    assert!(begin.elapsed() >= Duration::from_millis(100));
    // One that waits hears what comes after the return.
    let hearing = thread::scope(|scope| {
        let hearing = scope.spawn(|| (client.recv(PATIENCE).unwrap().kind, client.recv(PATIENCE).unwrap().text));
        let server = place.start(Framing::U32Be);
        await_members(&server, 1);
        server.broadcast("here we are").unwrap();
        hearing.join().unwrap()
    });
    assert_eq!(hearing, (Gap, "here we are".to_owned()));
}

#[test]
fn what_is_said_meanwhile_waits_in_a_bounded_queue() {
    let place = Place::new();
    let server = place.start(Framing::U32Be);
    let mut options = place.options(Framing::U32Be);
    options.reconnect = Some(slow());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    until(&client, Disconnected);
    let said = (0..).take_while(|_| client.send("x", Duration::ZERO).is_ok()).count();
    assert_eq!((said, client.unacknowledged(), client.pending()), (256, 256, 256));
    let error = client.send("x", Duration::from_millis(1)).unwrap_err();
    assert_eq!(error.status(), Status::TimedOut);
    assert_eq!(client.offer("x").unwrap(), None);
    assert_eq!(client.drain(Duration::from_millis(1)).unwrap_err().status(), Status::TimedOut);
    client.close();
    assert_eq!(client.offer("x").unwrap_err().status(), Status::Closed);
    assert_eq!(client.drain(PATIENCE).unwrap_err().status(), Status::Closed);
}

/// A server that takes what is said and acknowledges nothing.
#[test]
fn what_was_sent_twice_in_vain_is_told_and_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port()));
    (options.framing, options.reconnect) = (Framing::U32Be, Some(quick()));
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    let serve = |lines: &[&str]| {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        for line in lines {
            stream.write_all(&rustchat::frame::encode(Framing::U32Be, line.as_bytes()).unwrap()).unwrap();
        }
        stream
    };
    let hear = |stream: &mut TcpStream, what: &str| {
        let (mut all, mut buffer) = (String::new(), [0; 4096]);
        while !all.contains(what) {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "{all}");
            all += &String::from_utf8_lossy(&buffer[..count]);
        }
        all
    };
    let mut first = serve(&[r#"{"type":"welcome","epoch":"a","seq":0,"session":"s1"}"#]);
    client.send("vain", PATIENCE).unwrap();
    let said = hear(&mut first, "vain\"");
    assert!(said.contains("\"ref\":1") && !said.contains("again"), "{said}");
    drop(first);
    let mut second =
        serve(&[r#"{"type":"welcome","epoch":"b","seq":0,"session":"s2"}"#, r#"{"type":"resumed","known":false}"#]);
    let said = hear(&mut second, "vain\"");
    assert!(said.contains("\"s1\"") && said.contains("\"ref\":1"), "{said}");
    assert!(said.contains("\"again\":true"), "{said}");
    drop(second);
    let told = until(&client, Unconfirmed);
    assert_eq!(told.last().unwrap().text, "vain");
    assert_eq!(client.unacknowledged(), 0);
    let mut third =
        serve(&[r#"{"type":"welcome","epoch":"b","seq":0,"session":"s3"}"#, r#"{"type":"resumed","known":true}"#]);
    client.send("fresh", PATIENCE).unwrap();
    let said = hear(&mut third, "fresh\"");
    assert!(!said.contains("vain") && said.contains("\"s2\"") && said.contains("\"ref\":2"), "{said}");
    client.close();
}

#[test]
fn a_server_that_moves_is_found_where_its_name_leads() {
    // The path of a Unix socket is looked up as a name is: here it leads somewhere else.
    let (place, other) = (Place::new(), Place::new());
    let server = place.start(Framing::U32Be);
    let client = place.join(Framing::U32Be);
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    let _ = std::fs::remove_file(&place.0);
    let server = other.start(Framing::U32Be);
    std::os::unix::fs::symlink(&other.0, &place.0).unwrap();
    until(&client, Reconnected);
    await_members(&server, 1);
}
