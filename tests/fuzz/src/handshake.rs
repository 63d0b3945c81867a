//! The handshakes: each side against any bytes, and two sides with somebody between them who changes what passes.

use rustchat::Status;
use rustchat::auth::{
    Channel, ChannelBinding, ClientAuth, Digest, Handshake, KeyRing, MAX_HANDSHAKE_BYTES, Profile, Requirement, Secret,
    ServerAuth,
};

use crate::input::{Input, pieces};

const PROFILES: [Profile; 5] = [
    Profile::Mutual,
    Profile::Tutorial(Digest::Sha256),
    Profile::Tutorial(Digest::Md5),
    Profile::Multiprocessing(Digest::Sha256),
    Profile::Multiprocessing(Digest::Md5),
];

/// More than any machine says in one handshake.
const MOST_SAID: usize = 1024;

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let profile = input.pick(&PROFILES);
    match input.below(3) {
        0 => stranger_meets_server(profile, &mut input),
        1 => stranger_meets_client(profile, &mut input),
        _ => mangled(profile, &mut input),
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("a secret")
}

fn server(profile: Profile) -> Handshake {
    let ring = KeyRing::single(secret("the secret"));
    ring.insert("ann", secret("ann's own")).expect("a short id");
    let auth = ServerAuth::new(profile, ring).with_server_id("home").expect("a short id");
    auth.begin(&ChannelBinding::NONE).expect("randomness")
}

fn client(profile: Profile, text: &str) -> Handshake {
    ClientAuth::new(profile, secret(text)).begin(&ChannelBinding::NONE).expect("randomness")
}

/// A machine that is done, either way, stays so.
fn stays_done(machine: &mut Handshake) {
    let (complete, key) = (machine.is_complete(), machine.session_key().copied());
    machine.output();
    match machine.receive(b"more") {
        Ok(used) => assert!(complete && used == 0),
        Err(error) => assert!(!complete && error.status() == Status::AuthenticationFailed),
    }
    assert_eq!((machine.is_complete(), machine.session_key().copied()), (complete, key));
    assert!(machine.output().is_empty());
}

/// What an end of a channel can be bound by, and wants.
fn channel(input: &mut Input<'_>) -> Channel {
    let requires = input.pick(&[Requirement::Nothing, Requirement::Binding, Requirement::Exporter]);
    let kinds = [ChannelBinding::TLS_EXPORTER, ChannelBinding::TLS_SERVER_END_POINT];
    kinds.into_iter().fold(Channel::new(requires), |channel, kind| {
        if input.flag() {
            channel
        } else {
            channel.with(ChannelBinding::new(kind, &[kind; 32]).expect("a short value"))
        }
    })
}

/// The ends of a handshake, which may be bound to a channel.
fn ends(profile: Profile, text: &str, input: &mut Input<'_>) -> [Handshake; 2] {
    if profile != Profile::Mutual || !input.flag() {
        return [client(profile, text), server(profile)];
    }
    let auth = ServerAuth::new(profile, KeyRing::single(secret("the secret")));
    let server = auth.begin_bound(&channel(input)).expect("randomness");
    [ClientAuth::new(profile, secret(text)).begin_bound(&channel(input)).expect("randomness"), server]
}

/// Lets a machine have `bytes` in pieces; whether it takes more.
fn feed(machine: &mut Handshake, bytes: &[u8], cuts: &[u8]) -> bool {
    let mut said = machine.output().len();
    let mut taken = 0;
    for piece in pieces(bytes, cuts) {
        let result = machine.receive(piece);
        said += machine.output().len();
        assert!(said <= MOST_SAID, "{said} bytes said");
        match result {
            Ok(used) => {
                taken += used;
                assert!(used == piece.len() || machine.is_complete(), "bytes are left over only behind the end");
            }
            Err(error) => {
                assert_eq!(error.status(), Status::AuthenticationFailed);
                assert!(machine.identity().is_none() && machine.session_key().is_none());
                stays_done(machine);
                return false;
            }
        }
        if machine.is_complete() {
            stays_done(machine);
            return false;
        }
    }
    assert!(taken <= MAX_HANDSHAKE_BYTES);
    true
}

fn stranger_meets_server(profile: Profile, input: &mut Input<'_>) {
    let cuts = input.piece();
    let bytes = input.rest();
    let mut whole = server(profile);
    whole.describe(bytes);
    let goes_on = feed(&mut whole, bytes, &[]);
    let mut split = server(profile);
    assert_eq!(feed(&mut split, bytes, cuts), goes_on, "whether a server refuses does not hang on the pieces");
    assert!(!whole.is_complete() && !split.is_complete(), "somebody without a secret gets in");
}

fn stranger_meets_client(profile: Profile, input: &mut Input<'_>) {
    let cuts = input.piece();
    let mut machine = client(profile, "the secret");
    feed(&mut machine, input.rest(), cuts);
    // A client of the profile `tutorial` answers any challenge, and is told no verdict.
    assert!(!machine.is_complete() || matches!(profile, Profile::Tutorial(_)));
}

/// What happens to a message on its way.
fn mangle(message: &mut Vec<u8>, older: &[Vec<u8>], input: &mut Input<'_>) -> bool {
    match input.below(12) {
        0 => message.clear(),
        1 => message.truncate(input.below(message.len().clamp(1, 256))),
        2 => {
            let at = input.below(message.len().clamp(1, 256));
            let bit = 1 << input.below(8);
            message.get_mut(at).into_iter().for_each(|byte| *byte ^= bit);
        }
        3 => message.extend_from_within(..),
        4 => *message = input.piece().to_vec(),
        5 => {
            let at = input.below(message.len().clamp(1, 256)).min(message.len());
            message.splice(at..at, input.piece().iter().copied());
        }
        6 if !older.is_empty() => message.clone_from(&older[input.below(older.len().min(256))]),
        _ => return false,
    }
    true
}

fn mangled(profile: Profile, input: &mut Input<'_>) {
    let same_secret = !input.flag();
    let mut ends = ends(profile, if same_secret { "the secret" } else { "a guess" }, input);
    let mut unfit = false;
    let (mut seen, mut refused, mut touched) = (Vec::<Vec<u8>>::new(), false, false);
    for round in 0..12 {
        let mut message = ends[round % 2].output();
        let before = message.clone();
        touched |= mangle(&mut message, &seen, input) && message != before;
        let receiver = &mut ends[1 - round % 2];
        let cuts = input.piece();
        for piece in pieces(&message, cuts) {
            refused |= receiver.receive(piece).is_err();
            unfit |= receiver.reason().is_some();
        }
        seen.push(before);
    }
    let complete = ends.each_ref().map(Handshake::is_complete);
    let keys = ends.each_ref().map(|end| end.session_key().copied());
    if !touched && same_secret && !unfit {
        assert_eq!((complete, refused), ([true; 2], false), "{profile}: nobody has touched anything");
        assert_eq!(keys[0], keys[1]);
    }
    assert!(same_secret || !complete[1], "{profile}: a guess gets in");
    assert!(same_secret || !complete[0] || matches!(profile, Profile::Tutorial(_)), "{profile}: a server that guesses");
    if complete == [true; 2] {
        let ids = ends.each_ref().map(|end| end.identity().map(|identity| (identity.key_id.clone(), identity.binding)));
        assert_eq!((&keys[0], &ids[0]), (&keys[1], &ids[1]), "{profile}: both are satisfied, and disagree");
    }
    if profile == Profile::Mutual && keys.iter().all(Option::is_some) {
        assert_eq!(keys[0], keys[1]);
    }
}
