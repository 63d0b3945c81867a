//! A stream with TLS, whose kernel takes what it likes.

use std::io::{IoSlice, Read as _, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use super::*;
use crate::net::Stream;
use crate::reactor::link::{Link, Unsealed, Written};
use crate::tls::{Machine, Tls};

/// A link, its client, and the client's end of the stream.
struct Wire {
    link: Link,
    client: Machine,
    theirs: UnixStream,
    /// What the client has decrypted.
    heard: Vec<u8>,
    scratch: Vec<u8>,
}

impl Wire {
    fn new() -> Wire {
        let (ours, theirs) = UnixStream::pair().unwrap();
        theirs.set_read_timeout(Some(PATIENCE)).unwrap();
        let server = Tls::new().server(true).unwrap().begin().unwrap();
        let client = Tls::new().client(true).unwrap().begin("localhost").unwrap();
        let link = Link::secure(Stream::from_fd(ours.into()).unwrap(), server);
        Wire { link, client, theirs, heard: Vec::new(), scratch: Vec::new() }
    }

    fn secured() -> Wire {
        let mut wire = Wire::new();
        wire.tell();
        wire.link.note(true, false);
        assert_eq!(wire.link.unseal(&mut [0; 4096], &mut Vec::new()).unwrap(), Unsealed::Nothing);
        assert!(!wire.link.may_sign() && wire.link.owes() && wire.link.is_securing());
        wire.link.settle().unwrap();
        wire.listen();
        wire.tell();
        wire.link.note(true, false);
        assert_eq!(wire.link.unseal(&mut [0; 4096], &mut Vec::new()).unwrap(), Unsealed::Secured(b""));
        assert!(!wire.link.is_securing() && wire.link.channel().unwrap().is_ok());
        wire
    }

    /// The client sends what it owes.
    fn tell(&mut self) {
        let mut out = Vec::new();
        self.client.owed(&mut out);
        self.theirs.write_all(&out).unwrap();
    }

    fn say(&mut self, text: &[u8]) {
        let mut out = Vec::new();
        self.client.seal(&[IoSlice::new(text)], &mut out).unwrap();
        self.theirs.write_all(&out).unwrap();
    }

    /// The client reads once.
    fn listen(&mut self) {
        let mut buffer = vec![0; 100_000];
        let count = self.theirs.read(&mut buffer).unwrap();
        self.client.receive(&buffer[..count], &mut self.heard).unwrap();
    }
}

#[test]
fn a_read_brings_all_that_is_decrypted_and_the_poller_is_not_asked_for_it() {
    let mut wire = Wire::secured();
    let text: Vec<u8> = (0..100_000_u32).map(|at| at as u8).collect();
    wire.say(&text);
    let (mut got, mut buffer, mut plain) = (Vec::new(), vec![0; 30_000], Vec::new());
    wire.link.note(true, false);
    while wire.link.is_readable() {
        match wire.link.unseal(&mut buffer, &mut plain).unwrap() {
            Unsealed::Bytes(bytes) => got.extend_from_slice(bytes),
            Unsealed::Nothing => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(got == text, "{} bytes", got.len());
    // A piece of a record is nothing yet.
    let mut out = Vec::new();
    wire.client.seal(&[IoSlice::new(b"whole")], &mut out).unwrap();
    for (piece, what) in [(&out[..9], Unsealed::Nothing), (&out[9..], Unsealed::Bytes(b"whole"))] {
        wire.theirs.write_all(piece).unwrap();
        wire.link.note(true, false);
        assert_eq!(wire.link.unseal(&mut buffer, &mut plain).unwrap(), what);
    }
}

#[test]
fn of_much_for_a_slow_peer_little_is_sealed_and_every_byte_counts_once() {
    let mut wire = Wire::secured();
    let text: Vec<u8> = (0..4_000_000_u32).map(|at| (at % 253) as u8).collect();
    let (mut sent, mut fulls) = (0, 0);
    while sent < text.len() {
        // As an outbox has it: in chunks of any length, the first one cut.
        let parts: Vec<_> = text[sent..].chunks(50_021).take(64).map(IoSlice::new).collect();
        let offered: usize = parts.iter().map(|part| part.len()).sum();
        match wire.link.write_vectored(&parts, &mut wire.scratch).unwrap() {
            Written::All => sent += offered,
            Written::Full(count) => {
                fulls += 1;
                sent += count;
                assert!(wire.link.owes() && sent < text.len(), "somebody waits for the rest");
                assert!(wire.scratch.len() <= 66_000, "{} bytes are sealed", wire.scratch.len());
                wire.listen();
            }
        }
    }
    assert!(fulls > 3 && !wire.link.owes(), "{fulls} times full");
    while wire.heard.len() < text.len() {
        wire.listen();
    }
    assert!(wire.heard == text);
}

#[test]
fn behind_what_the_kernel_has_no_room_for_comes_the_end() {
    let mut wire = Wire::secured();
    let text = vec![b'x'; 1 << 20];
    let Written::Full(mut sent) = wire.link.write(&text, &mut wire.scratch).unwrap() else { panic!("all of it") };
    assert_eq!(wire.link.write(&text[sent..], &mut wire.scratch).unwrap(), Written::Full(0));
    while let Written::Full(count) = wire.link.write(&text[sent..], &mut wire.scratch).unwrap() {
        sent += count;
        wire.listen();
    }
    wire.link.end().unwrap();
    while !wire.client.has_ended() {
        wire.listen();
        wire.link.settle().unwrap();
    }
    assert_eq!(wire.heard.len(), text.len());
    assert_eq!(wire.theirs.read(&mut [0; 8]).unwrap(), 0, "the stream ends behind the channel");
}

#[test]
fn an_end_is_one_if_it_was_announced() {
    let (mut buffer, mut plain) = (vec![0; 4096], Vec::new());
    let mut announced = Wire::secured();
    announced.say(b"last words");
    let mut out = Vec::new();
    announced.client.close(&mut out);
    announced.theirs.write_all(&out).unwrap();
    announced.link.note(true, false);
    assert_eq!(announced.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::Bytes(b"last words"));
    assert!(announced.link.is_readable(), "the end comes without another word of the poller");
    assert_eq!(announced.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::End);
    assert!(!announced.link.is_readable());
    let mut cut = Wire::secured();
    cut.say(b"last words");
    cut.theirs.shutdown(Shutdown::Write).unwrap();
    cut.link.note(true, true);
    assert_eq!(cut.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::Bytes(b"last words"));
    assert_eq!(cut.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::Cut);
}

#[test]
fn a_broken_channel_is_told_once_and_what_comes_then_is_thrown_away() {
    let mut wire = Wire::secured();
    let (mut buffer, mut plain) = (vec![0; 4096], Vec::new());
    wire.say(b"good");
    wire.theirs.write_all(b"\x17\x03\x03\x00\x05wrong").unwrap();
    wire.link.note(true, false);
    assert_eq!(wire.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::Bytes(b"good"));
    let Unsealed::Broken(error) = wire.link.unseal(&mut buffer, &mut plain).unwrap() else { panic!() };
    assert_eq!(error.status(), crate::Status::ProtocolViolation);
    assert!(wire.link.owes(), "an alert");
    wire.link.settle().unwrap();
    let mut alert = [0; 64];
    let count = wire.theirs.read(&mut alert).unwrap();
    assert!(wire.client.receive(&alert[..count], &mut Vec::new()).is_err());
    wire.theirs.write_all(b"more").unwrap();
    wire.link.note(true, false);
    assert_eq!(wire.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::Nothing);
    wire.theirs.shutdown(Shutdown::Write).unwrap();
    wire.link.note(true, true);
    assert_eq!(wire.link.unseal(&mut buffer, &mut plain).unwrap(), Unsealed::End);
}

#[test]
fn who_begins_and_is_gone_is_not_signed_for() {
    let mut wire = Wire::new();
    wire.tell();
    wire.link.note(true, false);
    assert!(!wire.link.has_begun_in_vain(), "it may go on");
    wire.link.note(true, true);
    assert!(wire.link.has_begun_in_vain());
    let mut stranger = Wire::new();
    stranger.theirs.write_all(b"hello\n").unwrap();
    stranger.link.note(true, true);
    assert!(!stranger.link.has_begun_in_vain(), "it is heard and named");
}
