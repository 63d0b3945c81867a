//! Channel bindings of the profile `mutual`: what two ends agree on, and what somebody between them cannot change.

use rustchat::auth::{
    Channel, ChannelBinding, ClientAuth, Handshake, KeyRing, Profile, Requirement, Secret, ServerAuth,
};
use rustchat::{Error, Status};

use Requirement::{Binding, Exporter, Nothing};

const REFUSED: [u8; 5] = [0, 0, 0, 1, 5];

/// Where the features stand in the hellos' frames; before the ids, which are empty here.
const CLIENT_FEATURES: usize = 4 + 1 + 8 + 1 + 2 + 3;
const SERVER_FEATURES: usize = 4 + 1 + 2 + 3;
const KIND: usize = SERVER_FEATURES + 2;

const EXPORTED: [u8; 32] = [0xe1; 32];
const CERTIFICATE: [u8; 32] = [0xce; 32];

fn bound(kind: u8, value: &[u8]) -> ChannelBinding {
    ChannelBinding::new(kind, value).unwrap()
}

/// One end of a channel that can do these kinds, with these values for them.
fn channel_of(kinds: &[u8], values: [[u8; 32]; 2], requires: Requirement) -> Channel {
    let with = |channel: Channel, kind: &u8| channel.with(bound(*kind, &values[usize::from(kind - 1)]));
    kinds.iter().rev().fold(Channel::new(requires), with)
}

fn channel(kinds: &[u8], requires: Requirement) -> Channel {
    channel_of(kinds, [EXPORTED, CERTIFICATE], requires)
}

fn secret() -> Secret {
    Secret::new("correct horse battery staple").unwrap()
}

fn client(channel: &Channel) -> Handshake {
    ClientAuth::new(Profile::Mutual, secret()).begin_bound(channel).unwrap()
}

fn server(channel: &Channel) -> Handshake {
    ServerAuth::new(Profile::Mutual, KeyRing::single(secret())).begin_bound(channel).unwrap()
}

/// What has become of both ends, and the errors that they had.
struct Run {
    client: Handshake,
    server: Handshake,
    errors: [Option<Error>; 2],
    messages: Vec<Vec<u8>>,
}

impl Run {
    /// The kind that both are bound by; `None` if either has refused.
    fn kind(&self) -> Option<u8> {
        let kind = |end: &Handshake| end.identity().map(|identity| identity.binding);
        if let (Some(client), Some(server)) = (kind(&self.client), kind(&self.server)) {
            assert_eq!(client, server);
            assert_eq!(self.client.session_key(), self.server.session_key());
        }
        kind(&self.client).and(kind(&self.server))
    }

    fn assert_refused_at_both_ends(&self, what: &str) {
        assert!(!self.client.is_complete() && !self.server.is_complete(), "{what}");
        let statuses = self.errors.each_ref().map(|error| error.as_ref().map(Error::status));
        assert_eq!(statuses, [Some(Status::AuthenticationFailed); 2], "{what}");
    }
}

/// One connection with somebody in the middle, who changes the message `n` (0 to 3) by `tamper`.
fn run(mut client: Handshake, mut server: Handshake, tamper: impl Fn(usize, &mut Vec<u8>)) -> Run {
    let (mut errors, mut messages) = ([None, None], Vec::new());
    for n in 0..4 {
        let (from, to) = if n % 2 == 0 { (&mut client, &mut server) } else { (&mut server, &mut client) };
        let mut message = from.output();
        tamper(n, &mut message);
        messages.push(message.clone());
        if let Err(error) = to.receive(&message) {
            errors[(n + 1) % 2].get_or_insert(error);
        }
    }
    Run { client, server, errors, messages }
}

fn meet(client_has: &Channel, server_has: &Channel) -> Run {
    run(client(client_has), server(server_has), |_, _| ())
}

