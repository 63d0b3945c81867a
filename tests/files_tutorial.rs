//! The upload client of the socket tutorials, which stores a file and nothing else, in the root and nowhere else.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use rustchat::Status;
use rustchat::auth::{Digest, KeyRing, Profile, Secret, ServerAuth};
use rustchat::net::Endpoint;
use rustchat::transfer::{FileServer, FileServerOptions};

use support::files::{BLOCK, Library, Scratch, content, options};
use support::{PATIENCE, eventually};

fn library(change: impl FnOnce(&mut FileServerOptions)) -> Library {
    Library::with(|options| {
        (options.auth, options.allow_anonymous, options.tutorial) = (None, true, true);
        change(options);
    })
}

fn header(text: &str) -> Vec<u8> {
    [&(text.len() as i32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn begin(library: &Library, user: &str, name: &str, size: usize) -> TcpStream {
    let mut stream = TcpStream::connect(library.server.address().to_string()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&header(&serde_json::json!({"operate": "upload", "user": user}).to_string())).unwrap();
    let file = serde_json::json!({"filename": name, "filesize": size});
    stream.write_all(&header(&file.to_string())).unwrap();
    stream
}

/// As it does: it goes at once when all is sent.
fn upload(library: &Library, user: &str, name: &str, bytes: &[u8]) {
    begin(library, user, name, bytes.len()).write_all(bytes).unwrap();
}

/// The server ends the connection, having said nothing.
fn is_sent_away(mut stream: TcpStream) {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    assert!(said.is_empty());
}

fn over(library: &Library) {
    eventually("it is over", || library.server.stats().transfers == 0 && library.parts().is_empty());
}

#[test]
fn its_files_appear_in_its_folder_whole_and_in_the_place_of_others() {
    let library = library(|_| {});
    for (size, name) in [(5, "file"), (20 * BLOCK + 7, "荒野.mp4"), (0, "empty"), (BLOCK, "file")] {
        upload(&library, "xiaoming", name, &content(size));
        let path = library.remote("xiaoming").join(name);
        eventually("it is there", || fs::metadata(&path).is_ok_and(|found| found.len() == size as u64));
        assert!(fs::read(&path).unwrap() == content(size));
    }
    upload(&library, "", "top", b"in the root");
    eventually("it is there", || library.remote("top").exists());
    eventually("all are counted", || library.server.stats().stored == 5);
    // Half of one is none, and what is there stays.
    let mut half = begin(&library, "xiaoming", "file", 5 * BLOCK);
    half.write_all(&content(2 * BLOCK)).unwrap();
    half.shutdown(Shutdown::Both).unwrap();
    over(&library);
    assert_eq!(fs::metadata(library.remote("xiaoming/file")).unwrap().len(), BLOCK as u64);
}

#[test]
fn its_names_lead_nowhere_else() {
    let library = library(|_| {});
    let long = "x".repeat(256);
    let names = ["../secret", "..", "/etc/x", "a/b", "a\0b", "a\nb", &long];
    for name in names {
        is_sent_away(begin(&library, "user", name, 5));
        is_sent_away(begin(&library, name, "file", 5));
    }
    is_sent_away(begin(&library, ".rustchat", "file", 5));
    std::os::unix::fs::symlink(library.local(""), library.remote("link")).unwrap();
    is_sent_away(begin(&library, "link", "file", 5));
    over(&library);
    assert_eq!(fs::read_to_string(library.remote("../secret")).unwrap(), "outside");
    assert_eq!(fs::read_dir(library.local("")).unwrap().count(), 0);
    assert_eq!(library.server.stats().stored, 0);
}

#[test]
fn its_limits_are_those_of_others() {
    let library = library(|options| {
        (options.file_limit, options.quota) = (4 * BLOCK, 5 * BLOCK);
        options.stall_timeout = Duration::from_secs(1);
    });
    is_sent_away(begin(&library, "user", "large", 4 * BLOCK + 1));
    is_sent_away(begin(&library, "user", "huge", usize::MAX / 2));
    upload(&library, "user", "one", &content(4 * BLOCK));
    eventually("it is there", || library.remote("user/one").exists());
    is_sent_away(begin(&library, "user", "two", 2 * BLOCK));
    // More than was announced: that was the file. Then what is no header, and who says nothing.
    let mut more = begin(&library, "user", "more", 3);
    more.write_all(b"four").unwrap();
    is_sent_away(more);
    let mut strange = TcpStream::connect(library.server.address().to_string()).unwrap();
    strange.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    is_sent_away(strange);
    is_sent_away(TcpStream::connect(library.server.address().to_string()).unwrap());
    is_sent_away(begin(&library, "user", "slow", 3));
    over(&library);
    assert_eq!(fs::read_to_string(library.remote("user/more")).unwrap(), "fou");
    assert_eq!(fs::read_dir(library.remote("user")).unwrap().count(), 2);
}

#[test]
fn nobody_gets_in_who_was_not_meant_to() {
    let refused = |change: fn(&mut FileServerOptions)| {
        let scratch = Scratch::new();
        let mut options = options(&scratch.path(""));
        options.tutorial = true;
        change(&mut options);
        let error = FileServer::start(options).err().unwrap();
        assert_eq!(error.status(), Status::InvalidArgument);
        error.message().to_owned()
    };
    assert!(refused(|_| {}).contains("profile tutorial alone"));
    assert!(refused(|options| options.auth = None).contains("allow_anonymous"));
    assert!(
        refused(|options| {
            (options.auth, options.allow_anonymous) = (None, true);
            options.endpoint = Endpoint::tcp("0.0.0.0", 0);
        })
        .contains("without encryption")
    );
    // With a secret, who does not know it stores nothing.
    let library = library(|options| {
        let ring = KeyRing::single(Secret::new("sixteen bytes or more").unwrap());
        (options.auth, options.allow_anonymous) =
            (Some(ServerAuth::new(Profile::Tutorial(Digest::Sha256), ring)), false);
    });
    let mut stream = begin(&library, "user", "file", 5);
    let _ = stream.write_all(b"bytes");
    eventually("it has failed", || library.server.stats().authentication_failed == 1);
    assert!(!library.remote("user").exists());
}
