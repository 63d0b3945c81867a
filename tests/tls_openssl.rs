//! A chat server with TLS and clients of another implementation: `openssl s_client`.
#![cfg(feature = "tls")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs, process};

use rcgen::CertificateParams;
use rustchat::chat::{ChatServer, Event, Events, LeaveReason};
use rustchat::tls::{Certificate, Tls};
use support::tls::Authority;
use support::{eventually, next_event, options};

/// Files that are gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = env::temp_dir().join(format!("rustchat-openssl-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Ended with the test, whatever becomes of it.
struct Client(Child);

impl Client {
    fn start(server: &ChatServer, arguments: &[&str]) -> Client {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-quiet", "-connect", &server.address().to_string(), "-servername", "localhost"]);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Client(command.spawn().expect("openssl is installed"))
    }

    fn say(&mut self, text: &str) {
        self.0.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// What it complains of until it ends by itself.
    fn complaint(mut self) -> String {
        let mut complaint = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        complaint
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn served(folder: &Folder, authority: &Authority) -> ChatServer {
    let (chain, key) = authority.issue(&CertificateParams::new(vec!["localhost".to_owned()]).unwrap());
    let (chain, key) = (folder.write("chain.pem", chain.as_bytes()), folder.write("key.pem", key.as_bytes()));
    let mut options = options();
    options.events = Events::All;
    options.tls = Some(Tls::new().with_certificate(Certificate::from_files(&chain, &key).unwrap()));
    ChatServer::start(options).unwrap()
}

#[test]
fn it_verifies_the_certificate_joins_talks_and_quits() {
    let (folder, authority) = (Folder::new("talk"), Authority::new());
    let server = served(&folder, &authority);
    let roots = folder.write("roots.pem", authority.pem().as_bytes());
    let roots = roots.to_str().unwrap();
    for alpn in [&["-alpn", "rustchat/1"][..], &[]] {
        let verify = ["-CAfile", roots, "-verify_return_error", "-verify_hostname", "localhost"];
        let mut client = Client::start(&server, &[&verify[..], alpn].concat());
        client.say("hello from another one\nquit\n");
        let mut lines = BufReader::new(client.0.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().contains("127.0.0.1"), "a stamp");
        assert_eq!(lines.next().unwrap().unwrap(), "hello from another one");
        assert!(lines.next().is_none(), "the end");
        let reason = loop {
            if let Event::Left(_, reason) = next_event(&server) {
                break reason;
            }
        };
        assert_eq!(reason, LeaveReason::Quit);
    }
}

#[test]
fn it_is_told_what_is_wrong_with_its_version_and_its_protocols() {
    let (folder, authority) = (Folder::new("wrong"), Authority::new());
    let server = served(&folder, &authority);
    for (arguments, words) in [(&["-tls1_2"][..], "protocol version"), (&["-alpn", "h2"], "application protocol")] {
        let complaint = Client::start(&server, arguments).complaint();
        assert!(complaint.contains(words), "{complaint}");
    }
    let plain = ChatServer::start(options()).unwrap();
    let complaint = Client::start(&plain, &[]).complaint();
    assert!(complaint.contains("unexpected message"), "{complaint}");
    eventually("nobody is left", || server.members().is_empty() && plain.members().is_empty());
}
