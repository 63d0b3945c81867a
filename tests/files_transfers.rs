//! Files arrive whole, with what belongs to them, and nothing is replaced that may not be.

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::Duration;

use rustchat::Status;
use rustchat::transfer::{Download, FileClient, FileTime, Progress, Refusal, Upload};

use support::PATIENCE;
use support::files::{
    BLOCK, Library, block_hash, client_options, content, data, finish, get, message, path, pretend, put, put_message,
    rule,
};

#[test]
fn files_of_every_length_arrive_as_they_are() {
    let library = Library::open();
    let client = library.connect();
    for size in [0, 1, 1023, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 20 * BLOCK + 5] {
        let (name, from) = (format!("file-{size}"), library.make("file", size));
        let stored = put(&client, &from, &name).unwrap();
        assert_eq!((stored.size, stored.resumed), (size as u64, 0));
        assert_eq!(stored.hash, *blake3::hash(&content(size)).as_bytes(), "as b3sum shows it");
        assert!(fs::read(library.remote(&name)).unwrap() == content(size), "{size}");
        let to = library.local(&name);
        let fetched = get(&client, &name, &to).unwrap();
        assert_eq!((fetched.size, fetched.hash), (size as u64, stored.hash));
        assert!(fs::read(&to).unwrap() == content(size), "{size}");
    }
    assert!(library.parts().is_empty());
    assert_eq!((library.server.stats().stored, library.server.stats().fetched), (8, 8));
    let left = fs::read_dir(library.local("")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.filter(|name| name.to_str().unwrap().starts_with('.')).count() == 0);
}

/// Bare blocks, new and gone on with; and a client that has to do with a server which knows none.
#[test]
fn files_go_without_hashes_where_that_is_wanted() {
    let library = Library::open();
    let client = library.connect();
    for size in [0, 1, BLOCK - 1, BLOCK, 9 * BLOCK + 5] {
        let (name, bytes) = (format!("file{size}"), content(size));
        let from = library.make(&name, size);
        let stored = client.upload(&from, &path(&name), Upload::new().without_hashes(), PATIENCE).unwrap();
        assert_eq!((stored.size, stored.hash), (size as u64, [0; 32]));
        assert!(fs::read(library.remote(&name)).unwrap() == bytes);
        let to = library.local("fetched");
        let download = Download::new().without_hashes().overwrite();
        let fetched = client.download(&path(&name), &to, download, PATIENCE).unwrap();
        assert_eq!((fetched.size, fetched.hash), (size as u64, [0; 32]));
        assert!(fs::read(&to).unwrap() == bytes);
    }
    let from = library.make("big", 20 * BLOCK);
    let mut stop = |_: &Progress| false;
    let upload = Upload::new().without_hashes().on_progress(&mut stop);
    client.upload(&from, &path("big"), upload, PATIENCE).unwrap_err();
    let again = client.upload(&from, &path("big"), Upload::new().without_hashes(), PATIENCE).unwrap();
    assert!(again.resumed > 0 && fs::read(library.remote("big")).unwrap() == content(20 * BLOCK));
    let (mut stop, to) = (|_: &Progress| false, library.local("back"));
    let download = Download::new().without_hashes().on_progress(&mut stop);
    client.download(&path("big"), &to, download, PATIENCE).unwrap_err();
    let again = client.download(&path("big"), &to, Download::new().without_hashes(), PATIENCE).unwrap();
    assert!(again.resumed > 0 && fs::read(&to).unwrap() == content(20 * BLOCK));
    // The one that says what it likes says that it knows nothing of them.
    let (address, server) = pretend(|connection| {
        connection.recv(PATIENCE).unwrap();
        connection.send(&message(0x93, 1, &[&[1][..], &[0; 30]].concat()), PATIENCE).unwrap();
        assert_eq!(connection.recv(PATIENCE).unwrap(), message(0x22, 1, &[0; 4]));
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x30);
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x23);
        connection.send(&message(0x91, 1, &[&[1][..], &[0; 30]].concat()), PATIENCE).unwrap();
    });
    let old = FileClient::connect(&client_options(&address), PATIENCE).unwrap();
    let from = library.make("small", 3);
    let stored = old.upload(&from, &path("small"), Upload::new().without_hashes(), PATIENCE).unwrap();
    assert_eq!(stored.hash, *blake3::hash(&content(3)).as_bytes());
    old.close();
    server.join().unwrap();
}

