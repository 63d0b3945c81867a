//! What a client is told, by the call that it makes.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::SystemTime;

use rustchat::chat::{
    ChatClient, ChatServer, ClientOptions, Event, Handler, IncomingKind, Member, Message, ServerOptions, Verdict,
    WallTime,
};
use rustchat::connection::connect;
use rustchat::frame::{Decoder, Framing};
use rustchat::net::{Address, Endpoint};
use rustchat::{Error, Status};
use support::{LinePeer, PATIENCE, await_members, eventually, options};

const BOTH: [Framing; 2] = [Framing::Line, Framing::U32Be];

fn start(change: impl FnOnce(&mut ServerOptions)) -> ChatServer {
    let mut options = options();
    change(&mut options);
    ChatServer::start(options).unwrap()
}

fn join_with(server: &ChatServer, change: impl FnOnce(&mut ClientOptions)) -> ChatClient {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    options.framing = server.options().framing;
    change(&mut options);
    ChatClient::connect(&options, PATIENCE).unwrap()
}

fn join(server: &ChatServer) -> ChatClient {
    join_with(server, |_| {})
}

fn check_too_long(client: &ChatClient, server: &ChatServer, fits: usize) {
    let limit = client.message_limit().unwrap_or_default();
    let error = client.send(&"x".repeat(fits + 1), PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::MessageTooLong, "limit {limit}: {error}");
    client.send(&"x".repeat(fits), PATIENCE).unwrap();
    assert_eq!(client.recv(PATIENCE).unwrap().text.len(), fits);
    // What was too long was not sent: the server has read what fits, and nothing else.
    assert_eq!(server.members()[0].messages_in(), 1);
    assert!(server.stats().bytes_in <= fits as u64 + 64, "{} bytes were sent", server.stats().bytes_in);
}

#[test]
fn a_line_over_the_limit_is_not_sent() {
    let server = start(|_| {});
    check_too_long(&join(&server), &server, 8192);
    let server = start(|options| options.message_limit = 100);
    check_too_long(&join_with(&server, |options| options.message_limit = 100), &server, 100);
    let server = start(|options| options.message_limit = 20_000);
    check_too_long(&join_with(&server, |options| options.message_limit = 20_000), &server, 20_000);
}

#[test]
fn a_frame_over_the_limit_of_the_welcome_is_not_sent_not_even_as_the_first_thing() {
    // What is around the text: {"text":"","type":"message"}.
    const AROUND: usize = 28;
    for limit in [100, 65_536, 300_000] {
        let server = start(|options| (options.framing, options.message_limit) = (Framing::U32Be, limit));
        check_too_long(&join(&server), &server, limit - AROUND);
    }
    let server = start(|options| options.framing = Framing::U32Be);
    check_too_long(&join_with(&server, |options| options.message_limit = 200), &server, 200 - AROUND);
    let client = join(&server);
    let error = client.send(&"\n.".repeat(30_000), PATIENCE).unwrap_err();
    assert!(error.message().contains("60000 bytes (90028 with"), "escapes count: {error}");
}

fn next_frame(stream: &mut TcpStream, decoder: &mut Decoder) -> Vec<u8> {
    loop {
        if let Some(frame) = decoder.next().unwrap() {
            return frame.to_vec();
        }
        let mut buffer = [0; 1000];
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the client has gone");
        decoder.push(&buffer[..count]).unwrap();
    }
}

#[test]
fn a_server_without_a_welcome_is_spoken_to_after_a_moment() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port()));
    options.framing = Framing::U32Be;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    let (mut far, _) = listener.accept().unwrap();
    let mut decoder = Decoder::new(Framing::U32Be, 1 << 16);
    for text in ["one", "two"] {
        client.send(text, PATIENCE).unwrap();
        // The client may have asked before whether anybody speaks its language.
        while !String::from_utf8_lossy(&next_frame(&mut far, &mut decoder)).contains(text) {}
    }
    assert_eq!(client.message_limit(), None);
}

/// Keeps out all whom it is told to.
struct Doorman(mpsc::Sender<()>, mpsc::Receiver<bool>);

