//! The checks, fed by hand: a good server in every split of its bytes, then each way to be a bad one.

use super::*;
use crate::formats::{Json, Plain, Stamp2};

const SIZE: usize = 32;

fn text(sender: u32, counter: u64) -> Vec<u8> {
    let mut text = Vec::new();
    text::write(Mark { kind: text::Kind::Data, sender, counter }, SIZE, &mut text);
    text
}

/// The deliveries of some messages, as `Plain` writes them.
fn plain(messages: &[(u32, u64)]) -> Vec<u8> {
    messages.iter().flat_map(|&(sender, counter)| [text(sender, counter), b"\n".to_vec()].concat()).collect()
}

fn stamped(messages: &[(u32, u64)]) -> Vec<u8> {
    let delivery = |&(sender, counter): &(u32, u64)| {
        [b"2024/05/06 07:08:09 127.0.0.1:5000\n".to_vec(), text(sender, counter), b"\n".to_vec()].concat()
    };
    messages.iter().flat_map(delivery).collect()
}

/// A room of two members and two senders who have sent ten messages each.
fn room() -> (Log, Cursor, Cursor) {
    let mut log = Log::new(2, 2, SIZE);
    for count in 0..10 {
        log.note_sent(0, count);
        log.note_sent(1, count);
    }
    (log, Cursor::new(Some(0)), Cursor::new(Some(1)))
}

fn feed(cursor: &mut Cursor, log: &mut Log, data: &[u8]) -> Result<u32, Kind> {
    cursor.feed(log, &Plain, data, 100, &mut Vec::new()).map_err(|fault| fault.kind)
}

const GOOD: [(u32, u64); 5] = [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1)];

#[test]
fn every_split_of_a_good_stream_passes() {
    let stream = stamped(&GOOD);
    for step in 1..stream.len() {
        let (mut log, mut ahead, mut behind) = room();
        log.meter.window = 0..u64::MAX;
        let (mut own_ahead, mut own_behind) = (0, 0);
        for piece in stream.chunks(step) {
            own_ahead += ahead.feed(&mut log, &Stamp2, piece, 100, &mut Vec::new()).unwrap();
        }
        for piece in stream.chunks(step.div_ceil(2)) {
            own_behind += behind.feed(&mut log, &Stamp2, piece, 200, &mut Vec::new()).unwrap();
        }
        assert_eq!((own_ahead, own_behind), (3, 2), "step {step}");
        assert_eq!((log.messages(), log.complete(), log.deliveries()), (5, 5, 10), "step {step}");
        assert_eq!((log.meter.to_room.max(), log.meter.to_sender.total()), (200, 5), "step {step}");
        assert!(ahead.finish(&log).is_ok() && behind.finish(&log).is_ok());
    }
}

#[test]
fn members_may_take_turns_ahead() {
    let stream = plain(&GOOD);
    let (mut log, mut one, mut two) = room();
    for (index, piece) in stream.chunks(7).enumerate() {
        let until = stream.len().min((index + 1) * 7);
        if index % 2 == 0 {
            feed(&mut one, &mut log, piece).unwrap();
            feed(&mut two, &mut log, piece).unwrap();
        } else {
            feed(&mut two, &mut log, piece).unwrap();
            feed(&mut one, &mut log, piece).unwrap();
        }
        assert_eq!(log.complete() as usize, until / (SIZE + 1));
    }
    log.compact();
    feed(&mut two, &mut log, &plain(&[(0, 3)])).unwrap();
    feed(&mut one, &mut log, &plain(&[(0, 3)])).unwrap();
    assert_eq!((log.complete(), log.end()), (6, 6 * (SIZE as u64 + 1)));
}

#[test]
fn the_first_member_is_checked_against_the_senders() {
    for (stream, kind) in [
        (plain(&[(0, 0), (0, 2)]), Kind::Lost),
        (plain(&[(0, 0), (0, 2), (0, 1)]), Kind::Reordered),
        (plain(&[(0, 0), (0, 0)]), Kind::Doubled),
        (plain(&[(2, 0)]), Kind::Foreign),
        ([plain(&[(0, 0)]), text(1, 0)[5..].to_vec(), b"\n".to_vec()].concat(), Kind::Cut),
    ] {
        let (mut log, mut ahead, _) = room();
        assert_eq!(feed(&mut ahead, &mut log, &stream), Err(kind));
    }
    let (mut log, mut ahead, _) = room();
    let more_than_sent: Vec<(u32, u64)> = (0..11).map(|counter| (0, counter)).collect();
    assert_eq!(feed(&mut ahead, &mut log, &plain(&more_than_sent)), Err(Kind::Foreign));
}

