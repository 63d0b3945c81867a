//! Calls of the C ABI in any order, with handles that are live, stale, of another kind or none at all: nothing crashes, and
//! each call gives a status that a model of a few lines knows beforehand.
#![allow(unsafe_code)]

mod auth;
mod chat;
mod commands;
mod connections;
mod decoder;
mod files;
mod keys;
mod messages;
mod pool;
mod world;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::{rustchat_bytes, rustchat_error, rustchat_last_error, rustchat_status};

use crate::input::Input;
use world::World;

/// The most calls that one input makes.
const CALLS: usize = 64;

/// See the module.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let mut world = World::default();
    for _ in 0..CALLS {
        if input.is_empty() {
            break;
        }
        match input.below(8) {
            0 => decoder::call(&mut world, &mut input),
            1 => messages::call(&mut world, &mut input),
            2 => chat::call(&mut world, &mut input),
            3 => connections::call(&mut world, &mut input),
            4 => keys::call(&mut world, &mut input),
            5 => commands::call(&mut world, &mut input),
            6 => files::call(&mut world, &mut input),
            _ => auth::call(&mut input),
        }
    }
    world.free();
}

/// What a call gave is one of the statuses expected, and so is the record of its failure.
#[track_caller]
fn expect(found: rustchat_status, expected: &[rustchat_status]) -> bool {
    assert!(expected.contains(&found), "{found:?}, expected {expected:?}");
    let mut record = rustchat_error { status: 1, os_code: 1, message: [1; 240] };
    // SAFETY: `record` can be written.
    assert_eq!(unsafe { rustchat_last_error(&mut record) }, RUSTCHAT_OK);
    assert_eq!(record.status, found as i32);
    assert_eq!(record.message[0] != 0, found != RUSTCHAT_OK, "a failure has a sentence");
    assert!(record.message.contains(&0));
    found == RUSTCHAT_OK
}

/// What a call gave that hangs on others, on the network and on time: anything but what says that the call itself was wrong,
/// or the library.
#[track_caller]
fn depends(found: rustchat_status) -> bool {
    let never =
        [RUSTCHAT_EHANDLE, RUSTCHAT_ENOMEM, RUSTCHAT_EDEADLK, RUSTCHAT_EFORK, RUSTCHAT_ENOTSUP, RUSTCHAT_EPANIC];
    assert!(!never.contains(&found), "{found:?}");
    expect(found, &[found])
}

/// `RUSTCHAT_OK` while every condition holds, else the status of the first that does not.
fn first_fault(conditions: &[(bool, rustchat_status)]) -> rustchat_status {
    conditions.iter().find(|(holds, _)| !holds).map_or(RUSTCHAT_OK, |(_, status)| *status)
}

/// What the library lends: until the next call on the object that it belongs to.
fn slice<'a>(bytes: rustchat_bytes) -> &'a [u8] {
    // SAFETY: as many bytes as there are, as the library says; all uses end before the next call.
    if bytes.len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(bytes.data.cast(), bytes.len) } }
}