impl Handler for Doorman {
    fn authorize(&mut self, _member: &Arc<Member>) -> bool {
        self.0.send(()).unwrap();
        self.1.recv_timeout(PATIENCE).unwrap()
    }

    fn filter(&mut self, message: &Message) -> Verdict {
        if &*message.text == "fail" { Verdict::Failed } else { Verdict::Deliver }
    }

    fn event(&mut self, _event: Event) {}
}

fn guarded(framing: Framing) -> (ChatServer, mpsc::Receiver<()>, mpsc::Sender<bool>) {
    let ((asked, is_asked), (answer, answers)) = (mpsc::channel(), mpsc::channel());
    let mut options = options();
    (options.framing, options.authorize, options.filter) = (framing, true, true);
    (ChatServer::start_with(options, Doorman(asked, answers)).unwrap(), is_asked, answer)
}

/// What every call says of a connection that has ended for this reason.
fn check_end(client: &ChatClient, reason: &str) {
    let told: Vec<Error> = (0..2).map(|_| client.recv(PATIENCE).unwrap_err()).collect();
    for error in told.into_iter().chain([client.send("x", PATIENCE).unwrap_err()]) {
        assert_eq!(error, Error::new(Status::Closed, format!("the server closed the connection: {reason}")));
    }
}

#[test]
fn whom_the_embedder_does_not_admit_recv_tells_so() {
    for framing in BOTH {
        let (server, _asked, answer) = guarded(framing);
        let client = join(&server);
        answer.send(false).unwrap();
        check_end(&client, "not admitted");
        assert!(client.was_refused());
    }
}

#[test]
fn who_is_one_too_many_recv_tells_so() {
    for framing in BOTH {
        let server = start(|options| (options.framing, options.member_limit) = (framing, 1));
        let _first = join(&server);
        await_members(&server, 1);
        let client = join(&server);
        check_end(&client, "the server is full (1 members); try again later");
        assert!(client.was_refused());
    }
}

#[test]
fn who_comes_while_the_server_stops_recv_tells_so() {
    for framing in BOTH {
        let (server, asked, answer) = guarded(framing);
        let client = join(&server);
        asked.recv_timeout(PATIENCE).unwrap();
        server.close();
        answer.send(true).unwrap();
        check_end(&client, "server stopped");
        server.join(PATIENCE).unwrap();
    }
}

#[test]
fn when_the_server_stops_or_disconnects_recv_tells_why() {
    for framing in BOTH {
        let server = start(|options| options.framing = framing);
        let (kicked, other) = (join(&server), join(&server));
        await_members(&server, 2);
        let address = kicked.local().unwrap();
        let member = server.members().into_iter().find(|member| *member.address() == address).unwrap();
        server.disconnect(member.id()).unwrap();
        check_end(&kicked, "disconnected by the server");
        server.stop(PATIENCE).unwrap();
        check_end(&other, "server stopped");
        assert!(!other.was_refused());
    }
}

#[test]
fn a_name_that_is_taken_recv_tells_once_and_goes_on() {
    let server = start(|options| options.framing = Framing::U32Be);
    let named = |options: &mut ClientOptions| options.name = Some("ann".into());
    let first = join_with(&server, named);
    eventually("it is taken", || server.members().iter().any(|member| member.name().is_some()));
    let second = join_with(&server, named);
    let error = second.recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("ann") && error.message().contains("taken"), "{error}");
    first.send("hi", PATIENCE).unwrap();
    assert_eq!(second.recv(PATIENCE).unwrap().text, "hi");
}

#[test]
fn a_text_that_the_filter_fails_at_recv_tells() {
    for framing in BOTH {
        let (server, _asked, answer) = guarded(framing);
        answer.send(true).unwrap();
        let client = join(&server);
        for text in ["fail", "fine"] {
            client.send(text, PATIENCE).unwrap();
        }
        let error = client.recv(PATIENCE).unwrap_err();
        assert_eq!(error, Error::new(Status::Io, "the server refused: not said: the server's filter failed"));
        assert_eq!(client.recv(PATIENCE).unwrap().text, "fine");
    }
}

