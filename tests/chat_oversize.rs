//! A message over the limit is refused, and what is said after it counts.

mod support;

use std::fs;
use std::thread;

use rustchat::chat::ChatServer;
use rustchat::frame::Framing;
use serde_json::json;
use support::{LinePeer, ObjectPeer, eventually, options};

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn the_rest_of_a_long_line_is_passed_over_and_later_lines_count() {
    let server = ChatServer::start(options()).unwrap();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    for length in [8193, 9000, 65536, 200_000] {
        ann.send(format!("before\n{}\nafter {length}\n", "x".repeat(length)));
        // The error is said to its sender alone and may overtake what goes to everybody.
        let mut heard = [ann.hear_text(), ann.hear_text(), ann.hear_text()];
        heard.sort();
        let error = "* error: line is over the limit of 8192 bytes";
        assert_eq!(heard, [error, &format!("after {length}"), "before"]);
        assert_eq!((bob.hear_text(), bob.hear_text()), ("before".into(), format!("after {length}")));
    }
    assert_eq!(server.members().len(), 2);
}

#[test]
fn a_long_line_in_pieces_is_answered_once() {
    let server = ChatServer::start(options()).unwrap();
    let mut ann = LinePeer::join(&server);
    for _ in 0..50 {
        ann.send("x".repeat(1000));
    }
    assert!(ann.hear_text().contains("over the limit of 8192 bytes"));
    for _ in 0..50 {
        ann.send("x".repeat(1000));
    }
    ann.send("\r\nshort\n");
    assert_eq!(ann.hear_text(), "short");
}

#[test]
fn a_long_frame_is_passed_over_and_later_frames_count() {
    for framing in [Framing::U32Be, Framing::U32Le, Framing::Multiprocessing] {
        let mut options = options();
        (options.framing, options.message_limit) = (framing, 1000);
        let server = ChatServer::start(options).unwrap();
        let mut ann = ObjectPeer::join(&server);
        for length in [974, 5000, 300_000] {
            ann.say(&"x".repeat(length));
            let refusal = ann.hear();
            assert_eq!(
                (&refusal["type"], &refusal["code"]),
                (&json!("error"), &json!("RUSTCHAT_EMSGSIZE")),
                "{refusal}"
            );
            ann.say("short");
            assert_eq!(ann.hear()["text"], "short");
        }
    }
}

#[test]
fn what_is_passed_over_is_not_kept() {
    let server = ChatServer::start(options()).unwrap();
    let peers: Vec<_> = (0..10).map(|_| LinePeer::join(&server)).collect();
    let before = resident();
    thread::scope(|scope| {
        for peer in &peers {
            scope.spawn(|| (0..150).for_each(|_| peer.send([b'x'; 100_000])));
        }
    });
    eventually("all is read", || server.stats().bytes_in == 150_000_000);
    assert!(resident() < before + (16 << 20), "grew by {} KiB", (resident() - before) / 1024);
    assert_eq!(server.members().len(), 10);
}

#[test]
fn messages_over_the_limit_count_against_the_rate() {
    let mut options = options();
    options.rate = Some(rustchat::chat::Rate { burst: 2, per_second: 0.5 });
    let server = ChatServer::start(options).unwrap();
    let mut ann = LinePeer::join(&server);
    let long = format!("{}\n", "x".repeat(9000));
    let start = std::time::Instant::now();
    ann.send(long.repeat(3));
    for _ in 0..3 {
        assert!(ann.hear_text().contains("over the limit"));
    }
    assert!(start.elapsed() >= std::time::Duration::from_secs(1), "{:?}", start.elapsed());
}
