//! Connections by TLS with other implementations of it: OpenSSL's programs, and Python's `ssl`.
#![cfg(feature = "tls")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rcgen::{CertificateParams, date_time_ymd};
use rustchat::Status;
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use rustchat::tls::{Certificate, Tls, Trust};
use support::tls::Authority;
use support::{PATIENCE, eventually};

/// A directory of a test's own.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = std::env::temp_dir().join(format!("rustchat-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    /// A file with that text.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A program of somebody else's, which ends with the test.
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
}

impl Program {
    fn run(name: &str, arguments: &[&str]) -> Program {
        let mut child = Command::new(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}; tests/machine/tools.sh installs it"));
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let (lines, heard) = channel();
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        Program { child, input, output: heard }
    }

    fn line(&self) -> String {
        self.output.recv_timeout(PATIENCE).expect("a line of the program, in time")
    }

    /// The rest of the first line that begins like this.
    fn line_behind(&self, words: &str) -> String {
        loop {
            if let Some(rest) = self.line().strip_prefix(words) {
                return rest.to_owned();
            }
        }
    }

    fn say(&mut self, text: &str) {
        self.input.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// OpenSSL's server, on a free port.
fn openssl_server(certificate: &str, key: &str, more: &[&str]) -> (Program, u16) {
    // What it tells of key updates would wait in a buffer.
    let arguments = ["-oL", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key];
    let program = Program::run("stdbuf", &[&arguments[..], more].concat());
    let address = program.line_behind("ACCEPT ");
    (program, address.rsplit(':').next().unwrap().parse().unwrap())
}

fn dial(port: u16, tls: Tls) -> rustchat::Result<Connection> {
    let mut options = ConnectOptions::default();
    options.timeout = 10 * PATIENCE;
    options.framing = Framing::Line;
    options.tls = Some(tls);
    connect(Endpoint::tcp("localhost", port), &options, PATIENCE)
}

fn pinned(chain: &str, key: &str) -> Tls {
    let pem = |path| std::fs::read(Path::new(path)).unwrap();
    Tls::new().with_trust(Trust::Pins(vec![Certificate::from_pem(&pem(chain), &pem(key)).unwrap().pin()]))
}

/// A certificate for this machine and its key, as files.
fn files(directory: &Directory, authority: &Authority, params: &CertificateParams) -> (String, String) {
    let (chain, key) = authority.issue(params);
    (directory.file("chain.pem", &chain), directory.file("key.pem", &key))
}

fn local() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

#[test]
fn openssl_serves_and_changes_its_keys_while_both_ends_speak() {
    let (directory, authority) = (Directory::new("keys"), Authority::new());
    let (chain, key) = files(&directory, &authority, &local());
    let (mut server, port) = openssl_server(&chain, &key, &["-tls1_3"]);
    let near = dial(port, Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes()))).unwrap();
    near.send(b"hello", PATIENCE).unwrap();
    server.line_behind("hello");
    for round in 0..20 {
        // Of the two the second wants ours to be changed as well.
        server.say(if round % 2 == 0 { "k\n" } else { "K\n" });
        server.line_behind("SSL_do_handshake -> 1");
        server.say(&format!("round {round}\n"));
        assert_eq!(near.recv(PATIENCE).unwrap(), format!("round {round}").as_bytes());
        near.send(format!("answer {round}").as_bytes(), PATIENCE).unwrap();
        server.line_behind(&format!("answer {round}"));
    }
}

#[test]
fn openssl_reverses_what_it_is_sent_with_keys_of_every_kind() {
    let directory = Directory::new("kinds");
    for kind in ["rsa:2048", "rsa:4096", "ec:P-256", "ec:P-384", "ed25519"] {
        let (chain, key) = (directory.file("chain.pem", ""), directory.file("key.pem", ""));
        let curve = kind.strip_prefix("ec:").map(|curve| format!("ec_paramgen_curve:{curve}"));
        let mut arguments = vec!["req", "-x509", "-nodes", "-subj", "/CN=localhost", "-out", &chain, "-keyout", &key];
        match &curve {
            Some(curve) => arguments.extend(["-newkey", "ec", "-pkeyopt", curve]),
            None => arguments.extend(["-newkey", kind]),
        }
        assert!(Command::new("openssl").args(&arguments).stderr(Stdio::null()).status().unwrap().success(), "{kind}");
        let (_server, port) = openssl_server(&chain, &key, &["-rev", "-tls1_3"]);
        let near = dial(port, pinned(&chain, &key)).unwrap_or_else(|error| panic!("{kind}: {error}"));
        for text in ["hello", &"long".repeat(1000)] {
            near.send(text.as_bytes(), PATIENCE).unwrap();
            let reversed: String = text.chars().rev().collect();
            assert_eq!(near.recv(PATIENCE).unwrap(), reversed.as_bytes(), "{kind}");
        }
    }
}

