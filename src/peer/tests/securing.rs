//! Who has yet to secure its channel.

use bytes::Bytes;

use super::*;
use crate::auth::{Channel, ClientAuth, KeyRing, Profile, Requirement, Secret, ServerAuth};
use crate::peer::Unsent;

fn guarded() -> Rules {
    Rules { profile: Some(Profile::Mutual), ..rules(Framing::Line) }
}

fn secret() -> Secret {
    Secret::new("s3cret").unwrap()
}

fn handshake() -> crate::auth::Handshake {
    let channel = Channel::new(Requirement::Nothing);
    ServerAuth::new(Profile::Mutual, KeyRing::single(secret())).begin_bound(&channel).unwrap()
}

#[test]
fn who_has_no_channel_is_read_but_neither_heard_nor_sent_anything() {
    let rules = guarded();
    let mut peer = Peer::securing(&rules, at(0));
    assert!(peer.may_be_read(&rules) && peer.is_shaking_hands());
    assert!(!peer.is_open() && !peer.is_asking() && !peer.is_clear());
    assert!(matches!(peer.hear(b"hello\n", &rules, at(0)), Heard::Nothing));
    assert!(peer.has_said_nothing() && !peer.has_output());
    assert_eq!(peer.push([Bytes::from("x")], &rules), Err(Unsent::Refused));
    peer.admit(None, at(1));
    assert!(!peer.is_open(), "not without a channel");
}

#[test]
fn without_a_secret_it_waits_to_be_admitted_in_no_hurry() {
    let rules = rules(Framing::Line);
    let mut peer = Peer::securing(&rules, at(0));
    peer.secured(None, at(10));
    assert!(peer.is_asking() && !peer.is_shaking_hands());
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(hear(&mut peer, b"one\n", &rules, at(11)), []);
    peer.admit(None, at(12));
    assert_eq!(resume(&mut peer, &rules, at(12)), [message("one")]);
}

#[test]
fn the_channel_and_the_proof_have_one_deadline_from_accept() {
    let rules = guarded();
    let mut peer = Peer::securing(&rules, at(0));
    assert_eq!(peer.next_timeout(&rules), Some(at(5000)));
    assert_eq!(due(&mut peer, at(4999), &rules), []);
    peer.secured(Some(handshake()), at(4999));
    assert!(peer.is_shaking_hands());
    assert_eq!(due(&mut peer, at(5000), &rules), [Due::HandshakeOver]);
    assert!(peer.is_closing() && peer.must_end_sending());
    let mut silent = Peer::securing(&rules, at(0));
    assert_eq!(due(&mut silent, at(5000), &rules), [Due::HandshakeOver]);
    assert!(silent.is_closing());
    silent.secured(Some(handshake()), at(5001));
    assert!(silent.is_closing() && !silent.is_shaking_hands(), "too late");
}

#[test]
fn who_proves_a_secret_in_its_channel_is_known_and_heard_from_the_first_byte() {
    let rules = guarded();
    let mut peer = Peer::securing(&rules, at(0));
    peer.secured(Some(handshake()), at(1));
    let auth = ClientAuth::new(Profile::Mutual, secret()).with_key_id("").unwrap();
    let mut client = auth.begin_bound(&Channel::new(Requirement::Nothing)).unwrap();
    let Heard::Nothing = peer.hear(&client.output(), &rules, at(2)) else { panic!() };
    client.receive(&drain(&mut peer, at(2))).unwrap();
    let last = [&client.output()[..], b"first words\n"].concat();
    let Heard::Proved(identity) = peer.hear(&last, &rules, at(3)) else { panic!() };
    assert_eq!((identity.key_id.as_str(), identity.binding), ("", 0));
    peer.admit(None, at(3));
    assert_eq!(resume(&mut peer, &rules, at(3)), [message("first words")]);
}
