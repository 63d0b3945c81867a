//! The `multiprocessing` profile against peers of both generations written by hand, and attacks on it, each shown to
//! fail. `tests/python/test_multiprocessing.py` has Python itself on the other side.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use proptest::prelude::*;
use rustchat::auth::{ChannelBinding, ClientAuth, Digest, Handshake, KeyRing, Profile, Secret, ServerAuth};
use rustchat::{Error, Status};
use sha2::Sha256;

const NEW: Profile = Profile::Multiprocessing(Digest::Sha256);
const BOTH: Profile = Profile::Multiprocessing(Digest::Md5);
const WELCOME: &[u8] = b"\0\0\0\x09#WELCOME#";
const FAILURE: &[u8] = b"\0\0\0\x09#FAILURE#";

fn server_of(profile: Profile, keys: &[(&str, &str)]) -> Handshake {
    let ring = KeyRing::new();
    for (id, text) in keys {
        ring.insert(*id, Secret::new(text).unwrap()).unwrap();
    }
    ServerAuth::new(profile, ring).begin(&ChannelBinding::NONE).unwrap()
}

fn server(profile: Profile) -> Handshake {
    server_of(profile, &[("", "key")])
}

fn client_of(profile: Profile, text: &str) -> Handshake {
    ClientAuth::new(profile, Secret::new(text).unwrap()).begin(&ChannelBinding::NONE).unwrap()
}

fn client(profile: Profile) -> Handshake {
    client_of(profile, "key")
}

fn frame(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes(), message].concat()
}

fn challenge(asked: &[u8]) -> Vec<u8> {
    frame(&[b"#CHALLENGE#", asked].concat())
}

/// A challenge of the newer generation.
fn newer() -> Vec<u8> {
    challenge(&[&b"{sha256}"[..], &[7; 40]].concat())
}

/// A challenge of the older one.
fn older() -> Vec<u8> {
    challenge(&[7; 20])
}

/// What a client asks a server that has let it in.
fn asked_by(client: &mut Handshake) -> Vec<u8> {
    client.receive(&newer()).unwrap();
    client.output();
    client.receive(WELCOME).unwrap();
    client.output()
}

/// The answer of a newer Python to the frame of a challenge.
fn new_answer(challenge: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(b"key").unwrap().chain_update(&challenge[15..]);
    frame(&[&b"{sha256}"[..], &mac.finalize().into_bytes()].concat())
}

/// The answer of an older one.
fn old_answer(challenge: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Md5>::new_from_slice(b"key").unwrap().chain_update(&challenge[15..]);
    frame(&mac.finalize().into_bytes())
}

/// From the bytes of one message to those of another.
type Answer = fn(&[u8]) -> Vec<u8>;

/// The six messages with somebody in the middle, who changes the message `n` (0 to 5) by `tamper`. Gives what each end
/// has received.
fn run(client: &mut Handshake, server: &mut Handshake, tamper: impl Fn(usize, &mut Vec<u8>)) -> Vec<Vec<u8>> {
    let mut record = Vec::new();
    for n in 0..6 {
        let (from, to) = if n % 2 == 0 { (&mut *server, &mut *client) } else { (&mut *client, &mut *server) };
        let mut message = from.output();
        tamper(n, &mut message);
        if to.receive(&message).is_err() {
            let _ = from.receive(&to.output());
        }
        record.push(message);
    }
    record
}

fn assert_refused(side: &mut Handshake, input: &[u8]) {
    let error = side.receive(input).unwrap_err();
    assert_eq!(error, Error::from(Status::AuthenticationFailed));
    assert_eq!(error.message(), "authentication failed");
    assert_eq!(side.output(), FAILURE);
    assert!(!side.is_complete() && side.identity().is_none());
}

#[test]
fn both_ends_agree_on_sha_256_even_where_md5_is_allowed() {
    for (ours, theirs) in [(NEW, NEW), (NEW, BOTH), (BOTH, NEW), (BOTH, BOTH)] {
        let (mut client, mut server) = (client(ours), server_of(theirs, &[("ann", "other"), ("ben", "key")]));
        let record = run(&mut client, &mut server, |_, _| ());
        assert!(client.is_complete() && server.is_complete());
        assert_eq!(server.identity().unwrap().key_id, "ben");
        assert!(server.session_key().is_none() && client.session_key().is_none());
        for (asked, answered) in [(0, 1), (3, 4)] {
            assert_eq!(&record[asked][..23], b"\0\0\0\x3b#CHALLENGE#{sha256}");
            assert_eq!(record[answered], new_answer(&record[asked]));
        }
        assert_eq!([&record[2][..], &record[5][..]], [WELCOME, WELCOME]);
    }
}

