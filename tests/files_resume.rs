//! What broke off is gone on with from the last block that is right, in both directions.

mod support;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;

use rustchat::Status;
use rustchat::transfer::{Download, FileClient, Progress, Refusal, Upload};

use support::files::{
    BLOCK, Library, RawPeer, block_hash, client_options, content, data, finish, get, message, path, pretend, put,
    put_message, rule,
};
use support::{PATIENCE, eventually};

/// Uploads a file of 12 blocks, and ends that in the middle; the size of what is left of it.
fn break_off(library: &Library, name: &str) -> u64 {
    let client = library.connect();
    let from = library.make("file", 12 * BLOCK + 7);
    let mut stop = |_: &Progress| false;
    let ended = client.upload(&from, &path(name), Upload::new().on_progress(&mut stop), PATIENCE).unwrap_err();
    assert_eq!(ended.status(), Status::Interrupted);
    // By then it is with the disk thread, which ends it.
    client.list(&path(""), PATIENCE).unwrap();
    eventually("the transfer has ended", || library.server.stats().transfers == 0);
    let [part] = &library.parts()[..] else { panic!("{:?}", library.parts()) };
    let left = fs::metadata(part).unwrap().len();
    assert!(left > 0 && left.is_multiple_of(BLOCK as u64), "{left}");
    left
}

#[test]
fn an_upload_goes_on_behind_the_last_block_that_is_right() {
    for wrong in [None, Some(0), Some(BLOCK as u64 - 1)] {
        let library = Library::open();
        let left = break_off(&library, "big");
        if let Some(at) = wrong {
            // One byte, with the size and the time as they were.
            let part = File::options().write(true).open(&library.parts()[0]).unwrap();
            let modified = part.metadata().unwrap().modified().unwrap();
            part.write_all_at(b"!", at).unwrap();
            part.set_modified(modified).unwrap();
        }
        let stored = put(&library.connect(), &library.local("file"), "big").unwrap();
        assert_eq!(stored.resumed, if wrong.is_some() { 0 } else { left });
        assert!(fs::read(library.remote("big")).unwrap() == content(12 * BLOCK + 7));
        assert!(library.parts().is_empty());
    }
}

#[test]
fn whoever_wants_to_begin_anew_does_and_another_file_is_another_part() {
    let library = Library::open();
    break_off(&library, "big");
    let client = library.connect();
    // The same name with another time is not the same file.
    let other = library.make("other", 12 * BLOCK + 7);
    File::open(&other).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(put(&client, &other, "big").unwrap().resumed, 0);
    assert_eq!(library.parts().len(), 1);
    let fresh = Upload::new().from_the_beginning().overwrite();
    assert_eq!(client.upload(library.local("file"), &path("big"), fresh, PATIENCE).unwrap().resumed, 0);
    assert!(library.parts().is_empty());
}

#[test]
fn a_download_goes_on_behind_the_last_block_that_is_right() {
    let library = Library::open();
    let client = library.connect();
    fs::write(library.remote("big"), content(12 * BLOCK + 7)).unwrap();
    let to = library.local("big");
    let part = || {
        let mut parts = fs::read_dir(library.local("")).unwrap().map(|entry| entry.unwrap().path());
        parts.find(|path| path.to_str().unwrap().ends_with(".part"))
    };
    let interrupt = || {
        let mut stop = |_: &Progress| false;
        client.download(&path("big"), &to, Download::new().on_progress(&mut stop), PATIENCE).unwrap_err();
        let part = part().expect("the part stays");
        (fs::metadata(&part).unwrap().len(), part)
    };
    let (left, _) = interrupt();
    assert!(left >= BLOCK as u64);
    let fetched = get(&client, "big", &to).unwrap();
    assert_eq!(fetched.resumed, left);
    assert!(fs::read(&to).unwrap() == content(12 * BLOCK + 7) && part().is_none());
    // What is here was shortened, has a wrong byte, or grew; what is there is another file.
    fs::remove_file(&to).unwrap();
    type Spoil = fn(&File, u64);
    let spoils: [(Spoil, u64); 3] = [
        (|file, _| file.set_len(BLOCK as u64 + 5).unwrap(), BLOCK as u64),
        (|file, left| file.write_all_at(b"!", left - 1).unwrap(), 0),
        (|file, left| file.write_all_at(&[0; 3 * BLOCK], left).unwrap(), 0),
    ];
    for (spoil, least) in spoils {
        let (left, part) = interrupt();
        spoil(&File::options().write(true).open(part).unwrap(), left);
        let fetched = get(&client, "big", &to).unwrap();
        assert!(fetched.resumed >= least && fetched.resumed <= left, "{fetched:?}");
        assert!(fs::read(&to).unwrap() == content(12 * BLOCK + 7));
        fs::remove_file(&to).unwrap();
    }
    interrupt();
    fs::write(library.remote("big"), vec![9; 3 * BLOCK]).unwrap();
    assert_eq!(get(&client, "big", &to).unwrap().resumed, 0);
    assert!(fs::read(&to).unwrap() == vec![9; 3 * BLOCK]);
}

