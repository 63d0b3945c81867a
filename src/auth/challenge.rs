//! Challenge and response as single steps, for peers that bring their own protocol around them.
//!
//! One side sends [`challenge`], the other answers [`respond`], the first checks with [`verify`].
//! This proves one side to the other and no more; a challenge must be fresh for each attempt, and the
//! label must name the protocol and the role of who answers, so that no answer fits a second place.
//! [`Handshake`](super::Handshake) does all of that.

use super::Digest;
use super::mac;
use crate::{Error, Result, Status};

/// Length in bytes of a challenge and of a response.
pub const LENGTH: usize = mac::LENGTH;

/// A new challenge of random bytes.
///
/// # Errors
/// `Io` when the operating system has no randomness to give.
pub fn challenge() -> Result<[u8; LENGTH]> {
    mac::random()
}

/// HMAC-SHA-256 (RFC 2104), keyed with `secret`, over the length of `label` in bytes as an unsigned
/// 32-bit big-endian number, `label` and `challenge`.
///
/// # Panics
/// When the label is 4 GiB or longer.
pub fn respond(secret: &[u8], challenge: &[u8], label: &[u8]) -> [u8; LENGTH] {
    let length = u32::try_from(label.len()).expect("a label is shorter than 4 GiB");
    mac::hmac_sha256(secret, &[&length.to_be_bytes(), label, challenge])
}

/// Checks a response, in a time that does not depend on where it differs.
///
/// # Errors
/// `AuthenticationFailed` when it is not the right one, `InvalidArgument` when the secret is empty.
pub fn verify(secret: &[u8], challenge: &[u8], label: &[u8], tag: &[u8]) -> Result<()> {
    check_secret(secret)?;
    verdict(mac::equal(&respond(secret, challenge, label), tag))
}

/// The answer of a tutorial client: HMAC over the challenge alone, as lower-case hex digits.
pub fn tutorial_response(digest: Digest, secret: &[u8], challenge: &[u8]) -> String {
    mac::hmac_hex(digest, secret, challenge)
}

/// Checks the answer of a tutorial client, in a time that does not depend on where it differs.
///
/// # Errors
/// `AuthenticationFailed` when it is not the right one, `InvalidArgument` when the secret is empty.
pub fn tutorial_verify(digest: Digest, secret: &[u8], challenge: &[u8], response: &[u8]) -> Result<()> {
    check_secret(secret)?;
    verdict(mac::equal(tutorial_response(digest, secret, challenge).as_bytes(), response))
}

/// Refuses a secret of no bytes.
pub(crate) fn check_secret(secret: &[u8]) -> Result<()> {
    if secret.is_empty() { Err(Error::new(Status::InvalidArgument, "the secret is empty")) } else { Ok(()) }
}

fn verdict(equal: bool) -> Result<()> {
    if equal { Ok(()) } else { Err(mac::refused()) }
}

#[cfg(test)]
mod tests;
