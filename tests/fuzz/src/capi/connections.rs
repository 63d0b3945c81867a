//! Listeners, and connections of whole messages.

use std::ffi::{CString, c_int};
use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::chat::{blank, is_live, is_time, maybe_missing, patience};
use super::world::{Kind, Message, World};
use super::{depends, expect, first_fault};
use crate::input::Input;

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(12) {
        0 if !world.listeners.is_full() => listen(world, input),
        1 if !world.connections.is_full() => accept(world, input),
        2 | 3 if !world.connections.is_full() => open(world, input),
        4 => end_listener(world, input),
        5 | 6 => send(world, input),
        7 => send_many(world, input),
        8 => receive(world, input),
        9 => receive_into(world, input),
        10 => look(world, input),
        _ => end(world, input),
    }
}

fn listen(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(32);
    let mut options = blank(|options: &mut rustchat_listener_options, size| options.struct_size = size);
    options.address = if fault == 1 { ptr::null() } else { c"127.0.0.1:0".as_ptr() };
    (options.framing, options.polling_us) = (input.below(5) as i32, -1);
    match fault {
        2 => options.framing = -1,
        3 => options.reserved_mode = 1,
        _ => {}
    }
    let mut listener = ptr::dangling_mut();
    let place = if fault == 4 { ptr::null_mut() } else { &raw mut listener };
    let expected = first_fault(&[(!(1..=4).contains(&fault), RUSTCHAT_EINVAL)]);
    // SAFETY: options that can be read, and NULL or a place that can be written.
    if expect(unsafe { rustchat_listener_open(&options, place) }, &[expected]) {
        let mut port = 0;
        // SAFETY: a place that can be written.
        expect(unsafe { rustchat_listener_port(listener, &mut port) }, &[RUSTCHAT_OK]);
        world.listeners.insert(listener, (port, false));
    }
}

fn accept(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.listeners.choose(input, &world.foreign(Kind::Listener));
    let timeout = patience(input);
    let mut connection = ptr::dangling_mut();
    // SAFETY: a place that can be written.
    let status = unsafe { rustchat_listener_accept(chosen.handle, &mut connection, timeout) };
    let accepted = match first_fault(&[is_live(&chosen), is_time(timeout)]) {
        RUSTCHAT_OK => expect(status, &[RUSTCHAT_OK, RUSTCHAT_ETIMEDOUT, RUSTCHAT_ECLOSED]),
        fault => expect(status, &[fault]),
    };
    assert_eq!(accepted, !connection.is_null());
    if accepted {
        world.connections.insert(connection, false);
    }
}

