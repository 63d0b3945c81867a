//! Attacks on the `mutual` profile, each shown to fail; those on `tutorial` are in its module,
//! those on `multiprocessing` in `auth_multiprocessing.rs`.

use hmac::{Hmac, KeyInit, Mac};
use rustchat::auth::{
    ChannelBinding, ClientAuth, Handshake, KeyRing, MAX_HANDSHAKE_BYTES, Profile, Secret, ServerAuth,
};
use rustchat::{Error, Status};
use sha2::{Digest, Sha256};

const REFUSED: [u8; 5] = [0, 0, 0, 1, 5];

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

/// A server with two keys that are the same, so that only the transcript tells them apart, and another.
fn ring() -> KeyRing {
    let ring = KeyRing::new();
    for (id, text) in [("ann", "s3cret"), ("ben", "s3cret"), ("eve", "eve's own")] {
        ring.insert(id, secret(text)).unwrap();
    }
    ring
}

fn server() -> Handshake {
    ServerAuth::new(Profile::Mutual, ring()).with_server_id("home").unwrap().begin(&ChannelBinding::NONE).unwrap()
}

fn client_of(id: &str, text: &str) -> Handshake {
    ClientAuth::new(Profile::Mutual, secret(text)).with_key_id(id).unwrap().begin(&ChannelBinding::NONE).unwrap()
}

fn client() -> Handshake {
    client_of("ann", "s3cret")
}

/// One connection with somebody in the middle, who changes the message `n` (0 to 3) by `tamper`.
/// Gives what each end has received.
fn run(client: &mut Handshake, server: &mut Handshake, tamper: impl Fn(usize, &mut Vec<u8>)) -> Vec<Vec<u8>> {
    let mut record = Vec::new();
    for n in 0..4 {
        let (from, to) = if n % 2 == 0 { (&mut *client, &mut *server) } else { (&mut *server, &mut *client) };
        let mut message = from.output();
        tamper(n, &mut message);
        if to.receive(&message).is_err() {
            // What the refused one still says reaches the other, as it would on a socket.
            let _ = from.receive(&to.output());
        }
        record.push(message);
    }
    record
}

fn assert_refused(result: Result<usize, Error>) {
    let error = result.unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::AuthenticationFailed, "authentication failed"));
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().into()
}

fn frame(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes(), message].concat()
}

/// A `ClientHello` by hand.
fn client_hello(suites: &[u8], features: u32, id: &str, nonce: [u8; 32]) -> Vec<u8> {
    let suites = [&[suites.len() as u8], suites].concat();
    let id = [&[id.len() as u8], id.as_bytes()].concat();
    frame(&[b"\x01rustchat\x01", &suites[..], &features.to_be_bytes(), &id, &nonce].concat())
}

/// The proof of the role `label`, written from the description alone.
fn proof(secret: &str, label: &str, hellos: [&[u8]; 2], behind: &[u8]) -> Vec<u8> {
    let t = Sha256::digest([b"rustchat mutual v1 transcript", hellos[0], hellos[1], &[0; 4]].concat());
    let nonce = |hello: &[u8]| hello[hello.len() - 32..].to_vec();
    let prk = hmac_sha256(&[nonce(hellos[0]), nonce(hellos[1])].concat(), secret.as_bytes());
    let key = hmac_sha256(&prk, &[b"rustchat mutual v1 ", label.as_bytes(), &t, &[1]].concat());
    hmac_sha256(&key, &[&t, behind].concat()).to_vec()
}

