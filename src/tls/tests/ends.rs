use super::*;

fn closed(machine: &mut Machine) -> Vec<u8> {
    let mut out = Vec::new();
    machine.close(&mut out);
    out
}

#[test]
fn each_direction_ends_by_itself_and_what_comes_behind_an_end_is_thrown_away() {
    let mut pair = Pair::secured();
    let mut wire = sealed(&mut pair.client, b"last words");
    wire.extend(closed(&mut pair.client));
    wire.extend_from_slice(&wire.clone());
    pair.server.receive(&wire, &mut pair.heard_by_server).unwrap();
    assert!(pair.server.has_ended() && !pair.client.has_ended());
    assert_eq!(pair.heard_by_server, b"last words");
    let error = pair.client.seal(&[IoSlice::new(b"more")], &mut Vec::new()).unwrap_err();
    assert_says(&error, Status::BadState, "last byte");
    assert_eq!(closed(&mut pair.client), b"", "it is said once");
    let wire = sealed(&mut pair.server, b"an answer all the same");
    pair.client.receive(&wire, &mut pair.heard_by_client).unwrap();
    assert_eq!(pair.heard_by_client, b"an answer all the same");
}

#[test]
fn an_end_amid_the_handshake_is_an_end_and_no_channel() {
    let mut pair = Pair::by_secret();
    let mut hello = owed(&mut pair.client);
    hello.extend(closed(&mut pair.client));
    let result = pair.server.receive(&hello, &mut pair.heard_by_server);
    assert!(pair.server.has_ended() || result.is_err());
    assert!(!pair.server.is_secured() && pair.heard_by_server.is_empty());
    // Nothing that follows keeps it busy.
    let _ = pair.server.receive(&[22; 100_000], &mut pair.heard_by_server);
    assert!(!pair.server.is_secured() && pair.heard_by_server.is_empty());
}

#[test]
fn a_record_that_is_cut_brings_nothing_and_one_that_is_changed_ends_the_channel() {
    let mut pair = Pair::secured();
    let wire = sealed(&mut pair.client, b"first");
    pair.server.receive(&wire[..wire.len() - 1], &mut pair.heard_by_server).unwrap();
    assert!(pair.heard_by_server.is_empty() && !pair.server.has_ended());
    pair.server.receive(&wire[wire.len() - 1..], &mut pair.heard_by_server).unwrap();
    let mut wire = sealed(&mut pair.client, b"second");
    let good = wire.len();
    wire.extend(sealed(&mut pair.client, b"third"));
    wire[good + 7] ^= 1;
    let error = pair.server.receive(&wire, &mut pair.heard_by_server).unwrap_err();
    assert_eq!(error.status(), Status::ProtocolViolation);
    assert_eq!(pair.heard_by_server, b"firstsecond", "what came before is heard");
    assert_eq!(pair.server.receive(&wire, &mut Vec::new()).unwrap_err(), error, "now and ever after");
    assert!(pair.server.seal(&[IoSlice::new(b"x")], &mut Vec::new()).is_err());
    let alert = owed(&mut pair.server);
    let told = pair.client.receive(&alert, &mut Vec::new()).unwrap_err();
    assert_says(&told, Status::ProtocolViolation, "BadRecordMac");
}

#[test]
fn who_breaks_the_channel_behind_our_end_is_told_apart_and_nothing_else_breaks() {
    let mut pair = Pair::secured();
    let end = closed(&mut pair.client);
    pair.server.receive(&end, &mut pair.heard_by_server).unwrap();
    let mut wire = sealed(&mut pair.server, b"more");
    wire[7] ^= 1;
    let error = pair.client.receive(&wire, &mut pair.heard_by_client).unwrap_err();
    assert_eq!(error.status(), Status::ProtocolViolation);
    assert_eq!(pair.client.receive(b"x", &mut pair.heard_by_client).unwrap_err(), error, "now and ever after");
    owed(&mut pair.client);
    assert!(pair.heard_by_client.is_empty() && !pair.client.owes());
}
