//! Servers of remote commands, their clients, and commands that run.

use std::ffi::{CString, c_char};
use std::ptr;

use rustchat::fuzzing::c::rustchat_status::*;
use rustchat::fuzzing::c::*;

use super::chat::{blank, is_live, is_time, maybe_missing, patience};
use super::world::{Kind, World};
use super::{depends, expect, first_fault};
use crate::input::Input;

const SECRET: &[u8] = b"a secret of sixteen bytes";

pub(super) fn call(world: &mut World, input: &mut Input<'_>) {
    match input.below(12) {
        0 if world.command_servers.live.is_empty() => start(world, input),
        1 if !world.command_clients.is_full() => connect(world, input),
        2 => run(world, input),
        3 | 4 if !world.commands.is_full() => begin(world, input),
        5 => write(world, input),
        6 => read(world, input),
        7 => wait(world, input),
        8 => tell(world, input),
        9 => end_client(world, input),
        10 => {
            let chosen = world.commands.choose(input, &world.foreign(Kind::Command));
            rustchat_command_free(chosen.handle);
            chosen.live.into_iter().for_each(|place| world.commands.remove(place));
        }
        _ => end_server(world, input),
    }
}

fn secret() -> rustchat_bytes {
    rustchat_bytes { data: SECRET.as_ptr().cast(), len: SECRET.len() }
}

fn start(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(16);
    let mut word: rustchat_command_word = blank(|_: &mut rustchat_command_word, _| {});
    (word.slot, word.max) = (if fault == 1 { 6 } else { 3 }, if fault == 2 { -1 } else { 9 });
    let mut template = blank(|template: &mut rustchat_command_template, size| template.struct_size = size);
    (template.name, template.program) = (c"cat".as_ptr(), c"/bin/cat".as_ptr());
    (template.rest, template.rest_limit) = (&word, 2);
    match fault {
        3 => template.name = ptr::null(),
        4 => template.program = c"cat".as_ptr(),
        5 => template.reserved_input = 1,
        6 => template.word_count = 1,
        _ => {}
    }
    let mut options = blank(|options: &mut rustchat_command_server_options, size| options.struct_size = size);
    (options.address, options.secret, options.polling_us) = (c"127.0.0.1:0".as_ptr(), secret(), -1);
    (options.commands, options.command_count, options.workers) = (&template, 1, 1);
    options.kill_grace_ms = -1;
    match fault {
        7 => options.secret.len = 0,
        8 => options.command_count = 0,
        9 => options.survivors = 9,
        _ => {}
    }
    let mut server = ptr::dangling_mut();
    let expected = first_fault(&[(!(1..=9).contains(&fault), RUSTCHAT_EINVAL)]);
    // SAFETY: options whose pointers can be read, and a place that can be written.
    if expect(unsafe { rustchat_command_server_start(&options, &mut server) }, &[expected]) {
        let mut port = 0;
        // SAFETY: a place that can be written.
        expect(unsafe { rustchat_command_server_port(server, &mut port) }, &[RUSTCHAT_OK]);
        world.command_servers.insert(server, port);
    }
}

