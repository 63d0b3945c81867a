//! Peers made of raw sockets, with a deadline on everything.
#![allow(dead_code)] // each test binary uses its own part

pub(crate) mod commands;
pub(crate) mod files;
pub(crate) mod raw;
pub(crate) mod relay;
pub(crate) mod returning;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(feature = "tls")]
pub(crate) mod tls_member;
pub(crate) mod warnings;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustchat::chat::{ChatServer, Event, ServerOptions};
use rustchat::frame::{self, Decoder, Framing};
use rustchat::net::Endpoint;
use serde_json::Value;

/// Longer than anything takes on a loaded machine; a test that needs it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Options of a server on a free port of this machine.
pub(crate) fn options() -> ServerOptions {
    let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    options.workers = 2;
    options
}

/// A raw connection to `server`.
pub(crate) fn dial(server: &ChatServer) -> TcpStream {
    let stream = TcpStream::connect(server.address().to_string()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Waits for a condition that other threads bring about.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::yield_now();
    }
}

/// Waits until the server has so many members.
pub(crate) fn await_members(server: &ChatServer, count: usize) {
    eventually("members", || server.members().len() == count);
}

/// What `nc` is to line chat.
pub(crate) struct LinePeer {
    reader: BufReader<TcpStream>,
}

impl LinePeer {
    /// Connects and waits until the server counts one member more.
    pub(crate) fn join(server: &ChatServer) -> LinePeer {
        let before = server.stats().joined;
        let peer = LinePeer::over(dial(server));
        eventually("a member joins", || server.stats().joined > before);
        peer
    }

    /// Of a connection that may not be a member's yet.
    pub(crate) fn over(stream: TcpStream) -> LinePeer {
        LinePeer { reader: BufReader::new(stream) }
    }

    pub(crate) fn address(&self) -> String {
        self.stream().local_addr().unwrap().to_string()
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    pub(crate) fn send(&self, bytes: impl AsRef<[u8]>) {
        self.stream().write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn say(&self, text: &str) {
        self.send(format!("{text}\n"));
    }

    /// The next line without its end; `None` at the end of the stream.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.reader.read_line(&mut line).expect("a line in time");
        (count > 0).then(|| line.trim_end_matches('\n').to_owned())
    }

    /// The next message: who said it, and what.
    pub(crate) fn hear(&mut self) -> (String, String) {
        let stamp = self.line().expect("a stamp line");
        let (time, address) = stamp.split_at(19);
        assert!(is_stamp(time), "a stamp, not {stamp:?}");
        (address.trim_start().to_owned(), self.line().expect("a text line"))
    }

    pub(crate) fn hear_text(&mut self) -> String {
        self.hear().1
    }

    /// The same connection, for another thread.
    pub(crate) fn try_clone(&self) -> LinePeer {
        LinePeer { reader: BufReader::new(self.stream().try_clone().unwrap()) }
    }

    pub(crate) fn end_sending(&self) {
        self.stream().shutdown(Shutdown::Write).unwrap();
    }

    /// Everything up to the end of the stream.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.reader.read_to_string(&mut rest).unwrap();
        rest
    }
}

/// `YYYY/MM/DD HH:MM:SS`.
pub(crate) fn is_stamp(text: &str) -> bool {
    let pattern = "dddd/dd/dd dd:dd:dd";
    text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(c, p)| if p == 'd' { c.is_ascii_digit() } else { c == p })
}

/// A member of message chat.
pub(crate) struct ObjectPeer {
    stream: TcpStream,
    decoder: Decoder,
    framing: Framing,
    /// The welcome.
    pub(crate) welcome: Value,
}

impl ObjectPeer {
    pub(crate) fn join(server: &ChatServer) -> ObjectPeer {
        let framing = server.options().framing;
        let decoder = Decoder::new(framing, 1 << 20);
        let mut peer = ObjectPeer { stream: dial(server), decoder, framing, welcome: Value::Null };
        peer.welcome = peer.hear();
        assert_eq!(peer.welcome["type"], "welcome", "{}", peer.welcome);
        peer
    }

    pub(crate) fn send(&self, value: &Value) {
        self.send_raw(&frame::encode(self.framing, value.to_string().as_bytes()).unwrap());
    }

    pub(crate) fn send_raw(&self, bytes: &[u8]) {
        (&self.stream).write_all(bytes).unwrap();
    }

    pub(crate) fn say(&self, text: &str) {
        self.send(&serde_json::json!({"type": "message", "text": text}));
    }

    /// The next object; null at the end of the stream.
    pub(crate) fn hear(&mut self) -> Value {
        loop {
            if let Some(frame) = self.decoder.next().unwrap() {
                return serde_json::from_slice(frame).unwrap();
            }
            let mut buffer = [0; 4096];
            let count = self.stream.read(&mut buffer).expect("an object in time");
            if count == 0 {
                return Value::Null;
            }
            self.decoder.push(&buffer[..count]).unwrap();
        }
    }
}

/// The next event.
pub(crate) fn next_event(server: &ChatServer) -> Event {
    let mut events = Vec::new();
    server.poll(&mut events, 1, PATIENCE).expect("an event in time");
    events.pop().unwrap()
}