fn open(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(32);
    let ports = world.listeners.live.iter().map(|(_, (port, _))| *port);
    // A chat server speaks otherwise.
    let port = ports.chain(world.servers.live.iter().map(|(_, server)| server.port)).nth(input.below(4)).unwrap_or(1);
    let address = CString::new(format!("127.0.0.1:{port}")).expect("no NUL");
    let mut options = blank(|options: &mut rustchat_connection_options, size| options.struct_size = size);
    (options.address, options.framing, options.polling_us) = (address.as_ptr(), input.below(5) as i32, -1);
    options.timeout_ms = if fault == 1 { -1 } else { 10_000 };
    let mut connection = ptr::dangling_mut();
    let place = if fault == 2 { ptr::null_mut() } else { &raw mut connection };
    // SAFETY: options that can be read, and NULL or a place that can be written.
    let status = unsafe { rustchat_connection_open(&options, place) };
    let opened = match first_fault(&[(!(1..=2).contains(&fault), RUSTCHAT_EINVAL)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    if opened {
        world.connections.insert(connection, false);
    }
}

fn end_listener(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.listeners.choose(input, &world.foreign(Kind::Listener));
    if input.flag() {
        if expect(rustchat_listener_close(chosen.handle), &[first_fault(&[is_live(&chosen)])])
            && let Some(place) = chosen.live
        {
            world.listeners.live[place].1.1 = true;
        }
    } else {
        rustchat_listener_free(chosen.handle);
        chosen.live.into_iter().for_each(|place| world.listeners.remove(place));
    }
}

fn send(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.connections.choose(input, &world.foreign(Kind::Connection));
    let (bytes, timeout) = (input.piece(), patience(input));
    let (data, there) = maybe_missing(bytes, input);
    // SAFETY: bytes that can be read.
    let status = unsafe { rustchat_connection_send(chosen.handle, data, bytes.len(), timeout) };
    match first_fault(&[is_live(&chosen), there, is_time(timeout)]) {
        RUSTCHAT_OK => drop(depends(status)),
        fault => drop(expect(status, &[fault])),
    }
}

fn send_many(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.connections.choose(input, &world.foreign(Kind::Connection));
    let pieces: Vec<&[u8]> = (0..input.below(4)).map(|_| input.piece()).collect();
    let messages: Vec<_> =
        pieces.iter().map(|piece| rustchat_bytes { data: piece.as_ptr().cast(), len: piece.len() }).collect();
    let missing = input.below(8) == 7;
    let (mut sent, first) = (77, if missing { ptr::null() } else { messages.as_ptr() });
    // SAFETY: as many messages as are said, and a place that can be written.
    let status = unsafe { rustchat_connection_send_many(chosen.handle, first, messages.len(), &mut sent, 0) };
    let sent_all = match first_fault(&[is_live(&chosen), (!missing || messages.is_empty(), RUSTCHAT_EINVAL)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    assert!(if sent_all { sent == messages.len() } else { sent <= messages.len() });
}

fn receive(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.connections.choose(input, &world.foreign(Kind::Connection));
    let (timeout, mut out) = (patience(input), ptr::dangling_mut());
    // SAFETY: a place that can be written.
    let status = unsafe { rustchat_connection_recv(chosen.handle, &mut out, timeout) };
    let received = match first_fault(&[is_live(&chosen), is_time(timeout)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    assert_eq!(received, !out.is_null());
    if received {
        world.messages.0.push((out, Message { bytes: None, references: 1 }));
    }
}

fn receive_into(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.connections.choose(input, &world.foreign(Kind::Connection));
    let (mut buffer, capacity, timeout) = ([0xaa_u8; 32], input.below(17), patience(input));
    let mut length = 77;
    let start = buffer.as_mut_ptr().cast();
    let (is_live, is_time) = (is_live(&chosen), is_time(timeout));
    if input.flag() {
        let mut messages = [rustchat_bytes { data: ptr::dangling(), len: 1 }; 3];
        let (first, most) = (messages.as_mut_ptr(), input.below(4));
        // SAFETY: a buffer and places that can be written, of the sizes that are said.
        let status =
            unsafe { rustchat_connection_recv_many(chosen.handle, start, capacity, first, most, &mut length, timeout) };
        let received = match first_fault(&[is_live, (most > 0, RUSTCHAT_EINVAL), is_time]) {
            RUSTCHAT_OK => depends(status),
            fault => expect(status, &[fault]),
        };
        assert_eq!(received, length > 0);
        assert!(messages[..length].iter().map(|message| message.len).sum::<usize>() <= capacity);
    } else {
        // SAFETY: a buffer and a place that can be written.
        let status = unsafe { rustchat_connection_recv_into(chosen.handle, start, capacity, &mut length, timeout) };
        let received = match first_fault(&[is_live, is_time]) {
            RUSTCHAT_OK => depends(status),
            fault => expect(status, &[fault]),
        };
        assert!(if received { length <= capacity } else { length == 0 || length > capacity });
    }
    assert!(buffer[capacity..].iter().all(|byte| *byte == 0xaa), "nothing is written behind the buffer");
}

fn look(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.connections.choose(input, &world.foreign(Kind::Connection));
    let live = first_fault(&[is_live(&chosen)]);
    let (mut descriptor, mut text, mut length): (c_int, _, _) = (7, [0x7f; 64], 77);
    // SAFETY: places that can be written, and their sizes.
    unsafe {
        expect(rustchat_connection_fd(chosen.handle, &mut descriptor), &[live]);
        expect(rustchat_connection_peer_address(chosen.handle, text.as_mut_ptr(), 64, &mut length), &[live]);
        let small = first_fault(&[is_live(&chosen), (false, RUSTCHAT_EBUFSIZE)]);
        expect(rustchat_connection_peer_address(chosen.handle, text.as_mut_ptr(), 3, ptr::null_mut()), &[small]);
        expect(rustchat_connection_key_id(chosen.handle, text.as_mut_ptr(), 64, &mut length), &[live]);
        let missing = first_fault(&[is_live(&chosen), (false, RUSTCHAT_EINVAL)]);
        expect(rustchat_connection_fd(chosen.handle, ptr::null_mut()), &[missing]);
    }
}

fn end(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.connections.choose(input, &world.foreign(Kind::Connection));
    if input.flag() {
        if expect(rustchat_connection_close(chosen.handle), &[first_fault(&[is_live(&chosen)])])
            && let Some(place) = chosen.live
        {
            world.connections.live[place].1 = true;
        }
    } else {
        rustchat_connection_free(chosen.handle);
        chosen.live.into_iter().for_each(|place| world.connections.remove(place));
    }
}
