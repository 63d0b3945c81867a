//! Clients that come back.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{
    Backoff, ChatClient, ChatServer, ClientEvent, ClientOptions, Handler, IncomingKind, Member, ServerOptions,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use rustchat::{Error, Status};
use support::{PATIENCE, await_members, eventually, options};

use IncomingKind::{Disconnected, Gap, Reconnected, Unconfirmed};

const BOTH: [Framing; 2] = [Framing::Line, Framing::U32Be];

/// A place of its own for a server that comes and goes.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let name = format!("rustchat-back-{}-{}.sock", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed));
        Place(std::env::temp_dir().join(name))
    }

    fn start(&self, framing: Framing) -> ChatServer {
        self.start_with(framing, |_| {})
    }

    fn start_with(&self, framing: Framing, change: impl FnOnce(&mut ServerOptions)) -> ChatServer {
        let mut options = options();
        (options.endpoint, options.framing) = (Endpoint::Unix(self.0.clone()), framing);
        change(&mut options);
        ChatServer::start(options).unwrap()
    }

    fn join(&self, framing: Framing) -> ChatClient {
        ChatClient::connect(&self.options(framing), PATIENCE).unwrap()
    }

    fn options(&self, framing: Framing) -> ClientOptions {
        let mut options = ClientOptions::new(Endpoint::Unix(self.0.clone()));
        (options.framing, options.reconnect) = (framing, Some(quick()));
        options
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn quick() -> Backoff {
    Backoff { first: Duration::from_millis(5), most: Duration::from_millis(50), ..Backoff::default() }
}

/// One that waits for so long that nobody sees the next try.
fn slow() -> Backoff {
    Backoff { first: Duration::from_secs(3600), most: Duration::from_secs(3600), jitter: 0.0, ..Backoff::default() }
}

/// What comes up to one of that kind, which is last.
fn until(client: &ChatClient, kind: IncomingKind) -> Vec<rustchat::chat::Incoming> {
    let (mut all, mut events) = (Vec::new(), Vec::new());
    loop {
        client.poll(&mut events, 1, PATIENCE).unwrap();
        match events.pop() {
            Some(ClientEvent::Incoming(incoming)) => all.push(incoming),
            Some(ClientEvent::Closed(reason)) => panic!("the end, {reason:?}, instead of {kind:?} behind {all:?}"),
            _ => {}
        }
        if all.last().is_some_and(|incoming| incoming.kind == kind) {
            return all;
        }
    }
}

/// The last thing that a client tells.
fn end(client: &ChatClient) -> Option<Error> {
    let mut events = Vec::new();
    loop {
        client.poll(&mut events, 1, PATIENCE).unwrap();
        if let Some(ClientEvent::Closed(reason)) = events.pop() {
            return reason;
        }
    }
}

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

/// Between a client and its server, to be cut.
struct Cable {
    listener: TcpListener,
    server: SocketAddr,
}

struct Wire([TcpStream; 2]);

impl Cable {
    fn to(server: &ChatServer) -> Cable {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Cable { listener, server: server.address().to_string().parse().unwrap() }
    }

    fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", self.listener.local_addr().unwrap().port()));
        (options.framing, options.reconnect) = (Framing::U32Be, Some(quick()));
        options
    }

    /// Lets the next one through. What comes from the server goes on as long as `back` says so.
    fn connect(&self, back: impl Fn(&[u8]) -> bool + Send + 'static) -> Wire {
        let (near, _) = self.listener.accept().unwrap();
        let far = TcpStream::connect(self.server).unwrap();
        let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
        pump(near.try_clone().unwrap(), far.try_clone().unwrap(), |_| true);
        pump(far, near, back);
        Wire(ends)
    }
}

/// Carries bytes, those that may pass.
fn pump(mut from: TcpStream, mut to: TcpStream, pass: impl Fn(&[u8]) -> bool + Send + 'static) {
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if pass(&buffer[..count]) && to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
    });
}

impl Wire {
    /// The client's side breaks; the server notices nothing.
    fn cut(&self) {
        self.0[0].shutdown(Shutdown::Both).unwrap();
    }
}

fn message_server() -> ChatServer {
    let mut options = options();
    options.framing = Framing::U32Be;
    ChatServer::start(options).unwrap()
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
fn a_name_is_taken_again_from_a_connection_that_the_server_takes_for_alive() {
    let server = message_server();
    let cable = Cable::to(&server);
    thread::scope(|scope| {
        let mut options = cable.options();
        options.name = Some("ann".into());
        let connecting = scope.spawn(move || ChatClient::connect(&options, PATIENCE).unwrap());
        let wire = cable.connect(|_| true);
        let client = connecting.join().unwrap();
        until(&client, IncomingKind::Named);
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
fn a_name_that_somebody_else_has_taken_is_asked_for_a_few_times_and_then_it_is_the_end() {
    let place = Place::new();
    let server = place.start(Framing::U32Be);
    let mut options = place.options(Framing::U32Be);
    options.name = Some("ann".into());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    until(&client, IncomingKind::Named);
    let barred = place.0.with_extension("barred");
    std::fs::rename(&place.0, &barred).unwrap();
    server.disconnect_for(server.members()[0].id(), rustchat::chat::LeaveReason::TooSlow).unwrap();
    until(&client, Disconnected);
    let mut other = options.clone();
    other.endpoint = Endpoint::Unix(barred.clone());
    let other = ChatClient::connect(&other, PATIENCE).unwrap();
    until(&other, IncomingKind::Named);
    std::fs::rename(&barred, &place.0).unwrap();
    let error = end(&client).unwrap();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("taken"), "{error}");
    assert_eq!(server.stats().joined, 2 + 5);
}

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
