//! However a transfer ends, a file is there as it was, or whole.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustchat::Status;
use rustchat::net::Endpoint;
use rustchat::transfer::{Download, FileClient, Progress, Upload};

use support::files::{BLOCK, Library, Scratch, client_options, content, get, message, path, pretend, put, put_message};
use support::{PATIENCE, eventually};

#[test]
fn a_server_that_stops_says_so_and_what_has_come_stays() {
    let library = Library::open();
    let client = library.connect();
    let from = library.make("file", 30 * BLOCK);
    let mut stop = |progress: &Progress| {
        if progress.done > 0 {
            library.server.close();
        }
        true
    };
    let ended = client.upload(&from, &path("file"), Upload::new().on_progress(&mut stop), PATIENCE).unwrap_err();
    assert!(matches!(ended.status(), Status::Closed | Status::ConnectionReset | Status::Refused), "{ended}");
    library.server.join(PATIENCE).unwrap();
    assert!(!library.remote("file").exists());
    let [part] = &library.parts()[..] else { panic!("one part") };
    assert!(fs::metadata(part).unwrap().len() >= BLOCK as u64);
    assert!(client.list(&path(""), PATIENCE).is_err());
}

/// A client that goes away, or says nothing more, in the middle of a file.
#[test]
fn who_says_nothing_more_of_a_file_is_sent_away() {
    let library = Library::with(|options| options.stall_timeout = Duration::from_secs(1));
    let idle = library.connect();
    let peer = library.raw();
    peer.send(&put_message(1, 0, 100, 0o600, &[b"file"]));
    assert_eq!(peer.recv()[0], 0x93);
    let last = peer.recv();
    assert_eq!((last[0], last[5]), (0x7f, 4), "{last:?}");
    eventually("its file is free", || put(&idle, &library.make("file", 1), "file").is_ok());
    assert!(library.parts().is_empty());
    // Of a file that is fetched it keeps the place of a transfer.
    let peer = library.raw();
    peer.send(&message(0x21, 1, &[&[0; 12][..], b"\x01\x04file"].concat()));
    assert_eq!(peer.recv()[0], 0x93);
    let last = peer.recv();
    assert_eq!((last[0], last[5]), (0x7f, 4), "{last:?}");
    eventually("its place is free", || library.server.stats().transfers == 0);
}

/// A client that looks at what it has for long is not silent meanwhile: whoever waits for it hears of it.
#[test]
fn a_client_that_is_busy_is_not_silent() {
    let scratch = Scratch::new();
    fs::write(scratch.path("file"), content(3 * BLOCK)).unwrap();
    let (address, server) = pretend(|connection| {
        connection.recv(PATIENCE).unwrap();
        let hashes = message(0x92, 1, &[0; 36]);
        connection.send(&hashes, PATIENCE).unwrap();
        connection.send(&hashes, PATIENCE).unwrap();
        assert_eq!(connection.recv(PATIENCE).unwrap()[0], 0x7d);
        connection.send(&message(0x96, 1, &[0, 30]), PATIENCE).unwrap();
    });
    let mut options = client_options(&address);
    options.ping_interval = Duration::ZERO;
    let client = FileClient::connect(&options, PATIENCE).unwrap();
    let mut slow = |_: &Progress| {
        // Longer than a client is silent while it is busy.
        std::thread::sleep(Duration::from_millis(1100));
        true
    };
    let upload = Upload::new().on_progress(&mut slow);
    let ended = client.upload(scratch.path("file"), &path("file"), upload, PATIENCE).unwrap_err();
    assert_eq!(ended.status(), Status::Refused);
    client.close();
    server.join().unwrap();
}

/// A client that reads nothing of what it asked for costs a little memory and nobody else's time.
#[test]
fn who_does_not_read_stops_nobody() {
    let library = Library::with(|options| options.workers = 1);
    let size = 64 * BLOCK;
    fs::write(library.remote("big"), content(size)).unwrap();
    let peer = library.raw();
    let mut body = vec![0; 12];
    body.extend_from_slice(b"\x01\x03big");
    peer.send(&message(0x21, 1, &body));
    assert_eq!(peer.recv()[0], 0x93);
    peer.send(&message(0x22, 1, &[0; 4]));
    let client = library.connect();
    get(&client, "big", &library.local("big")).unwrap();
    assert!(fs::read(library.local("big")).unwrap() == content(size));
    let sent = library.server.stats().fetched_bytes;
    assert!(sent < 2 * size as u64 - (16 << 20), "of what nobody reads little was read: {sent}");
    // It goes on from where it stood.
    let mut blocks = 0;
    loop {
        match peer.recv()[0] {
            0x30 => blocks += 1,
            0x95 => break,
            other => panic!("{other:#x}"),
        }
    }
    assert_eq!(blocks, 64);
}

/// Between the two, a way that ends in the middle.
#[test]
fn a_connection_that_breaks_is_an_error_and_what_has_come_is_gone_on_with() {
    let library = Library::open();
    fs::write(library.remote("big"), content(8 * BLOCK)).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (here, there) = (listener.local_addr().unwrap(), library.server.address().to_string());
    let way = std::thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut far = TcpStream::connect(there).unwrap();
        let (mut up_from, mut up_to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut up_from, &mut up_to));
        let (mut buffer, mut left) = (vec![0; 16 * 1024], 5 * BLOCK + 1000);
        while left > 0 {
            let Ok(count @ 1..) = far.read(&mut buffer) else { break };
            let count = count.min(left);
            near.write_all(&buffer[..count]).unwrap();
            left -= count;
        }
        let _ = near.shutdown(std::net::Shutdown::Both);
        let _ = far.shutdown(std::net::Shutdown::Both);
    });
    let mut through = client_options(library.server.address());
    through.endpoint = Endpoint::tcp("127.0.0.1", here.port());
    let client = FileClient::connect(&through, PATIENCE).unwrap();
    let begin = Instant::now();
    let error = get(&client, "big", &library.local("big")).unwrap_err();
    assert!(matches!(error.status(), Status::ConnectionReset | Status::Closed), "{error}");
    assert!(begin.elapsed() < PATIENCE && !library.local("big").exists());
    way.join().unwrap();
    let fetched = library.connect().download(&path("big"), library.local("big"), Download::new(), PATIENCE).unwrap();
    assert!(fetched.resumed >= 4 << 20, "{fetched:?}");
    assert!(fs::read(library.local("big")).unwrap() == content(8 * BLOCK));
}
