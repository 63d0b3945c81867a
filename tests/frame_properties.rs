//! What holds for every framing, whatever the bytes and however they are split.

use proptest::collection::vec;
use proptest::prelude::*;
use rustchat::frame::{Decoder, Framing, encode};
use rustchat::{Error, Status};

const LIMIT: usize = 64;

fn framings() -> impl Strategy<Value = Framing> {
    proptest::sample::select(Framing::ALL.to_vec())
}

/// Messages that every framing can carry.
fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = any::<u8>().prop_map(|byte| if matches!(byte, b'\n' | b'\r') { b'.' } else { byte });
    vec(vec(byte, 0..=LIMIT), 0..20)
}

/// Bytes that look like frames often enough to get past the first header.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0u8), Just(1), Just(2), Just(0xff), Just(b'\n'), Just(b'\r'), any::<u8>()];
    vec(byte, 0..400)
}

/// The pieces of `bytes`, with lengths taken from `cuts` in turn.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut lengths = cuts.iter().copied().cycle();
    let mut rest = bytes;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(lengths.next().unwrap_or(1).clamp(1, rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// Everything that comes out of `decoder` now, and the error at the end of it.
fn drain(decoder: &mut Decoder, out: &mut Vec<Vec<u8>>) -> Option<Error> {
    loop {
        match decoder.next() {
            Ok(Some(message)) => out.push(message.to_vec()),
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    }
}

/// How the bytes get in.
#[derive(Debug, Clone, Copy)]
enum Way {
    Push,
    PushAllThenDrain,
    Space,
}

fn ways() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::Push), Just(Way::PushAllThenDrain), Just(Way::Space)]
}

fn decode(framing: Framing, bytes: &[u8], cuts: &[usize], way: Way) -> (Vec<Vec<u8>>, Option<Error>, Decoder) {
    let mut decoder = Decoder::new(framing, LIMIT);
    let mut out = Vec::new();
    for piece in pieces(bytes, cuts) {
        if let Way::Space = way {
            decoder.space(piece.len())[..piece.len()].copy_from_slice(piece);
            decoder.commit(piece.len());
        } else if decoder.push(piece).is_err() {
            break;
        }
        if !matches!(way, Way::PushAllThenDrain) && drain(&mut decoder, &mut out).is_some() {
            break;
        }
    }
    let error = drain(&mut decoder, &mut out);
    (out, error, decoder)
}

proptest! {
    #[test]
    fn any_split_gives_back_the_messages(framing in framings(), messages in messages(), cuts in vec(1usize..50, 1..30), way in ways()) {
        let wire: Vec<u8> = messages.iter().flat_map(|message| encode(framing, message).unwrap()).collect();
        let (out, error, decoder) = decode(framing, &wire, &cuts, way);
        prop_assert_eq!(error, None);
        prop_assert_eq!(out, messages);
        prop_assert!(decoder.is_empty());
    }

    #[test]
    fn any_split_of_anything_gives_the_same(framing in framings(), bytes in garbage(), cuts in vec(1usize..50, 1..30), way in ways()) {
        let (whole, whole_error, _) = decode(framing, &bytes, &[bytes.len().max(1)], Way::Push);
        let (out, error, mut decoder) = decode(framing, &bytes, &cuts, way);
        prop_assert_eq!(&out, &whole);
        prop_assert_eq!(&error, &whole_error);
        prop_assert!(out.iter().all(|message| message.len() <= LIMIT));
        if let Some(error) = error {
            prop_assert_eq!(decoder.push(b"more").unwrap_err(), error.clone());
            prop_assert_eq!(decoder.next().unwrap_err(), error);
            prop_assert!(decoder.is_empty());
        }
    }

    #[test]
    fn what_the_envelope_takes_comes_back_and_what_it_refuses_would_not(framing in framings(), message in garbage()) {
        let mut wire = b"before".to_vec();
        match framing.encode_into(&message, LIMIT, &mut wire) {
            Ok(()) => {
                let (out, error, decoder) = decode(framing, &wire[6..], &[7], Way::Push);
                prop_assert_eq!((out, error), (vec![message], None));
                prop_assert!(decoder.is_empty());
            }
            Err(error) => {
                prop_assert_eq!(&wire, b"before");
                let expected = if message.len() > LIMIT { Status::MessageTooLong } else { Status::InvalidArgument };
                prop_assert_eq!(error.status(), expected);
            }
        }
    }

    #[test]
    fn memory_stays_below_the_limit_a_header_and_a_piece(framing in framings(), bytes in garbage(), piece in 1usize..100) {
        let mut decoder = Decoder::new(framing, LIMIT);
        for piece in bytes.chunks(piece) {
            let failed = decoder.push(piece).is_err();
            prop_assert!(decoder.buffered() <= LIMIT + 12 + piece.len());
            if drain(&mut decoder, &mut Vec::new()).is_some() || failed {
                break;
            }
        }
    }
}

