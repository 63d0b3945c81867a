//! Line chat over real sockets, as `nc` and the tutorials' clients speak it.

mod support;

use std::io::Write;

use rustchat::chat::{ChatServer, Event, Events, LeaveReason};
use rustchat::net::Address;
use support::{LinePeer, await_members, next_event, options};

#[test]
fn every_member_hears_every_line_with_a_stamp_the_sender_included() {
    let server = ChatServer::start(options()).unwrap();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    ann.say("hello 群聊");
    bob.say("hi");
    for peer in [&mut ann, &mut bob] {
        let mut heard = [peer.hear(), peer.hear()];
        heard.sort();
        let mut expected = [(ann_address(&server, 0), "hello 群聊".into()), (ann_address(&server, 1), "hi".into())];
        expected.sort();
        assert_eq!(heard, expected);
    }
}

fn ann_address(server: &ChatServer, index: usize) -> String {
    server.members()[index].label().to_owned()
}

#[test]
fn lines_survive_every_way_of_cutting_and_gluing() {
    let server = ChatServer::start(options()).unwrap();
    let (ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let text = "一二三 one\r\n\n \t \ntwo\nthree";
    for byte in text.as_bytes() {
        ann.send([*byte]);
    }
    ann.send("\nfour\nfive\n");
    let heard: Vec<String> = (0..5).map(|_| bob.hear_text()).collect();
    assert_eq!(heard, ["一二三 one", "two", "three", "four", "five"]);
}

#[test]
fn last_words_reach_everybody_before_the_speaker_leaves() {
    let mut options = options();
    options.events = Events::Membership;
    let server = ChatServer::start(options).unwrap();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    ann.send("farewell\nquit\nnot heard\n");
    assert_eq!(ann.hear_text(), "farewell");
    assert_eq!(ann.line(), None);
    assert_eq!(bob.hear_text(), "farewell");
    await_members(&server, 1);
    bob.say("still here");
    assert_eq!(bob.hear_text(), "still here");
    let left = std::iter::repeat_with(|| next_event(&server)).find_map(|event| match event {
        Event::Left(member, reason) => Some((member.label().to_owned(), reason)),
        _ => None,
    });
    assert_eq!(left, Some((ann.address(), LeaveReason::Quit)));
}

#[test]
fn what_is_wrong_is_told_to_its_sender_alone_and_the_sender_stays() {
    let server = ChatServer::start(options()).unwrap();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    for (bytes, complaint) in [
        (&b"caf\xe9\n"[..], "0xe9 at offset 3"),
        (b"nul \0 here\n", "U+0000"),
        (b"\x1b[2J\n", "U+001B"),
        (b"fine\xc2\x9b2J\n", "U+009B"),
    ] {
        ann.send(bytes);
        let (from, text) = ann.hear();
        assert_eq!(from, server.address().to_string());
        assert!(text.starts_with("* error: ") && text.contains(complaint), "{text}");
    }
    ann.say("good");
    assert_eq!(ann.hear_text(), "good");
    assert_eq!(bob.hear_text(), "good");
}

#[test]
fn an_endless_line_ends_its_sender_with_a_reason() {
    let mut options = options();
    options.events = Events::Membership;
    let server = ChatServer::start(options).unwrap();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    ann.say(&"x".repeat(8 * 1024));
    assert_eq!(bob.hear_text().len(), 8 * 1024);
    assert_eq!(ann.hear_text().len(), 8 * 1024);
    // Nobody waits for its end for ever. The server may close before all of it is written.
    let _ = ann.stream().write_all("x".repeat(17 << 20).as_bytes());
    assert!(ann.hear_text().contains("over the limit of 8192 bytes"));
    await_members(&server, 1);
    bob.say("unharmed");
    assert_eq!(bob.hear_text(), "unharmed");
    let reasons: Vec<LeaveReason> = std::iter::repeat_with(|| next_event(&server))
        .filter_map(|event| if let Event::Left(_, reason) = event { Some(reason) } else { None })
        .take(1)
        .collect();
    assert_eq!(reasons, [LeaveReason::MessageTooLong]);
}

#[test]
fn a_half_line_waits_and_one_cut_off_by_the_end_is_never_heard() {
    let server = ChatServer::start(options()).unwrap();
    let (ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let cat = LinePeer::join(&server);
    ann.send("half a ");
    cat.send("never whole");
    cat.end_sending();
    await_members(&server, 2);
    ann.send("line\n");
    assert_eq!(bob.hear(), (ann.address(), "half a line".into()));
}

#[test]
fn the_server_speaks_to_all_to_all_but_one_and_to_one() {
    let server = ChatServer::start(options()).unwrap();
    let (mut ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let ids: Vec<u64> = server.members().iter().map(|member| member.id()).collect();
    assert_eq!(server.broadcast("to all").unwrap().queued, 2);
    assert_eq!(server.broadcast_except("not to ann", ids[0]).unwrap().queued, 1);
    server.send(ids[0], "ann alone").unwrap();
    server.broadcast("end").unwrap();
    let texts = |peer: &mut LinePeer, count: usize| (0..count).map(|_| peer.hear_text()).collect::<Vec<_>>();
    assert_eq!(texts(&mut ann, 3), ["to all", "ann alone", "end"]);
    assert_eq!(texts(&mut bob, 3), ["to all", "not to ann", "end"]);
    assert!(server.broadcast("two\nlines").is_err());
    assert!(server.send(999, "nobody").is_err());
    let members = server.members();
    assert_eq!((members[0].messages_out(), members[0].messages_in()), (2, 0));
    server.disconnect(ids[1]).unwrap();
    assert_eq!(bob.hear_text(), "* disconnected by the server");
    assert_eq!(bob.line(), None);
}

#[test]
fn joins_and_leaves_are_told_when_asked_for() {
    let mut options = options();
    options.announce = true;
    let server = ChatServer::start(options).unwrap();
    let mut ann = LinePeer::join(&server);
    let bob = LinePeer::join(&server);
    let bob_address = bob.address();
    bob.say("quit");
    assert_eq!(ann.hear(), (server.address().to_string(), format!("* {bob_address}: joined")));
    assert_eq!(ann.hear(), (server.address().to_string(), format!("* {bob_address}: quit")));
}

#[test]
fn a_unix_socket_serves_as_well() {
    let directory = std::env::temp_dir().join(format!("rustchat-lines-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut options = options();
    options.endpoint = rustchat::net::Endpoint::unix(directory.join("chat.sock"));
    let server = ChatServer::start(options).unwrap();
    let Address::Unix(path) = server.address() else { panic!("a path") };
    let mut peer = std::os::unix::net::UnixStream::connect(path).unwrap();
    peer.set_read_timeout(Some(support::PATIENCE)).unwrap();
    peer.write_all(b"over a path\nquit\n").unwrap();
    let mut heard = String::new();
    std::io::Read::read_to_string(&mut peer, &mut heard).unwrap();
    assert!(heard.ends_with(" unix\nover a path\n"), "{heard:?}");
    drop(server);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_member_that_ends_its_sending_still_gets_what_was_said_before() {
    let server = ChatServer::start(options()).unwrap();
    let mut ann = LinePeer::join(&server);
    let said: String = (0..5000).map(|number| format!("{number}\n")).collect();
    ann.send(said);
    ann.end_sending();
    for number in 0..5000 {
        assert_eq!(ann.hear_text(), number.to_string());
    }
    assert_eq!(ann.line(), None);
}

#[test]
fn a_peer_cannot_forge_lines_with_the_path_of_its_own_socket() {
    let directory = std::env::temp_dir().join(format!("rustchat-forge-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut options = options();
    options.endpoint = rustchat::net::Endpoint::unix(directory.join("chat.sock"));
    let server = ChatServer::start(options).unwrap();
    let Address::Unix(path) = server.address() else { panic!("a path") };
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
    let forged = directory.join("e\n* error: forged\x1b[2J");
    socket.bind(&socket2::SockAddr::unix(forged).unwrap()).unwrap();
    socket.connect(&socket2::SockAddr::unix(path).unwrap()).unwrap();
    socket.set_read_timeout(Some(support::PATIENCE)).unwrap();
    let mut peer = std::os::unix::net::UnixStream::from(std::os::fd::OwnedFd::from(socket));
    peer.write_all(b"hello\nquit\n").unwrap();
    let mut heard = String::new();
    std::io::Read::read_to_string(&mut peer, &mut heard).unwrap();
    assert_eq!(heard.lines().count(), 2, "{heard:?}");
    assert!(!heard.contains('\x1b') && heard.contains("\\n* error: forged\\u{1b}[2J"), "{heard:?}");
    drop(server);
    std::fs::remove_dir_all(&directory).unwrap();
}
