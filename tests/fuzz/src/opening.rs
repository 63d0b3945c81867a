//! What the first bytes of a stream are taken for, and what is said to who sent them.

use rustchat::auth::{Digest, Profile};
use rustchat::frame::{Framing, encode};
use rustchat::fuzzing::{notice, noticed, openings, stranger};

use crate::input::Input;

/// What the sentences of notices begin with.
const NOTICE: &str = "the other end is set to framing ";

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let own = input.framing();
    let bytes = input.rest();
    for opening in openings(bytes).into_iter().flatten() {
        assert!(!opening.is_empty() && !opening.contains(char::is_control), "goes into a sentence: {opening:?}");
    }
    for profile in [Profile::Mutual, Profile::Tutorial(Digest::Sha256), Profile::Multiprocessing(Digest::Md5)] {
        stranger(profile, bytes);
    }
    if let Some(said) = notice(bytes, own) {
        is_understood(bytes, own, &said);
    }
    for framing in Framing::ALL {
        if let Some(sentence) = noticed(bytes, framing) {
            let named = sentence.strip_prefix(NOTICE).and_then(|name| name.parse::<Framing>().ok());
            assert!(named.is_some(), "{sentence:?}");
        }
    }
}

/// A notice goes out in the framing in which the peer has sent, unless the peer speaks another protocol altogether.
fn is_understood(bytes: &[u8], own: Framing, said: &[u8]) {
    assert!(said.len() < 1024);
    let understood = Framing::ALL.into_iter().filter(|framing| noticed(said, *framing).is_some());
    for framing in understood {
        assert_eq!(noticed(said, framing), Some(format!("{NOTICE}{own}")));
    }
    // What was sent in frames of lengths is answered so.
    let mut own_words = encode(Framing::U32Be, b"hello").expect("short");
    own_words.truncate(bytes.len());
    if bytes.len() >= 9 && bytes.starts_with(&own_words) {
        assert!(noticed(said, Framing::U32Be).is_some());
    }
}
