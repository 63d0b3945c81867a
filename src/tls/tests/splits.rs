use proptest::prelude::*;

use super::*;
use crate::auth::ChannelBinding;
use crate::tls::PROTOCOL;

const EXPORTER: u8 = ChannelBinding::TLS_EXPORTER;
const SERVER_END_POINT: u8 = ChannelBinding::TLS_SERVER_END_POINT;

fn bindings(machine: &Machine) -> [String; 2] {
    [EXPORTER, SERVER_END_POINT].map(|kind| format!("{:?}", machine.binding(kind).unwrap()))
}

#[test]
fn both_ends_agree_byte_by_byte_as_well_as_all_at_once() {
    for piece in [1, 2, 5, 4096, usize::MAX] {
        let mut pair = Pair::by_secret();
        assert_eq!(pair.server.binding(EXPORTER).unwrap_err().status(), Status::BadState);
        assert_eq!(pair.client.seal(&[], &mut Vec::new()).unwrap_err().status(), Status::BadState);
        pair.settle(|_| piece).unwrap();
        assert!(pair.server.is_secured() && pair.client.is_secured() && pair.server.has_signed());
        assert_eq!(bindings(&pair.server), bindings(&pair.client));
        assert_eq!((pair.server.alpn(), pair.client.alpn()), (Some(PROTOCOL), Some(PROTOCOL)));
        assert!(pair.server.describe().starts_with("TLS 1.3 ("), "{}", pair.server.describe());
        assert_eq!(pair.server.binding(3).unwrap_err().status(), Status::NotSupported);
    }
}

#[test]
fn the_exporter_tells_two_channels_apart_with_the_certificate_the_same() {
    let (server, client) = (Tls::new().server(true).unwrap(), Tls::new().client(true).unwrap());
    let [first, second] = [(); 2].map(|()| {
        let mut pair = Pair::new(&server, &client);
        pair.settle(|_| usize::MAX).unwrap();
        bindings(&pair.client)
    });
    assert_ne!(first[0], second[0]);
    assert_eq!(first[1], second[1]);
}

#[test]
fn who_sits_in_between_with_a_certificate_of_his_own_has_other_bindings_on_either_side() {
    let mut outer = Pair::secured();
    let mut inner = Pair::secured();
    outer.settle(|_| usize::MAX).unwrap();
    inner.settle(|_| usize::MAX).unwrap();
    let (victim, service) = (bindings(&outer.client), bindings(&inner.server));
    assert_ne!(victim[0], service[0]);
    assert_ne!(victim[1], service[1]);
}

#[test]
fn a_burst_is_decrypted_whole_and_one_parcel_is_one_record() {
    let mut pair = Pair::secured();
    let text: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    let wire = sealed(&mut pair.client, &text);
    let mut plain = Vec::new();
    pair.server.receive(&wire, &mut plain).unwrap();
    assert!(plain == text, "{} of {} bytes without another one on the wire", plain.len(), text.len());
    let parts: Vec<_> = text.chunks(128).take(100).map(IoSlice::new).collect();
    let mut wire = Vec::new();
    pair.server.seal(&parts, &mut wire).unwrap();
    assert_eq!(wire.len(), 5 + 12_800 + 1 + 16, "header, text, type, tag: one record");
    pair.client.receive(&wire, &mut pair.heard_by_client).unwrap();
    assert!(pair.heard_by_client == text[..12_800]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_split_every_byte_comes_out_once_and_in_order(
        cuts in proptest::collection::vec(1_usize..3000, 1..40),
        texts in proptest::collection::vec((any::<bool>(), 0_usize..40_000), 1..8),
    ) {
        let mut turn = 0;
        let mut cut = |_: usize| {
            turn += 1;
            cuts[turn % cuts.len()]
        };
        let mut pair = Pair::by_secret();
        pair.settle(&mut cut).unwrap();
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        for (is_client, length) in texts {
            let text: Vec<u8> = (0..length).map(|at| (at * 7 + length) as u8).collect();
            if is_client {
                let wire = sealed(&mut pair.client, &text);
                hand_over(&mut pair.server, &wire, &mut pair.heard_by_server, &mut cut).unwrap();
                to_server.extend(text);
            } else {
                let wire = sealed(&mut pair.server, &text);
                hand_over(&mut pair.client, &wire, &mut pair.heard_by_client, &mut cut).unwrap();
                to_client.extend(text);
            }
        }
        prop_assert!(pair.heard_by_server == to_server && pair.heard_by_client == to_client);
    }

    #[test]
    fn whatever_comes_nothing_is_believed_that_was_not_sealed_by_the_other_end(
        noise in proptest::collection::vec(any::<u8>(), 0..600),
        begins_well in any::<bool>(),
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let mut pair = Pair::by_secret();
        let mut hello = owed(&mut pair.client);
        let mut bytes = if begins_well { [&[22, 3, 1, 0, 200][..], &noise].concat() } else { noise.clone() };
        let mut plain = Vec::new();
        let _ = Tls::new().server(true).unwrap().begin().unwrap().receive(&bytes, &mut plain);
        let _ = Tls::new().client(true).unwrap().begin("localhost").unwrap().receive(&bytes, &mut plain);
        prop_assert!(plain.is_empty());
        // One byte of a hello is changed: the two ends have seen different ones, and no channel comes of it.
        let place = at.index(hello.len() - 5) + 5;
        hello[place] ^= flip;
        let _ = pair.server.receive(&hello, &mut plain);
        let result = pair.settle(|_| usize::MAX);
        prop_assert!(!pair.server.is_secured(), "{result:?}");
        // And in a channel, one byte of a record.
        let mut pair = Pair::secured();
        bytes = sealed(&mut pair.client, &noise);
        let good = sealed(&mut pair.client, b"behind");
        if !bytes.is_empty() {
            let place = at.index(bytes.len() - 5) + 5;
            bytes[place] ^= flip;
            bytes.extend(good);
            prop_assert!(pair.server.receive(&bytes, &mut plain).is_err());
        }
        prop_assert!(plain.is_empty());
    }
}
