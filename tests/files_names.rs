//! Names lead where they say, and nowhere outside the root.

mod support;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::transfer::{Download, FileClient, FileKind, Follow, Refusal, Upload};

use support::PATIENCE;
use support::files::{
    Library, SECRET, block_hash, client_options, data, finish, get, message, names, path, put, put_message, rule,
};

/// As it comes over the wire: nothing that a client could not say is relied on.
#[test]
fn what_is_no_name_is_refused_by_its_rule() {
    let library = Library::open();
    let peer = library.raw();
    let long = [b'x'; 255];
    let cases: [(&[&[u8]], Refusal); 12] = [
        (&[b".."], Refusal::NameDot),
        (&[b"a", b"..", b"..", b"secret"], Refusal::NameDot),
        (&[b"."], Refusal::NameDot),
        (&[b"", b"etc"], Refusal::NameEmpty),
        (&[b"../secret"], Refusal::NameSlash),
        (&[b"/etc/passwd"], Refusal::NameSlash),
        (&[b"a\0b"], Refusal::NameNul),
        (&[b"\xff\xfe"], Refusal::NameUtf8),
        (&[&long[..]; 20], Refusal::PathTooLong),
        (&[&b"x"[..]; 65], Refusal::PathTooLong),
        (&[b".rustchat", b"partial"], Refusal::NameReserved),
        (&[b"rootX", b"secret"], Refusal::NotFound),
    ];
    let mut id = 0;
    for (case, expected) in cases {
        let list = names(case);
        let flagged = [&[0][..], &list].concat();
        let both = [&[0][..], &list, &names(&[b"to"])].concat();
        let get = [&[0; 12][..], &list].concat();
        let others =
            [(0x10, list.clone()), (0x11, list), (0x12, flagged.clone()), (0x13, flagged.clone()), (0x14, flagged)];
        for (kind, body) in others.into_iter().chain([(0x15, both), (0x21, get)]) {
            id += 1;
            peer.send(&message(kind, id, &body));
            assert_eq!(peer.refused(), expected.code(), "{case:?} by {kind:#x}");
        }
        id += 1;
        peer.send(&put_message(id, 0, 1, 0o600, case));
        assert_eq!(peer.refused(), expected.code(), "{case:?}");
    }
    // Names that are to be made are for people.
    for name in [&b"a\nb"[..], b"\x1b[2J", b"\x7f", "\u{85}".as_bytes(), "\u{2028}".as_bytes()] {
        id += 1;
        peer.send(&put_message(id, 0, 1, 0o600, &[name]));
        assert_eq!(peer.refused(), Refusal::NameControl.code(), "{name:?}");
    }
    assert_eq!(fs::read_dir(library.remote("")).unwrap().count(), 1, "nothing but the server's own folder");
}

#[test]
fn links_are_told_of_and_not_followed() {
    let library = Library::open();
    let client = library.connect();
    symlink("../secret", library.remote("out")).unwrap();
    symlink("..", library.remote("up")).unwrap();
    assert_eq!(client.stat(&path("out"), PATIENCE).unwrap().kind, FileKind::Link);
    assert_eq!(rule(get(&client, "out", &library.local("x"))), Refusal::Symlink);
    let from = library.make("file", 9);
    for through in ["up/secret", "up/new", "out/new"] {
        assert!(matches!(rule(put(&client, &from, through)), Refusal::Symlink | Refusal::NotFolder));
        assert_eq!(rule(client.stat(&path(through), PATIENCE)), Refusal::Symlink);
        assert_eq!(rule(client.remove(&path(through), PATIENCE)), Refusal::Symlink);
        assert_eq!(rule(client.mkdir(&path(through), true, false, PATIENCE)), Refusal::Symlink);
        assert_eq!(rule(client.rename(&path("out"), &path(through), PATIENCE)), Refusal::Symlink);
    }
    assert_eq!(rule(client.list(&path("up"), PATIENCE)), Refusal::Symlink);
    // What takes its name replaces the link, and what removes it removes the link.
    client.upload(&from, &path("out"), Upload::new().overwrite(), PATIENCE).unwrap();
    client.remove(&path("up"), PATIENCE).unwrap();
    assert!(fs::symlink_metadata(library.remote("out")).unwrap().is_file());
    assert_eq!(fs::read_to_string(library.remote("../secret")).unwrap(), "outside");
}

#[test]
fn links_inside_are_followed_where_that_is_the_policy() {
    let library = Library::with(|options| options.follow = Follow::Inside);
    let client = library.connect();
    fs::create_dir(library.remote("folder")).unwrap();
    fs::write(library.remote("folder/file"), "inside").unwrap();
    symlink("folder", library.remote("link")).unwrap();
    symlink("../secret", library.remote("out")).unwrap();
    symlink("/", library.remote("all")).unwrap();
    get(&client, "link/file", &library.local("file")).unwrap();
    put(&client, &library.local("file"), "link/new").unwrap();
    assert_eq!(fs::read_to_string(library.remote("folder/new")).unwrap(), "inside");
    assert_eq!(rule(get(&client, "out", &library.local("x"))), Refusal::Symlink);
    assert_eq!(rule(client.list(&path("all"), PATIENCE)), Refusal::Symlink);
}

