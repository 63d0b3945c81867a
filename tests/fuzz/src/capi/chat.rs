//! Chat servers and clients.

use std::ffi::{CString, c_int};
use std::mem::MaybeUninit;
use std::ptr;

use rustchat::frame::Framing;
use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::decoder::framing;
use super::pool::Choice;
use super::world::{Kind, Message, Server, World};
use super::{depends, expect, first_fault};
use crate::input::Input;

/// A structure of options with nothing set but its size.
pub(super) fn blank<T>(set_size: impl FnOnce(&mut T, usize)) -> T {
    // SAFETY: all fields of the header's structures may be zero, and are in their `_INIT` macros.
    let mut options = unsafe { MaybeUninit::<T>::zeroed().assume_init() };
    set_size(&mut options, size_of::<T>());
    options
}

/// What a wait is given: nothing, a moment, or what is no time.
pub(super) fn patience(input: &mut Input<'_>) -> i64 {
    input.pick(&[0, 0, 0, 0, 0, 0, 1, -2])
}

pub(super) fn is_time(timeout: i64) -> (bool, rustchat_status) {
    (timeout >= -1, RUSTCHAT_EINVAL)
}

/// `EHANDLE` unless the handle is live.
pub(super) fn is_live<T>(chosen: &Choice<T>) -> (bool, rustchat_status) {
    (chosen.live.is_some(), RUSTCHAT_EHANDLE)
}

/// Bytes that may be missing: a pointer to them, and whether that is a mistake.
pub(super) fn maybe_missing(bytes: &[u8], input: &mut Input<'_>) -> (*const std::ffi::c_void, (bool, rustchat_status)) {
    let missing = input.below(16) == 15;
    let data = if missing { ptr::null() } else { bytes.as_ptr().cast() };
    (data, (!missing || bytes.is_empty(), RUSTCHAT_EINVAL))
}

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(16) {
        0 if !world.servers.is_full() => start(world, input),
        1 | 2 => say(world, input),
        3 => look_at_server(world, input),
        4 => poll_server(world, input),
        5 => end_server(world, input),
        6 | 7 if !world.clients.is_full() => connect(world, input),
        8..=10 => client_send(world, input),
        11 | 12 => client_receive(world, input),
        13 => poll_client(world, input),
        14 => look_at_client(world, input),
        _ => end_client(world, input),
    }
}

fn start(world: &mut World, input: &mut Input<'_>) {
    let (kind, fault) = (input.below(5) as i32, input.below(32));
    let mut options = blank(|options: &mut rustchat_server_options, size| options.struct_size = size);
    options.address = if fault == 6 { c"nonsense:".as_ptr() } else { c"127.0.0.1:0".as_ptr() };
    (options.framing, options.workers, options.polling_us, options.send_timeout_ms) = (kind, 1, -1, -1);
    (options.announce, options.event_limit) = (i32::from(input.flag()), 32);
    match fault {
        1 => options.struct_size = 7,
        2 => options.framing = 9,
        3 => options.reserved[0] = 1,
        7 => options.events = 9,
        8 => options.handshake_timeout_ms = -5,
        _ => {}
    }
    let mut server = ptr::dangling_mut();
    let place = if fault == 4 { ptr::null_mut() } else { &raw mut server };
    let from = if fault == 5 { ptr::null() } else { &raw const options };
    let wrong = [1, 2, 3, 4, 5, 7, 8].contains(&fault);
    let expected = first_fault(&[(!wrong, RUSTCHAT_EINVAL), (fault != 6, RUSTCHAT_EADDRINVAL)]);
    // SAFETY: options that can be read, and a place that can be written, or NULL.
    if expect(unsafe { rustchat_server_start(from, place) }, &[expected]) {
        let mut port = 0;
        // SAFETY: a place that can be written.
        expect(unsafe { rustchat_server_port(server, &mut port) }, &[RUSTCHAT_OK]);
        let framing = framing(kind, Framing::Line).expect("one of them");
        world.servers.insert(server, Server { framing, port, closed: false });
    } else {
        assert!(place.is_null() || server.is_null());
    }
}