#[test]
fn the_strongest_kind_that_both_can_do_is_used() {
    for (client_kinds, server_kinds, kind) in [
        (&[1, 2][..], &[1, 2][..], 1),
        (&[1], &[1, 2], 1),
        (&[2], &[1, 2], 2),
        (&[1, 2], &[2], 2),
        (&[1, 2], &[1], 1),
        (&[1], &[2], 0),
        (&[], &[1, 2], 0),
        (&[1, 2], &[], 0),
        (&[], &[], 0),
    ] {
        let meeting = meet(&channel(client_kinds, Nothing), &channel(server_kinds, Nothing));
        assert_eq!(meeting.kind(), Some(kind), "{client_kinds:?} {server_kinds:?}");
        assert_eq!(meeting.messages[1][KIND], kind);
        assert_eq!(meeting.messages[1][SERVER_FEATURES], if kind == 0 { 0 } else { 1 << (kind - 1) });
    }
}

#[test]
fn a_server_refuses_who_cannot_do_what_it_requires_and_its_log_may_say_so() {
    for (kinds, requires, reason) in [
        (&[][..], Binding, "it offered no channel binding"),
        (&[], Exporter, "it offered no channel binding"),
        (&[2], Exporter, "it offered no channel binding by the exporter of TLS"),
    ] {
        let meeting = meet(&channel(kinds, Nothing), &channel(&[1, 2], requires));
        meeting.assert_refused_at_both_ends(reason);
        assert_eq!(meeting.server.reason(), Some(reason));
        assert_eq!(meeting.messages[1], REFUSED, "the peer is told what everybody is told");
        assert_eq!(meeting.errors[0].as_ref().unwrap().message(), "authentication failed");
    }
    // As with a certificate whose signature has no hash of its own.
    let meeting = meet(&channel(&[2], Nothing), &channel(&[1], Binding));
    let reason = "the server's certificate gives none of the kinds of channel binding that it offered";
    assert_eq!(meeting.server.reason(), Some(reason));
    assert_eq!(meet(&channel(&[2], Nothing), &channel(&[1, 2], Binding)).kind(), Some(2));
    assert_eq!(meet(&channel(&[1, 2], Nothing), &channel(&[1, 2], Exporter)).kind(), Some(1));
    // What is refused for a secret has no reason to tell.
    let stranger = ClientAuth::new(Profile::Mutual, Secret::new("a guess").unwrap());
    let channel = channel(&[1, 2], Binding);
    let meeting = run(stranger.begin_bound(&channel).unwrap(), server(&channel), |_, _| ());
    meeting.assert_refused_at_both_ends("a wrong secret");
    assert_eq!(meeting.server.reason(), None);
}

#[test]
fn a_client_that_insists_proves_nothing_to_a_server_that_binds_by_less() {
    for (server_kinds, requires, sentence) in [
        (&[][..], Exporter, "the server does not bind its proof to this TLS connection"),
        (&[2], Exporter, "the server does not bind its proof to this TLS connection by its exporter"),
        (&[], Binding, "the server does not bind its proof to this TLS connection"),
    ] {
        let mut insists = client(&channel(&[1, 2], requires));
        let mut answers = server(&channel(server_kinds, Nothing));
        answers.receive(&insists.output()).unwrap();
        let error = insists.receive(&answers.output()).unwrap_err();
        assert_eq!(error.message(), format!("authentication failed: {sentence}"));
        assert_eq!(insists.output(), REFUSED);
        assert!(answers.receive(&REFUSED).is_err());
    }
}