fn connect(world: &mut World, input: &mut Input<'_>) {
    let fault = input.below(8);
    let port = world.command_servers.live.first().map_or(1, |(_, port)| *port);
    let address = CString::new(format!("127.0.0.1:{port}")).expect("no NUL");
    let mut options = blank(|options: &mut rustchat_command_client_options, size| options.struct_size = size);
    (options.address, options.secret, options.polling_us) = (address.as_ptr(), secret(), -1);
    match fault {
        1 => options.secret.len = 0,
        2 => options.timeout_ms = -1,
        _ => options.timeout_ms = 10_000,
    }
    let mut client = ptr::dangling_mut();
    // SAFETY: options whose pointers can be read, and a place that can be written.
    let status = unsafe { rustchat_command_client_connect(&options, &mut client) };
    let connected = match first_fault(&[(!(1..=2).contains(&fault), RUSTCHAT_EINVAL)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    assert_eq!(connected, !client.is_null());
    if connected {
        world.command_clients.insert(client, ());
    }
}

/// Words of a command, one of which may be wrong, and the mistake that they are.
fn words(input: &mut Input<'_>) -> (Vec<*const c_char>, (bool, rustchat_status)) {
    let known = [c"cat", c"cat", c"cat", c"word", c"-n", c"a b", c"reboot"];
    let mut words: Vec<_> = (0..input.below(4)).map(|_| input.pick(&known).as_ptr()).collect();
    let fault = input.below(16);
    if fault == 15 {
        words.push(ptr::null());
    }
    let is_right = !words.is_empty() && fault != 15;
    (words, (is_right, RUSTCHAT_EINVAL))
}

fn run(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.command_clients.choose(input, &world.foreign(Kind::CommandClient));
    let ((words, are_words), bytes, timeout) = (words(input), input.piece(), input.pick(&[10_000, 10_000, 0, -2]));
    let mut options = blank(|options: &mut rustchat_command_options, size| options.struct_size = size);
    options.input = rustchat_bytes { data: bytes.as_ptr().cast(), len: bytes.len() };
    // Of a file that is not there it says nothing, and fails.
    options.check = 1;
    let mut result = blank(|result: &mut rustchat_command_result, size| result.struct_size = size);
    // SAFETY: words, options and a result that can be read and written.
    let status =
        unsafe { rustchat_command_run(chosen.handle, words.as_ptr(), words.len(), &options, &mut result, timeout) };
    match first_fault(&[is_live(&chosen), is_time(timeout), are_words]) {
        RUSTCHAT_OK if depends(status) => assert_eq!(super::slice(result.out), bytes, "cat says what it was told"),
        RUSTCHAT_OK => assert_eq!(status == RUSTCHAT_EREFUSED, rustchat_last_refusal() != 0),
        fault => drop(expect(status, &[fault])),
    }
    // SAFETY: a result that was begun with its size.
    unsafe {
        rustchat_command_result_clear(&mut result);
        rustchat_command_result_clear(&mut result);
    }
    assert!(result.memory.is_null() && result.out.len == 0);
}

fn begin(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.command_clients.choose(input, &world.foreign(Kind::CommandClient));
    let ((words, are_words), with_stdin) = (words(input), input.flag());
    let mut options = blank(|options: &mut rustchat_command_options, size| options.struct_size = size);
    options.with_stdin = with_stdin.into();
    let mut command = ptr::dangling_mut();
    // SAFETY: words and options that can be read, and a place that can be written.
    let status =
        unsafe { rustchat_command_start(chosen.handle, words.as_ptr(), words.len(), &options, &mut command, 10_000) };
    let begun = match first_fault(&[is_live(&chosen), are_words]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    assert_eq!(begun, !command.is_null());
    if begun {
        world.commands.insert(command, ());
    }
}

fn write(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.commands.choose(input, &world.foreign(Kind::Command));
    let (bytes, timeout, mut written) = (input.piece(), patience(input), 77);
    let (data, there) = maybe_missing(bytes, input);
    // SAFETY: bytes that can be read, and a place that can be written.
    let status = unsafe { rustchat_command_write(chosen.handle, data, bytes.len(), &mut written, timeout) };
    match first_fault(&[is_live(&chosen), there, is_time(timeout)]) {
        RUSTCHAT_OK => assert!(!depends(status) || written == bytes.len()),
        fault => drop(expect(status, &[fault])),
    }
    assert!(written <= bytes.len());
}

fn read(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.commands.choose(input, &world.foreign(Kind::Command));
    let (output, capacity, timeout) = (input.pick(&[1, 1, 2, 3]), input.below(17), input.pick(&[0, 1, -2]));
    let (mut buffer, mut length) = ([0xaa_u8; 32], 77);
    let start = buffer.as_mut_ptr().cast();
    // SAFETY: a buffer and a place that can be written.
    let status = unsafe { rustchat_command_read(chosen.handle, output, start, capacity, &mut length, timeout) };
    let is_output = (output < 3, RUSTCHAT_EINVAL);
    match first_fault(&[is_live(&chosen), is_output, (capacity > 0, RUSTCHAT_EINVAL), is_time(timeout)]) {
        RUSTCHAT_OK => drop(depends(status)),
        fault => drop(expect(status, &[fault])),
    }
    assert!(length <= capacity);
    assert!(buffer[length..].iter().all(|byte| *byte == 0xaa), "nothing is written behind what was read");
}

fn wait(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.commands.choose(input, &world.foreign(Kind::Command));
    let timeout = input.pick(&[0, 1, -2]);
    let mut exit = blank(|exit: &mut rustchat_command_exit, size| exit.struct_size = size);
    // SAFETY: a structure that can be written.
    let status = unsafe { rustchat_command_wait(chosen.handle, &mut exit, timeout) };
    let ended = match first_fault(&[is_live(&chosen), is_time(timeout)]) {
        RUSTCHAT_OK => depends(status),
        fault => expect(status, &[fault]),
    };
    assert_eq!(ended, exit.kind != 0);
}

fn tell(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.commands.choose(input, &world.foreign(Kind::Command));
    let (number, output) = (i32::from(input.byte()), input.pick(&[1, 2, 3]));
    let is_signal = [1, 2, 3, 9, 10, 12, 15, 28].contains(&number);
    let (status, fault) = match input.below(3) {
        0 => (rustchat_command_signal(chosen.handle, number), (is_signal, RUSTCHAT_EINVAL)),
        1 => (rustchat_command_close_output(chosen.handle, output), (output < 3, RUSTCHAT_EINVAL)),
        _ => (rustchat_command_close_stdin(chosen.handle), (true, RUSTCHAT_OK)),
    };
    match first_fault(&[is_live(&chosen), fault]) {
        RUSTCHAT_OK => drop(depends(status)),
        fault => drop(expect(status, &[fault])),
    }
}

fn end_client(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.command_clients.choose(input, &world.foreign(Kind::CommandClient));
    if input.flag() {
        expect(rustchat_command_client_close(chosen.handle), &[first_fault(&[is_live(&chosen)])]);
    } else {
        rustchat_command_client_free(chosen.handle);
        chosen.live.into_iter().for_each(|place| world.command_clients.remove(place));
    }
}

fn end_server(world: &mut World, input: &mut Input<'_>) {
    let chosen = world.command_servers.choose(input, &world.foreign(Kind::CommandServer));
    let live = first_fault(&[is_live(&chosen)]);
    expect(rustchat_command_server_failure(chosen.handle), &[live]);
    expect(rustchat_command_server_close_within(chosen.handle, 0), &[live]);
    rustchat_command_server_free(chosen.handle);
    chosen.live.into_iter().for_each(|place| world.command_servers.remove(place));
}
