//! The load generator through TLS, against a server that asks for it and for a secret.

use std::process::{Command, Output};

use rustchat::auth::{KeyRing, Profile, Secret, ServerAuth};
use rustchat::chat::{ChatServer, ServerOptions};
use rustchat::net::Endpoint;
use rustchat::tls::Tls;

const SECRET: &str = "a key for the benchmark, 32 byte";

fn start() -> ChatServer {
    let mut options = ServerOptions::new("127.0.0.1:0".parse::<Endpoint>().unwrap());
    let keys = KeyRing::single(Secret::new(SECRET).unwrap());
    (options.auth, options.tls) = (Some(ServerAuth::new(Profile::Mutual, keys)), Some(Tls::new()));
    ChatServer::start(options).unwrap()
}

fn run(server: &ChatServer, words: &[&str]) -> Output {
    let address = server.address().to_string();
    Command::new(env!("CARGO_BIN_EXE_rustchat-bench")).arg(address).args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

#[test]
fn a_room_with_tls_is_checked_like_any_other() {
    let server = start();
    // More members than may be on their way at a time, and reads longer than one of its buffers.
    let room = ["--members", "150", "--senders", "5", "--in-flight", "4", "--size", "2000", "--warm-up", "0"];
    let output = run(&server, &[&room[..], &["--messages", "200", "--tls", SECRET]].concat());
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn another_secret_lets_nobody_in() {
    let output = run(
        &start(),
        &["--members", "2", "--warm-up", "0", "--messages", "1", "--tls", "another secret, 32 bytes of it"],
    );
    assert!(!output.status.success(), "{}", said(&output));
}

#[test]
fn guests_knock_and_go() {
    let server = start();
    let output = run(&server, &["--knock", "40", "--duration", "0.2", "--tls", SECRET]);
    assert!(output.status.success() && said(&output).contains("\"connections\":"), "{}", said(&output));
}