fn say(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.servers.choose(input, &world.foreign(Kind::Server));
    let (bytes, peer) = (input.piece(), u64::from(input.byte()));
    let (data, there) = maybe_missing(bytes, input);
    let mut delivery = rustchat_delivery { queued: 7, dropped: 7 };
    let place = if input.flag() { ptr::null_mut() } else { &raw mut delivery };
    let to_all = input.flag();
    let status = if to_all {
        // SAFETY: bytes that can be read, and NULL or a place that can be written.
        unsafe { rustchat_server_broadcast(chosen.handle, data, bytes.len(), peer, place) }
    } else {
        // SAFETY: bytes that can be read.
        unsafe { rustchat_server_send(chosen.handle, peer, data, bytes.len()) }
    };
    let is_text = (std::str::from_utf8(bytes).is_ok(), RUSTCHAT_EUTF8);
    match first_fault(&[is_live(&chosen), there, is_text]) {
        RUSTCHAT_OK => {
            let closed = chosen.live.is_some_and(|place| world.servers.live[place].1.closed);
            // What is said is text, nobody is there, the server has closed, or it has no room.
            let mut expected = vec![RUSTCHAT_OK, RUSTCHAT_EUTF8, RUSTCHAT_EOVERFLOW];
            expected.extend((!to_all).then_some(RUSTCHAT_ENOPEER));
            expected.extend(closed.then_some(RUSTCHAT_ECLOSED));
            expect(status, &expected);
        }
        fault => {
            expect(status, &[fault]);
            assert!(!to_all || place.is_null() || delivery.queued == 0);
        }
    }
}

fn look_at_server(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.servers.choose(input, &world.foreign(Kind::Server));
    let model = chosen.live.map(|place| &world.servers.live[place].1);
    let live = first_fault(&[is_live(&chosen)]);
    let mut stats = blank(|stats: &mut rustchat_server_stats_data, size| stats.struct_size = size);
    let (mut port, mut ids, mut count) = (7, [0; 4], 7);
    let mut text = [0x7f; 32];
    let capacity = input.below(33);
    // SAFETY: places that can be written, and their sizes.
    unsafe {
        if expect(rustchat_server_port(chosen.handle, &mut port), &[live]) {
            assert_eq!(Some(port), model.map(|model| model.port));
        }
        assert_eq!(live == RUSTCHAT_OK, port != 0);
        expect(rustchat_server_stats(chosen.handle, &mut stats), &[live]);
        let fits = first_fault(&[is_live(&chosen), (capacity > "127.0.0.1:".len() + 4, RUSTCHAT_EBUFSIZE)]);
        // The port has four or five digits.
        let status = rustchat_server_address(chosen.handle, text.as_mut_ptr(), capacity, &mut count);
        expect(
            status,
            if capacity == 15 {
                &[RUSTCHAT_OK, RUSTCHAT_EBUFSIZE, RUSTCHAT_EHANDLE]
            } else {
                std::slice::from_ref(&fits)
            },
        );
        let enough = if live == RUSTCHAT_OK { [RUSTCHAT_OK, RUSTCHAT_EBUFSIZE] } else { [live; 2] };
        expect(rustchat_server_peers(chosen.handle, ids.as_mut_ptr(), 4, &mut count), &enough);
        expect(
            rustchat_server_peers(chosen.handle, ptr::null_mut(), 4, &mut count),
            &[first_fault(&[is_live(&chosen), (false, RUSTCHAT_EINVAL)])],
        );
    }
}

/// Keeps the message of the first event, and clears the others.
fn keep_or_clear(world: &mut World, events: &mut [rustchat_event], count: usize) {
    if let Some(first) = events[..count].first_mut().filter(|first| !first.message.is_null()) {
        let model = Message { bytes: None, references: 1 };
        world.messages.0.push((std::mem::replace(&mut first.message, ptr::null_mut()), model));
    }
    // SAFETY: events of the library, and blank ones.
    unsafe { rustchat_events_clear(events.as_mut_ptr(), events.len()) };
    assert!(events.iter().all(|event| event.kind == 0 && event.message.is_null()));
}

fn events() -> [rustchat_event; 4] {
    [(); 4].map(|()| blank(|_: &mut rustchat_event, _| ()))
}

