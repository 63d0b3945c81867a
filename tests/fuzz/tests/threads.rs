//! Handles of the C ABI in the hands of several threads at once, one of which ends the object under the others' feet.
//! `make tsan` looks at the memory of it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::mpsc;
use std::time::Duration;
use std::{ptr, thread};

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

const ROUNDS: usize = 20;

/// Whoever needs it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A handle, which any thread may use.
struct Shared<T>(*mut T);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

// SAFETY: handles are numbers, and the header lets any thread use them.
unsafe impl<T> Send for Shared<T> {}

impl<T> Shared<T> {
    fn get(self) -> *mut T {
        self.0
    }
}

fn blank<T>() -> T {
    // SAFETY: all fields of the header's structures may be zero.
    unsafe { MaybeUninit::<T>::zeroed().assume_init() }
}

/// Runs all bodies at once, and waits for each, with a deadline.
fn at_once(bodies: Vec<Box<dyn FnOnce() + Send>>) {
    let (done, all_done) = mpsc::channel();
    let count = bodies.len();
    for body in bodies {
        let done = done.clone();
        thread::spawn(move || {
            body();
            let _ = done.send(());
        });
    }
    drop(done);
    for _ in 0..count {
        all_done.recv_timeout(PATIENCE).expect("every call returns, and as it should");
    }
}

/// What ends a loop of calls on an object that another thread closes and frees.
#[track_caller]
fn is_an_end(status: rustchat_status) -> bool {
    match status {
        RUSTCHAT_OK | RUSTCHAT_EINTR => false,
        RUSTCHAT_ECLOSED | RUSTCHAT_EHANDLE | RUSTCHAT_ECONNRESET => true,
        other => panic!("{other:?}"),
    }
}

fn send(connection: Shared<rustchat_connection>) {
    // SAFETY: bytes that can be read.
    while !is_an_end(unsafe { rustchat_connection_send(connection.get(), b"a message".as_ptr().cast(), 9, -1) }) {}
}

fn receive(connection: Shared<rustchat_connection>) {
    loop {
        let mut message = ptr::null_mut();
        // SAFETY: a place that can be written.
        let status = unsafe { rustchat_connection_recv(connection.get(), &mut message, -1) };
        // SAFETY: NULL, or a message that was just received.
        unsafe { rustchat_message_release(message) };
        if is_an_end(status) {
            return;
        }
    }
}

/// Both ends of a connection.
fn pair() -> [Shared<rustchat_connection>; 2] {
    let mut listening = blank::<rustchat_listener_options>();
    (listening.struct_size, listening.address) = (size_of_val(&listening), c"127.0.0.1:0".as_ptr());
    let (mut listener, mut address, mut length) = (ptr::null_mut(), [0; 32], 0);
    let mut connecting = blank::<rustchat_connection_options>();
    (connecting.struct_size, connecting.address) = (size_of_val(&connecting), address.as_ptr());
    let (mut near, mut far) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: options that can be read, and places that can be written.
    unsafe {
        assert_eq!(rustchat_listener_open(&listening, &mut listener), RUSTCHAT_OK);
        assert_eq!(rustchat_listener_address(listener, address.as_mut_ptr(), 32, &mut length), RUSTCHAT_OK);
        assert_eq!(rustchat_connection_open(&connecting, &mut near), RUSTCHAT_OK);
        assert_eq!(rustchat_listener_accept(listener, &mut far, 60_000), RUSTCHAT_OK);
    }
    rustchat_listener_free(listener);
    [Shared(near), Shared(far)]
}

#[test]
fn connections_are_closed_and_freed_while_others_send_and_receive() {
    for round in 0..ROUNDS {
        let [near, far] = pair();
        let end = move || {
            (0..round).for_each(|_| thread::yield_now());
            if round % 2 == 0 {
                assert_eq!(rustchat_connection_close(far.get()), RUSTCHAT_OK);
            }
            rustchat_connection_free(far.get());
            rustchat_connection_free(near.get());
        };
        at_once(vec![
            Box::new(move || send(near)),
            Box::new(move || send(near)),
            Box::new(move || receive(far)),
            Box::new(move || receive(far)),
            Box::new(end),
        ]);
        assert_eq!(rustchat_connection_close(near.get()), RUSTCHAT_EHANDLE);
    }
}

fn poll(server: Shared<rustchat_server>) {
    loop {
        let (mut events, mut count) = ([(); 4].map(|()| blank::<rustchat_event>()), 0);
        // SAFETY: places that can be written.
        let status = unsafe { rustchat_server_poll(server.get(), events.as_mut_ptr(), 4, &mut count, -1) };
        // SAFETY: events of the library, and blank ones.
        unsafe { rustchat_events_clear(events.as_mut_ptr(), events.len()) };
        if is_an_end(status) {
            return;
        }
    }
}

fn broadcast(server: Shared<rustchat_server>) {
    loop {
        // SAFETY: bytes that can be read, and NULL where that is allowed.
        let status =
            unsafe { rustchat_server_broadcast(server.get(), b"hello".as_ptr().cast(), 5, 0, ptr::null_mut()) };
        if is_an_end(status) {
            return;
        }
    }
}

#[test]
fn servers_are_freed_while_others_poll_wake_and_speak() {
    for round in 0..ROUNDS {
        let mut options = blank::<rustchat_server_options>();
        (options.struct_size, options.address) = (size_of_val(&options), c"127.0.0.1:0".as_ptr());
        options.workers = 2;
        let mut server = ptr::null_mut();
        // SAFETY: options that can be read, and a place that can be written.
        assert_eq!(unsafe { rustchat_server_start(&options, &mut server) }, RUSTCHAT_OK);
        let server = Shared(server);
        let end = move || {
            (0..round).for_each(|_| thread::yield_now());
            if round % 2 == 0 {
                assert_eq!(rustchat_server_close_within(server.get(), 0), RUSTCHAT_OK);
            }
            rustchat_server_free(server.get());
        };
        at_once(vec![
            Box::new(move || poll(server)),
            Box::new(move || poll(server)),
            Box::new(move || while !is_an_end(rustchat_server_wake(server.get())) {}),
            Box::new(move || broadcast(server)),
            Box::new(end),
        ]);
        assert_eq!(rustchat_server_wake(server.get()), RUSTCHAT_EHANDLE);
    }
}

#[test]
fn a_message_is_retained_and_released_by_many() {
    let mut message = ptr::null_mut();
    // SAFETY: bytes that can be read, and a place that can be written.
    assert_eq!(unsafe { rustchat_message_new(b"said".as_ptr().cast(), 4, &mut message) }, RUSTCHAT_OK);
    let message = Shared(message);
    let hold = move || {
        // SAFETY: a live message, of which each thread has a reference.
        unsafe {
            for _ in 0..1000 {
                assert!(!rustchat_message_retain(message.get()).is_null());
                assert_eq!(rustchat_message_bytes(message.get()).len, 4);
                rustchat_message_release(message.get());
            }
            rustchat_message_release(message.get());
        }
    };
    // SAFETY: as above; one reference for each thread.
    (0..3).for_each(|_| assert!(!unsafe { rustchat_message_retain(message.get()) }.is_null()));
    at_once((0..4).map(|_| Box::new(hold) as Box<dyn FnOnce() + Send>).collect());
}
