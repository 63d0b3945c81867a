//! A chat client whose server is hostile: whatever it sends, the client hears what the model does, and comes to its end.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use rustchat::Status;
use rustchat::chat::{ChatClient, ClientEvent, ClientOptions, Incoming, IncomingKind, LeaveReason};
use rustchat::frame::{Framing, encode};
use rustchat::net::Endpoint;
use serde_json::{Value, json};

use crate::input::{Input, PATIENCE};
use crate::model;

/// The client's own.
const FRAME_LIMIT: usize = 64 << 20;

const TYPES: [&str; 11] =
    ["message", "direct", "join", "leave", "welcome", "name", "error", "bye", "ping", "later", ""];

/// What the members of an object are called.
const MEMBERS: [&str; 12] =
    ["text", "seq", "epoch", "time", "from", "you", "id", "name", "reason", "code", "limit", "type"];

const ENDS: [LeaveReason; 12] = [
    LeaveReason::Quit,
    LeaveReason::Closed,
    LeaveReason::Lost,
    LeaveReason::Disconnected,
    LeaveReason::TooSlow,
    LeaveReason::Stalled,
    LeaveReason::Unresponsive,
    LeaveReason::Idle,
    LeaveReason::MessageTooLong,
    LeaveReason::ProtocolViolation,
    LeaveReason::EventsOverflow,
    LeaveReason::ServerStopped,
];

/// A server's socket at a path of its own.
struct Hostile {
    path: PathBuf,
    stream: UnixStream,
    framing: Framing,
    said: Vec<u8>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        // Not there any more if the folder for such files was emptied.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let framing = input.framing();
    let (client, mut server) = meet(framing);
    while !input.is_empty() {
        act(&client, &mut server, &mut input);
    }
    let (said, path) = (std::mem::take(&mut server.said), server.path.display().to_string());
    drop(server);
    let (heard, reason) = hear(&client);
    if let Some(expected) = expected(framing, &path, &said) {
        assert!(expected.starts_with(&heard), "heard {heard:?}, said {expected:?}");
        // After a goodbye any end is one in good order.
        let last = |kind| matches!(kind, IncomingKind::Bye | IncomingKind::Refused);
        let to_the_end = reason == Status::Closed && !heard.iter().any(|(kind, _)| last(*kind));
        assert!(!to_the_end || heard.len() == expected.len(), "heard {heard:?}, said {expected:?}");
    }
    client.join(PATIENCE).expect("it has ended");
    client.stop(Duration::ZERO).expect("it has ended");
}

