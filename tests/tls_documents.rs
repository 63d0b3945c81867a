//! The client inside TLS of `docs/protocol.md` (its block `python tls`), which knows no more than that text.
#![cfg(feature = "tls")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustchat::auth::{ChannelBinding, KeyRing, Profile, ServerAuth};
use rustchat::chat::{ChatClient, ChatServer, ClientOptions};
use rustchat::frame::Framing;
use rustchat::tls::Tls;
use support::tls::{Authority, RawPeer, SECRET, secret};
use support::{PATIENCE, options};

/// The text of the block.
fn client() -> String {
    let text = include_str!("../docs/protocol.md");
    let (_, block) = text.split_once("```python tls\n").expect("the block is there");
    block.split_once("```").unwrap().0.to_owned()
}

/// That client, under way.
struct Python {
    child: Child,
    input: Option<ChildStdin>,
    said: Receiver<String>,
}

impl Python {
    fn start(port: u16, name: &str, secret: &str) -> Python {
        let path = std::env::temp_dir().join(format!("rustchat-client-{}-{name}.py", std::process::id()));
        fs::write(&path, client()).unwrap();
        let mut command = Command::new("python3");
        command.arg(&path).args(["127.0.0.1", &port.to_string(), name]).env("RUSTCHAT_SECRET", secret);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("python3");
        let (lines, said) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        Python { input: child.stdin.take(), child, said }
    }

    fn hear(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("a line of the client, in time")
    }

    fn enter(&mut self, text: &str) {
        self.input.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// What it complains of, and whether it ended well.
    fn end(mut self) -> (String, bool) {
        self.input = None;
        let mut complaint = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        (complaint, self.child.wait().unwrap().success())
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(tls: Tls) -> ChatServer {
    let mut options = options();
    options.framing = Framing::U32Be;
    options.auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(secret())));
    options.tls = Some(tls);
    ChatServer::start(options).unwrap()
}

#[test]
fn it_talks_with_a_member_of_ours() {
    for tls in [Tls::new(), Tls::new().with_certificate(Authority::new().certificate("localhost"))] {
        let server = start(tls);
        let port = server.address().port().unwrap();
        let mut ann = Python::start(port, "ann", SECRET);
        ann.enter("hello\n");
        assert_eq!(ann.hear(), "ann hello");
        assert_eq!(server.members()[0].protection().binding, ChannelBinding::TLS_SERVER_END_POINT);
        let mut client = ClientOptions::new(server.address());
        (client.framing, client.name) = (Framing::U32Be, Some("bob".into()));
        client.auth = Some(rustchat::auth::ClientAuth::new(Profile::Mutual, secret()));
        (client.tls, client.timeout) = (Some(Tls::new()), 10 * PATIENCE);
        let bob = ChatClient::connect(&client, PATIENCE).unwrap();
        bob.send("hello ann", PATIENCE).unwrap();
        assert_eq!(ann.hear(), "bob hello ann");
        assert_eq!(bob.recv(PATIENCE).unwrap().text, "hello ann");
        assert_eq!(ann.end(), (String::new(), true));
    }
}

#[test]
fn a_guess_is_refused() {
    let server = start(Tls::new());
    let (complaint, well) = Python::start(server.address().port().unwrap(), "eve", "a guess").end();
    assert!(!well && complaint.contains("PermissionError: authentication failed"), "{complaint}");
}

#[test]
fn who_sits_between_with_a_certificate_of_his_own_is_refused() {
    let (server, relay) = (start(Tls::new()), TcpListener::bind("127.0.0.1:0").unwrap());
    let (port, between) = (relay.local_addr().unwrap().port(), Tls::new().server(true).unwrap());
    let relaying = thread::spawn(move || {
        let mut near = RawPeer::accept(&relay, &between).unwrap();
        let client = Tls::new().client(true).unwrap();
        let mut far = RawPeer::connect(&server.address().to_string(), &client).unwrap();
        for _ in 0..2 {
            far.send(&near.some().unwrap());
            near.send(&far.some().unwrap());
        }
        assert_eq!(server.stats().joined, 0);
    });
    let (complaint, well) = Python::start(port, "ann", SECRET).end();
    assert!(!well && complaint.contains("PermissionError: authentication failed"), "{complaint}");
    relaying.join().unwrap();
}