#[test]
fn an_expired_certificate_and_an_old_protocol_are_refused_with_a_sentence() {
    let (directory, authority) = (Directory::new("old"), Authority::new());
    let mut params = local();
    (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 2, 3));
    let trust = || Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes()));
    let (chain, key) = files(&directory, &authority, &params);
    let (_server, port) = openssl_server(&chain, &key, &["-tls1_3"]);
    let error = dial(port, trust()).unwrap_err();
    assert_eq!(error.status(), Status::AuthenticationFailed);
    assert!(error.message().contains("expired"), "{error}");
    let (chain, key) = files(&directory, &authority, &local());
    let (_server, port) = openssl_server(&chain, &key, &["-tls1_2"]);
    let error = dial(port, trust()).unwrap_err();
    assert_eq!(error.status(), Status::ProtocolViolation);
    assert!(error.message().contains("TLS"), "{error}");
}

/// Answers each line in upper case; `end` is how it ends.
const PYTHON_SERVER: &str = r#"
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
with socket.create_server(("127.0.0.1", 0)) as listener:
    print("ACCEPT", listener.getsockname()[1], flush=True)
    stream = context.wrap_socket(listener.accept()[0], server_side=True)
    reader = stream.makefile("rb")
    for line in reader:
        stream.sendall(line.upper())
        if line == b"bye\n":
            break
    if sys.argv[3] == "unwrap":
        stream.unwrap()
    elif sys.argv[3] == "cut":
        stream.shutdown(socket.SHUT_WR)
    print("done", flush=True)
    sys.stdin.read()
"#;

#[test]
fn python_serves_and_its_ends_are_told_apart() {
    let (directory, authority) = (Directory::new("python"), Authority::new());
    let (chain, key) = files(&directory, &authority, &local());
    let script = directory.file("server.py", PYTHON_SERVER);
    for (end, status) in [("unwrap", Status::Closed), ("cut", Status::ConnectionReset)] {
        let mut server = Program::run("python3", &[&script, &chain, &key, end]);
        let port = server.line_behind("ACCEPT ").parse().unwrap();
        let near = dial(port, Tls::new().with_trust(Trust::Roots(authority.pem().into_bytes()))).unwrap();
        let long = "x".repeat(8000);
        for text in ["hello", &long, "bye"] {
            near.send(text.as_bytes(), PATIENCE).unwrap();
            assert_eq!(near.recv(PATIENCE).unwrap(), text.to_uppercase().as_bytes());
        }
        let error = near.recv(PATIENCE).unwrap_err();
        assert_eq!(error.status(), status, "{end} {error}");
        near.close();
        server.input = None;
        eventually("the server ends", || server.child.try_wait().unwrap().is_some());
    }
}

/// Says lines and wants them back in upper case; `end` is how it ends.
const PYTHON_CLIENT: &str = r#"
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as plain:
    stream = context.wrap_socket(plain, server_hostname="localhost")
    reader = stream.makefile("rb")
    for line in (b"hello\n", b"x" * 8000 + b"\n"):
        stream.sendall(line)
        assert reader.readline() == line.upper()
    if sys.argv[3] == "unwrap":
        print("rest", stream.unwrap().recv(1), flush=True)
    else:
        plain = stream.detach()
        socket.socket(fileno=plain).shutdown(socket.SHUT_WR)
"#;

#[test]
fn python_is_served_and_its_ends_are_told_apart() {
    let (directory, authority) = (Directory::new("client"), Authority::new());
    let (root, script) = (directory.file("root.pem", &authority.pem()), directory.file("client.py", PYTHON_CLIENT));
    let mut options = AcceptOptions::default();
    options.framing = Framing::Line;
    options.tls = Some(Tls::new().with_certificate(authority.certificate("localhost")));
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap();
    let port = listener.address().port().unwrap().to_string();
    for (end, status) in [("unwrap", Status::Closed), ("cut", Status::ConnectionReset)] {
        let client = Program::run("python3", &[&script, &root, &port, end]);
        let far = listener.accept(PATIENCE).unwrap();
        for _ in 0..2 {
            let line = far.recv(PATIENCE).unwrap();
            far.send(&line.to_ascii_uppercase(), PATIENCE).unwrap();
        }
        let error = far.recv(PATIENCE).unwrap_err();
        assert_eq!(error.status(), status, "{end} {error}");
        far.close();
        if end == "unwrap" {
            assert_eq!(client.line(), "rest b''", "our end is in good order, too");
        }
    }
}