fn meet(framing: Framing) -> (ChatClient, Hostile) {
    let path = std::env::temp_dir().join(format!("rustchat-fuzz-{}-{framing}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).expect("a free path");
    let endpoint: Endpoint = path.to_str().expect("of letters").parse().expect("an address");
    let mut options = ClientOptions::new(endpoint);
    (options.framing, options.polling) = (framing, Duration::ZERO);
    let client = ChatClient::connect(&options, PATIENCE).expect("somebody listens");
    let (stream, _) = listener.accept().expect("somebody connects");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time");
    (client, Hostile { path, stream, framing, said: Vec::new() })
}

impl Hostile {
    fn send(&mut self, bytes: &[u8]) {
        // A client that has heard enough reads no more.
        if self.stream.write_all(bytes).is_ok() {
            self.said.extend_from_slice(bytes);
        }
    }

    fn send_frame(&mut self, message: &[u8]) {
        if let Ok(frame) = encode(self.framing, message) {
            self.send(&frame);
        }
    }
}

fn act(client: &ChatClient, server: &mut Hostile, input: &mut Input<'_>) {
    match input.below(10) {
        0 => server.send(input.piece()),
        1 => server.send_frame(input.piece()),
        2 => {
            let address = if input.flag() { server.path.display().to_string() } else { "127.0.0.1:5".into() };
            server.send_frame(format!("2026/11/21 09:07:29 {address}").as_bytes());
        }
        3 => server.send_frame(["* error: no", "* server stopped", "* hello"][input.below(3)].as_bytes()),
        4 => drop(client.send(&String::from_utf8_lossy(input.piece()), Duration::ZERO)),
        5 => {
            let mut heard = [0; 4096];
            server.stream.set_nonblocking(true).expect("a socket");
            let _ = server.stream.read(&mut heard);
            server.stream.set_nonblocking(false).expect("a socket");
        }
        6 => drop(client.leave(Duration::ZERO)),
        _ => {
            let object = object(input);
            server.send_frame(object.to_string().as_bytes());
        }
    }
}

/// An object such as servers send, more or less.
fn object(input: &mut Input<'_>) -> Value {
    let mut object = json!({"type": input.pick(&TYPES)});
    for _ in 0..input.below(4) {
        let text = |input: &mut Input<'_>| String::from_utf8_lossy(input.piece()).into_owned();
        object[input.pick(&MEMBERS)] = match input.below(7) {
            0 => json!(input.byte()),
            1 => json!(u64::MAX),
            2 => Value::Null,
            3 => json!({"id": input.byte(), "address": text(input), "name": text(input)}),
            4 => json!("2026-11-21T09:07:29.250Z"),
            _ => json!(text(input)),
        };
    }
    object
}

/// All that the client has received, and the status of its end.
fn hear(client: &ChatClient) -> (Vec<(IncomingKind, String)>, Status) {
    let (mut events, mut heard) = (Vec::new(), Vec::new());
    loop {
        client.poll(&mut events, 7, PATIENCE).expect("an event in time");
        for event in events.drain(..) {
            match event {
                ClientEvent::Incoming(incoming) => {
                    check(&incoming);
                    heard.push((incoming.kind, incoming.text));
                }
                ClientEvent::Closed(reason) => {
                    let after = client.poll(&mut Vec::new(), 1, PATIENCE).map_err(|error| error.status());
                    assert_eq!(after, Err(Status::Closed), "nothing comes after the last event");
                    assert!(client.is_closed());
                    // Without a reason it is this side that has left.
                    return (heard, reason.map_or(Status::ConnectionReset, |reason| reason.status()));
                }
                _ => {}
            }
        }
    }
}

/// What holds for everything received.
fn check(incoming: &Incoming) {
    assert_eq!(incoming.status.is_some(), incoming.kind == IncomingKind::Refused);
    assert_eq!(incoming.refusal().map(|error| error.status()), incoming.status);
    if matches!(incoming.kind, IncomingKind::Refused | IncomingKind::Bye) {
        assert!(incoming.from.server, "only the server refuses, and says goodbye");
    }
    assert_ne!(incoming.status, Some(Status::Panicked));
}

/// What is to be heard of all that was said; `None` where that is more than this model knows.
fn expected(framing: Framing, server: &str, said: &[u8]) -> Option<Vec<(IncomingKind, String)>> {
    let messages = model::decode(framing, FRAME_LIMIT, said).messages;
    if framing == Framing::Line {
        let unclear = |message: &[u8]| message.get(19) == Some(&b' ') && !is_stamp(&String::from_utf8_lossy(message));
        return (!messages.iter().any(|message| unclear(message))).then(|| lines(server, &messages));
    }
    let mut heard = Vec::new();
    for message in &messages {
        match meaning(message) {
            Ok(Some(event)) => heard.push(event),
            Ok(None) => {}
            Err(()) => break,
        }
    }
    Some(heard)
}

fn lines(server: &str, messages: &[Vec<u8>]) -> Vec<(IncomingKind, String)> {
    let (mut heard, mut signed) = (Vec::new(), None);
    for message in messages {
        let text = String::from_utf8_lossy(message).into_owned();
        match signed.take() {
            None if is_stamp(&text) => signed = Some(text[20..].to_owned()),
            address => heard.push(line(address.as_deref() == Some(server), text)),
        }
    }
    heard
}

fn line(server: bool, text: String) -> (IncomingKind, String) {
    if let Some(what) = text.strip_prefix("* error: ").filter(|_| server) {
        return (IncomingKind::Refused, what.to_owned());
    }
    match text.strip_prefix("* ").filter(|reason| server && ENDS.iter().any(|end| end.as_str() == *reason)) {
        Some(reason) => (IncomingKind::Bye, reason.to_owned()),
        None => (IncomingKind::Message, text),
    }
}

/// Whether it is the one stamp that is used here.
fn is_stamp(text: &str) -> bool {
    text.strip_prefix("2026/11/21 09:07:29 ").is_some_and(|address| !address.is_empty())
}

/// What an object means; an error where it is none.
fn meaning(message: &[u8]) -> Result<Option<(IncomingKind, String)>, ()> {
    let object: Value = serde_json::from_slice(message).map_err(drop)?;
    let kind = match object["type"].as_str().ok_or(())? {
        "message" => IncomingKind::Message,
        "direct" => IncomingKind::Direct,
        "join" => IncomingKind::Join,
        "leave" => IncomingKind::Leave,
        "welcome" => IncomingKind::Welcome,
        "name" => IncomingKind::Named,
        "error" => IncomingKind::Refused,
        "bye" => IncomingKind::Bye,
        _ => return Ok(None),
    };
    let text = &object[if kind == IncomingKind::Bye { "reason" } else { "text" }];
    Ok(Some((kind, text.as_str().unwrap_or("").to_owned())))
}
