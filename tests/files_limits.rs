//! There is room for what is let in, whoever sends it how.

mod support;

use std::fs;
use std::time::{Duration, SystemTime};

use rustchat::transfer::{FileServer, Progress, Refusal, Upload};

use support::files::{BLOCK, Library, client_options, message, options, path, put, put_message, rule};
use support::{PATIENCE, eventually};

#[test]
fn a_quota_counts_everything_and_everybody() {
    let library = Library::with(|options| options.quota = 10 * BLOCK);
    let client = library.connect();
    let (whole, byte, two) = (library.make("whole", 10 * BLOCK - 1), library.make("byte", 1), library.make("two", 2));
    put(&client, &whole, "whole").unwrap();
    assert_eq!(rule(put(&client, &two, "two")), Refusal::Quota, "one byte is left");
    // Eight at once for one byte: one gets it.
    let won = std::thread::scope(|scope| {
        let upload = |number: usize| {
            let (library, byte) = (&library, &byte);
            scope.spawn(move || put(&library.connect(), byte, &format!("byte{number}")).is_ok())
        };
        let all: Vec<_> = (0..8).map(upload).collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
    // A small one in the place of a large one always fits, and leaves room.
    client.upload(&two, &path("whole"), Upload::new().overwrite(), PATIENCE).unwrap();
    put(&client, &library.make("more", 9 * BLOCK), "more").unwrap();
    client.remove(&path("more"), PATIENCE).unwrap();
    put(&client, &library.make("more", 9 * BLOCK), "again").unwrap();
    let replaced = client.replace(&path("again"), &path("whole"), PATIENCE);
    replaced.unwrap();
    assert_eq!(rule(put(&client, &library.make("more", BLOCK), "over")), Refusal::Quota);
}

#[test]
fn parts_count_and_are_counted_again_after_the_next_start() {
    let library = Library::with(|options| options.quota = 10 * BLOCK);
    let client = library.connect();
    let from = library.make("file", 9 * BLOCK);
    let mut stop = |_: &Progress| false;
    client.upload(&from, &path("file"), Upload::new().on_progress(&mut stop), PATIENCE).unwrap_err();
    eventually("it has ended", || library.server.stats().transfers == 0);
    let part = fs::metadata(&library.parts()[0]).unwrap().len() as usize;
    let rest = library.make("rest", 10 * BLOCK - part + 1);
    assert_eq!(rule(put(&client, &rest, "rest")), Refusal::Quota);
    // The same by a server that has found it there.
    let mut again = options(&library.remote(""));
    again.quota = 10 * BLOCK;
    let server = FileServer::start(again).unwrap();
    let other = rustchat::transfer::FileClient::connect(&client_options(server.address()), PATIENCE).unwrap();
    assert_eq!(rule(put(&other, &rest, "rest")), Refusal::Quota);
    // Whoever goes on with it needs room for the rest alone.
    assert_eq!(put(&other, &from, "file").unwrap().resumed, part as u64);
}

#[test]
fn parts_that_nobody_goes_on_with_are_thrown_away() {
    let library = Library::open();
    let client = library.connect();
    let from = library.make("file", 9 * BLOCK);
    let mut stop = |_: &Progress| false;
    client.upload(&from, &path("file"), Upload::new().on_progress(&mut stop), PATIENCE).unwrap_err();
    eventually("it has ended", || library.server.stats().transfers == 0);
    let start = || FileServer::start(options(&library.remote(""))).unwrap();
    drop(start());
    assert_eq!(library.parts().len(), 1, "for a day it is kept");
    let yesterday = SystemTime::now() - Duration::from_secs(25 * 3600);
    fs::File::options().write(true).open(&library.parts()[0]).unwrap().set_modified(yesterday).unwrap();
    drop(start());
    assert!(library.parts().is_empty());
}

#[test]
fn a_file_has_no_more_bytes_than_a_file_may() {
    let library = Library::with(|options| options.file_limit = 100);
    let client = library.connect();
    put(&client, &library.make("small", 100), "small").unwrap();
    assert_eq!(rule(put(&client, &library.make("large", 101), "large")), Refusal::FileTooLarge);
    // Nobody gets past it with a size that is not true.
    let peer = library.raw();
    peer.send(&put_message(1, 0, 101, 0o600, &[b"large"]));
    assert_eq!(peer.refused(), Refusal::FileTooLarge.code());
}

/// Each folder that is listed keeps a descriptor of the server.
#[test]
fn one_connection_lists_a_few_folders_at_a_time() {
    let library = Library::open();
    (0..20).for_each(|number| fs::write(library.remote(&number.to_string()), "").unwrap());
    let peer = library.raw();
    let all: Vec<_> = (1..=60).map(|id| message(0x11, id, &[0])).collect();
    peer.connection.send_many(all.iter().map(Vec::as_slice), PATIENCE).unwrap();
    let (mut done, mut busy) = (0, 0);
    while done + busy < 60 {
        let said = peer.recv();
        match said[0] {
            0x91 => done += 1,
            0x96 if said[5..7] == Refusal::Busy.code().to_be_bytes() => busy += 1,
            0x90 => {}
            _ => panic!("{said:?}"),
        }
    }
    assert!(done >= 8 && busy > 0, "{done} {busy}");
    assert_eq!(library.connect().list(&path(""), PATIENCE).unwrap().len(), 20);
}

/// As far as it goes without a disk of its own: what the disk has not is refused before any of it comes.
#[test]
fn so_much_of_the_disk_is_left_free() {
    let library = Library::with(|options| options.disk_reserve = usize::MAX / 4);
    let client = library.connect();
    assert_eq!(rule(put(&client, &library.make("file", 1), "file")), Refusal::Reserve);
    assert!(library.parts().is_empty() && !library.remote("file").exists());
    put(&client, &library.make("empty", 0), "empty").unwrap();
}

#[test]
fn transfers_are_bounded_for_each_and_for_all() {
    let library = Library::with(|options| (options.transfer_limit, options.client_transfer_limit) = (3, 2));
    let peers = [library.raw(), library.raw()];
    let ask = |peer: usize, id: u32| {
        let name = format!("{peer}-{id}");
        peers[peer].send(&put_message(id, 0, 100, 0o600, &[name.as_bytes()]));
        peers[peer].recv()
    };
    assert_eq!([ask(0, 1)[0], ask(0, 2)[0], ask(1, 1)[0]], [0x93; 3]);
    for (peer, id) in [(0, 3), (1, 2)] {
        let said = ask(peer, id);
        assert_eq!((said[0], u16::from_be_bytes([said[5], said[6]])), (0x96, Refusal::Busy.code()));
    }
    peers[0].connection.close();
    eventually("there is a place", || put(&library.connect(), &library.make("file", 1), "file").is_ok());
}

#[test]
fn where_nothing_is_written_nothing_is_made() {
    let library = Library::with(|options| options.read_only = true);
    let client = library.connect();
    fs::write(library.remote("file"), "x").unwrap();
    let from = library.make("file", 1);
    assert_eq!(rule(put(&client, &from, "new")), Refusal::ReadOnly);
    assert_eq!(rule(client.mkdir(&path("new"), false, false, PATIENCE)), Refusal::ReadOnly);
    assert_eq!(rule(client.remove(&path("file"), PATIENCE)), Refusal::ReadOnly);
    assert_eq!(rule(client.rename(&path("file"), &path("new"), PATIENCE)), Refusal::ReadOnly);
    assert_eq!(client.list(&path(""), PATIENCE).unwrap().len(), 1);
    assert!(!library.remote(".rustchat").exists());
}