#[test]
fn nobody_between_two_ends_can_talk_them_into_less() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, usize, Change); 8] = [
        ("the client's bits stripped", 0, |hello| hello[CLIENT_FEATURES] = 0),
        ("the client's strongest bit stripped", 0, |hello| hello[CLIENT_FEATURES] = 2),
        ("a bit added to the client's", 0, |hello| hello[CLIENT_FEATURES] |= 4),
        ("the server's bits stripped", 1, |hello| hello[SERVER_FEATURES] = 0),
        ("another bit of the server's", 1, |hello| hello[SERVER_FEATURES] = 2),
        ("kind 0 answered", 1, |hello| hello[KIND] = 0),
        ("kind 0 answered, and no bit", 1, |hello| (hello[SERVER_FEATURES], hello[KIND]) = (0, 0)),
        ("kind 2 answered, with its bit", 1, |hello| (hello[SERVER_FEATURES], hello[KIND]) = (2, 2)),
    ];
    for requires in [Nothing, Binding, Exporter] {
        let both = channel(&[1, 2], requires);
        assert_eq!(meet(&both, &both).kind(), Some(1));
        for (what, at, change) in changes {
            let meeting = run(client(&both), server(&both), |n, message| {
                if n == at {
                    // What was refused already is not changed.
                    message.get(KIND).is_some().then(|| change(message));
                }
            });
            meeting.assert_refused_at_both_ends(what);
        }
    }
}

#[test]
fn who_sits_between_with_two_channels_of_his_own_fails_both_proofs() {
    for requires in [Nothing, Binding, Exporter] {
        for kinds in [&[1][..], &[2], &[1, 2]] {
            let near = channel(kinds, requires);
            if requires == Exporter && !kinds.contains(&1) {
                continue;
            }
            let far = channel_of(kinds, [[0xe2; 32], [0xcf; 32]], requires);
            meet(&near, &far).assert_refused_at_both_ends("relayed between two channels");
        }
    }
    // A stolen certificate does not help against the exporter.
    let (near, far) = (channel(&[1, 2], Exporter), channel_of(&[1, 2], [[9; 32], CERTIFICATE], Exporter));
    meet(&near, &far).assert_refused_at_both_ends("the same certificate");
}

#[test]
fn ends_that_know_no_bits_meet_as_before() {
    let plain = ChannelBinding::NONE;
    let fixed_client = |binding: &ChannelBinding| ClientAuth::new(Profile::Mutual, secret()).begin(binding).unwrap();
    let keys = || KeyRing::single(secret());
    let fixed_server = |binding: &ChannelBinding| ServerAuth::new(Profile::Mutual, keys()).begin(binding).unwrap();
    let strip = |_: usize, _: &mut Vec<u8>| ();

    let before = run(fixed_client(&plain), fixed_server(&plain), strip);
    assert_eq!(before.kind(), Some(0));
    assert_eq!(before.messages[0][CLIENT_FEATURES - 3..=CLIENT_FEATURES], [0; 4]);
    assert_eq!(before.messages[1][SERVER_FEATURES - 3..=SERVER_FEATURES], [0; 4]);

    // A binding that is set beforehand serves with an end that agrees on one, if it is of its kinds.
    let both = channel(&[1, 2], Binding);
    for (kind, value) in [(1, EXPORTED), (2, CERTIFICATE)] {
        assert_eq!(run(fixed_client(&bound(kind, &value)), server(&both), strip).kind(), Some(kind));
        assert_eq!(run(client(&both), fixed_server(&bound(kind, &value)), strip).kind(), Some(kind));
        assert_eq!(
            run(fixed_client(&bound(kind, &value)), fixed_server(&bound(kind, &value)), strip).kind(),
            Some(kind)
        );
    }
    run(fixed_client(&bound(7, b"own")), server(&both), strip).assert_refused_at_both_ends("a kind of its own");
    assert_eq!(run(fixed_client(&bound(7, b"own")), fixed_server(&bound(7, b"own")), strip).kind(), Some(7));
    assert_eq!(run(fixed_client(&plain), server(&channel(&[1, 2], Nothing)), strip).kind(), Some(0));
    assert_eq!(run(client(&channel(&[1, 2], Nothing)), fixed_server(&plain), strip).kind(), Some(0));
}
