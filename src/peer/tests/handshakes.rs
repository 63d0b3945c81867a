//! Somebody who has to prove a secret.

use bytes::Bytes;

use super::*;
use crate::auth::{
    Channel, ChannelBinding, ClientAuth, Digest, Handshake, KeyRing, Profile, REMIND_AFTER, Secret, ServerAuth,
};
use crate::peer::Unsent;
use crate::peer::fault::Fault;

const PROFILES: [Profile; 3] =
    [Profile::Mutual, Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Sha256)];

fn guarded(profile: Profile) -> Rules {
    Rules { profile: Some(profile), ..rules(Framing::U32Be) }
}

fn secret() -> Secret {
    Secret::new("what only the two of them know").unwrap()
}

fn newcomer(rules: &Rules) -> Peer {
    let keys = KeyRing::new();
    keys.insert("alice", secret()).unwrap();
    let auth = ServerAuth::new(rules.profile.unwrap(), keys);
    Peer::shaking_hands(auth.begin(&ChannelBinding::NONE).unwrap(), rules, at(0))
}

fn client(profile: Profile, secret: Secret) -> Handshake {
    ClientAuth::new(profile, secret).with_key_id("alice").unwrap().begin(&ChannelBinding::NONE).unwrap()
}

/// Hands all that one says to the other, in pieces of that size, until there is nothing more; `behind` goes behind the proof.
fn shake(peer: &mut Peer, client: &mut Handshake, rules: &Rules, piece: usize, behind: &[u8]) -> Option<String> {
    let mut proved = None;
    loop {
        let said = drain(peer, at(1));
        let was_complete = client.is_complete();
        client.receive(&said).unwrap();
        let mut answer = client.output();
        if client.is_complete() && !was_complete {
            answer.extend_from_slice(behind);
        }
        if answer.is_empty() && said.is_empty() {
            return proved;
        }
        for bytes in answer.chunks(piece) {
            match peer.hear(bytes, rules, at(1)) {
                Heard::Proved(identity) => assert!(proved.replace(identity.key_id).is_none(), "proved twice"),
                Heard::Nothing => {}
                Heard::Refused(_) | Heard::Messages(_) => panic!("heard something else"),
            }
        }
    }
}

#[test]
fn a_proof_is_known_in_every_profile_however_it_is_cut() {
    for profile in PROFILES {
        for piece in [1, 2, 3, 7, 64, 1000] {
            let rules = guarded(profile);
            let (mut peer, mut client) = (newcomer(&rules), client(profile, secret()));
            assert!(peer.is_shaking_hands());
            let key_id = shake(&mut peer, &mut client, &rules, piece, b"");
            assert_eq!(key_id.as_deref(), Some("alice"), "{profile} in pieces of {piece}");
            assert!(peer.is_asking() && client.is_complete());
        }
    }
}

#[test]
fn what_comes_behind_a_proof_is_heard_when_its_sender_is_admitted() {
    for piece in [1, 5, 1000] {
        let rules = guarded(Profile::Tutorial(Digest::Sha256));
        let (mut peer, mut client) = (newcomer(&rules), client(rules.profile.unwrap(), secret()));
        assert!(shake(&mut peer, &mut client, &rules, piece, b"\0\0\0\x03one\0\0\0\x03tw").is_some());
        peer.admit(None, at(2));
        assert_eq!(resume(&mut peer, &rules, at(2)), [message("one")]);
        assert_eq!(hear(&mut peer, b"o", &rules, at(2)), [message("two")]);
    }
}

#[test]
fn a_proof_leaves_no_deadline_behind() {
    let rules = guarded(Profile::Mutual);
    let (mut peer, mut client) = (newcomer(&rules), client(Profile::Mutual, secret()));
    shake(&mut peer, &mut client, &rules, 1000, b"");
    assert_eq!(peer.next_timeout(&rules), None);
    assert_eq!(due(&mut peer, at(5000), &rules), []);
    peer.admit(None, at(5000));
    assert_eq!(due(&mut peer, at(50_000), &rules), []);
}

#[test]
fn a_wrong_proof_is_refused_and_nothing_more_is_heard() {
    for profile in PROFILES {
        let rules = guarded(profile);
        let (mut peer, mut client) = (newcomer(&rules), client(profile, Secret::new("a guess").unwrap()));
        while peer.is_shaking_hands() {
            let _ = client.receive(&drain(&mut peer, at(1)));
            let answer = client.output();
            // A client that has seen through the server says nothing; then anything else is no proof either.
            let answer = if answer.is_empty() { vec![0xff; 100] } else { answer };
            assert!(!matches!(peer.hear(&answer, &rules, at(1)), Heard::Proved(_)), "{profile}");
        }
        assert!(peer.is_closing());
        assert_eq!(peer.next_timeout(&rules), Some(at(1) + LINGER));
        assert!(matches!(peer.hear(b"\0\0\0\x03one", &rules, at(2)), Heard::Nothing));
        peer.admit(None, at(2));
        assert!(!peer.is_open(), "{profile}");
    }
}