fn poll_server(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.servers.choose(input, &world.foreign(Kind::Server));
    let (mut events, mut count, timeout) = (events(), 7, patience(input));
    let (capacity, wake) = (input.below(5), input.flag());
    if wake {
        expect(rustchat_server_wake(chosen.handle), &[first_fault(&[is_live(&chosen)])]);
    }
    // SAFETY: as many places as are said, and one for their number.
    let status = unsafe { rustchat_server_poll(chosen.handle, events.as_mut_ptr(), capacity, &mut count, timeout) };
    match first_fault(&[is_live(&chosen), (capacity > 0, RUSTCHAT_EINVAL), is_time(timeout)]) {
        RUSTCHAT_OK if wake => drop(expect(status, &[RUSTCHAT_EINTR])),
        RUSTCHAT_OK => drop(expect(status, &[RUSTCHAT_OK, RUSTCHAT_ETIMEDOUT, RUSTCHAT_ECLOSED])),
        fault => drop(expect(status, &[fault])),
    }
    assert_eq!(status == RUSTCHAT_OK, (1..=4).contains(&count));
    keep_or_clear(world, &mut events, count);
}

fn end_server(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.servers.choose(input, &world.foreign(Kind::Server));
    let timeout = patience(input);
    let fault = first_fault(&[is_live(&chosen), is_time(timeout)]);
    let what = input.below(4);
    if what < 2 {
        let (status, expected) = match what {
            0 => (rustchat_server_close(chosen.handle), first_fault(&[is_live(&chosen)])),
            _ => (rustchat_server_close_within(chosen.handle, timeout), fault),
        };
        if expect(status, &[expected])
            && let Some(place) = chosen.live
        {
            world.servers.live[place].1.closed = true;
        }
    } else if what == 2 {
        let closed = chosen.live.is_some_and(|place| world.servers.live[place].1.closed);
        let status = rustchat_server_join(chosen.handle, timeout);
        match fault {
            RUSTCHAT_OK if closed => drop(expect(status, &[RUSTCHAT_OK, RUSTCHAT_ETIMEDOUT])),
            RUSTCHAT_OK => drop(expect(status, &[RUSTCHAT_ETIMEDOUT])),
            fault => drop(expect(status, &[fault])),
        }
    } else {
        rustchat_server_free(chosen.handle);
        chosen.live.into_iter().for_each(|place| world.servers.remove(place));
    }
}