/// The beginning of a frame of `length` bytes.
fn header(framing: Framing, length: u32) -> Vec<u8> {
    match framing {
        Framing::U32Le => length.to_le_bytes().to_vec(),
        _ => length.to_be_bytes().to_vec(),
    }
}

#[test]
fn an_oversized_frame_is_refused_before_its_body_is_stored() {
    for framing in [Framing::U32Be, Framing::U32Le, Framing::Multiprocessing] {
        let mut wire = header(framing, 65);
        wire.extend_from_slice(&[7; 65]);
        for cut in 0..wire.len() {
            let mut decoder = Decoder::new(framing, LIMIT);
            let result = decoder.push(&wire[..cut]).and_then(|()| decoder.push(&wire[cut..]));
            let error = result.unwrap_err();
            assert_eq!(error.status(), Status::MessageTooLong);
            assert_eq!(error.message(), "message of 65 bytes is over the limit of 64 bytes");
            assert!(decoder.is_empty(), "{framing} cut at {cut}");
        }
    }
}

#[test]
fn an_endless_line_is_refused_before_it_is_stored() {
    let mut decoder = Decoder::new(Framing::Line, LIMIT);
    decoder.push(&[b'x'; 60]).unwrap();
    assert_eq!(decoder.push(&[b'x'; 1000]).unwrap_err().message(), "line is over the limit of 64 bytes");
    assert!(decoder.is_empty());
}

#[test]
fn whole_frames_come_out_before_the_error_of_a_later_one() {
    let mut decoder = Decoder::new(Framing::U32Be, LIMIT);
    decoder.push(b"\0\0\0\x01a\0\0\0\x01b").unwrap();
    let error = decoder.push(&[1, 0, 0, 0, 9, 9]).unwrap_err();
    assert_eq!(decoder.buffered(), 10, "nothing of the frame at fault");
    assert_eq!(decoder.next().unwrap(), Some(&b"a"[..]));
    assert_eq!(decoder.next().unwrap(), Some(&b"b"[..]));
    assert_eq!(decoder.next().unwrap_err(), error);
    decoder.space(10).fill(0);
    decoder.commit(10);
    assert_eq!(decoder.next().unwrap_err(), error);
}

#[test]
fn a_line_at_the_limit_passes_with_either_ending() {
    for (ending, split) in [("\n", 1), ("\r\n", 1), ("\r\n", 2)] {
        let wire = ["x".repeat(LIMIT), ending.to_owned()].concat();
        let (out, error, _) = decode(Framing::Line, wire.as_bytes(), &[wire.len() - split, split], Way::Push);
        assert_eq!((out, error), (vec![vec![b'x'; LIMIT]], None));
        let (_, error, _) = decode(Framing::Line, format!("x{wire}").as_bytes(), &[9], Way::Push);
        assert_eq!(error.unwrap().status(), Status::MessageTooLong);
    }
}

