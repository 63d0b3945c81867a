//! The six messages, as frames.

use crate::auth::envelope;
use crate::auth::machine::Refusal;

/// The longest message, in bytes: what Python reads of one.
pub(super) const LONGEST: usize = 256;

const CHALLENGE: &[u8] = b"#CHALLENGE#";
const WELCOME: &[u8] = b"#WELCOME#";
const FAILURE: &[u8] = b"#FAILURE#";

/// The whole frame of a refusal.
pub(super) const REFUSAL: &[u8] = b"\0\0\0\x09#FAILURE#";

/// The message in a whole frame, unless it is a refusal.
pub(super) fn message(frame: &[u8]) -> Result<&[u8], Refusal> {
    match envelope::message(frame) {
        FAILURE => Err(Refusal::Theirs),
        message => Ok(message),
    }
}

/// What a challenge asks to be answered.
pub(super) fn asked(frame: &[u8]) -> Result<&[u8], Refusal> {
    message(frame)?.strip_prefix(CHALLENGE).ok_or(Refusal::Ours)
}

/// Refuses a verdict that is not the good one.
pub(super) fn welcomed(frame: &[u8]) -> Result<(), Refusal> {
    if message(frame)? == WELCOME { Ok(()) } else { Err(Refusal::Ours) }
}

pub(super) fn challenge(asked: &[u8]) -> Vec<u8> {
    envelope::frame(&[CHALLENGE, asked])
}

pub(super) fn answer(answer: &[u8]) -> Vec<u8> {
    envelope::frame(&[answer])
}

pub(super) fn welcome() -> Vec<u8> {
    envelope::frame(&[WELCOME])
}