#[test]
fn each_generation_gets_in_where_it_is_allowed() {
    for (profile, answer, asked) in
        [(NEW, new_answer as Answer, newer()), (BOTH, new_answer, newer()), (BOTH, old_answer, older())]
    {
        let mut server = server(profile);
        let ours = server.output();
        server.receive(&answer(&ours)).unwrap();
        assert_eq!(server.output(), WELCOME);
        server.receive(&asked).unwrap();
        assert_eq!(server.output(), answer(&asked));
        assert!(!server.is_complete(), "before the last word");
        assert_eq!(server.receive(&[WELCOME, b"session"].concat()), Ok(WELCOME.len()));
        assert!(server.is_complete());

        let mut client = client(profile);
        client.receive(&asked).unwrap();
        assert_eq!(client.output(), answer(&asked));
        client.receive(WELCOME).unwrap();
        let ours = client.output();
        assert_eq!(client.receive(&[answer(&ours), b"session".to_vec()].concat()), Ok(answer(&ours).len()));
        assert!(client.is_complete());
        assert_eq!(client.output(), WELCOME);
    }
}

#[test]
fn md5_is_refused_unless_it_is_named() {
    let mut victim = server(NEW);
    let ours = victim.output();
    assert_refused(&mut victim, &old_answer(&ours));
    assert_refused(&mut client(NEW), &older());
    let mut victim = server(NEW);
    let ours = victim.output();
    victim.receive(&new_answer(&ours)).unwrap();
    victim.output();
    assert_refused(&mut victim, &older());
    let mut victim = client(NEW);
    let ours = asked_by(&mut victim);
    assert_refused(&mut victim, &old_answer(&ours));
}

#[test]
fn a_peer_that_knows_sha_256_cannot_be_talked_down_in_the_middle() {
    let mut victim = server(BOTH);
    let ours = victim.output();
    victim.receive(&new_answer(&ours)).unwrap();
    victim.output();
    assert_refused(&mut victim, &older());
    let mut victim = client(BOTH);
    let ours = asked_by(&mut victim);
    assert_refused(&mut victim, &old_answer(&ours));
}

#[test]
fn reflection_gives_nobody_the_answer_to_his_own_question() {
    let mut victim = server(BOTH);
    let ours = victim.output();
    assert_refused(&mut victim, &ours);
    let mut victim = server(BOTH);
    let ours = victim.output();
    assert_refused(&mut victim, &frame(&ours[15..]));

    // The second connection of a client is to answer what the first has asked.
    for profile in [NEW, BOTH] {
        let (mut first, mut second) = (client(profile), client(profile));
        let asked = asked_by(&mut first);
        assert_refused(&mut second, &asked);
        assert_refused(&mut first, &asked);
    }
}

#[test]
fn a_wrong_key_is_refused_in_both_directions() {
    let (mut stranger, mut victim) = (client_of(NEW, "wrong"), server(NEW));
    stranger.receive(&victim.output()).unwrap();
    assert_refused(&mut victim, &stranger.output());
    assert_eq!(stranger.receive(FAILURE).unwrap_err(), Error::from(Status::AuthenticationFailed));
    assert_eq!(stranger.output(), b"", "a refusal is not answered");

    // A server that lets everybody in has yet to prove itself.
    let mut victim = client_of(NEW, "wrong");
    let asked = asked_by(&mut victim);
    assert_refused(&mut victim, &new_answer(&asked));
    let mut nobody = server_of(BOTH, &[]);
    let ours = nobody.output();
    assert_refused(&mut nobody, &new_answer(&ours));
}

