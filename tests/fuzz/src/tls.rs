//! TLS: each side against any bytes, two sides whose bytes are mangled, split and put in another order on their way, and
//! somebody in the middle with a session to each of two ends that share a secret.

use std::io::IoSlice;
use std::sync::OnceLock;

use rustchat::Status;
use rustchat::auth::{Channel, ClientAuth, Handshake, KeyRing, Profile, Secret, ServerAuth};
use rustchat::tls::{ClientTls, Machine, Pin, ServerTls, Tls, Trust};

use crate::input::{Input, pieces};

/// More than either side owes at a time: a flight with a certificate.
const MOST_OWED: usize = 4096;

/// More than a peer may ask for: keys are not renewed for ever.
const MOST_RENEWALS: usize = 8;

/// What ends know before they meet: made once, since a certificate takes its time.
struct World {
    servers: [ServerTls; 2],
    by_secret: ClientTls,
    by_pin: ClientTls,
    by_another_pin: ClientTls,
    above: ServerAuth,
    below: ClientAuth,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let secret = || Secret::new("the secret").expect("a secret");
        let client = |tls: Tls| tls.client(true).expect("a trust");
        let servers = [Tls::new(), Tls::new().allowing_unbound()].map(|tls| tls.server(true).expect("randomness"));
        World {
            by_secret: client(Tls::new()),
            by_pin: client(Tls::new().with_trust(Trust::Pins(vec![servers[0].pin()]))),
            by_another_pin: client(Tls::new().with_trust(Trust::Pins(vec![Pin([7; 32])]))),
            servers,
            above: ServerAuth::new(Profile::Mutual, KeyRing::single(secret())),
            below: ClientAuth::new(Profile::Mutual, secret()),
        }
    })
}

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    match input.below(4) {
        0 => stranger(&mut input),
        1 => in_the_middle(&mut input),
        _ => mangled(&mut input),
    }
}

fn client(tls: &ClientTls) -> Machine {
    tls.begin("localhost").expect("a name")
}

fn server(tls: &ServerTls) -> Machine {
    tls.begin().expect("randomness")
}

fn owed(machine: &mut Machine) -> Vec<u8> {
    let mut out = Vec::new();
    machine.owed(&mut out);
    assert!(out.len() <= MOST_OWED, "{} bytes owed", out.len());
    assert!(!machine.owes(), "it owes what it has given");
    out
}

/// What holds as long as there is no channel.
fn has_no_channel(machine: &mut Machine, plain: &[u8]) {
    assert!(!machine.is_secured() && plain.is_empty(), "heard before the channel is secured");
    assert!(machine.seal(&[IoSlice::new(b"x")], &mut Vec::new()).is_err(), "sealed before the channel is secured");
    assert!(machine.channel().is_err() && machine.binding(1).is_err(), "bound to no channel");
}

fn stranger(input: &mut Input<'_>) {
    let is_server = input.flag();
    let begin = || if is_server { server(&world().servers[0]) } else { client(&world().by_secret) };
    let cuts = input.piece();
    let bytes = input.rest();
    let [whole, split] = [&[][..], cuts].map(|cuts| {
        let (mut machine, mut plain, mut failed) = (begin(), Vec::new(), false);
        for piece in pieces(bytes, cuts) {
            let result = machine.receive(piece, &mut plain);
            owed(&mut machine);
            assert!(!failed || result.is_err(), "a broken channel is mended");
            failed = result.is_err();
            has_no_channel(&mut machine, &plain);
        }
        failed
    });
    assert_eq!(whole, split, "whether it is refused does not hang on the pieces");
}

/// One end, what it has said, and what it has heard.
struct End {
    machine: Machine,
    said: Vec<u8>,
    heard: Vec<u8>,
    failure: Option<Status>,
    closed: bool,
    renewals: usize,
}

/// Two ends, and what is on its way to each.
struct Pair {
    ends: [End; 2],
    wires: [Vec<u8>; 2],
    touched: bool,
    /// An end was closed before there was a channel.
    gave_up: bool,
}

impl Pair {
    fn new(client: Machine, server: Machine) -> Pair {
        let ends = [client, server].map(|machine| End {
            machine,
            said: Vec::new(),
            heard: Vec::new(),
            failure: None,
            closed: false,
            renewals: 0,
        });
        let mut pair = Pair { ends, wires: [Vec::new(), Vec::new()], touched: false, gave_up: false };
        pair.post(0);
        pair
    }

    /// What an end owes goes on its way.
    fn post(&mut self, from: usize) {
        let owed = owed(&mut self.ends[from].machine);
        self.wires[1 - from].extend(owed);
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let which = usize::from(input.flag());
        match input.below(10) {
            0..=3 => {
                let count = self.wires[which].len() * (input.below(256) + 1) / 256;
                self.deliver(which, count, input.piece());
            }
            4 => self.touched |= mangle(&mut self.wires[which], input),
            5 => self.end(which, input.below(16) == 0),
            6 => self.renew(which),
            _ => self.say(which, input.piece()),
        }
    }

    fn deliver(&mut self, to: usize, count: usize, cuts: &[u8]) {
        let wire: Vec<u8> = self.wires[to].drain(..count).collect();
        for piece in pieces(&wire, cuts) {
            let end = &mut self.ends[to];
            let result = end.machine.receive(piece, &mut end.heard).map_err(|error| error.status());
            match (end.failure, result) {
                (Some(before), result) => assert_eq!(result, Err(before), "a broken channel is mended"),
                (None, result) => end.failure = result.err(),
            }
            self.check(to);
        }
        self.post(to);
    }