#[test]
fn lengths_that_the_framing_does_not_allow_are_violations() {
    let cases: [(Framing, &[u8]); 4] = [
        (Framing::U32Le, &[0, 0, 0, 0x80]),
        (Framing::Multiprocessing, &[0xff, 0xff, 0xff, 0xfe]),
        (Framing::Multiprocessing, &[0x80, 0, 0, 0]),
        (Framing::Multiprocessing, &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]),
    ];
    for (framing, wire) in cases {
        let error = framing.split(wire, usize::MAX, 0).unwrap_err();
        assert_eq!(error.status(), Status::ProtocolViolation, "{framing} {wire:?}");
    }
    let long = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0];
    assert_eq!(Framing::Multiprocessing.split(&long, 64, 0).unwrap_err().status(), Status::MessageTooLong);
    assert_eq!(Framing::Multiprocessing.split(&long[..11], 64, 0), Ok(None));
    assert_eq!(Framing::Multiprocessing.split(&long, usize::MAX, 0), Ok(None), "just too long for the short form");
    let longest = Framing::Multiprocessing.split(&[0x7f, 0xff, 0xff, 0xff], usize::MAX, 0);
    assert_eq!(longest, Ok(None), "the longest of the short form");
    let absurd = [0xff; 12];
    assert_eq!(Framing::Multiprocessing.split(&absurd, usize::MAX, 0).unwrap_err().status(), Status::MessageTooLong);
}

#[test]
fn empty_messages_are_legal_everywhere() {
    for framing in Framing::ALL {
        let wire = encode(framing, b"").unwrap();
        let (out, error, _) = decode(framing, &[&wire[..], &wire[..]].concat(), &[1], Way::Push);
        assert_eq!((out, error), (vec![vec![], vec![]], None));
    }
    let (out, ..) = decode(Framing::Line, b"\r\n\n", &[1], Way::Push);
    assert_eq!(out, [b"", b""]);
}

#[test]
fn lines_that_would_not_come_back_the_same_are_refused() {
    for payload in [&b"a\nb"[..], b"a\n", b"a\r", b"\r"] {
        let error = Framing::Line.envelope(payload, LIMIT).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
    }
    assert_eq!(Framing::Line.envelope(b"a\rb", LIMIT).unwrap().trailer(), b"\n");
}

#[test]
fn the_unfinished_frame_says_how_much_of_it_has_come() {
    let mut decoder = Decoder::new(Framing::U32Be, 1 << 20);
    decoder.push(&[0, 0]).unwrap();
    assert_eq!((decoder.expected(), decoder.is_empty()), (None, false));
    decoder.push(&[0, 10, 1, 2, 3]).unwrap();
    assert_eq!(decoder.expected(), Some((3, 10)));
    decoder.push(&[0; 7]).unwrap();
    decoder.push(&[0, 0, 0, 2, 1]).unwrap();
    assert_eq!(decoder.expected(), Some((1, 2)), "behind a whole frame");
    assert_eq!(decoder.next().unwrap().unwrap().len(), 10);
    assert_eq!(decoder.take_rest(), [0, 0, 0, 2, 1]);
    assert_eq!((decoder.expected(), decoder.is_empty()), (None, true));
}

#[test]
fn space_offers_the_rest_of_a_big_frame_but_not_on_a_promise_alone() {
    let mut decoder = Decoder::new(Framing::U32Be, 16 << 20);
    decoder.push(&(16u32 << 20).to_be_bytes()).unwrap();
    assert!(decoder.space(1).len() < 1 << 20, "a header alone does not buy megabytes");
    let mut reads = 0;
    while decoder.next().unwrap().is_none() {
        let length = decoder.space(4096).len();
        decoder.commit(length);
        reads += 1;
    }
    assert!(reads <= 8, "{reads} reads");
    assert!(decoder.is_empty());
    decoder.release_if_empty();
    assert!(decoder.space(100).len() < 4096);
}

#[test]
fn a_dripped_line_is_searched_once() {
    let limit = 4 << 20;
    let mut decoder = Decoder::new(Framing::Line, limit);
    let start = std::time::Instant::now();
    for _ in 0..limit / 8 {
        decoder.push(b"abcdefgh").unwrap();
        assert!(decoder.next().unwrap().is_none());
    }
    decoder.push(b"\n").unwrap();
    assert_eq!(decoder.next().unwrap().unwrap().len(), limit);
    // Searching anew each time reads 10^12 bytes, which takes minutes.
    assert!(start.elapsed().as_secs() < 20);
}
