//! Many files at a time: small ones are on their way together, and each is whole, named and counted as if it were alone.

mod support;

use std::fs;
use std::path::Path;

use rustchat::Status;
use rustchat::connection::Connection;
use rustchat::transfer::{Download, FileClient, Progress, Refusal, Tree, Upload};

use support::PATIENCE;
use support::files::{BLOCK, Library, client_options, content, message, names, path, pretend_with, put};

/// PUT, BEGIN, DATA and FINISH.
const BREATH: [u8; 4] = [0x20, 0x22, 0x30, 0x23];

/// A folder of many small files, with some that are no such.
fn plant(library: &Library) -> (u64, u64) {
    fs::create_dir_all(library.local("tree/deep/empty")).unwrap();
    let sizes = (0..80).map(|number| (format!("tree/{number}"), number * 37 % 5000));
    let large = [BLOCK, BLOCK + 1, 3 * BLOCK + 7].into_iter().map(|size| (format!("tree/large-{size}"), size));
    let deep = (0..30).map(|number| (format!("tree/deep/{number}"), number));
    let (mut files, mut bytes) = (0, 0);
    for (name, size) in sizes.chain(large).chain(deep) {
        library.make(&name, size);
        (files, bytes) = (files + 1, bytes + size as u64);
    }
    (files, bytes)
}

fn assert_same(one: &Path, other: &Path) {
    for entry in fs::read_dir(one).unwrap() {
        let entry = entry.unwrap();
        let other = other.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            assert_same(&entry.path(), &other);
        } else {
            assert!(fs::read(entry.path()).unwrap() == fs::read(&other).unwrap(), "{other:?}");
            let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
            assert_eq!(modified(&entry.path()), modified(&other));
        }
    }
    assert_eq!(fs::read_dir(one).unwrap().count(), fs::read_dir(other).unwrap().count(), "no part is left");
}

fn counted(tree: &Tree) -> (u64, u64) {
    (tree.files, tree.bytes)
}

/// Whatever the limit, whether the disk is waited for, and with hashes or without.
#[test]
fn many_files_come_and_go_as_they_are() {
    for (limit, durable) in [(1, true), (3, false), (16, true), (64, false)] {
        let library = Library::with(|options| (options.client_transfer_limit, options.durable) = (limit, durable));
        let (client, planted) = (library.connect(), plant(&library));
        let mut told = 0;
        let mut watch = |progress: &Progress| {
            told += u64::from(progress.done == progress.total);
            true
        };
        let upload = Upload::new().on_progress(&mut watch);
        let upload = if durable { upload } else { upload.without_hashes() };
        let stored = client.upload_tree(library.local("tree"), &path("tree"), upload, PATIENCE).unwrap();
        assert_eq!((counted(&stored), told), (planted, planted.0));
        assert_same(&library.local("tree"), &library.remote("tree"));
        assert!(library.parts().is_empty());
        told = 0;
        let mut watch = |progress: &Progress| {
            told += u64::from(progress.done == progress.total);
            true
        };
        let download = Download::new().on_progress(&mut watch);
        let download = if durable { download } else { download.without_hashes().without_sync() };
        let fetched = client.download_tree(&path("tree"), library.local("back"), download, PATIENCE).unwrap();
        assert_eq!((counted(&fetched), told), (planted, planted.0));
        assert_same(&library.local("tree"), &library.local("back"));
        let stats = library.server.stats();
        assert_eq!((stats.stored, stats.fetched, stats.refused), (planted.0, planted.0, 0), "nobody asks for too much");
    }
}

/// The first failure ends it. What was stored stays, what was on its way leaves nothing, and the client can be used.
#[test]
fn a_failure_is_that_of_its_file() {
    let library = Library::open();
    let (client, _) = (library.connect(), plant(&library));
    client.mkdir(&path("tree"), false, false, PATIENCE).unwrap();
    put(&client, &library.make("other", 3), "tree/57").unwrap();
    let error = client.upload_tree(library.local("tree"), &path("tree"), Upload::new(), PATIENCE).unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::Exists), "{error}");
    assert!(error.to_string().contains("tree/57"), "{error}");
    assert_eq!(fs::read(library.remote("tree/57")).unwrap(), content(3));
    client.upload_tree(library.local("tree"), &path("tree"), Upload::new().overwrite(), PATIENCE).unwrap();
    assert_same(&library.local("tree"), &library.remote("tree"));
    assert!(library.parts().is_empty());
    fs::create_dir(library.local("back")).unwrap();
    fs::write(library.local("back/57"), "mine").unwrap();
    let error = client.download_tree(&path("tree"), library.local("back"), Download::new(), PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::Io);
    assert!(error.to_string().contains("back/57"), "{error}");
    assert_eq!(fs::read(library.local("back/57")).unwrap(), b"mine");
    client.download_tree(&path("tree"), library.local("back"), Download::new().overwrite(), PATIENCE).unwrap();
    assert_same(&library.local("tree"), &library.local("back"));
}

