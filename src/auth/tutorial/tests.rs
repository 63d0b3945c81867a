use super::*;
use crate::Status;
use crate::auth::{ChannelBinding, ClientAuth, Handshake, Profile, ServerAuth};

const SHA256: Profile = Profile::Tutorial(Digest::Sha256);

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn server() -> Handshake {
    let keys = KeyRing::new();
    for (id, text) in [("ann", "first"), ("ben", "second"), ("cleo", "second")] {
        keys.insert(id, secret(text)).unwrap();
    }
    ServerAuth::new(SHA256, keys).begin(&ChannelBinding::NONE).unwrap()
}

/// What a client with that secret answers to `server`.
fn answer(server: &mut Handshake, profile: Profile, text: &str) -> Vec<u8> {
    let mut client = ClientAuth::new(profile, secret(text)).begin(&ChannelBinding::NONE).unwrap();
    let challenge = server.output();
    assert_eq!(challenge.len(), 32);
    assert_eq!(client.receive(&[&challenge[..], b"session"].concat()), Ok(32));
    assert!(client.is_complete() && client.session_key().is_none());
    client.output()
}

fn assert_refused(server: &mut Handshake, input: &[u8]) {
    assert_eq!(server.receive(input).unwrap_err(), Status::AuthenticationFailed.into());
    assert_eq!((server.output(), server.is_complete()), (vec![], false));
}

#[test]
fn each_key_of_the_ring_opens_and_names_its_owner() {
    for (text, id) in [("first", "ann"), ("second", "ben")] {
        let mut server = server();
        let digits = answer(&mut server, SHA256, text);
        assert_eq!(digits.len(), 64);
        assert_eq!(server.receive(&digits), Ok(64));
        assert_eq!(server.identity().unwrap().key_id, id);
    }
}

#[test]
fn a_first_message_glued_to_the_digest_belongs_to_the_session() {
    let mut server = server();
    let digits = answer(&mut server, SHA256, "first");
    assert_eq!(server.receive(&digits[..10]), Ok(10));
    assert_eq!(server.receive(&[&digits[10..], b"hello\n"].concat()), Ok(54));
    assert!(server.is_complete());
    assert_eq!(server.output(), b"", "no verdict");
}

#[test]
fn what_is_no_lower_case_digit_is_refused_at_once() {
    for junk in [b'A', b'F', b'g', b'\n', b' ', 0, 0xff] {
        let mut server = server();
        let digits = answer(&mut server, SHA256, "first");
        server.receive(&digits[..63]).unwrap();
        assert_refused(&mut server, &[junk]);
        let mut server = self::server();
        server.output();
        assert_refused(&mut server, &[junk]);
    }
}

#[test]
fn proofs_of_the_other_digest_are_refused_at_once_and_named() {
    const MD5: Profile = Profile::Tutorial(Digest::Md5);
    let keys = || KeyRing::single(secret("first"));
    for (ours, theirs, named) in [(SHA256, MD5, PROOF_TOO_SHORT), (MD5, SHA256, PROOF_TOO_LONG)] {
        for (text, rest) in [("first", &b""[..]), ("first", b"hello\n"), ("wrong", b"hello\n")] {
            let mut server = ServerAuth::new(ours, keys()).begin(&ChannelBinding::NONE).unwrap();
            let digits = [&answer(&mut server, theirs, text), rest].concat();
            assert_eq!(server.receive(&digits).unwrap_err(), Status::AuthenticationFailed.into());
            assert_eq!((server.output(), server.is_complete()), (named.to_vec(), false));
            let what = server.describe(&digits).unwrap();
            assert!(what.contains(&format!("profile {theirs}")), "{what}");
        }
        // The last bytes may come alone.
        let mut server = ServerAuth::new(SHA256, keys()).begin(&ChannelBinding::NONE).unwrap();
        let digits = answer(&mut server, MD5, "first");
        assert_eq!(server.receive(&digits[..31]), Ok(31));
        assert!(server.receive(&digits[31..]).is_err());
        assert_eq!(server.output(), PROOF_TOO_SHORT);
    }
}

#[test]
fn wrong_secrets_digests_and_recorded_answers_are_refused() {
    let mut victim = server();
    let digits = answer(&mut victim, SHA256, "third");
    assert_refused(&mut victim, &digits);
    let mut victim = server();
    let digits = answer(&mut victim, Profile::Tutorial(Digest::Md5), "third");
    assert_eq!(victim.receive(&digits), Ok(32), "half of an answer");
    assert_refused(&mut victim, &digits);
    let recorded = answer(&mut server(), SHA256, "first");
    let mut victim = server();
    victim.output();
    assert_refused(&mut victim, &recorded);
    let mut empty = ServerAuth::new(SHA256, KeyRing::new()).begin(&ChannelBinding::NONE).unwrap();
    empty.output();
    assert_refused(&mut empty, &recorded);
}