#[test]
fn the_other_members_are_checked_against_the_first() {
    let damaged = {
        let mut stream = plain(&GOOD);
        stream[60] ^= 1;
        stream
    };
    for (stream, kind) in [
        (plain(&[(0, 0), (0, 1)]), Kind::Lost),
        (plain(&[(0, 0), (0, 1), (1, 0)]), Kind::Reordered),
        (plain(&[(0, 0), (1, 0), (0, 0)]), Kind::Doubled),
        (plain(&[(0, 0), (1, 0), (1, 0)]), Kind::Doubled),
        (plain(&[(1, 0), (0, 0)]), Kind::Reordered),
        (damaged, Kind::Cut),
    ] {
        let (mut log, mut ahead, mut behind) = room();
        feed(&mut ahead, &mut log, &plain(&GOOD)).unwrap();
        assert_eq!(feed(&mut behind, &mut log, &stream), Err(kind));
    }
}

#[test]
fn a_doubled_message_is_seen_after_the_log_was_compacted() {
    let (mut log, mut one, mut two) = room();
    feed(&mut one, &mut log, &plain(&GOOD)).unwrap();
    feed(&mut two, &mut log, &plain(&GOOD)).unwrap();
    log.compact();
    feed(&mut one, &mut log, &plain(&[(0, 3)])).unwrap();
    assert_eq!(feed(&mut two, &mut log, &plain(&[(0, 1)])), Err(Kind::Doubled));
}

#[test]
fn the_end_is_checked_too() {
    let (mut log, mut one, mut two) = room();
    feed(&mut one, &mut log, &plain(&GOOD)).unwrap();
    feed(&mut two, &mut log, &plain(&GOOD[..4])).unwrap();
    assert!(one.finish(&log).is_ok());
    assert_eq!(two.finish(&log).unwrap_err().kind, Kind::Lost);
    feed(&mut one, &mut log, b"d0000").unwrap();
    assert_eq!(one.finish(&log).unwrap_err().kind, Kind::Cut);
}

#[test]
fn a_server_that_writes_other_bytes_around_the_same_text_is_not_let_through() {
    let (mut log, mut one, mut two) = room();
    let stream = stamped(&GOOD);
    one.feed(&mut log, &Stamp2, &stream, 1, &mut Vec::new()).unwrap();
    let later = String::from_utf8(stream).unwrap().replace("07:08:09", "07:08:10");
    let fault = two.feed(&mut log, &Stamp2, later.as_bytes(), 1, &mut Vec::new()).unwrap_err();
    assert_eq!(fault.kind, Kind::Cut, "{}", fault.detail);
}

#[test]
fn control_frames_are_answered_and_stay_out_of_the_order() {
    let frame = |body: String| [&(body.len() as u32).to_be_bytes()[..], body.as_bytes()].concat();
    let message = |sender, counter| {
        frame(format!(r#"{{"type":"message","text":"{}"}}"#, String::from_utf8(text(sender, counter)).unwrap()))
    };
    let ping = || frame(r#"{"type":"ping"}"#.into());
    let with_pings = [ping(), message(0, 0), ping(), message(1, 0), ping()].concat();
    let without = [message(0, 0), message(1, 0)].concat();
    for (first, second) in [(&with_pings, &without), (&without, &with_pings)] {
        for step in [1, 5, 1000] {
            let (mut log, mut one, mut two) = room();
            let mut replies = Vec::new();
            for (cursor, stream) in [(&mut one, first), (&mut two, second)] {
                for piece in stream.chunks(step) {
                    cursor.feed(&mut log, &Json, piece, 1, &mut replies).unwrap();
                }
            }
            assert_eq!((log.complete(), replies.len()), (2, 3 * 19), "step {step}");
        }
    }
}
