//! Challenge and response, and the handshake that is made of them.

use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::chat::blank;
use super::{expect, first_fault};
use crate::input::Input;

fn bytes(of: &[u8], missing: bool) -> rustchat_bytes {
    rustchat_bytes { data: if missing { ptr::null() } else { of.as_ptr().cast() }, len: of.len() }
}

/// What is right is proved, and what differs in a bit is not.
pub(super) fn call(input: &mut Input<'_>) {
    let (secret, label, fault) = (input.piece(), input.piece(), input.below(16));
    if fault == 5 {
        return handshake(input);
    }
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

/// Two ends with the same secret: whether they are bound to one channel is whether both are satisfied.
fn handshake(input: &mut Input<'_>) {
    let channels = [input.piece(), input.piece()];
    let (requirement, fault) = (input.below(5) as i32, input.below(12));
    let mut ends = [ptr::null_mut(); 2];
    let begins = [rustchat_handshake_begin_server, rustchat_handshake_begin_client];
    for ((end, begin), channel) in ends.iter_mut().zip(begins).zip(channels) {
        let mut options = blank(|options: &mut rustchat_handshake_options, size| options.struct_size = size);
        (options.secret, options.tls_exporter) = (bytes(b"a secret", fault == 1), bytes(channel, fault == 2));
        options.requirement = requirement;
        options.reserved[0] = u64::from(fault == 3);
        let is_wrong = [1, 3].contains(&fault)
            || requirement == 4
            || channel.is_empty() && requirement > 1
            || !channel.is_empty() && fault == 2;
        // SAFETY: options and bytes that can be read, and a place that can be written.
        if !expect(unsafe { begin(&options, end) }, &[first_fault(&[(!is_wrong, RUSTCHAT_EINVAL)])]) {
            assert!(end.is_null());
        }
    }
    if ends.iter().all(|end| !end.is_null()) {
        // Who has nothing to be bound to can do no binding; by default the other insists on one.
        let meets = channels[0] == channels[1] || requirement == 1 && channels.iter().any(|channel| channel.is_empty());
        assert_eq!(shake_hands(ends), meets, "{channels:?}, requirement {requirement}");
    }
    for end in ends {
        // SAFETY: NULL or a handshake that is not used any more.
        unsafe { rustchat_handshake_free(end) };
    }
}

fn shake_hands([server, client]: [*mut rustchat_handshake; 2]) -> bool {
    let mut goes_on = true;
    for round in 0..8 {
        let (from, to) = if round % 2 == 0 { (client, server) } else { (server, client) };
        let (mut said, mut used) = (bytes(b"", false), 7);
        // SAFETY: live handshakes, places that can be written, and bytes that live until the next call on their handshake.
        unsafe {
            expect(rustchat_handshake_output(from, &mut said), &[RUSTCHAT_OK]);
            goes_on &=
                expect(rustchat_handshake_receive(to, said.data, said.len, &mut used), &[RUSTCHAT_OK, RUSTCHAT_EAUTH]);
        }
        assert!(!goes_on || used == said.len);
    }
    let [above, below] = [server, client].map(|end| {
        let mut outcome = blank(|outcome: &mut rustchat_handshake_outcome, size| outcome.struct_size = size);
        // SAFETY: a live handshake, and a place that can be written.
        let satisfied =
            expect(unsafe { rustchat_handshake_result(end, &mut outcome) }, &[RUSTCHAT_OK, RUSTCHAT_EAGAIN]);
        satisfied.then_some((outcome.session_key, outcome.binding))
    });
    assert_eq!(above, below, "one end is satisfied, or both are with different things");
    above.is_some()
}
