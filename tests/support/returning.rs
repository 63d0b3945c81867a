//! Where clients come back to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rustchat::Error;
use rustchat::chat::{
    Backoff, ChatClient, ChatServer, ClientEvent, ClientOptions, Incoming, IncomingKind, ServerOptions,
};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;

use super::{PATIENCE, options};

/// Line chat and message chat.
pub(crate) const BOTH: [Framing; 2] = [Framing::Line, Framing::U32Be];

/// A place of its own for a server that comes and goes.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn new() -> Place {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let name = format!("rustchat-back-{}-{}.sock", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed));
        Place(std::env::temp_dir().join(name))
    }

    pub(crate) fn start(&self, framing: Framing) -> ChatServer {
        self.start_with(framing, |_| {})
    }

    pub(crate) fn start_with(&self, framing: Framing, change: impl FnOnce(&mut ServerOptions)) -> ChatServer {
        let mut options = options();
        (options.endpoint, options.framing) = (Endpoint::Unix(self.0.clone()), framing);
        change(&mut options);
        ChatServer::start(options).unwrap()
    }

    pub(crate) fn join(&self, framing: Framing) -> ChatClient {
        ChatClient::connect(&self.options(framing), PATIENCE).unwrap()
    }

    pub(crate) fn options(&self, framing: Framing) -> ClientOptions {
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

pub(crate) fn quick() -> Backoff {
    Backoff { first: Duration::from_millis(5), most: Duration::from_millis(50), ..Backoff::default() }
}

/// One that waits for so long that nobody sees the next try.
pub(crate) fn slow() -> Backoff {
    Backoff { first: Duration::from_secs(3600), most: Duration::from_secs(3600), jitter: 0.0, ..Backoff::default() }
}

/// What comes up to one of that kind, which is last.
pub(crate) fn until(client: &ChatClient, kind: IncomingKind) -> Vec<Incoming> {
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
pub(crate) fn end(client: &ChatClient) -> Option<Error> {
    let mut events = Vec::new();
    loop {
        client.poll(&mut events, 1, PATIENCE).unwrap();
        if let Some(ClientEvent::Closed(reason)) = events.pop() {
            return reason;
        }
    }
}

/// Between a client and its server, to be cut.
pub(crate) struct Cable {
    listener: TcpListener,
    server: SocketAddr,
}

pub(crate) struct Wire([TcpStream; 2]);

impl Cable {
    pub(crate) fn to(server: &ChatServer) -> Cable {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Cable { listener, server: server.address().to_string().parse().unwrap() }
    }

    pub(crate) fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", self.listener.local_addr().unwrap().port()));
        (options.framing, options.reconnect) = (Framing::U32Be, Some(quick()));
        options
    }

    /// Lets the next one through. What comes from the server goes on as long as `back` says so.
    pub(crate) fn connect(&self, back: impl Fn(&[u8]) -> bool + Send + 'static) -> Wire {
        let (near, _) = self.listener.accept().unwrap();
        let far = TcpStream::connect(self.server).unwrap();
        let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
        pump(near.try_clone().unwrap(), far.try_clone().unwrap(), false, |_| true);
        pump(far, near, true, back);
        Wire(ends)
    }
}

/// Carries bytes, those that may pass; the end as well if `ends`.
pub(crate) fn pump(mut from: TcpStream, mut to: TcpStream, ends: bool, pass: impl Fn(&[u8]) -> bool + Send + 'static) {
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if pass(&buffer[..count]) && to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        if ends {
            let _ = to.shutdown(Shutdown::Both);
        }
    });
}

impl Wire {
    /// The client's side breaks; the server notices nothing.
    pub(crate) fn cut(&self) {
        self.0[0].shutdown(Shutdown::Both).unwrap();
    }
}

pub(crate) fn message_server() -> ChatServer {
    let mut options = options();
    options.framing = Framing::U32Be;
    ChatServer::start(options).unwrap()
}