#[test]
fn both_ends_agree_and_no_session_is_like_another() {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let (mut client, mut server) = (client(), server());
        run(&mut client, &mut server, |_, _| ());
        assert!(client.is_complete() && server.is_complete());
        assert_eq!(client.identity(), server.identity());
        let identity = server.identity().unwrap();
        assert_eq!((identity.key_id.as_str(), identity.server_id.as_str()), ("ann", "home"));
        assert_eq!(client.session_key(), server.session_key());
        keys.push(*client.session_key().unwrap());
    }
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_client_of_a_later_version_written_from_the_description_gets_in() {
    let mut server = server();
    let hello = client_hello(&[9, 1, 200], 0xffff_ffff, "eve", [7; 32]);
    server.receive(&hello).unwrap();
    let answer = server.output();
    assert_eq!(&answer[..12], b"\0\0\0\x2d\x02\x01\x01\0\0\0\0\x04");
    let proven = proof("eve's own", "client proof", [&hello, &answer], b"");
    server.receive(&frame(&[&[3], &proven[..]].concat())).unwrap();
    let expected = proof("eve's own", "server proof", [&hello, &answer], &proven);
    assert_eq!(server.output(), frame(&[&[4], &expected[..]].concat()));
}

#[test]
fn reflection_gives_nobody_his_own_proof() {
    let mut victim = client();
    let hello = victim.output();
    assert_refused(victim.receive(&hello));

    let mut victim = client();
    let hello = victim.output();
    let nonce = &hello[hello.len() - 32..];
    victim.receive(&frame(&[b"\x02\x01\x01\0\0\0\0\0\0", nonce].concat())).unwrap();
    let mut echo = victim.output();
    echo[4] = 4;
    assert_refused(victim.receive(&echo));

    let (mut victim, mut other) = (client(), client());
    assert_refused(victim.receive(&other.output()));
    let (mut victim, mut other) = (server(), server());
    other.receive(&client().output()).unwrap();
    assert_refused(victim.receive(&other.output()));
}

#[test]
fn a_server_does_not_make_the_proof_it_asks_for() {
    // The stranger lets two sessions of the server answer each other with the same nonce.
    let mut first = server();
    first.receive(&client_hello(&[1], 0, "ann", [7; 32])).unwrap();
    let hello = first.output();
    let nonce: [u8; 32] = hello[hello.len() - 32..].try_into().unwrap();
    let mut second = server();
    second.receive(&client_hello(&[1], 0, "ann", nonce)).unwrap();
    let answer = second.output();
    for word in [&hello[hello.len() - 32..], &answer[answer.len() - 32..], &[0; 32]] {
        let mut victim = server();
        victim.receive(&client_hello(&[1], 0, "ann", nonce)).unwrap();
        assert_refused(victim.receive(&frame(&[&[3], word].concat())));
    }
}

#[test]
fn the_server_key_does_not_pass_for_the_client_key() {
    let mut victim = server();
    let hello = client_hello(&[1], 0, "ann", [7; 32]);
    victim.receive(&hello).unwrap();
    let answer = victim.output();
    let wrong_role = proof("s3cret", "server proof", [&hello, &answer], b"");
    assert_refused(victim.receive(&frame(&[&[3], &wrong_role[..]].concat())));
}

#[test]
fn proofs_and_hellos_do_not_fit_another_session() {
    let [mut ann, mut ben] = [client(), client_of("ben", "s3cret")];
    let [mut first, mut second] = [server(), server()];
    first.receive(&ann.output()).unwrap();
    second.receive(&ben.output()).unwrap();
    let (to_ann, to_ben) = (first.output(), second.output());
    ann.receive(&to_ann).unwrap();
    ben.receive(&to_ben).unwrap();
    assert_refused(first.receive(&ben.output()));
    assert_refused(second.receive(&ann.output()));

    let [mut ann, mut ben] = [client(), client_of("ben", "s3cret")];
    let [mut first, mut second] = [server(), server()];
    first.receive(&ann.output()).unwrap();
    second.receive(&ben.output()).unwrap();
    ann.receive(&second.output()).unwrap();
    ben.receive(&first.output()).unwrap();
    let (of_ann, of_ben) = (ann.output(), ben.output());
    assert_refused(first.receive(&of_ann));
    assert_refused(second.receive(&of_ben));
    assert_refused(ann.receive(&first.output()));
    assert_refused(ben.receive(&second.output()));
}