#[test]
fn nothing_is_replaced_but_by_name() {
    let library = Library::open();
    let client = library.connect();
    let (small, large) = (library.make("small", 10), library.make("large", 2 * BLOCK));
    put(&client, &large, "a").unwrap();
    assert_eq!(rule(put(&client, &small, "a")), Refusal::Exists);
    assert_eq!(fs::metadata(library.remote("a")).unwrap().len(), 2 * BLOCK as u64);
    client.upload(&small, &path("a"), Upload::new().overwrite(), PATIENCE).unwrap();
    assert_eq!(fs::metadata(library.remote("a")).unwrap().len(), 10);
    let here = get(&client, "a", &large).unwrap_err();
    assert_eq!((here.status(), here.error().os_code()), (Status::Io, Some(17)), "{here}");
    client.download(&path("a"), &large, Download::new().overwrite(), PATIENCE).unwrap();
    assert_eq!(fs::metadata(&large).unwrap().len(), 10);
    client.mkdir(&path("folder"), false, false, PATIENCE).unwrap();
    assert_eq!(rule(client.upload(&small, &path("folder"), Upload::new().overwrite(), PATIENCE)), Refusal::IsFolder);
}

#[test]
fn folders_on_the_way_are_made_where_that_is_asked_for() {
    let library = Library::open();
    let (client, from) = (library.connect(), library.make("file", 5));
    assert_eq!(rule(put(&client, &from, "new/folder/file")), Refusal::NotFound);
    client.upload(&from, &path("new/folder/file"), Upload::new().parents(), PATIENCE).unwrap();
    assert_eq!(fs::read(library.remote("new/folder/file")).unwrap().len(), 5);
    client.upload(&from, &path("new/folder/other"), Upload::new().parents(), PATIENCE).unwrap();
}

#[test]
fn times_and_permissions_are_kept_and_no_more_than_those() {
    let library = Library::open();
    let (client, from) = (library.connect(), library.make("file", 5));
    fs::set_permissions(&from, fs::Permissions::from_mode(0o4751)).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH - Duration::from_nanos(1_000_000_001);
    fs::File::open(&from).unwrap().set_modified(old).unwrap();
    let stored = put(&client, &from, "file").unwrap();
    assert_eq!(stored.metadata.modified, FileTime { seconds: -2, nanoseconds: 999_999_999 });
    assert_eq!(stored.metadata.modified.to_system_time(), Some(old));
    let there = fs::metadata(library.remote("file")).unwrap();
    assert_eq!((there.mtime(), there.mtime_nsec(), there.mode() & 0o7777 & !0o022), (-2, 999_999_999, 0o751 & !0o022));
    get(&client, "file", &library.local("back")).unwrap();
    let back = fs::metadata(library.local("back")).unwrap();
    assert_eq!((back.mtime(), back.mode() & 0o7000), (-2, 0));
    // What a client says of a mode beyond that is not heard.
    let peer = library.raw();
    peer.send(&put_message(1, 0, 0, 0o7777, &[b"wild"]));
    assert_eq!(peer.recv()[0], 0x93);
    peer.send(&message(0x22, 1, &[0; 4]));
    peer.send(&finish(1, 0, *blake3::hash(b"").as_bytes()));
    assert_eq!(peer.recv()[0], 0x91);
    assert_eq!(fs::metadata(library.remote("wild")).unwrap().mode() & 0o7000, 0);
}

