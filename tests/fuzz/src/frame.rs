//! The framings: whatever the bytes and the pieces in which they come, the decoder gives what the model does.

use rustchat::Error;
use rustchat::frame::{Decoder, Framing};

use crate::input::{Input, pieces};
use crate::model;

const LIMITS: [usize; 8] = [0, 1, 2, 5, 64, 300, 70_000, 1 << 24];

/// How many bytes the longest header and the ending of a line have at most.
const AROUND: usize = 12;

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let (framing, limit, way) = (input.framing(), input.pick(&LIMITS), input.byte());
    let cuts = input.piece();
    let bytes = input.rest();
    any_split_gives_the_same(framing, limit, way, cuts, bytes);
    what_is_encoded_comes_back(framing, limit, bytes);
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

/// Brings one piece; the first bit of `way` says how.
fn bring(decoder: &mut Decoder, piece: &[u8], way: u8) -> Result<(), Error> {
    if way & 1 == 0 {
        return decoder.push(piece);
    }
    let space = decoder.space(piece.len());
    assert!(space.len() >= piece.len());
    space[..piece.len()].copy_from_slice(piece);
    decoder.commit(piece.len());
    Ok(())
}

fn any_split_gives_the_same(framing: Framing, limit: usize, way: u8, cuts: &[u8], bytes: &[u8]) {
    let mut decoder = Decoder::new(framing, limit);
    let (mut out, mut error, mut brought) = (Vec::new(), None, 0);
    for piece in pieces(bytes, cuts) {
        let refused = bring(&mut decoder, piece, way).err();
        brought += piece.len();
        // The second bit: messages pile up in the decoder.
        let at_once = way & 2 == 0;
        error = if at_once { drain(&mut decoder, &mut out) } else { None };
        if let Some(refused) = refused {
            error = drain(&mut decoder, &mut out);
            assert_eq!(error, Some(refused), "the error of a push is the one behind the messages");
        }
        if error.is_some() {
            break;
        }
        assert!(!at_once || decoder.buffered() <= limit.saturating_add(AROUND) + piece.len());
    }
    error = error.or_else(|| drain(&mut decoder, &mut out));
    let stream = model::decode(framing, limit, &bytes[..brought]);
    assert_eq!((&out, error.as_ref().map(Error::status)), (&stream.messages, stream.fault));
    match error {
        Some(error) => stays_failed(&mut decoder, &error),
        None => ends_with(&mut decoder, framing, &bytes[brought - stream.rest..brought]),
    }
}

fn stays_failed(decoder: &mut Decoder, error: &Error) {
    assert_eq!(decoder.push(b"more").as_ref(), Err(error));
    decoder.space(1)[0] = 0;
    decoder.commit(1);
    assert_eq!(decoder.next().as_ref(), Err(error));
    assert!(decoder.is_empty());
}

fn ends_with(decoder: &mut Decoder, framing: Framing, rest: &[u8]) {
    assert_eq!((decoder.buffered(), decoder.is_empty()), (rest.len(), rest.is_empty()));
    if let Some((have, total)) = decoder.expected() {
        assert!(have < total && have < rest.len() && framing != Framing::Line);
    }
    assert_eq!(decoder.take_rest(), rest);
    decoder.release_if_empty();
    assert!(decoder.is_empty());
}

fn what_is_encoded_comes_back(framing: Framing, limit: usize, message: &[u8]) {
    let mut wire = Vec::new();
    let result = framing.encode_into(message, limit, &mut wire);
    match (result, model::encode(framing, limit, message)) {
        (Ok(()), expected) => {
            assert_eq!(Ok(&wire), expected.as_ref());
            let split = framing.split(&wire, limit, 0).expect("what is sent is legal").expect("and whole");
            assert_eq!((&wire[split.payload], split.consumed), (message, wire.len()));
        }
        (Err(error), expected) => {
            assert_eq!(Some(error.status()), expected.err(), "{error}");
            assert!(wire.is_empty());
        }
    }
}
