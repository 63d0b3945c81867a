use super::*;
use crate::tls::MAX_SECURING_BYTES;
use crate::tls::verify::provider;

/// A `ClientHello` of that many bytes, none of them of any use, in records of 16 KiB.
fn long_hello(length: usize) -> Vec<u8> {
    let mut message = vec![1, (length >> 16) as u8, (length >> 8) as u8, length as u8];
    message.resize(4 + length, 0);
    let record = |part: &[u8]| [&[22, 3, 1, (part.len() >> 8) as u8, part.len() as u8][..], part].concat();
    message.chunks(16_384).flat_map(record).collect()
}

#[test]
fn a_hello_without_an_end_is_not_kept() {
    let server = Tls::new().server(true).unwrap();
    let mut machine = server.begin().unwrap();
    let wire = long_hello(0xffff);
    let error = machine.receive(&wire, &mut Vec::new()).unwrap_err();
    assert_says(&error, Status::ProtocolViolation, &MAX_SECURING_BYTES.to_string());
    let mut machine = server.begin().unwrap();
    let error = wire.iter().find_map(|byte| machine.receive(&[*byte], &mut Vec::new()).err()).unwrap();
    assert_says(&error, Status::ProtocolViolation, &MAX_SECURING_BYTES.to_string());
}

#[test]
fn a_hello_in_many_small_records_is_one() {
    let mut pair = Pair::by_secret();
    let hello = owed(&mut pair.client);
    let message = &hello[5..];
    for part in message.chunks(7) {
        let record = [&[22, 3, 1, 0, part.len() as u8][..], part].concat();
        pair.server.receive(&record, &mut pair.heard_by_server).unwrap();
    }
    pair.settle(|_| usize::MAX).unwrap();
    assert!(pair.server.is_secured() && pair.client.is_secured());
}

#[test]
fn records_of_other_types_are_no_handshake() {
    for kind in [20, 21, 23, 24, 99] {
        let mut machine = Tls::new().server(true).unwrap().begin().unwrap();
        let mut plain = Vec::new();
        let record = [kind, 3, 3, 0, 4, 1, 0, 0, 0];
        let floods = (0..MAX_SECURING_BYTES).find_map(|_| machine.receive(&record, &mut plain).err());
        assert_eq!(floods.map(|error| error.status()), Some(Status::ProtocolViolation), "type {kind}");
        assert!(plain.is_empty() && !machine.is_secured());
    }
}

#[test]
fn keys_are_renewed_when_asked_for_but_not_for_ever() {
    let mut pair = Pair::secured();
    let update = |pair: &mut Pair| {
        pair.client.renew_keys().unwrap();
        owed(&mut pair.client)
    };
    for _ in 0..3 {
        let mut wire = update(&mut pair);
        wire.extend(sealed(&mut pair.client, b"x"));
        pair.server.receive(&wire, &mut pair.heard_by_server).unwrap();
        // The answer goes before what is sent next, and not of its own accord: nobody can be made to answer a flood.
        assert_eq!(owed(&mut pair.server), b"");
        let wire = sealed(&mut pair.server, b"y");
        pair.client.receive(&wire, &mut pair.heard_by_client).unwrap();
    }
    assert_eq!((pair.heard_by_server.as_slice(), pair.heard_by_client.as_slice()), (&b"xxx"[..], &b"yyy"[..]));
    let flood: Vec<u8> = (0..1000).flat_map(|_| update(&mut pair)).collect();
    let error = pair.server.receive(&flood, &mut pair.heard_by_server).unwrap_err();
    assert_says(&error, Status::ProtocolViolation, "TooManyKeyUpdateRequests");
}

#[test]
fn another_user_of_rustls_in_the_process_is_no_matter() {
    // A default without anything in it: whoever used it would fail.
    let nothing = rustls::crypto::CryptoProvider { cipher_suites: Vec::new(), ..(*provider()).clone() };
    let _ = nothing.install_default();
    Pair::secured();
}