#[test]
fn a_progress_callback_is_told_and_may_end_it() {
    let library = Library::open();
    let (client, from) = (library.connect(), library.make("file", 12 * BLOCK));
    let mut told = Vec::new();
    let mut watch = |progress: &rustchat::transfer::Progress| {
        told.push((progress.done, progress.total));
        true
    };
    client.upload(&from, &path("one"), Upload::new().on_progress(&mut watch), PATIENCE).unwrap();
    assert_eq!(told.last(), Some(&(12 << 20, 12 << 20)));
    assert!(told.is_sorted() && told.iter().filter(|(done, total)| done == total).count() == 1, "{told:?}");
    let mut stop = |_: &rustchat::transfer::Progress| false;
    let ended = client.upload(&from, &path("two"), Upload::new().on_progress(&mut stop), PATIENCE).unwrap_err();
    assert_eq!(ended.status(), Status::Interrupted);
    assert!(!library.remote("two").exists());
    let ended = client.download(&path("one"), library.local("two"), Download::new().on_progress(&mut stop), PATIENCE);
    assert_eq!(ended.unwrap_err().status(), Status::Interrupted);
    assert!(!library.local("two").exists());
    // The connection goes on, and nothing is locked.
    put(&client, &from, "two").unwrap();
    // One that does not come back for a while is nobody's end.
    let mut slow = |_: &rustchat::transfer::Progress| {
        std::thread::sleep(Duration::from_millis(20));
        true
    };
    client.download(&path("two"), library.local("two"), Download::new().on_progress(&mut slow), PATIENCE).unwrap();
    assert!(fs::read(library.local("two")).unwrap() == content(12 * BLOCK));
}

#[test]
fn what_is_not_as_long_as_was_announced_does_not_appear() {
    let library = Library::open();
    let peer = library.raw();
    let (bytes, hash) = (vec![7; 100], block_hash(0, &[7; 100]));
    let root = *blake3::hash(&bytes).as_bytes();
    for (id, (announced, sent)) in (1..).zip([(200_u64, true), (50, true), (100, false), (0, true)]) {
        peer.send(&put_message(id, 0, announced, 0o600, &[b"file"]));
        assert_eq!(peer.recv()[0], 0x93);
        peer.send(&message(0x22, id, &[0; 4]));
        if sent {
            peer.send(&data(id, 0, hash, &bytes));
        } else {
            peer.send(&finish(id, 100, root));
        }
        assert_eq!(peer.refused(), Refusal::Short.code(), "{announced}");
    }
    for (id, size) in [(5, 1 << 63), (6, u64::MAX)] {
        peer.send(&put_message(id, 0, size, 0o600, &[b"file"]));
        assert_eq!(peer.refused(), Refusal::FileTooLarge.code());
    }
    assert!(!library.remote("file").exists() && library.parts().is_empty());
    put(&library.connect(), &library.make("file", 3), "file").unwrap();
}

#[test]
fn a_deadline_ends_a_call_and_not_the_connection() {
    let (address, server) = pretend(|connection| {
        let hear = |kind, id: u8| assert_eq!(connection.recv(PATIENCE).unwrap()[..5], [kind, 0, 0, 0, id]);
        hear(0x11, 1);
        hear(0x24, 1);
        // What was taken back is over before anything else is asked for.
        connection.send(&message(0x96, 1, &[0, 30]), PATIENCE).unwrap();
        hear(0x11, 2);
        connection.send(&message(0x91, 2, b""), PATIENCE).unwrap();
    });
    let client = FileClient::connect(&client_options(&address), PATIENCE).unwrap();
    let error = client.list(&path(""), Duration::from_millis(20)).unwrap_err();
    assert_eq!(error.status(), Status::TimedOut);
    assert_eq!(client.list(&path(""), PATIENCE).unwrap().len(), 0);
    assert!(!client.is_closed());
    client.close();
    server.join().unwrap();
}
