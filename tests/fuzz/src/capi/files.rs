//! Servers of files, and their clients. Nothing is written: the root is the folder of these sources.

use std::ffi::CString;
use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::chat::{blank, is_live, is_time};
use super::world::{Kind, World};
use super::{depends, expect, first_fault};
use crate::input::Input;

const SECRET: &[u8] = b"a secret of sixteen bytes";

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(8) {
        0 if world.file_servers.live.is_empty() => start(world, input),
        1 | 2 if !world.file_clients.is_full() => connect(world, input),
        3 => list(world, input),
        4 | 5 => change(world, input),
        6 => end_client(world, input),
        _ => end_server(world, input),
    }
}

fn secret() -> rustchat_bytes {
    rustchat_bytes { data: SECRET.as_ptr().cast(), len: SECRET.len() }
}

fn start(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(16);
    let root = CString::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/capi")).expect("no NUL");
    let mut options = blank(|options: &mut rustchat_file_server_options, size| options.struct_size = size);
    (options.address, options.secret, options.polling_us) = (c"127.0.0.1:0".as_ptr(), secret(), -1);
    (options.root, options.read_only, options.workers) = (root.as_ptr(), 1, 1);
    match fault {
        1 => options.secret.len = 0,
        2 => options.root = ptr::null(),
        3 => options.follow = -1,
        4 => options.stall_timeout_ms = -1,
        5 => options.reserved[5] = 1,
        _ => {}
    }
    let mut server = ptr::dangling_mut();
    let expected = first_fault(&[(!(1..=5).contains(&fault), RUSTCHAT_EINVAL)]);
    // SAFETY: options whose pointers can be read, and a place that can be written.
    if expect(unsafe { rustchat_file_server_start(&options, &mut server) }, &[expected]) {
        let mut port = 0;
        // SAFETY: a place that can be written.
        expect(unsafe { rustchat_file_server_port(server, &mut port) }, &[RUSTCHAT_OK]);
        world.file_servers.insert(server, port);
    }
}

fn connect(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(8);
    let port = world.file_servers.live.first().map_or(1, |(_, port)| *port);
    let address = CString::new(format!("127.0.0.1:{port}")).expect("no NUL");
    let mut options = blank(|options: &mut rustchat_file_client_options, size| options.struct_size = size);
    (options.address, options.secret, options.polling_us) = (address.as_ptr(), secret(), -1);
    options.timeout_ms = if fault == 1 { -1 } else { 10_000 };
    let mut client = ptr::dangling_mut();
    // SAFETY: options whose pointers can be read, and a place that can be written.
    let status = unsafe { rustchat_file_client_connect(&options, &mut client) };
    let connected = match first_fault(&[(fault != 1, RUSTCHAT_EINVAL)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    if connected {
        world.file_clients.insert(client, ());
    }
}

fn list(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.file_clients.choose(input, &world.foreign(Kind::FileClient));
    let timeout = input.pick(&[10_000, 10_000, 0, -2]);
    let mut listing = blank(|listing: &mut rustchat_file_listing, size| listing.struct_size = size);
    // SAFETY: a string, and a structure that can be written.
    let status = unsafe { rustchat_file_list(chosen.handle, c"".as_ptr(), &mut listing, timeout) };
    match first_fault(&[is_live(&chosen), is_time(timeout)]) {
        RUSTCHAT_OK => assert_eq!(depends(status), listing.count > 0, "these sources are there"),
        fault => drop(expect(status, &[fault])),
    }
    // SAFETY: a listing that was begun with its size.
    unsafe { rustchat_file_listing_clear(&mut listing) };
    assert!(listing.memory.is_null() && listing.entries.is_null());
}

/// Asks for what is never done: the server is read only.
fn change(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.file_clients.choose(input, &world.foreign(Kind::FileClient));
    let mut bytes = input.piece().to_vec();
    bytes.retain(|byte| *byte != 0);
    let is_utf8 = (str::from_utf8(&bytes).is_ok(), RUSTCHAT_EUTF8);
    let path = CString::new(bytes).expect("no NUL");
    let (flags, missing) = (u32::from(input.byte() & 7), input.below(16) == 15);
    let place = if missing { ptr::null() } else { path.as_ptr() };
    let there = (!missing, RUSTCHAT_EINVAL);
    let is_utf8 = if missing { (true, RUSTCHAT_OK) } else { is_utf8 };
    // SAFETY: NULL or a string.
    let status = unsafe {
        match input.below(3) {
            0 => rustchat_file_mkdir(chosen.handle, place, flags, 10_000),
            1 => rustchat_file_remove(chosen.handle, place, 10_000),
            _ => rustchat_file_rename(chosen.handle, place, c"none".as_ptr(), 10_000),
        }
    };
    match first_fault(&[is_live(&chosen), there, is_utf8]) {
        RUSTCHAT_OK => assert!(!depends(status), "nothing is written here"),
        fault => drop(expect(status, &[fault])),
    }
}

fn end_client(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.file_clients.choose(input, &world.foreign(Kind::FileClient));
    if input.flag() {
        expect(rustchat_file_client_close(chosen.handle), &[first_fault(&[is_live(&chosen)])]);
    } else {
        rustchat_file_client_free(chosen.handle);
        chosen.live.into_iter().for_each(|place| world.file_clients.remove(place));
    }
}

fn end_server(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.file_servers.choose(input, &world.foreign(Kind::FileServer));
    let live = first_fault(&[is_live(&chosen)]);
    expect(rustchat_file_server_failure(chosen.handle), &[live]);
    expect(rustchat_file_server_close_within(chosen.handle, 0), &[live]);
    rustchat_file_server_free(chosen.handle);
    chosen.live.into_iter().for_each(|place| world.file_servers.remove(place));
}
