//! Messages come out whole, once and in order, however their bytes come in.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::frame::encode;
use crate::peer::Rate;

/// What the rules let one message have.
const LIMIT: usize = 64;

/// What a peer sends.
#[derive(Debug, Clone)]
enum Item {
    Message(Vec<u8>),
    /// So many bytes over the limit.
    TooLong(usize),
}

impl Item {
    fn wire(&self, framing: Framing) -> Vec<u8> {
        match self {
            Item::Message(payload) => encode(framing, payload).unwrap(),
            Item::TooLong(over) => encode(framing, &vec![b'x'; LIMIT + over]).unwrap(),
        }
    }

    fn event(&self) -> Event {
        match self {
            Item::Message(payload) => message(payload),
            Item::TooLong(_) => Event::Refused(Status::MessageTooLong, None),
        }
    }
}

fn payload(framing: Framing) -> BoxedStrategy<Vec<u8>> {
    match framing {
        Framing::Line => "[a-zé中 ]{0,20}".prop_map(String::into_bytes).boxed(),
        _ => prop_oneof![
            vec(any::<u8>(), 0..=LIMIT),
            Just(b"#CHALLENGE# of a user".to_vec()),
            Just(b"\x01rustchat is what we talk about".to_vec()),
            Just(b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ]
        .boxed(),
    }
}

/// A framing, and what is sent in it; the first is a greeting, so that nobody is a stranger.
fn speeches() -> impl Strategy<Value = (Framing, Vec<Item>)> {
    proptest::sample::select(Framing::ALL.to_vec()).prop_flat_map(|framing| {
        let item = prop_oneof![
            4 => payload(framing).prop_map(Item::Message),
            1 => (1..3 * LIMIT).prop_map(Item::TooLong),
        ];
        vec(item, 0..12).prop_map(move |mut items| {
            items.insert(0, Item::Message(b"hi".to_vec()));
            (framing, items)
        })
    })
}

fn wire(framing: Framing, items: &[Item]) -> Vec<u8> {
    items.iter().flat_map(|item| item.wire(framing)).collect()
}

/// The pieces of `bytes`, with lengths taken from `cuts` in turn.
fn pieces<'b>(mut bytes: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut lengths = cuts.iter().cycle();
    let mut pieces = Vec::new();
    while let Some(length) = lengths.next().filter(|_| !bytes.is_empty()) {
        let (piece, rest) = bytes.split_at((*length).min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(1..60_usize, 1..20)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn messages_come_whole_and_in_order_in_every_framing_and_split((framing, items) in speeches(), cuts in cuts()) {
        let (mut peer, rules) = (open(), rules(framing));
        let wire = wire(framing, &items);
        let events: Vec<Event> =
            pieces(&wire, &cuts).into_iter().flat_map(|bytes| hear(&mut peer, bytes, &rules, at(0))).collect();
        prop_assert_eq!(events, items.iter().map(Item::event).collect::<Vec<_>>());
        prop_assert!(peer.has_said_nothing());
    }

    #[test]
    fn the_same_from_who_waits_to_be_admitted_and_who_is_held_up(
        (framing, items) in speeches(),
        cuts in cuts(),
        first in 0..10_usize,
    ) {
        let (mut peer, rules) = (Peer::new(at(0)), rules(framing));
        let (wire, mut events) = (wire(framing, &items), Vec::new());
        for (index, bytes) in pieces(&wire, &cuts).into_iter().enumerate() {
            if index == first {
                peer.admit(None, at(0));
                events.extend(resume(&mut peer, &rules, at(0)));
            }
            if index % 3 == 1 {
                peer.throttle(at(index as u64));
            }
            events.extend(hear(&mut peer, bytes, &rules, at(index as u64)));
            if peer.is_open() {
                due(&mut peer, at(index as u64 + 1), &rules);
                events.extend(resume(&mut peer, &rules, at(index as u64 + 1)));
            }
        }
        peer.admit(None, at(1000));
        events.extend(resume(&mut peer, &rules, at(1000)));
        prop_assert_eq!(events, items.iter().map(Item::event).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_than_the_rate_is_heard_and_all_of_it_in_the_end(
        (framing, items) in speeches(),
        cuts in cuts(),
        burst in 1..4_u32,
        per_second in 0.5..200.0,
    ) {
        let (mut peer, rules) = (Peer::new(at(0)), rules(framing));
        peer.admit(Some(Rate { burst, per_second }), at(0));
        let (wire, mut now, mut events) = (wire(framing, &items), at(0), Vec::new());
        for bytes in pieces(&wire, &cuts) {
            events.extend(hear(&mut peer, bytes, &rules, now));
        }
        while let Some(next) = peer.next_timeout(&rules) {
            prop_assert!(next > now, "heard again at once");
            prop_assert_eq!(due(&mut peer, next, &rules), [Due::Resume]);
            now = next;
            events.extend(resume(&mut peer, &rules, now));
            let most = f64::from(burst) + now.since(at(0)).as_secs_f64() * per_second + 1e-6;
            prop_assert!(events.len() as f64 <= most, "{} by {now:?}", events.len());
        }
        prop_assert_eq!(events, items.iter().map(Item::event).collect::<Vec<_>>());
    }
}

#[test]
fn a_message_too_long_is_answered_once_though_it_comes_byte_by_byte() {
    for framing in Framing::ALL {
        let (mut peer, rules) = (open(), rules(framing));
        let items = [Item::TooLong(30), Item::Message(b"then".to_vec())];
        let events: Vec<Event> =
            wire(framing, &items).chunks(1).flat_map(|byte| hear(&mut peer, byte, &rules, at(0))).collect();
        assert_eq!(events, [items[0].event(), items[1].event()], "{framing}");
    }
}

#[test]
fn the_longest_message_is_no_byte_too_long() {
    for framing in Framing::ALL {
        let wire = encode(framing, &[b'x'; LIMIT]).unwrap();
        assert_eq!(hear(&mut open(), &wire, &rules(framing), at(0)), [message([b'x'; LIMIT])], "{framing}");
    }
    let crlf = [&[b'x'; LIMIT][..], b"\r\n"].concat();
    assert_eq!(hear(&mut open(), &crlf, &rules(Framing::Line), at(0)), [message([b'x'; LIMIT])]);
}

#[test]
fn a_line_without_an_end_ends_the_connection_at_some_length() {
    let (mut peer, rules) = (open(), rules(Framing::Line));
    let piece = vec![b'x'; 1 << 20];
    let events: Vec<Event> = (0..17).flat_map(|_| hear(&mut peer, &piece, &rules, at(0))).collect();
    assert_eq!(events, [Event::Refused(Status::MessageTooLong, None), Event::Endless]);
}

#[test]
fn a_length_that_is_none_ends_the_connection() {
    let too_long = Event::Refused(Status::MessageTooLong, Some(LeaveReason::MessageTooLong));
    let violation = Event::Refused(Status::ProtocolViolation, Some(LeaveReason::ProtocolViolation));
    for (framing, header, event) in [
        (Framing::U32Be, b"\xff\xff\xff\xf0", too_long.clone()),
        (Framing::U32Le, b"\xf0\xff\xff\xff", violation.clone()),
        (Framing::U32Le, b"\xff\xff\xff\x7f", too_long),
        (Framing::Multiprocessing, b"\xff\xff\xff\xf0", violation),
    ] {
        let (mut peer, rules) = (open(), rules(framing));
        assert_eq!(hear(&mut peer, &encode(framing, b"hi").unwrap(), &rules, at(0)), [message("hi")]);
        assert_eq!(hear(&mut peer, &[header, &b"abcd"[..]].concat(), &rules, at(0)), [event]);
        assert_eq!(hear(&mut peer, &encode(framing, b"more").unwrap(), &rules, at(0)), [], "{framing}");
    }
}

#[test]
fn messages_too_long_count_against_the_rate() {
    let (mut peer, rules) = (Peer::new(at(0)), rules(Framing::Line));
    peer.admit(Some(Rate { burst: 2, per_second: 1.0 }), at(0));
    let wire = wire(Framing::Line, &[const { Item::TooLong(1) }; 5]);
    assert_eq!(hear(&mut peer, &wire, &rules, at(0)).len(), 2);
    assert!(!peer.may_be_read(&rules) && peer.has_more());
}