/// Has another thread end, whatever becomes of this one.
struct Ends<'s>(&'s AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A folder that is swapped for a link to the outside all the time, under every request that there is.
#[test]
fn who_swaps_folders_for_links_leads_nothing_out() {
    let library = Library::open();
    let outside = library.local("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("file"), "outside").unwrap();
    fs::create_dir(library.remote("swap")).unwrap();
    fs::write(library.remote("swap/file"), "inside").unwrap();
    symlink(&outside, library.remote("link")).unwrap();
    let (one, other) = (library.remote("swap"), library.remote("link"));
    let (client, from, stop) = (library.connect(), library.make("new", 8), AtomicBool::new(false));
    thread::scope(|scope| {
        let _end = Ends(&stop);
        scope.spawn(|| {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let overwrite = || Upload::new().overwrite().parents();
        for round in 0..150 {
            let _ = client.upload(&from, &path("swap/new"), overwrite(), PATIENCE);
            let _ = client.upload(&from, &path(&format!("swap/deep/{round}")), overwrite(), PATIENCE);
            let _ = client.mkdir(&path(&format!("swap/made{round}/more")), true, true, PATIENCE);
            let _ = client.rename(&path("swap/new"), &path(&format!("swap/moved{round}")), PATIENCE);
            let _ = client.remove(&path(&format!("swap/moved{round}")), PATIENCE);
            let _ = client.list(&path("swap"), PATIENCE);
            let to = library.local("fetched");
            if client.download(&path("swap/file"), &to, Download::new().overwrite(), PATIENCE).is_ok() {
                assert_eq!(fs::read_to_string(to).unwrap(), "inside");
            }
        }
    });
    let names: Vec<_> = fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["file"], "nothing was made, taken or removed there");
    assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "outside");
}

/// While a file comes its folder is moved away: it follows to no other place.
#[test]
fn a_file_appears_where_its_path_leads_when_it_has_come() {
    let library = Library::open();
    let peer = library.raw();
    let send = |id: u32| {
        fs::create_dir(library.remote("folder")).unwrap();
        peer.send(&put_message(id, 0, 5, 0o600, &[b"folder", b"file"]));
        assert_eq!(peer.recv()[0], 0x93);
        fs::rename(library.remote("folder"), library.local(&format!("outside{id}"))).unwrap();
    };
    let complete = |id: u32| {
        peer.send(&message(0x22, id, &[0; 4]));
        peer.send(&data(id, 0, block_hash(0, b"right"), b"right"));
        peer.send(&finish(id, 5, *blake3::hash(b"right").as_bytes()));
        std::iter::repeat_with(|| peer.recv()).find(|said| said[0] != 0x94).unwrap()
    };
    send(1);
    let said = complete(1);
    assert_eq!((said[0], u16::from_be_bytes([said[5], said[6]])), (0x96, Refusal::NotFound.code()));
    send(2);
    fs::create_dir(library.remote("folder")).unwrap();
    assert_eq!(complete(2)[0], 0x91);
    assert_eq!(fs::read_to_string(library.remote("folder/file")).unwrap(), "right");
    for id in [1, 2] {
        assert_eq!(fs::read_dir(library.local(&format!("outside{id}"))).unwrap().count(), 0);
    }
}

#[test]
fn what_is_no_file_is_no_source_and_no_target() {
    let library = Library::open();
    let client = library.connect();
    for (name, make) in [("pipe", library.remote("pipe")), ("local pipe", library.local("pipe"))] {
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &make, fifo, rustix::fs::Mode::from_raw_mode(0o600), 0).expect(name);
    }
    let begin = Instant::now();
    assert_eq!(rule(get(&client, "pipe", &library.local("x"))), Refusal::NotRegular);
    assert_eq!(client.stat(&path("pipe"), PATIENCE).unwrap().kind, FileKind::Other);
    assert!(put(&client, &library.local("pipe"), "x").is_err());
    assert!(put(&client, "/dev/null".as_ref(), "x").is_err());
    assert!(begin.elapsed() < Duration::from_secs(10), "nobody has waited for a writer");
    assert_eq!(rule(put(&client, &library.make("file", 1), "pipe")), Refusal::Exists);
    client.remove(&path("pipe"), PATIENCE).unwrap();
}