#[test]
fn a_relay_between_two_channels_is_seen_by_the_binding() {
    let bound = |kind: u8, value: &[u8]| {
        let binding = ChannelBinding::new(kind, value).unwrap();
        ServerAuth::new(Profile::Mutual, ring()).begin(&binding).unwrap()
    };
    let near = ClientAuth::new(Profile::Mutual, secret("s3cret")).with_key_id("ann").unwrap();
    let channel = ChannelBinding::new(1, b"channel of the client").unwrap();
    for (mut server, fits) in [
        (bound(1, b"channel of the client"), true),
        (bound(1, b"channel of the server"), false),
        (bound(2, b"channel of the client"), false),
        (bound(0, b""), false),
    ] {
        let mut client = near.begin(&channel).unwrap();
        run(&mut client, &mut server, |_, _| ());
        assert_eq!((client.is_complete(), server.is_complete()), (fits, fits));
    }
    let (mut unbound, mut server) = (client(), bound(1, b"channel of the server"));
    run(&mut unbound, &mut server, |_, _| ());
    assert!(!unbound.is_complete() && !server.is_complete());
}

#[test]
fn a_recorded_session_is_worth_nothing() {
    let (mut ann, mut home) = (client(), server());
    let record = run(&mut ann, &mut home, |_, _| ());
    assert!(home.is_complete());

    let mut victim = server();
    victim.receive(&record[0]).unwrap();
    assert_refused(victim.receive(&record[2]));
    let mut victim = client();
    victim.output();
    victim.receive(&record[1]).unwrap();
    assert_refused(victim.receive(&record[3]));
}

#[test]
fn offers_and_answers_cannot_be_changed_on_the_way() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(usize, Change); 9] = [
        (0, |hello| *hello = client_hello(&[1, 0], 0, "ann", hello[hello.len() - 32..].try_into().unwrap())),
        (0, |hello| *hello = client_hello(&[2], 0, "ann", hello[hello.len() - 32..].try_into().unwrap())),
        (0, |hello| *hello = client_hello(&[1], 1, "ann", hello[hello.len() - 32..].try_into().unwrap())),
        (0, |hello| *hello = client_hello(&[1], 0, "ben", hello[hello.len() - 32..].try_into().unwrap())),
        (0, |hello| hello[13] = 0),
        (1, |hello| hello[5] = 0),
        (1, |hello| hello[6] = 0),
        (1, |hello| hello[10] = 1),
        (1, |hello| hello[12] = b'H'),
    ];
    for (index, (at, change)) in changes.into_iter().enumerate() {
        let (mut client, mut server) = (client(), server());
        run(&mut client, &mut server, |n, message| {
            if n == at {
                change(message)
            }
        });
        assert!(!client.is_complete() && !server.is_complete(), "change {index}");
    }
}

#[test]
fn answers_outside_the_offer_are_refused_before_anything_is_proven() {
    // Fields: version, suite, features, length of the id. Even a server with the secret must not choose these.
    for choice in [b"\x02\x01\0\0\0\0\0", b"\x01\x02\0\0\0\0\0", b"\x01\x01\0\0\0\x01\0"] {
        let mut victim = client();
        victim.output();
        assert_refused(victim.receive(&frame(&[b"\x02", &choice[..], &[0], &[7; 32]].concat())));
        assert_eq!(victim.output(), REFUSED);
    }
}

#[test]
fn no_byte_of_any_message_can_be_changed() {
    let lengths: Vec<_> = run(&mut client(), &mut server(), |_, _| ()).iter().map(Vec::len).collect();
    for (at, length) in lengths.into_iter().enumerate() {
        for (byte, mask) in (0..length).flat_map(|byte| [1, 0x20, 0x80, 0xff].map(|mask| (byte, mask))) {
            let (mut client, mut server) = (client(), server());
            run(&mut client, &mut server, |n, message| {
                if n == at {
                    message[byte] ^= mask;
                }
            });
            assert!(!client.is_complete(), "message {at} byte {byte}");
            assert_eq!(server.is_complete(), at == 3, "message {at} byte {byte}");
        }
    }
}