#[test]
fn malformed_challenges_and_answers_are_refused() {
    let random = [7; 40];
    for asked in [
        &b""[..],
        &random[..19],
        &random[..21],
        &random,
        b"{sha256}1234567890123456789",
        &[&b"{md5}"[..], &random].concat(),
        &[&b"{sha384}"[..], &random].concat(),
        &[&b"{sha1}"[..], &random].concat(),
        &[&b"{SHA256}"[..], &random].concat(),
        &[&b"{sha256"[..], &random].concat(),
        &[&b"sha256}"[..], &random].concat(),
        &[&b"{}"[..], &random].concat(),
        &[&b"{{sha256}"[..], &random].concat(),
    ] {
        assert_refused(&mut client(BOTH), &challenge(asked));
    }
    for message in [&b"#challenge#{sha256}"[..], b"#CHALLENGE", b"#WELCOME#", b"x"] {
        assert_refused(&mut client(BOTH), &frame(&[message, &random].concat()));
    }
    let change: [Answer; 6] = [
        |right| right[..39].to_vec(),
        |right| [right, &[0]].concat(),
        |right| right[8..].to_vec(),
        |right| [b"{sha384}", &right[8..]].concat(),
        |right| [b"{md5}", &right[8..]].concat(),
        |_| b"#WELCOME#".to_vec(),
    ];
    for change in change {
        let mut victim = server(BOTH);
        let ours = victim.output();
        assert_refused(&mut victim, &frame(&change(&new_answer(&ours)[4..])));
    }
}

#[test]
fn lengths_over_256_and_other_than_positive_are_refused_at_the_fourth_byte() {
    for header in [257u32, 0, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        for mut side in [server(BOTH), client(BOTH)] {
            side.output();
            let header = header.to_be_bytes();
            assert_eq!(side.receive(&header[..3]), Ok(3));
            assert_refused(&mut side, &header[3..]);
        }
    }
    let mut longest = client(NEW);
    longest.receive(&challenge(&[&b"{sha256}"[..], &[7; 237]].concat())).unwrap();
    assert!(!longest.output().is_empty());
}

#[test]
fn no_byte_of_any_message_can_be_changed() {
    let lengths: Vec<_> = run(&mut client(NEW), &mut server(NEW), |_, _| ()).iter().map(Vec::len).collect();
    for (at, length) in lengths.into_iter().enumerate() {
        for (byte, mask) in (0..length).flat_map(|byte| [1, 0x20, 0x80, 0xff].map(|mask| (byte, mask))) {
            let (mut client, mut server) = (client(BOTH), server(BOTH));
            run(&mut client, &mut server, |n, message| {
                if n == at {
                    message[byte] ^= mask;
                }
            });
            assert!(!server.is_complete(), "message {at} byte {byte}");
            assert_eq!(client.is_complete(), at == 5, "message {at} byte {byte}");
        }
    }
}

#[test]
fn a_recorded_session_is_worth_nothing() {
    let record = run(&mut client(BOTH), &mut server(BOTH), |_, _| ());
    let mut victim = server(BOTH);
    victim.output();
    assert_refused(&mut victim, &record[1]);
    let mut victim = client(BOTH);
    victim.receive(&record[0]).unwrap();
    victim.output();
    victim.receive(&record[2]).unwrap();
    victim.output();
    assert_refused(&mut victim, &record[4]);
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_is_the_same_handshake(cuts in proptest::collection::vec(1usize..70, 1..20)) {
        let (mut client, mut server) = (client(NEW), server(NEW));
        let mut cuts = cuts.iter().copied().cycle();
        while !server.is_complete() {
            for turn in 0..2 {
                let (from, to) = if turn == 0 { (&mut server, &mut client) } else { (&mut client, &mut server) };
                let message = from.output();
                let mut rest = &message[..];
                while !rest.is_empty() {
                    let piece = cuts.next().unwrap_or(1).min(rest.len());
                    prop_assert_eq!(to.receive(&rest[..piece]), Ok(piece));
                    rest = &rest[piece..];
                }
            }
        }
        prop_assert!(client.is_complete());
    }

    #[test]
    fn no_message_of_a_stranger_opens(messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..256), 1..6)) {
        for mut side in [server(BOTH), client(BOTH)] {
            for message in &messages {
                let _ = side.receive(&frame(message));
                let _ = side.receive(&challenge(message));
                let _ = side.receive(WELCOME);
                side.output();
            }
            prop_assert!(!side.is_complete());
        }
    }
}