/// At the server: its part is deleted, shortened, grown or replaced meanwhile.
#[test]
fn a_part_that_has_changed_is_no_part() {
    type Spoil = fn(&std::path::Path);
    let spoils: [Spoil; 4] = [
        |part| fs::remove_file(part).unwrap(),
        |part| File::options().write(true).open(part).unwrap().set_len(100).unwrap(),
        |part| File::options().write(true).open(part).unwrap().set_len(100 << 20).unwrap(),
        |part| fs::write(part, vec![1; 2 * BLOCK]).unwrap(),
    ];
    for spoil in spoils {
        let library = Library::open();
        break_off(&library, "big");
        spoil(&library.parts()[0]);
        assert_eq!(put(&library.connect(), &library.local("file"), "big").unwrap().resumed, 0);
        assert!(fs::read(library.remote("big")).unwrap() == content(12 * BLOCK + 7));
    }
}

#[test]
fn a_source_that_changes_is_told_of_and_the_connection_goes_on() {
    let library = Library::open();
    let client = library.connect();
    type Change = fn(&mut File);
    let changes: [Change; 3] = [
        |file| file.set_len(30 << 20).unwrap(),
        |file| file.set_len(BLOCK as u64).unwrap(),
        |file| {
            file.seek(SeekFrom::Start(19 << 20)).unwrap();
            file.write_all(b"another").unwrap();
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let name = format!("file{number}");
        let from = library.make(&name, 20 * BLOCK);
        // At the client.
        let mut changed = false;
        let mut watch = |_: &Progress| {
            if !std::mem::replace(&mut changed, true) {
                change(&mut File::options().write(true).open(&from).unwrap());
            }
            true
        };
        let ended = client.upload(&from, &path(&name), Upload::new().on_progress(&mut watch), PATIENCE);
        assert_eq!(rule(ended), Refusal::Changed, "{number}");
        assert!(!library.remote(&name).exists());
        // Neither the file nor its place is taken any more.
        put(&client, &from, &name).unwrap();
        assert!(fs::read(library.remote(&name)).unwrap() == fs::read(&from).unwrap());
        // At the server.
        fs::write(library.remote(&name), content(20 * BLOCK)).unwrap();
        let mut changed = false;
        let mut watch = |_: &Progress| {
            if !std::mem::replace(&mut changed, true) {
                change(&mut File::options().write(true).open(library.remote(&name)).unwrap());
            }
            true
        };
        let to = library.local("fetched");
        let ended = client.download(&path(&name), &to, Download::new().on_progress(&mut watch), PATIENCE);
        assert_eq!(rule(ended), Refusal::Changed, "{number}");
        assert!(!to.exists());
        client.stat(&path(&name), PATIENCE).unwrap();
    }
}

#[test]
fn one_client_writes_a_file_at_a_time_and_its_lock_goes_with_it() {
    let library = Library::open();
    let (client, from) = (library.connect(), library.make("file", 3));
    let first = library.raw();
    first.send(&put_message(1, 0, 100, 0o600, &[b"file"]));
    assert_eq!(first.recv()[0], 0x93);
    assert_eq!(rule(put(&client, &from, "file")), Refusal::Locked);
    put(&client, &from, "other").unwrap();
    first.connection.close();
    eventually("the lock is free", || put(&client, &from, "file").is_ok());
}

/// Again and again the connection breaks before the client has found out what is there.
#[test]
fn who_breaks_off_before_the_beginning_loses_nothing() {
    let library = Library::open();
    let from = library.make("file", 40 * BLOCK);
    File::open(&from).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let mut stop = |_: &Progress| false;
    let first = Upload::new().on_progress(&mut stop);
    library.connect().upload(&from, &path("big"), first, PATIENCE).unwrap_err();
    let over = || eventually("the transfer has ended", || library.server.stats().transfers == 0);
    over();
    let left = fs::metadata(&library.parts()[0]).unwrap().len();
    for is_heard in [false, true] {
        let peer = library.raw();
        peer.send(&put_message(1, 8, 40 << 20, 0o600, &[b"big"]));
        if is_heard {
            assert_eq!(peer.recv()[0], 0x92);
        } else {
            peer.send(&message(0x24, 1, b""));
            while peer.recv()[0] != 0x96 {}
        }
        peer.connection.close();
        over();
        assert_eq!(fs::metadata(&library.parts()[0]).unwrap().len(), left);
    }
    // A moment later than the transfer its file is free.
    let mut resumed = 0;
    eventually("its file is free", || {
        put(&library.connect(), &from, "big").is_ok_and(|done| {
            resumed = done.resumed;
            true
        })
    });
    assert_eq!(resumed, left);
}

/// The client says that this was all before it has heard of the last block.
#[test]
fn a_last_block_that_is_wrong_is_sent_again() {
    let library = Library::open();
    let from = library.make("file", BLOCK + 3);
    let first = block_hash(0, &content(BLOCK));
    let (address, server) = pretend(move |connection| {
        let hear = |kind, id: u8| {
            let heard = connection.recv(PATIENCE).unwrap();
            assert_eq!(heard[..5], [kind, 0, 0, 0, id]);
            heard
        };
        let say = |kind, id, body: &[u8]| connection.send(&message(kind, id, body), PATIENCE).unwrap();
        let metadata = [&[1][..], &[0; 30]].concat();
        assert_eq!(hear(0x20, 1)[5], 0, "from the beginning");
        say(0x93, 1, &metadata);
        for kind in [0x22, 0x30, 0x30] {
            hear(kind, 1);
        }
        say(0x94, 1, &[0, 0, 0, 1]);
        hear(0x23, 1);
        say(0x31, 1, &[0, 0, 0, 1]);
        say(0x96, 1, &[0, 27]);
        assert_eq!(hear(0x20, 2)[5], 8, "gone on with");
        say(0x92, 2, &[&[0; 4][..], &first].concat());
        say(0x93, 2, &metadata);
        assert_eq!(hear(0x22, 2)[5..], [0, 0, 0, 1]);
        assert_eq!(hear(0x30, 2)[5..9], [0, 0, 0, 1]);
        hear(0x23, 2);
        say(0x91, 2, &metadata);
    });
    let client = FileClient::connect(&client_options(&address), PATIENCE).unwrap();
    let stored = client.upload(&from, &path("file"), Upload::new().from_the_beginning(), PATIENCE).unwrap();
    assert_eq!(stored.hash, *blake3::hash(&content(BLOCK + 3)).as_bytes());
    client.close();
    server.join().unwrap();
}

fn begin(peer: &RawPeer, id: u32, size: usize) {
    peer.send(&put_message(id, 0, size as u64, 0o600, &[b"file"]));
    assert_eq!(peer.recv()[0], 0x93);
    peer.send(&message(0x22, id, &[0; 4]));
}

#[test]
fn a_block_that_is_not_right_is_named_and_wanted_again() {
    let library = Library::open();
    let peer = library.raw();
    let bytes = content(3 * BLOCK);
    let blocks: Vec<&[u8]> = bytes.chunks(BLOCK).collect();
    begin(&peer, 1, bytes.len());
    let zeros = vec![0; BLOCK];
    peer.send(&data(1, 0, block_hash(0, blocks[0]), blocks[0]));
    peer.send(&data(1, 1, block_hash(1, blocks[1]), &zeros));
    peer.send(&data(1, 2, block_hash(2, blocks[2]), blocks[2]));
    let again = loop {
        let said = peer.recv();
        if said[0] == 0x31 {
            break said;
        }
        assert_eq!(said, message(0x94, 1, &[0, 0, 0, 1]));
    };
    assert_eq!(again, message(0x31, 1, &[0, 0, 0, 1]));
    peer.send(&data(1, 1, block_hash(1, blocks[1]), blocks[1]));
    peer.send(&data(1, 2, block_hash(2, blocks[2]), blocks[2]));
    peer.send(&finish(1, bytes.len() as u64, *blake3::hash(&bytes).as_bytes()));
    while peer.recv()[0] != 0x91 {}
    assert!(fs::read(library.remote("file")).unwrap() == bytes);
    fs::remove_file(library.remote("file")).unwrap();
    // Twice the same one is enough; so is a hash of the whole that is not the blocks'.
    begin(&peer, 2, bytes.len());
    (0..2).for_each(|_| peer.send(&data(2, 0, block_hash(0, blocks[0]), &zeros)));
    assert_eq!(peer.recv()[0], 0x31);
    assert_eq!(peer.refused(), Refusal::HashMismatch.code());
    begin(&peer, 3, 5);
    peer.send(&data(3, 0, block_hash(0, b"right"), b"right"));
    peer.send(&finish(3, 5, [7; 32]));
    // Both may be dealt with at once: then nothing is said of the block.
    let last = std::iter::repeat_with(|| peer.recv()).find(|said| said[0] != 0x94).unwrap();
    assert_eq!((last[0], u16::from_be_bytes([last[5], last[6]])), (0x96, Refusal::HashMismatch.code()));
    assert!(library.parts().is_empty() && !library.remote("file").exists());
}
