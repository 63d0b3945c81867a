//! Challenge and response.

use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::{expect, first_fault};
use crate::input::Input;

fn bytes(of: &[u8], missing: bool) -> rustchat_bytes {
    rustchat_bytes { data: if missing { ptr::null() } else { of.as_ptr().cast() }, len: of.len() }
}

/// What is right is proved, and what differs in a bit is not.
pub(super) fn call(input: &mut Input<'_>) {
    let (secret, label, fault) = (input.piece(), input.piece(), input.below(16));
    let (mut challenge, mut tag) = ([0; 32], [0xaa; 32]);
    // SAFETY: NULL is allowed, and 32 bytes that can be written.
    unsafe {
        expect(rustchat_auth_challenge(ptr::null_mut()), &[RUSTCHAT_EINVAL]);
        expect(rustchat_auth_challenge(challenge.as_mut_ptr()), &[RUSTCHAT_OK]);
    }
    let asked = if fault == 1 { ptr::null() } else { challenge.as_ptr() };
    let out = if fault == 2 { ptr::null_mut() } else { tag.as_mut_ptr() };
    let secret_bytes = bytes(secret, fault == 3);
    let expected = first_fault(&[(!secret.is_empty() && ![1, 2, 3].contains(&fault), RUSTCHAT_EINVAL)]);
    // SAFETY: bytes that can be read and written, or NULL.
    if !expect(unsafe { rustchat_auth_respond(secret_bytes, asked, bytes(label, false), out) }, &[expected]) {
        return;
    }
    let changed = fault == 4;
    tag[input.below(32)] ^= u8::from(changed) << input.below(8);
    let expected = first_fault(&[(!changed, RUSTCHAT_EAUTH)]);
    // SAFETY: bytes that can be read.
    expect(unsafe { rustchat_auth_verify(secret_bytes, asked, bytes(label, false), tag.as_ptr()) }, &[expected]);
}