    /// What holds at every moment.
    fn check(&mut self, at: usize) {
        let [first, second] = &mut self.ends;
        let (end, other) = if at == 0 { (first, second) } else { (second, first) };
        if !end.machine.is_secured() {
            has_no_channel(&mut end.machine, &end.heard);
        }
        assert!(other.said.starts_with(&end.heard), "heard what was not said");
        // A broken channel has no name any more.
        if let (Ok(here), Ok(there)) = (end.machine.binding(1), other.machine.binding(1)) {
            assert_eq!(format!("{here:?}"), format!("{there:?}"), "one channel, two names");
        }
    }

    fn say(&mut self, from: usize, text: &[u8]) {
        let end = &mut self.ends[from];
        let may = end.machine.is_secured() && !end.closed && end.failure.is_none();
        let sealed = end.machine.seal(&[IoSlice::new(text), IoSlice::new(b".")], &mut self.wires[1 - from]);
        assert_eq!(sealed.is_ok(), may, "{sealed:?}");
        if may {
            end.said.extend_from_slice(text);
            end.said.push(b'.');
        }
    }

    fn end(&mut self, which: usize, really: bool) {
        if really {
            let end = &mut self.ends[which];
            self.gave_up |= !end.machine.is_secured();
            end.closed = true;
            end.machine.close(&mut self.wires[1 - which]);
        }
    }

    fn renew(&mut self, which: usize) {
        let end = &mut self.ends[which];
        if end.renewals < MOST_RENEWALS && end.machine.renew_keys().is_ok() {
            end.renewals += 1;
            self.post(which);
        }
    }

    /// Everything arrives.
    fn settle(&mut self) {
        while self.wires.iter().any(|wire| !wire.is_empty()) {
            for to in 0..2 {
                self.deliver(to, self.wires[to].len(), &[]);
            }
        }
    }

    fn is_secured(&self) -> bool {
        self.ends.iter().all(|end| end.machine.is_secured())
    }
}

/// A place in so many bytes.
fn place(length: usize, input: &mut Input<'_>) -> usize {
    length * input.below(256) / 256
}

/// Changes what is on its way; whether anything is different.
fn mangle(wire: &mut Vec<u8>, input: &mut Input<'_>) -> bool {
    let before = wire.clone();
    let (from, to) = (place(wire.len(), input), place(wire.len(), input));
    let (low, high) = (from.min(to), from.max(to));
    match input.below(7) {
        0 => wire.truncate(from),
        1 => drop(wire.drain(low..high)),
        2 => wire.extend_from_within(low..high),
        3 => wire[low..high].reverse(),
        4 => wire.rotate_left(from),
        5 => drop(wire.splice(from..from, input.piece().iter().copied())),
        _ => {
            let bit = 1 << input.below(8);
            wire.get_mut(from + input.below(16)).into_iter().for_each(|byte| *byte ^= bit);
        }
    }
    *wire != before
}

fn mangled(input: &mut Input<'_>) {
    let world = world();
    let trust = [&world.by_secret, &world.by_secret, &world.by_pin, &world.by_another_pin][input.below(4)];
    let trusts = !std::ptr::eq(trust, &world.by_another_pin);
    let mut pair = Pair::new(client(trust), server(&world.servers[0]));
    while !input.is_empty() {
        pair.step(input);
    }
    pair.settle();
    if !trusts {
        assert!(pair.ends.iter().all(|end| !end.machine.is_secured()), "a key that nobody trusts");
    }
    if trusts && !pair.touched && !pair.gave_up {
        assert!(pair.is_secured() && pair.ends.iter().all(|end| end.failure.is_none()), "nobody has touched anything");
        let [one, other] = &pair.ends;
        assert!(one.heard == other.said && other.heard == one.said, "lost on the way");
        assert_eq!([one.machine.has_ended(), other.machine.has_ended()], [other.closed, one.closed]);
    }
    if pair.is_secured() && pair.ends.iter().all(|end| end.failure.is_none()) {
        let channels = pair.ends.each_ref().map(|end| end.machine.channel().expect("a channel"));
        let [one, other] = proofs(&channels, &mut Input::new(&[]));
        assert!(one.is_complete() && other.is_complete(), "one channel, and one secret");
        assert!(one.session_key() == other.session_key() && one.identity().is_some_and(|who| who.binding == 1));
    }
}

/// The proofs of the secret, at a client's and at a server's end; how they pass is the input's.
fn proofs([below, above]: &[Channel; 2], input: &mut Input<'_>) -> [Handshake; 2] {
    let world = world();
    let mut ends = [world.below.begin_bound(below), world.above.begin_bound(above)].map(|end| end.expect("randomness"));
    for round in 0..8 {
        let mut message = ends[round % 2].output();
        if input.below(4) == 1 {
            mangle(&mut message, input);
        }
        // A refusal shows in that it is not complete.
        let _ = ends[1 - round % 2].receive(&message);
    }
    ends
}

fn in_the_middle(input: &mut Input<'_>) {
    let world = world();
    let upper = &world.servers[input.below(2)];
    let mut left = Pair::new(client(&world.by_secret), server(&world.servers[input.below(2)]));
    let mut right = Pair::new(client(&world.by_secret), server(upper));
    left.settle();
    right.settle();
    assert!(left.is_secured() && right.is_secured());
    let channels = [&left.ends[0], &right.ends[1]].map(|end| end.machine.channel().expect("a channel"));
    let ends = proofs(&channels, input);
    assert!(ends.iter().all(|end| !end.is_complete()), "somebody sits in between");
}
