//! A chat server with peers that send anything in any pieces, close and reset: it goes on serving others, and stops in time.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use rustchat::auth::{ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{
    ChatClient, ChatServer, ClientOptions, Event, Events, Handler, LeaveReason, Message, Overflow, Rate, ServerOptions,
    Verdict,
};
use rustchat::frame::{Framing, encode};
use rustchat::net::Endpoint;
use serde_json::json;

use crate::input::{Input, PATIENCE};

/// What the server gives its members at the end.
const DRAIN: Duration = Duration::from_millis(50);

const PEERS: usize = 4;

const PROFILES: [Profile; 3] =
    [Profile::Mutual, Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Sha256)];

const TYPES: [&str; 7] = ["message", "hello", "name", "ping", "pong", "quit", "later"];

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let options = options(&mut input);
    let client_auth = options.auth.as_ref().map(|auth| ClientAuth::new(auth.profile(), secret()));
    let framing = options.framing;
    let server = if options.filter {
        ChatServer::start_with(options, Calm).expect("a free port")
    } else {
        ChatServer::start(options).expect("a free port")
    };
    let mut peers: [Option<TcpStream>; PEERS] = Default::default();
    for _ in 0..64 {
        if input.is_empty() {
            break;
        }
        let peer = input.below(PEERS);
        act(&server, framing, &mut peers[peer], &mut input);
    }
    serves_others(&server, framing, client_auth);
    server.close_within(DRAIN);
    server.join(PATIENCE).expect("it stops in time");
    assert_eq!(server.failure(), None, "one of its threads has failed");
    assert!(server.members().is_empty());
    peers.into_iter().flatten().for_each(reset);
}

/// A handler that lets everything pass.
struct Calm;

impl Handler for Calm {
    fn filter(&mut self, _: &Message) -> Verdict {
        Verdict::Deliver
    }

    fn event(&mut self, _: Event) {}
}

fn secret() -> Secret {
    Secret::new("a secret of some length").expect("a secret")
}

fn options(input: &mut Input<'_>) -> ServerOptions {
    let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    options.framing = input.framing();
    let kind = input.byte();
    let on = |bit: u8| kind >> bit & 1 == 1;
    options.auth = on(0).then(|| ServerAuth::new(input.pick(&PROFILES), KeyRing::single(secret())));
    (options.announce, options.filter, options.workers) = (on(1), on(2), 1 + usize::from(on(3)));
    (options.message_limit, options.outbox_limit) = if on(4) { (64, 4096) } else { (0, 1 << 20) };
    options.rate = on(5).then_some(Rate { burst: 2, per_second: 1000.0 });
    options.handshake_limit = if on(6) { 2 } else { 128 };
    options.events = if on(7) { Events::All } else { Events::None };
    options.event_limit = 16;
    options.event_overflow = input.pick(&[Overflow::DropOldest, Overflow::DropNewest, Overflow::Disconnect]);
    // The fuzzer does not wait for those.
    (options.send_timeout, options.polling) = (Duration::ZERO, Duration::ZERO);
    options
}

fn act(server: &ChatServer, framing: Framing, peer: &mut Option<TcpStream>, input: &mut Input<'_>) {
    let what = input.below(12);
    match (what, peer.as_mut()) {
        (0..=3, None) => {
            let stream = TcpStream::connect(server.address().to_string()).expect("the server accepts");
            stream.set_nonblocking(true).expect("a socket");
            *peer = Some(stream);
        }
        (0 | 1, Some(stream)) => send(stream, input.piece()),
        (2, Some(stream)) => send_frame(stream, framing, input.piece()),
        (3, Some(stream)) => {
            let text = String::from_utf8_lossy(input.piece());
            let object = json!({"type": input.pick(&TYPES), "text": text, "name": text});
            send_frame(stream, framing, object.to_string().as_bytes());
        }
        (4, Some(stream)) => drop(stream.shutdown(Shutdown::Write)),
        (5, _) => *peer = None,
        (6, _) => peer.take().into_iter().for_each(reset),
        (7, Some(stream)) => drop(stream.read(&mut [0; 1024])),
        (8, _) => drop(server.broadcast(&String::from_utf8_lossy(input.piece()))),
        (9, _) => to_member(server, input),
        (10, _) => drop(server.poll(&mut Vec::new(), 4, Duration::ZERO)),
        _ => std::thread::yield_now(),
    }
}

fn send(mut stream: &TcpStream, bytes: &[u8]) {
    // Whoever the server has sent away hears of it here.
    let _ = stream.write(bytes);
}

fn send_frame(stream: &TcpStream, framing: Framing, message: &[u8]) {
    if let Ok(frame) = encode(framing, message) {
        send(stream, &frame);
    }
}

/// Closes a connection without order, and leaves no trace of it in the system's tables.
fn reset(stream: TcpStream) {
    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

fn to_member(server: &ChatServer, input: &mut Input<'_>) {
    let members = server.members();
    let Some(member) = members.get(input.below(members.len().clamp(1, 256))) else { return };
    if input.flag() {
        let _ = server.disconnect_for(member.id(), LeaveReason::Idle);
    } else {
        let _ = server.send(member.id(), &String::from_utf8_lossy(input.piece()));
    }
}

/// Somebody who behaves is let in, and heard.
fn serves_others(server: &ChatServer, framing: Framing, auth: Option<ClientAuth>) {
    let mut options = ClientOptions::new(server.address());
    (options.framing, options.auth, options.timeout, options.polling) = (framing, auth, PATIENCE, Duration::ZERO);
    let client = ChatClient::connect(&options, PATIENCE).expect("the server lets in who behaves");
    client.send("alive", PATIENCE).expect("the server listens");
    while client.recv(PATIENCE).expect("the server answers").text != "alive" {}
    client.stop(PATIENCE).expect("the client ends");
}