#[test]
fn a_handshake_is_over_in_time_however_busily_it_trickles() {
    let rules = guarded(Profile::Mutual);
    let (mut peer, mut client) = (newcomer(&rules), client(Profile::Mutual, secret()));
    let hello = client.output();
    for (second, byte) in (1..5).zip(hello.chunks(1)) {
        assert!(matches!(peer.hear(byte, &rules, at(1000 * second)), Heard::Nothing));
        assert_eq!(due(&mut peer, at(1000 * second), &rules), []);
    }
    assert_eq!(due(&mut peer, at(4999), &rules), []);
    assert_eq!(due(&mut peer, at(5000), &rules), [Due::HandshakeOver]);
    assert_eq!(peer.next_timeout(&rules), Some(at(5000) + LINGER));
    assert!(matches!(peer.hear(&hello[4..], &rules, at(5001)), Heard::Nothing));
    assert_eq!(due(&mut peer, at(6000), &rules), [Due::Gone(LeaveReason::Closed)]);
}

#[test]
fn who_is_silent_is_reminded_once() {
    let rules = guarded(Profile::Mutual);
    let mut peer = newcomer(&rules);
    assert!(!peer.has_output());
    let reminder = at(0) + REMIND_AFTER;
    assert_eq!(peer.next_timeout(&rules), Some(reminder));
    assert_eq!(due(&mut peer, reminder, &rules), [Due::Reminder]);
    assert!(String::from_utf8_lossy(&drain(&mut peer, reminder)).contains("asks for a secret"));
    assert_eq!(peer.next_timeout(&rules), Some(at(5000)));
}

#[test]
fn who_has_begun_is_not_reminded() {
    let rules = guarded(Profile::Mutual);
    let (mut peer, mut client) = (newcomer(&rules), client(Profile::Mutual, secret()));
    assert!(matches!(peer.hear(&client.output()[..3], &rules, at(10)), Heard::Nothing));
    assert_eq!(peer.next_timeout(&rules), Some(at(5000)));
    assert_eq!(due(&mut peer, at(4000), &rules), []);
    assert!(!peer.has_output());
}

#[test]
fn a_server_that_speaks_first_does_so_at_once_and_reminds_nobody() {
    for profile in &PROFILES[1..] {
        let rules = guarded(*profile);
        let mut peer = newcomer(&rules);
        assert!(!drain(&mut peer, at(0)).is_empty());
        assert_eq!(peer.next_timeout(&rules), Some(at(5000)), "{profile}");
    }
}

#[test]
fn who_has_proved_nothing_is_sent_nothing() {
    let rules = guarded(Profile::Mutual);
    let mut peer = newcomer(&rules);
    assert_eq!(peer.push([Bytes::from("news")], &rules), Err(Unsent::Refused));
    assert!(!peer.has_output() && !peer.is_clear() && peer.may_be_read(&rules));
    peer.admit(None, at(1));
    assert!(peer.is_shaking_hands());
}

#[test]
fn a_stranger_is_named_by_its_first_bytes() {
    let rules = guarded(Profile::Mutual);
    let mut peer = newcomer(&rules);
    let Heard::Refused(fault) = peer.hear(b"GET / HTTP/1.1\r\n\r\n", &rules, at(0)) else { panic!() };
    assert_eq!(fault, Fault::Opening(Opening::HttpRequest));
    assert!(!String::from_utf8_lossy(&drain(&mut peer, at(0))).contains("asks for a secret"));
}

#[test]
fn a_client_without_a_secret_is_told_that_it_needs_one_before_it_goes() {
    let rules = guarded(Profile::Mutual);
    let mut peer = newcomer(&rules);
    let Heard::Refused(fault) = peer.hear(b"hello everybody\n", &rules, at(0)) else { panic!() };
    assert_eq!(fault, Fault::Opening(Opening::Text));
    assert!(peer.is_closing());
    assert!(String::from_utf8_lossy(&drain(&mut peer, at(0))).contains("asks for a secret"));
    assert!(peer.must_end_sending());
}

#[test]
fn why_a_client_is_unfit_is_for_the_log_alone() {
    let rules = guarded(Profile::Mutual);
    let (keys, channel) = (KeyRing::single(Secret::new("s3cret").unwrap()), Channel::default());
    let bound = ServerAuth::new(Profile::Mutual, keys).begin_bound(&channel).unwrap();
    let mut peer = Peer::shaking_hands(bound, &rules, at(0));
    let hello = client(Profile::Mutual, Secret::new("s3cret").unwrap()).output();
    let Heard::Refused(fault) = peer.hear(&hello, &rules, at(0)) else { panic!() };
    assert_eq!(fault.to_string(), "it offered no channel binding");
    assert_eq!(drain(&mut peer, at(0)), [0, 0, 0, 1, 5]);
}
