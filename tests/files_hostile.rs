//! A hostile server chooses no local path, and nothing that it says is believed.

mod support;

use std::fs;
use std::os::unix::fs::symlink;

use rustchat::Status;
use rustchat::connection::Connection;
use rustchat::net::Address;
use rustchat::transfer::{Download, FileClient, FileError, Refusal};

use support::PATIENCE;
use support::files::{BLOCK, Scratch, block_hash, client_options, content, data, message, path, pretend};

fn metadata(kind: u8, size: u64) -> Vec<u8> {
    [&[kind][..], &size.to_be_bytes(), &[0; 12], &[1, 0o244], &[0; 8]].concat()
}

fn entry(name: &[u8], kind: u8) -> Vec<u8> {
    [&metadata(kind, 5)[..], &(name.len() as u16).to_be_bytes(), name].concat()
}

fn connect(address: &Address) -> FileClient {
    FileClient::connect(&client_options(address), PATIENCE).unwrap()
}

#[test]
fn names_from_a_server_lead_nowhere() {
    let hostile: [&[u8]; 9] =
        [b"..", b".", b"", b"/etc/cron.d/x", b"../x", b"a/../../x", b"x\0", b"\xff\xfe", &[b'x'; 300]];
    for name in hostile {
        for kind in [1, 2] {
            let scratch = Scratch::new();
            let (address, server) = pretend(move |connection| {
                connection.recv(PATIENCE).unwrap();
                connection.send(&message(0x90, 1, &entry(name, kind)), PATIENCE).unwrap();
                connection.send(&message(0x91, 1, b""), PATIENCE).unwrap();
            });
            let to = scratch.path("here");
            let client = connect(&address);
            let error = client.download_tree(&path("folder"), &to, Download::new(), PATIENCE).unwrap_err();
            assert!(error.refusal().is_some(), "{name:?}: {error}");
            assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
            assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 1);
            client.close();
            server.join().unwrap();
        }
    }
}

#[test]
fn a_folder_that_is_a_link_here_is_not_gone_through() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path("outside")).unwrap();
    fs::create_dir_all(scratch.path("here")).unwrap();
    symlink(scratch.path("outside"), scratch.path("here/folder")).unwrap();
    let (address, server) = pretend(|connection| {
        connection.recv(PATIENCE).unwrap();
        connection.send(&message(0x90, 1, &entry(b"folder", 2)), PATIENCE).unwrap();
        connection.send(&message(0x91, 1, b""), PATIENCE).unwrap();
    });
    let client = connect(&address);
    client.download_tree(&path("x"), scratch.path("here"), Download::new(), PATIENCE).unwrap_err();
    assert_eq!(fs::read_dir(scratch.path("outside")).unwrap().count(), 0);
    client.close();
    server.join().unwrap();
}

/// What a server makes of a download of ten bytes, after it is ready.
fn fetch(talk: impl FnOnce(&Connection) + Send + 'static) -> (FileError, bool) {
    let scratch = Scratch::new();
    let (address, server) = pretend(move |connection| {
        connection.recv(PATIENCE).unwrap();
        talk(connection);
    });
    let client = connect(&address);
    let error = client.download(&path("file"), scratch.path("file"), Download::new(), PATIENCE).unwrap_err();
    client.close();
    server.join().unwrap();
    (error, fs::read_dir(scratch.path("")).unwrap().count() == 0)
}

#[test]
fn what_is_not_right_does_not_appear() {
    let say = |connection: &Connection, kind, body: &[u8]| connection.send(&message(kind, 1, body), PATIENCE).unwrap();
    // A hash of the whole that is another.
    let (error, is_clean) = fetch(move |connection| {
        say(connection, 0x93, &metadata(1, 10));
        connection.send(&data(1, 0, block_hash(0, &[7; 10]), &[7; 10]), PATIENCE).unwrap();
        say(connection, 0x95, &[&10_u64.to_be_bytes()[..], &[9; 32]].concat());
    });
    assert_eq!((error.refusal(), is_clean), (Some(Refusal::HashMismatch), true));
    // Blocks that are never right.
    let (error, is_clean) = fetch(move |connection| {
        say(connection, 0x93, &metadata(1, 10));
        // It goes before it has heard all of them.
        (0..40).for_each(|_| drop(connection.send(&data(1, 0, [1; 32], &[7; 10]), PATIENCE)));
    });
    assert_eq!((error.refusal(), is_clean), (Some(Refusal::HashMismatch), true));
    // Blocks out of order, of another length, or behind the end; what is no answer at all.
    let cases: [(u32, usize); 3] = [(5, 10), (0, 11), (0, 9)];
    for (index, length) in cases {
        let (error, is_clean) = fetch(move |connection| {
            say(connection, 0x93, &metadata(1, 10));
            let bytes = &content(BLOCK)[..length];
            connection.send(&data(1, index, block_hash(index, bytes), bytes), PATIENCE).unwrap();
        });
        assert_eq!((error.status(), is_clean), (Status::ProtocolViolation, true));
    }
    let (error, _) = fetch(move |connection| say(connection, 0x93, &metadata(2, 10)));
    assert_eq!(error.status(), Status::ProtocolViolation);
    let (error, _) = fetch(move |connection| say(connection, 0xee, b""));
    assert_eq!(error.status(), Status::ProtocolViolation);
}

#[test]
fn texts_from_a_server_are_escaped() {
    let (error, _) = fetch(|connection| {
        let body = [&99_u16.to_be_bytes()[..], b"\x1b[2Jgone\n"].concat();
        connection.send(&message(0x96, 1, &body), PATIENCE).unwrap();
    });
    assert_eq!(error.status(), Status::Refused);
    assert_eq!((error.to_string().as_str(), error.refusal()), ("\\u{1b}[2Jgone\\n", None));
}
