//! Messages: counted references.

use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::world::{Kind, Message, World};
use super::{expect, first_fault, slice};
use crate::input::Input;

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(4) {
        0 => new(world, input),
        1 => look(world, input),
        2 => retain(world, input),
        _ => release(world, input),
    }
}

fn new(world: &mut World, input: &mut Input<'_>) {
    let bytes = input.piece();
    let fault = input.below(16);
    let data: *const std::ffi::c_void = if fault == 13 { ptr::null() } else { bytes.as_ptr().cast() };
    // A length that nothing is read of.
    let length = if fault == 14 { usize::MAX } else { bytes.len() };
    let mut out: *mut rustchat_message = ptr::dangling_mut();
    let place = if fault == 15 { ptr::null_mut() } else { &raw mut out };
    let expected = first_fault(&[
        (!place.is_null(), RUSTCHAT_EINVAL),
        (!data.is_null() || length == 0, RUSTCHAT_EINVAL),
        (length <= i32::MAX as usize, RUSTCHAT_EMSGSIZE),
    ]);
    // SAFETY: as many bytes as there are, or more than the function looks at.
    if expect(unsafe { rustchat_message_new(data, length, place) }, &[expected]) {
        world.messages.0.push((out, Message { bytes: Some(bytes.to_vec()), references: 1 }));
    } else {
        assert!(place.is_null() || out.is_null());
    }
}

fn look(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.messages.choose(input, &world.foreign(Kind::Message));
    // SAFETY: a pointer that may be passed.
    let (bytes, sender, seq, of_server, wall, time, address, name) = unsafe {
        (
            slice(rustchat_message_bytes(chosen.handle)),
            rustchat_message_sender(chosen.handle),
            rustchat_message_seq(chosen.handle),
            rustchat_message_from_server(chosen.handle),
            rustchat_message_wall_time(chosen.handle),
            rustchat_message_timestamp_ns(chosen.handle),
            slice(rustchat_message_sender_address(chosen.handle)),
            slice(rustchat_message_sender_name(chosen.handle)),
        )
    };
    let known = chosen.live.map(|place| &world.messages.0[place].1.bytes);
    match known {
        Some(Some(known)) => assert_eq!((bytes, sender, seq), (&known[..], 0, 0)),
        Some(None) => assert!(std::str::from_utf8(address).is_ok() && std::str::from_utf8(name).is_ok()),
        None => {
            assert!(bytes.is_empty() && address.is_empty() && name.is_empty());
            assert_eq!((sender, seq, of_server, wall, time), (0, 0, 0, 0, 0));
        }
    }
}

fn retain(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.messages.choose(input, &world.foreign(Kind::Message));
    // SAFETY: a pointer that may be passed.
    let same = unsafe { rustchat_message_retain(chosen.handle) };
    match chosen.live {
        Some(place) => {
            assert!(ptr::addr_eq(same, chosen.handle));
            world.messages.0[place].1.references += 1;
        }
        None => assert!(same.is_null()),
    }
}

fn release(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.messages.choose(input, &world.foreign(Kind::Message));
    // SAFETY: a pointer that may be passed, and a reference that is there.
    unsafe { rustchat_message_release(chosen.handle) };
    if let Some(place) = chosen.live {
        let references = &mut world.messages.0[place].1.references;
        *references -= 1;
        if *references == 0 {
            world.messages.0.remove(place);
        }
    }
}
