//! Connections with TLS that a fork has copied.
#![cfg(feature = "tls")]
#![allow(unsafe_code)] // fork(2), in a test

mod support;

use rustchat::Status;
use rustchat::auth::{ClientAuth, Profile};
use rustchat::connection::{AcceptOptions, ConnectOptions, MessageListener, connect};
use rustchat::net::Endpoint;
use rustchat::tls::Tls;
use support::PATIENCE;
use support::tls::{secret, server_auth};

/// What `act` returns in a child of a fork.
fn in_child(act: impl FnOnce() -> u8) -> libc::c_int {
    // SAFETY: the child does what a child of a program with threads may, as far as glibc goes: no thread of this program holds
    // a lock that it needs. It never returns.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(30);
            libc::_exit(act().into());
        }
        assert!(child > 0);
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        assert!(libc::WIFEXITED(status), "{status}");
        libc::WEXITSTATUS(status)
    }
}

#[test]
fn a_copy_in_a_child_seals_and_reads_nothing() {
    let mut accepting = AcceptOptions::default();
    (accepting.auth, accepting.tls) = (Some(server_auth()), Some(Tls::new()));
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), accepting).unwrap();
    let mut connecting = ConnectOptions::default();
    (connecting.auth, connecting.tls) = (Some(ClientAuth::new(Profile::Mutual, secret())), Some(Tls::new()));
    connecting.timeout = 10 * PATIENCE;
    let near = connect(listener.address(), &connecting, PATIENCE).unwrap();
    let far = listener.accept(PATIENCE).unwrap();
    far.send(b"for the parent", PATIENCE).unwrap();
    let failed = |result: rustchat::Result<()>| result.is_err_and(|error| error.status() == Status::BadState);
    let code = in_child(|| {
        let sent = [failed(near.send(b"one", PATIENCE)), failed(near.send_many([b"two"], PATIENCE).map(drop))];
        let read = failed(near.recv(PATIENCE).map(drop));
        near.release();
        u8::from(sent == [true, true]) + 2 * u8::from(read)
    });
    assert_eq!(code, 3, "bits: sent nothing, read nothing");
    assert_eq!(near.recv(PATIENCE).unwrap(), b"for the parent");
    near.send(b"by the parent", PATIENCE).unwrap();
    assert_eq!(far.recv(PATIENCE).unwrap(), b"by the parent");
}
