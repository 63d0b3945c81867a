//! New keys in the middle of a connection by TLS.
#![cfg(feature = "tls")]

mod support;

use std::thread;
use std::time::Duration;

use rustchat::Status;
use rustchat::auth::{ClientAuth, Profile};
use rustchat::connection::{AcceptOptions, Connection, MessageListener};
use rustchat::frame::{Framing, encode};
use rustchat::net::Endpoint;
use rustchat::tls::Tls;
use support::PATIENCE;
use support::tls::{RawPeer, secret, server_auth};

fn framed(message: &[u8]) -> Vec<u8> {
    encode(Framing::U32Be, message).unwrap()
}

/// A connection, and a client of it that does as it likes.
fn pair() -> (Connection, RawPeer) {
    let mut options = AcceptOptions::default();
    (options.auth, options.tls) = (Some(server_auth()), Some(Tls::new()));
    let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).unwrap();
    let mut far = RawPeer::connect(&listener.address().to_string(), &Tls::new().client(true).unwrap()).unwrap();
    let channel = far.machine.channel().unwrap();
    far.shake_hands(&mut ClientAuth::new(Profile::Mutual, secret()).begin_bound(&channel).unwrap()).unwrap();
    (listener.accept(PATIENCE).unwrap(), far)
}

#[test]
fn they_may_be_renewed_with_every_message_of_either_direction() {
    let (near, mut far) = pair();
    for number in 0..200_u8 {
        far.machine.renew_keys().unwrap();
        far.send(&framed(&[number]));
        assert_eq!(near.recv(PATIENCE).unwrap(), [number]);
        near.send(&[number; 3], PATIENCE).unwrap();
        assert_eq!(far.exactly(7), framed(&[number; 3]));
    }
}

#[test]
fn who_asks_for_new_ones_while_a_sender_waits_is_heard_and_answered() {
    let (near, mut far) = pair();
    let mut sent = 0;
    while near.send(&[0; 10_000], Duration::from_millis(100)).is_ok() {
        sent += 1;
    }
    thread::scope(|scope| {
        let sender = scope.spawn(|| near.send(&[1; 300_000], PATIENCE).unwrap());
        for number in 0..20_u8 {
            far.machine.renew_keys().unwrap();
            far.send(&framed(&[number]));
            // The receiver is not held up by the sender.
            assert_eq!(near.recv(PATIENCE).unwrap(), [number]);
        }
        for _ in 0..sent {
            assert!(far.exactly(10_004) == framed(&[0; 10_000]));
        }
        assert!(far.exactly(300_004) == framed(&[1; 300_000]));
        sender.join().unwrap();
    });
    near.send(b"with the new ones", PATIENCE).unwrap();
    assert_eq!(far.exactly(21), framed(b"with the new ones"));
    near.close();
    assert_eq!(far.rest(), (Vec::new(), true));
}

#[test]
fn a_flood_of_requests_for_new_ones_ends_the_connection() {
    let (near, mut far) = pair();
    far.send(&framed(b"before"));
    for _ in 0..1000 {
        far.machine.renew_keys().unwrap();
    }
    far.send(&framed(b"behind"));
    assert_eq!(near.recv(PATIENCE).unwrap(), b"before");
    let error = near.recv(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::ProtocolViolation, "{error}");
    assert!(near.send(b"anything", PATIENCE).is_err());
}