#[test]
fn of_two_renames_to_one_name_one_wins() {
    let library = Library::open();
    for name in ["a", "b", "taken"] {
        fs::write(library.remote(name), name).unwrap();
    }
    let client = library.connect();
    assert_eq!(rule(client.rename(&path("a"), &path("taken"), PATIENCE)), Refusal::Exists);
    let won = thread::scope(|scope| {
        let rename = |name: &'static str| {
            let client = library.connect();
            scope.spawn(move || client.rename(&path(name), &path("c"), PATIENCE).is_ok())
        };
        [rename("a"), rename("b")].map(|one| one.join().unwrap())
    });
    assert!(won[0] != won[1], "{won:?}");
    client.replace(&path("c"), &path("taken"), PATIENCE).unwrap();
    assert_eq!(fs::read_dir(library.remote("")).unwrap().count(), 3);
    assert_eq!(rule(client.rename(&path("none"), &path("new"), PATIENCE)), Refusal::NotFound);
}

#[test]
fn folders_are_made_listed_and_removed() {
    let library = Library::open();
    let client = library.connect();
    client.mkdir(&path("a/b/c"), true, false, PATIENCE).unwrap();
    assert_eq!(rule(client.mkdir(&path("a"), false, false, PATIENCE)), Refusal::Exists);
    client.mkdir(&path("a"), false, true, PATIENCE).unwrap();
    for count in 0..3000 {
        fs::write(library.remote(&format!("a/{count:04}")), "x").unwrap();
    }
    let mut entries = client.list(&path("a"), PATIENCE).unwrap();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!((entries.len(), &*entries[7].name), (3001, &b"0007"[..]));
    assert!(entries[7].metadata.is_file() && entries[3000].metadata.is_folder());
    assert_eq!(rule(client.rmdir(&path("a"), PATIENCE)), Refusal::NotEmpty);
    assert_eq!(rule(client.remove(&path("a/b"), PATIENCE)), Refusal::IsFolder);
    assert_eq!(rule(client.rmdir(&path("a/0001"), PATIENCE)), Refusal::NotFolder);
    client.rmdir(&path("a/b/c"), PATIENCE).unwrap();
    assert_eq!(rule(client.rmdir(&path("a/b/c"), PATIENCE)), Refusal::NotFound);
    let root: Vec<_> = client.list(&path(""), PATIENCE).unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(root, [b"a"], "the server's own folder is not told of");
}

#[test]
fn a_listing_shows_what_is_there() {
    let library = Library::open();
    let there: [&[u8]; 5] = ["\u{fc}".as_bytes(), "u\u{308}".as_bytes(), b"bad\xff", b"line\nbreak", b"\x1b[31mred"];
    for name in there {
        fs::write(library.remote("").join(std::ffi::OsStr::from_bytes(name)), name).unwrap();
    }
    let client = library.connect();
    let mut found: Vec<_> = client.list(&path(""), PATIENCE).unwrap().into_iter().map(|entry| entry.name).collect();
    found.sort();
    let mut expected = there.map(<[u8]>::to_vec);
    expected.sort();
    assert_eq!(found, expected);
    get(&client, "\u{fc}", &library.local("one")).unwrap();
    get(&client, "u\u{308}", &library.local("other")).unwrap();
    assert_ne!(fs::read(library.local("one")).unwrap(), fs::read(library.local("other")).unwrap());
}

#[test]
fn each_key_has_a_folder_of_its_own() {
    let ring = KeyRing::new();
    for id in ["ann", "bob"] {
        ring.insert(id, Secret::new(format!("{SECRET} of {id}")).unwrap()).unwrap();
    }
    let library = Library::with(|options| {
        options.auth = Some(ServerAuth::new(Profile::Mutual, ring.clone()));
        (options.folder_per_key, options.quota) = (true, 100);
    });
    let connect = |id: &str| {
        let mut options = client_options(library.server.address());
        let secret = Secret::new(format!("{SECRET} of {id}")).unwrap();
        options.auth = Some(ClientAuth::new(Profile::Mutual, secret).with_key_id(id).unwrap());
        FileClient::connect(&options, PATIENCE).unwrap()
    };
    let (ann, bob) = (connect("ann"), connect("bob"));
    let from = library.make("file", 90);
    put(&ann, &from, "file").unwrap();
    assert_eq!(rule(bob.stat(&path("file"), PATIENCE)), Refusal::NotFound);
    put(&bob, &from, "file").unwrap();
    assert!(library.remote("ann/file").exists() && library.remote("bob/file").exists());
    assert_eq!(rule(put(&ann, &from, "more")), Refusal::Quota, "each has a quota of its own");
    // A key that is put in later and can have no folder sees nothing.
    ring.insert("../up", Secret::new(format!("{SECRET} of ../up")).unwrap()).unwrap();
    assert_eq!(rule(connect("../up").list(&path(""), PATIENCE)), Refusal::Denied);
}