#[test]
fn a_wrong_secret_an_unknown_id_and_a_revoked_key_look_the_same() {
    let mut seen = Vec::new();
    for (id, text) in [("ann", "wrong"), ("bob", "s3cret"), ("bob", "wrong"), ("gus", "s3cret")] {
        let keys = ring();
        keys.insert("gus", secret("s3cret")).unwrap();
        let mut server = ServerAuth::new(Profile::Mutual, keys.clone()).begin(&ChannelBinding::NONE).unwrap();
        let mut client = client_of(id, text);
        server.receive(&client.output()).unwrap();
        assert!(keys.remove("gus"), "revoked after the hello");
        let hello = server.output();
        client.receive(&hello).unwrap();
        let error = server.receive(&client.output()).unwrap_err();
        let refusal = server.output();
        assert_refused(client.receive(&refusal));
        assert_eq!(client.output(), b"", "a refusal is not answered");
        assert!(server.identity().is_none() && server.session_key().is_none());
        seen.push((hello.len(), hello[..12].to_vec(), error, refusal));
    }
    assert_eq!(seen[0].3, REFUSED);
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:?}");
}

#[test]
fn a_stranger_who_plays_server_learns_nothing_to_go_on_with() {
    let (mut victim, mut fake) =
        (client(), ServerAuth::new(Profile::Mutual, KeyRing::new()).begin(&ChannelBinding::NONE).unwrap());
    fake.receive(&victim.output()).unwrap();
    victim.receive(&fake.output()).unwrap();
    assert_refused(fake.receive(&victim.output()));
    let mut made_up = frame(&[&[4][..], &[0; 32]].concat());
    assert_refused(victim.receive(&made_up));
    assert_eq!(victim.output(), REFUSED);
    made_up.truncate(1);
    assert_refused(victim.receive(&made_up));
    assert_eq!(victim.output(), b"", "refused once");
}

#[test]
fn dripped_bytes_work_and_what_follows_is_left_to_the_session() {
    let (mut client, mut server) = (client(), server());
    for n in 0..4 {
        let (from, to) = if n % 2 == 0 { (&mut client, &mut server) } else { (&mut server, &mut client) };
        let message = from.output();
        let (last, dripped) = message.split_last().unwrap();
        for byte in dripped {
            assert_eq!(to.receive(&[*byte]), Ok(1));
        }
        let glued: &[u8] = if n < 2 { &[*last] } else { &[*last, b'h', b'i'] };
        assert_eq!(to.receive(glued), Ok(1), "message {n}");
    }
    assert!(client.is_complete() && server.is_complete());
    assert_eq!(server.receive(b"session"), Ok(0));
}

#[test]
fn junk_is_refused_as_soon_as_it_shows() {
    for junk in [&b"GET / HTTP/1.1\r\n"[..], &[0; 4], &[0xff; 4], &[0, 0, 1, 0x70]] {
        let mut server = server();
        assert_eq!(server.receive(&junk[..3]), Ok(3));
        assert_refused(server.receive(&junk[3..4]));
        assert_eq!(server.output(), REFUSED);
        assert_refused(server.receive(b""));
    }
    let long = frame(&[b'x'; 300]).repeat(MAX_HANDSHAKE_BYTES / 300 + 1);
    assert_refused(server().receive(&long));
    let mut glued = client_hello(&[1], 0, "ann", [7; 32]);
    glued.extend_from_slice(&[0; MAX_HANDSHAKE_BYTES]);
    assert_refused(server().receive(&glued));
}

#[test]
fn malformed_hellos_are_refused() {
    let good = client_hello(&[1], 0, "ann", [7; 32]);
    let mut longer = good[4..].to_vec();
    longer.push(0);
    let hellos = [
        frame(&good[4..good.len() - 1]),
        frame(&longer),
        client_hello(&[], 0, "ann", [7; 32]),
        client_hello(&[1], 0, &"x".repeat(65), [7; 32]),
        client_hello(&[1], 0, "a\u{1b}[2J", [7; 32]),
        frame(&good[4..].to_vec().iter().map(|byte| if *byte == b'a' { 0xff } else { *byte }).collect::<Vec<_>>()),
    ];
    for hello in hellos {
        assert_refused(server().receive(&hello));
    }
}

#[test]
fn an_empty_secret_is_no_secret() {
    assert_eq!(Secret::new("").unwrap_err().status(), Status::InvalidArgument);
}
