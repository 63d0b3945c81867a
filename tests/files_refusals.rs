//! Nobody gets in without a secret, and what breaks the protocol is told its rule.

mod support;

use std::fs;

use rustchat::Status;
use rustchat::auth::{KeyRing, Profile, Secret, ServerAuth};
use rustchat::net::Endpoint;
use rustchat::transfer::{Download, FileClient, FileClientOptions, FileServer, Upload};

use support::PATIENCE;
use support::files::{BLOCK, Library, Scratch, data, message, options, path, put, put_message};

fn refused(change: impl FnOnce(&mut rustchat::transfer::FileServerOptions)) -> String {
    let scratch = Scratch::new();
    let mut options = options(&scratch.path(""));
    change(&mut options);
    let Err(error) = FileServer::start(options) else { panic!("it has started") };
    assert_eq!(error.status(), Status::InvalidArgument);
    error.message().to_owned()
}

#[test]
fn what_cannot_work_is_named_before_anything_listens() {
    assert!(refused(|options| options.auth = None).starts_with("a file server needs a secret"));
    assert!(refused(|options| options.allow_anonymous = true).contains("never anonymous"));
    assert!(refused(|options| options.endpoint = Endpoint::tcp("0.0.0.0", 0)).contains("without encryption"));
    assert!(refused(|options| options.root = None).starts_with("root is missing"));
    let ring = KeyRing::new();
    ring.insert("a/b", Secret::new("sixteen bytes or more").unwrap()).unwrap();
    let named = refused(|options| {
        options.folder_per_key = true;
        options.auth = Some(ServerAuth::new(Profile::Mutual, ring));
    });
    assert!(named.contains("\"a/b\" cannot be the name of a folder"), "{named}");
    let scratch = Scratch::new();
    let missing = FileServer::start(options(&scratch.path("none"))).err().unwrap();
    assert_eq!((missing.status(), missing.os_code()), (Status::Io, Some(2)), "{missing}");
    let anonymous =
        FileClient::connect(&FileClientOptions::new(Endpoint::tcp("127.0.0.1", 1)), PATIENCE).err().unwrap();
    assert!(anonymous.message().starts_with("a client of files needs a secret"), "{anonymous}");
}

#[test]
fn who_breaks_a_rule_is_told_it_and_goes() {
    let library = Library::open();
    let begin = |peer: &support::files::RawPeer| {
        peer.send(&put_message(1, 0, 20 << 20, 0o600, &[b"file"]));
        assert_eq!(peer.recv()[0], 0x93);
    };
    type Break = fn(&support::files::RawPeer);
    let cases: [(&str, bool, Break); 8] = [
        ("there is no message of type 0x77", false, |peer| peer.send(&message(0x77, 1, b""))),
        ("a message has a type and a request", false, |peer| peer.send(b"x")),
        ("HELLO comes once", false, |peer| peer.send(b"\x01\0\0\0\0rfil\x01\0\0\0\0")),
        ("requests are numbered in order: 5 came, 1 is next", false, |peer| peer.send(&message(0x10, 5, &[0]))),
        ("request 9 was never made", false, |peer| peer.send(&message(0x24, 9, b""))),
        ("DATA has no place here", true, |peer| peer.send(&data(1, 0, [0; 32], b"x"))),
        ("BEGIN has no place here", true, |peer| (0..2).for_each(|_| peer.send(&message(0x22, 1, &[0; 4])))),
        ("a message is longer than the limit", false, |peer| {
            let _ = peer.connection.send(&vec![0; BLOCK + 100], PATIENCE);
        }),
    ];
    for (rule, is_begun, wrong) in cases {
        let peer = library.raw();
        if is_begun {
            begin(&peer);
        }
        wrong(&peer);
        let last = peer.recv();
        assert_eq!((last[0], last[5], str::from_utf8(&last[6..]).unwrap()), (0x7f, 1, rule));
        assert_eq!(peer.connection.recv(PATIENCE).unwrap_err().status(), Status::Closed);
    }
    assert!(!library.remote("file").exists());
    // Nobody else has noticed anything.
    put(&library.connect(), &library.make("file", 1), "file").unwrap();
}

#[test]
fn more_blocks_than_the_window_are_not_taken() {
    let library = Library::open();
    let peer = library.raw();
    peer.send(&put_message(1, 0, 20 << 20, 0o600, &[b"file"]));
    assert_eq!(peer.recv()[0], 0x93);
    peer.send(&message(0x22, 1, &[0; 4]));
    // The first one is wrong, and nothing behind it is taken: so nothing says how many were.
    let bytes = vec![0; BLOCK];
    let sent = (0..200).take_while(|_| peer.connection.send(&data(1, 0, [9; 32], &bytes), PATIENCE).is_ok()).count();
    let last = std::iter::repeat_with(|| peer.connection.recv(PATIENCE)).find_map(|said| match said {
        Ok(said) if matches!(said[0], 0x7f | 0x96) => Some(said),
        Ok(_) => None,
        Err(error) => panic!("{error}"),
    });
    assert!(matches!(last.unwrap()[0], 0x7f | 0x96) && sent > 0);
}

#[test]
fn whole_folders_come_and_go() {
    let library = Library::open();
    let client = library.connect();
    fs::create_dir_all(library.local("tree/a/b")).unwrap();
    for (name, size) in [("tree/one", 5), ("tree/a/two", 0), ("tree/a/b/three", BLOCK + 1)] {
        library.make(name, size);
    }
    std::os::unix::fs::symlink("one", library.local("tree/link")).unwrap();
    let stored = client.upload_tree(library.local("tree"), &path("in/tree"), Upload::new(), PATIENCE).unwrap();
    assert_eq!((stored.files, stored.bytes, stored.skipped.len()), (3, 5 + BLOCK as u64 + 1, 1));
    assert!(stored.skipped[0].ends_with("tree/link"));
    let fetched = client.download_tree(&path("in/tree"), library.local("back"), Download::new(), PATIENCE).unwrap();
    assert_eq!((fetched.files, fetched.bytes), (3, stored.bytes));
    for name in ["one", "a/two", "a/b/three"] {
        assert_eq!(
            fs::read(library.local("back").join(name)).unwrap(),
            fs::read(library.local("tree").join(name)).unwrap()
        );
    }
    let again = client.upload_tree(library.local("tree"), &path("in/tree"), Upload::new(), PATIENCE).unwrap_err();
    assert_eq!(again.refusal(), Some(rustchat::transfer::Refusal::Exists));
}