/// Says that it hears BEGIN early, and has that many places.
fn hello(places: u16) -> Vec<u8> {
    [&[1, 0, 0, 0, 2, 0, 16, 0, 0, 0, 8][..], &[0; 8], &[0, 0], &places.to_be_bytes()].concat()
}

/// MKDIR of the folder, then all that is said of each file before any is answered.
fn hear(connection: &Connection, ids: impl IntoIterator<Item = u32>) {
    for id in ids {
        for kind in BREATH {
            let said = connection.recv(PATIENCE).unwrap();
            assert_eq!((said[0], &said[1..5]), (kind, &id.to_be_bytes()[..]));
        }
    }
}

fn say(connection: &Connection, kind: u8, id: u32, body: &[u8]) {
    connection.send(&message(kind, id, body), PATIENCE).unwrap();
}

fn done(connection: &Connection, id: u32) {
    say(connection, 0x91, id, &[&[1][..], &[0; 30]].concat());
}

fn folder_of(library: &Library, files: usize) {
    fs::create_dir(library.local("few")).unwrap();
    (0..files).for_each(|number| drop(library.make(&format!("few/{number}"), 10 + number)));
}

/// In any order they are answered, and one that was refused a place, or found wrong, goes again alone.
#[test]
fn as_many_are_on_their_way_as_there_are_places() {
    let library = Library::open();
    folder_of(&library, 4);
    let (address, server) = pretend_with(hello(3), |connection| {
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x12);
        say(connection, 0x91, 1, &[]);
        hear(connection, [2, 3, 4]);
        say(connection, 0x96, 3, &[&23_u16.to_be_bytes()[..], b"busy"].concat());
        hear(connection, [5]);
        done(connection, 4);
        say(connection, 0x31, 5, &[0; 4]);
        say(connection, 0x96, 5, &[&27_u16.to_be_bytes()[..], b"short"].concat());
        done(connection, 2);
        // What was wrong is compared first.
        let said = connection.recv(PATIENCE).unwrap();
        assert_eq!((said[0], said[4], said[5] & 8), (0x20, 6, 8), "with what is there");
        say(connection, 0x93, 6, &[&[1][..], &[0; 30]].concat());
        for kind in [0x22, 0x30, 0x23] {
            assert_eq!(connection.recv(PATIENCE).unwrap()[0], kind);
        }
        done(connection, 6);
        hear(connection, [7]);
        done(connection, 7);
    });
    let client = FileClient::connect(&client_options(&address), PATIENCE).unwrap();
    let stored = client.upload_tree(library.local("few"), &path("few"), Upload::new(), PATIENCE).unwrap();
    assert_eq!(counted(&stored), (4, 10 + 11 + 12 + 13));
    client.close();
    server.join().unwrap();
}

/// With the first failure the others are taken back, and until they are over nothing else is asked for.
#[test]
fn what_is_on_its_way_with_it_is_taken_back() {
    let library = Library::open();
    folder_of(&library, 3);
    let (address, server) = pretend_with(hello(3), |connection| {
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x12);
        say(connection, 0x91, 1, &[]);
        hear(connection, [2, 3, 4]);
        say(connection, 0x96, 3, &[&16_u16.to_be_bytes()[..], b"it is there"].concat());
        for id in [2, 4] {
            assert_eq!(connection.recv(PATIENCE).unwrap(), message(0x24, id, &[]));
        }
        done(connection, 4);
        say(connection, 0x96, 2, &[&30_u16.to_be_bytes()[..], b"cancelled"].concat());
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x12);
        say(connection, 0x91, 5, &[]);
    });
    let client = FileClient::connect(&client_options(&address), PATIENCE).unwrap();
    let error = client.upload_tree(library.local("few"), &path("few"), Upload::new(), PATIENCE).unwrap_err();
    assert_eq!((error.refusal(), error.error().message()), (Some(Refusal::Exists), "few/1: it is there"));
    client.mkdir(&path("other"), false, false, PATIENCE).unwrap();
    client.close();
    server.join().unwrap();
}

/// What is read for all of them at once is no reason to call a client too slow that has yet to take any of it.
#[test]
fn each_place_may_fetch_a_block() {
    let library = Library::open();
    fs::write(library.remote("block"), content(BLOCK)).unwrap();
    let peer = library.raw();
    for id in 1..=16 {
        peer.send(&message(0x21, id, &[&[0; 12][..], &names(&[b"block"])].concat()));
        peer.send(&message(0x22, id, &[0; 4]));
    }
    let mut ended = 0;
    while ended < 16 {
        let said = peer.recv();
        assert!(matches!(said[0], 0x93 | 0x30 | 0x95), "{:?}", &said[..7]);
        ended += u32::from(said[0] == 0x95);
    }
}