fn connect(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(32);
    let mut options = blank(|options: &mut rustchat_client_options, size| options.struct_size = size);
    let servers = &world.servers.live;
    // To a server, to a listener, which speaks otherwise, or to nobody.
    let (port, kind) = if !servers.is_empty() && fault != 1 {
        let server = &servers[input.below(servers.len())].1;
        let kind = Framing::ALL.iter().position(|framing| *framing == server.framing).expect("one of them");
        (server.port, kind as i32 + 1)
    } else {
        (world.listeners.live.first().map_or(1, |(_, (port, _))| *port), input.below(5) as i32)
    };
    let address = CString::new(format!("127.0.0.1:{port}")).expect("no NUL");
    options.address = address.as_ptr();
    (options.framing, options.timeout_ms, options.polling_us) = (kind, 10_000, -1);
    match fault {
        2 => options.struct_size = 8,
        3 => options.reserved[0] = 1,
        4 => options.profile = 77,
        _ => {}
    }
    let mut client = ptr::dangling_mut();
    let place = if fault == 5 { ptr::null_mut() } else { &raw mut client };
    // SAFETY: options that can be read, and NULL or a place that can be written.
    let status = unsafe { rustchat_client_connect(&options, place) };
    let connected = match first_fault(&[(!(2..=5).contains(&fault), RUSTCHAT_EINVAL)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    if connected {
        world.clients.insert(client, false);
    } else {
        assert!(place.is_null() || client.is_null());
    }
}

fn client_send(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.clients.choose(input, &world.foreign(Kind::Client));
    let bytes = input.piece();
    let (data, there) = maybe_missing(bytes, input);
    // SAFETY: bytes that can be read.
    let status = unsafe { rustchat_client_send(chosen.handle, data, bytes.len(), 0) };
    match first_fault(&[is_live(&chosen), there, (std::str::from_utf8(bytes).is_ok(), RUSTCHAT_EUTF8)]) {
        RUSTCHAT_OK => drop(depends(status)),
        fault => drop(expect(status, &[fault])),
    }
}

fn client_receive(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.clients.choose(input, &world.foreign(Kind::Client));
    let timeout = patience(input);
    let fault = first_fault(&[is_live(&chosen), is_time(timeout)]);
    if input.flag() {
        let mut out = ptr::dangling_mut();
        // SAFETY: a place that can be written.
        let status = unsafe { rustchat_client_recv(chosen.handle, &mut out, timeout) };
        let received = if fault == RUSTCHAT_OK { depends(status) } else { expect(status, &[fault]) };
        assert_eq!(received, !out.is_null());
        if received {
            world.messages.0.push((out, Message { bytes: None, references: 1 }));
        }
    } else {
        let (mut buffer, mut length) = ([0_u8; 16], 77);
        let capacity = input.below(17);
        // SAFETY: a buffer that can be written, and a place for the length.
        let status = unsafe {
            rustchat_client_recv_into(chosen.handle, buffer.as_mut_ptr().cast(), capacity, &mut length, timeout)
        };
        let received = if fault == RUSTCHAT_OK { depends(status) } else { expect(status, &[fault]) };
        assert!(if received { length <= capacity } else { length == 0 || length > capacity });
    }
}

fn poll_client(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.clients.choose(input, &world.foreign(Kind::Client));
    let (mut events, mut count, timeout) = (events(), 7, patience(input));
    let (capacity, wake) = (input.below(5), input.flag());
    if wake {
        expect(rustchat_client_wake(chosen.handle), &[first_fault(&[is_live(&chosen)])]);
    }
    // SAFETY: as many places as are said, and one for their number.
    let status = unsafe { rustchat_client_poll(chosen.handle, events.as_mut_ptr(), capacity, &mut count, timeout) };
    match first_fault(&[is_live(&chosen), (capacity > 0, RUSTCHAT_EINVAL), is_time(timeout)]) {
        RUSTCHAT_OK if wake => drop(expect(status, &[RUSTCHAT_EINTR])),
        RUSTCHAT_OK => drop(expect(status, &[RUSTCHAT_OK, RUSTCHAT_ETIMEDOUT, RUSTCHAT_ECLOSED])),
        fault => drop(expect(status, &[fault])),
    }
    assert_eq!(status == RUSTCHAT_OK, (1..=4).contains(&count));
    keep_or_clear(world, &mut events, count);
}

fn look_at_client(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.clients.choose(input, &world.foreign(Kind::Client));
    let live = first_fault(&[is_live(&chosen)]);
    let (mut state, mut descriptor): (i32, c_int) = (7, 7);
    let mut stats = blank(|stats: &mut rustchat_client_stats_data, size| stats.struct_size = size);
    let wrong = input.below(8) == 7;
    stats.struct_size += usize::from(wrong) << 20;
    // SAFETY: places that can be written; of a structure that is too large nothing is.
    unsafe {
        expect(rustchat_client_state(chosen.handle, &mut state), &[live]);
        expect(rustchat_client_poll_fd(chosen.handle, &mut descriptor), &[live]);
        expect(
            rustchat_client_stats(chosen.handle, &mut stats),
            &[first_fault(&[is_live(&chosen), (!wrong, RUSTCHAT_EINVAL)])],
        );
    }
    assert_eq!((state == 0, descriptor < 0), (live != RUSTCHAT_OK, live != RUSTCHAT_OK));
    if let Some(place) = chosen.live.filter(|place| world.clients.live[*place].1) {
        assert_eq!(state, 2, "client {place} was closed");
    }
}

fn end_client(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.clients.choose(input, &world.foreign(Kind::Client));
    let timeout = patience(input);
    match input.below(3) {
        0 => {
            if expect(rustchat_client_close(chosen.handle), &[first_fault(&[is_live(&chosen)])])
                && let Some(place) = chosen.live
            {
                world.clients.live[place].1 = true;
            }
        }
        1 => {
            let status = rustchat_client_join(chosen.handle, timeout);
            match first_fault(&[is_live(&chosen), is_time(timeout)]) {
                RUSTCHAT_OK => drop(expect(status, &[RUSTCHAT_OK, RUSTCHAT_ETIMEDOUT])),
                fault => drop(expect(status, &[fault])),
            }
        }
        _ => {
            rustchat_client_free(chosen.handle);
            chosen.live.into_iter().for_each(|place| world.clients.remove(place));
        }
    }
}
