//! Challenge and response as single steps, for programs that bring their own protocol around them.

use super::bytes::rustchat_bytes;
use super::guard;
use super::status::rustchat_status;
use crate::auth::challenge;
use crate::{Error, Result, Status};

/// Length in bytes of a challenge and of a response.
const LENGTH: usize = challenge::LENGTH;
const _: () = assert!(LENGTH == 32);

/// Takes an array of the caller's and sets it to 0.
///
/// # Safety
/// `out` is NULL or 32 bytes that can be written until the call returns.
pub(super) unsafe fn output<'a>(out: *mut u8) -> Result<&'a mut [u8; LENGTH]> {
    if out.is_null() {
        return Err(Error::new(Status::InvalidArgument, "the pointer for the result is NULL"));
    }
    // SAFETY: not NULL, and 32 writable bytes as promised.
    unsafe { out.write_bytes(0, LENGTH) };
    // SAFETY: as above, and initialised just now.
    Ok(unsafe { &mut *out.cast() })
}

/// A copy of an array of the caller's.
///
/// # Safety
/// `from` is NULL or 32 bytes that can be read.
unsafe fn copied(what: &str, from: *const u8) -> Result<[u8; LENGTH]> {
    if from.is_null() {
        return Err(Error::new(Status::InvalidArgument, format!("{what} is NULL")));
    }
    // SAFETY: not NULL, and 32 readable bytes as promised; bytes need no alignment.
    Ok(unsafe { from.cast::<[u8; LENGTH]>().read() })
}

/// Makes a new challenge of random bytes.
///
/// @param out receives 32 bytes, all 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EIO when the system has no randomness to give.
///
/// Blocking: no, unless the system has just booted and has no randomness yet.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[out;32]]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_auth_challenge(out: *mut u8) -> rustchat_status {
    // SAFETY: the header asks for NULL or 32 bytes that can be written.
    let out = unsafe { output(out) };
    guard::call("rustchat_auth_challenge", || {
        *out? = challenge::challenge()?;
        Ok(())
    })
}

/// Answers a challenge: HMAC-SHA-256, keyed with the secret, over the length of the label (32 bits, big-endian), the
/// label and the challenge.
///
/// The label names the protocol and the role of who answers, so that no answer fits a second place.
///
/// @param secret what both sides hold; must not be empty.
/// @param challenge 32 bytes that the other side has made for this attempt.
/// @param label any bytes, may be empty.
/// @param out receives 32 bytes, all 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL for an empty secret or when a pointer is NULL; RUSTCHAT_EMSGSIZE for absurd lengths.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[challenge;32], [out;32]]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_auth_respond(
    secret: rustchat_bytes,
    challenge: *const u8,
    label: rustchat_bytes,
    out: *mut u8,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or 32 bytes that can be read.
    let challenge = unsafe { copied("challenge", challenge) };
    // SAFETY: the header asks for NULL or 32 bytes that can be written.
    let out = unsafe { output(out) };
    guard::call("rustchat_auth_respond", || {
        let out = out?;
        // SAFETY: the header asks for bytes that can be read.
        let (secret, label) = unsafe { (secret.get()?, label.get()?) };
        challenge::check_secret(secret)?;
        *out = challenge::respond(secret, &challenge?, label);
        Ok(())
    })
}

/// Checks the answer to a challenge, in a time that does not depend on where it differs.
///
/// @param secret what both sides hold; must not be empty.
/// @param challenge 32 bytes that this side has made for this attempt.
/// @param label the bytes that the other side has used.
/// @param tag the 32 bytes of the answer.
/// @return RUSTCHAT_OK when it is right; RUSTCHAT_EAUTH when it is not; RUSTCHAT_EINVAL for an empty secret or when a pointer
///   is NULL; RUSTCHAT_EMSGSIZE for absurd lengths.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
///
/// cbindgen:ptrs-as-arrays=[[challenge;32], [tag;32]]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_auth_verify(
    secret: rustchat_bytes,
    challenge: *const u8,
    label: rustchat_bytes,
    tag: *const u8,
) -> rustchat_status {
    guard::call("rustchat_auth_verify", || {
        // SAFETY: the header asks for 32 bytes each that can be read.
        let (challenge, tag) = unsafe { (copied("challenge", challenge)?, copied("tag", tag)?) };
        // SAFETY: the header asks for bytes that can be read.
        let (secret, label) = unsafe { (secret.get()?, label.get()?) };
        challenge::verify(secret, &challenge, label, &tag)
    })
}
