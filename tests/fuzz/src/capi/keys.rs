//! Rings of keys: the ids that a model of a set knows.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::chat::{is_live, maybe_missing};
use super::world::{Kind, World};
use super::{expect, first_fault};
use crate::input::Input;

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(8) {
        0 | 1 if !world.rings.is_full() => make(world, input),
        2..=4 => add(world, input),
        5 => remove(world, input),
        6 => list(world, input),
        _ => {
            let chosen = world.rings.choose(input, &world.foreign(Kind::Ring));
            rustchat_key_ring_free(chosen.handle);
            chosen.live.into_iter().for_each(|place| world.rings.remove(place));
        }
    }
}

fn make(world: &mut World, input: &mut Input<'_>) {
    let missing = input.below(16) == 15;
    let mut ring = ptr::dangling_mut();
    let place = if missing { ptr::null_mut() } else { &raw mut ring };
    // SAFETY: NULL or a place that can be written.
    if expect(unsafe { rustchat_key_ring_new(place) }, &[first_fault(&[(!missing, RUSTCHAT_EINVAL)])]) {
        world.rings.insert(ring, BTreeSet::new());
    }
}

/// An id, which may be none, and the mistake that it is.
fn id(input: &mut Input<'_>) -> (Option<CString>, (bool, rustchat_status)) {
    let mut bytes = input.piece().to_vec();
    bytes.retain(|byte| *byte != 0);
    let fault = match str::from_utf8(&bytes) {
        Err(_) => RUSTCHAT_EUTF8,
        Ok(text) if text.len() > 64 || text.chars().any(char::is_control) => RUSTCHAT_EINVAL,
        Ok(_) => RUSTCHAT_OK,
    };
    let id = (!bytes.is_empty()).then(|| CString::new(bytes).expect("no NUL"));
    (id, (fault == RUSTCHAT_OK, fault))
}

fn pointer(id: &Option<CString>) -> *const std::ffi::c_char {
    id.as_ref().map_or(ptr::null(), |id| id.as_ptr())
}

fn text(id: &Option<CString>) -> String {
    id.as_ref().map_or(String::new(), |id| id.to_string_lossy().into_owned())
}

fn add(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.rings.choose(input, &world.foreign(Kind::Ring));
    let ((id, is_id), secret) = (id(input), input.piece());
    let (data, there) = maybe_missing(secret, input);
    let is_utf8 = (is_id.0 || is_id.1 != RUSTCHAT_EUTF8, RUSTCHAT_EUTF8);
    let expected = first_fault(&[is_live(&chosen), is_utf8, there, (!secret.is_empty(), RUSTCHAT_EINVAL), is_id]);
    // SAFETY: NULL or a string, and bytes that can be read.
    let status = unsafe { rustchat_key_ring_add(chosen.handle, pointer(&id), data, secret.len()) };
    if expect(status, &[expected])
        && let Some(place) = chosen.live
    {
        world.rings.live[place].1.insert(text(&id));
    }
}

fn remove(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.rings.choose(input, &world.foreign(Kind::Ring));
    let (id, is_id) = id(input);
    let is_utf8 = (is_id.0 || is_id.1 != RUSTCHAT_EUTF8, RUSTCHAT_EUTF8);
    let known = chosen.live.is_some_and(|place| world.rings.live[place].1.contains(&text(&id)));
    let expected = first_fault(&[is_live(&chosen), is_utf8, (known, RUSTCHAT_EINVAL)]);
    // SAFETY: NULL or a string.
    if expect(unsafe { rustchat_key_ring_remove(chosen.handle, pointer(&id)) }, &[expected])
        && let Some(place) = chosen.live
    {
        world.rings.live[place].1.remove(&text(&id));
    }
}

fn list(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.rings.choose(input, &world.foreign(Kind::Ring));
    let (mut buffer, capacity, mut length) = ([0x7f_u8; 256], input.below(256), 77);
    let ids: String = match chosen.live {
        Some(place) => world.rings.live[place].1.iter().map(|id| format!("{id}\0")).collect(),
        None => String::new(),
    };
    let expected = first_fault(&[is_live(&chosen), (ids.len() <= capacity, RUSTCHAT_EBUFSIZE)]);
    // SAFETY: a buffer and a place that can be written.
    let status = unsafe { rustchat_key_ring_ids(chosen.handle, buffer.as_mut_ptr().cast(), capacity, &mut length) };
    let listed = expect(status, &[expected]);
    assert_eq!(length, ids.len());
    assert!(!listed || buffer[..length] == *ids.as_bytes());
    assert!(buffer[if listed { length } else { 0 }..].iter().all(|byte| *byte == 0x7f));
}