#[test]
fn who_has_said_quit_says_nothing_more_unnoticed() {
    for framing in BOTH {
        let server = start(|options| options.framing = framing);
        let client = join(&server);
        if framing == Framing::Line { client.send("quit ", PATIENCE) } else { client.leave(PATIENCE) }.unwrap();
        let error = client.send("one thing more", PATIENCE).unwrap_err();
        assert_eq!(error.status(), Status::Closed);
        assert_eq!(client.recv(PATIENCE).unwrap_err().status(), Status::Closed);
        assert_eq!(server.stats().messages, 0);
    }
}

#[test]
fn line_chat_has_the_servers_stamp_and_our_own_time() {
    // A server somewhere else, whose clock shows another hour than ours.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = ChatClient::connect(&ClientOptions::new(Endpoint::tcp("127.0.0.1", port)), PATIENCE).unwrap();
    let (mut far, _) = listener.accept().unwrap();
    let before = SystemTime::now();
    far.write_all(b"1999/12/31 23:59:58 10.0.0.1:5\nhappy new year\nno stamp\n").unwrap();
    let message = client.recv(PATIENCE).unwrap();
    let stamp = WallTime { year: 1999, month: 12, day: 31, hour: 23, minute: 59, second: 58 };
    assert_eq!((message.kind, message.stamp), (IncomingKind::Message, Some(stamp)));
    assert!(message.time >= before && message.time <= SystemTime::now());
    assert_eq!(client.recv(PATIENCE).unwrap().stamp, None);
}

#[test]
fn message_chat_has_the_servers_time_and_no_stamp() {
    let server = start(|options| options.framing = Framing::U32Be);
    let client = join(&server);
    let before = SystemTime::now();
    client.send("hi", PATIENCE).unwrap();
    let message = client.recv(PATIENCE).unwrap();
    assert_eq!(message.stamp, None);
    let age = message.time.duration_since(before).unwrap_or_else(|error| error.duration());
    assert!(age < PATIENCE, "{age:?}");
    // Who reads lines sees the same clock.
    let lines = start(|_| {});
    let mut peer = LinePeer::join(&lines);
    let client = join(&lines);
    await_members(&lines, 2);
    client.send("hi", PATIENCE).unwrap();
    let stamp = peer.line().unwrap();
    assert_eq!(client.recv(PATIENCE).unwrap().stamp.unwrap().to_string(), stamp[..19]);
}

#[test]
fn a_byte_order_mark_of_the_servers_is_no_part_of_what_it_says() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(&Address::Ip(listener.local_addr().unwrap()));
    options.framing = Framing::Line;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    server.write_all("\u{feff}2026/11/21 09:07:29 127.0.0.1:5\nhello\n".as_bytes()).unwrap();
    let message = client.recv(PATIENCE).unwrap();
    assert_eq!((message.from.address.as_str(), message.text.as_str()), ("127.0.0.1:5", "hello"));
}

#[test]
fn who_never_waits_says_and_hears_the_same() {
    for framing in BOTH {
        let server = start(|options| options.framing = framing);
        let mut options = ClientOptions::new(Endpoint::from(server.address()));
        options.framing = framing;
        let connection = connect(server.address(), &options.connection().unwrap(), PATIENCE).unwrap();
        let client = ChatClient::over(connection, &options).unwrap();
        await_members(&server, 1);
        assert_eq!(client.recv_nowait().unwrap().map(|incoming| incoming.text), None);
        assert_eq!((client.offer("hello\n").unwrap(), client.offer("  ").unwrap()), (Some(0), Some(0)));
        let mut heard = None;
        eventually("it comes back", || {
            heard = client.recv_nowait().unwrap();
            heard.is_some()
        });
        assert_eq!(heard.unwrap().text, "hello");
        assert_eq!((client.pending(), client.flush_nowait().unwrap()), (0, 0));
        assert_eq!(client.offer("a\u{7}b").unwrap_err().status(), Status::InvalidText);
        let last = if framing == Framing::Line { "quit" } else { "bye" };
        client.offer(last).unwrap().unwrap();
        client.stop(PATIENCE).unwrap();
        assert_eq!(client.offer("late").unwrap_err().status(), Status::Closed);
        eventually("it leaves", || server.members().is_empty());
    }
}
