//! Who speaks something else than the room does: told so, shown out, and heard by nobody.

mod support;

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use rustchat::chat::{ChatServer, Event, Events, Handler, Message, ServerOptions, Verdict};
use rustchat::frame::{Framing, encode};
use support::{LinePeer, await_members, dial, eventually, options};

/// What a stranger gets for `bytes`, up to the end of the stream.
fn answer(server: &ChatServer, pieces: &[&[u8]]) -> String {
    let mut stranger = dial(server);
    for piece in pieces {
        let before = server.stats().bytes_in;
        // The server may have ended it already.
        let _ = stranger.write_all(piece);
        eventually("it is read", || server.stats().bytes_in > before);
    }
    let mut heard = Vec::new();
    stranger.read_to_end(&mut heard).expect("the answer is not cut off");
    String::from_utf8_lossy(&heard).into_owned()
}

const POST: &[u8] =
    b"POST / HTTP/1.1\r\nHost: localhost:60000\r\nContent-Type: text/plain\r\n\r\nhello from a page\nquit\n";

#[test]
fn a_web_page_cannot_speak_in_a_line_room_and_is_told_what_listens() {
    let server = ChatServer::start(options()).unwrap();
    let (ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    for request in [
        POST,
        b"GET / HTTP/1.0\r\n\r\n",
        b"get / http/1.1\n",
        b"BREW /pot HTTP/1.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
        b"GET http://localhost:60000/x HTTP/1.1\r\n\r\n",
        b"CONNECT localhost:60000 HTTP/1.1\r\n\r\n",
        b"\r\nPUT / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = answer(&server, &[request]);
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer:?}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{answer:?}");
        assert!(body.contains("chat"), "{answer:?}");
    }
    await_members(&server, 2);
    ann.say("only this");
    assert_eq!(bob.hear_text(), "only this");
}

#[test]
fn a_request_in_pieces_and_one_that_never_ends_its_line_are_requests() {
    let server = ChatServer::start(options()).unwrap();
    let (ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    let mut endless = b"GET /".to_vec();
    endless.resize(20_000, b'a');
    for pieces in [&[&b"PO"[..], b"ST / HT", b"TP/1.1\r", b"\nHost: x\r\n\r\nhello\n"][..], &[&endless]] {
        let answer = answer(&server, pieces);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer:?}");
    }
    ann.say("only this");
    assert_eq!(bob.hear_text(), "only this");
}

#[test]
fn no_hook_sees_what_a_web_page_says() {
    struct Seen(Arc<Mutex<Vec<String>>>);
    impl Handler for Seen {
        fn filter(&mut self, message: &Message) -> Verdict {
            self.0.lock().unwrap().push(message.text.to_string());
            Verdict::Deliver
        }
        fn event(&mut self, _: Event) {}
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut options = options();
    (options.filter, options.events) = (true, Events::All);
    let server = ChatServer::start_with(options, Seen(Arc::clone(&seen))).unwrap();
    assert!(answer(&server, &[POST]).starts_with("HTTP/1.1 400"));
    let mut ann = LinePeer::join(&server);
    ann.say("GET a life");
    assert_eq!(ann.hear_text(), "GET a life");
    ann.say("GET / HTTP/1.1");
    assert_eq!(ann.hear_text(), "GET / HTTP/1.1", "only who begins like that is no person");
    assert_eq!(*seen.lock().unwrap(), ["GET a life", "GET / HTTP/1.1"]);
}

#[test]
fn what_cannot_be_lines_is_named_and_shown_out() {
    let server = ChatServer::start(options()).unwrap();
    let (ann, mut bob) = (LinePeer::join(&server), LinePeer::join(&server));
    for (bytes, name) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\nhello\n"[..], "SSH"),
        (&[3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0, b'\n', b'x', b'\n'], "RDP"),
        (b"\0\x03\0\x08\x21\x12\xa4\x42\nhello\n", "STUN"),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\nhello\n", "PROXY"),
        (b"\xff\xfeh\0i\0\r\0\n\0", "UTF-16"),
        (&encode(Framing::U32Be, b"{\"type\":\"message\",\"text\":\"hi\\n\"}").unwrap(), "u32be"),
        (&encode(Framing::U32Le, b"{\"type\":\"message\",\"text\":\"hi\\n\"}").unwrap(), "u32le"),
        (b"\0\0\0\x36\x01rustchat\x01\x01\x01\0\0\0\0\0\nhello\n", "profile mutual"),
    ] {
        let answer = answer(&server, &[bytes]);
        assert!(answer.contains("* error: ") && answer.contains(name), "{name}: {answer:?}");
    }
    ann.say("only this");
    assert_eq!(bob.hear_text(), "only this");
}

#[test]
fn message_chat_names_who_speaks_something_else() {
    for (framing, others) in [(Framing::U32Be, Framing::U32Le), (Framing::U32Le, Framing::U32Be)] {
        let server = ChatServer::start(options_of(framing)).unwrap();
        for (bytes, name) in [
            (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "HTTP"),
            (b"hello\n".to_vec(), "text"),
            (encode(others, b"{\"type\":\"quit\"}").unwrap(), others.name()),
            (b"\0\0\0\x16\x01rustchat\x01\x01\x01\0\0\0\0\0abcd".to_vec(), "mutual"),
        ] {
            let answer = answer(&server, &[&bytes]);
            assert!(answer.contains("\"type\":\"error\"") && answer.contains(name), "{framing} {name}: {answer:?}");
        }
    }
}

fn options_of(framing: Framing) -> ServerOptions {
    let mut options = options();
    options.framing = framing;
    options
}

#[test]
fn a_byte_order_mark_at_the_beginning_is_not_said() {
    let server = ChatServer::start(options()).unwrap();
    let mut ann = LinePeer::join(&server);
    for pieces in
        [&["\u{feff}hello\n".as_bytes()][..], &[b"\xef", b"\xbb", b"\xbfhello\n"], &[b"\xef\xbb\xbf", b"hello\n"]]
    {
        let bob = LinePeer::join(&server);
        pieces.iter().for_each(|piece| bob.send(piece));
        assert_eq!(ann.hear_text(), "hello");
        bob.say("\u{feff}later");
        assert_eq!(ann.hear_text(), "\u{feff}later", "within a stream it is text");
    }
    let quitter = LinePeer::join(&server);
    quitter.say("\u{feff}quit");
    await_members(&server, 1);
}

#[test]
fn a_byte_order_mark_before_an_object_is_none_of_it() {
    let server = ChatServer::start(options_of(Framing::U32Be)).unwrap();
    let mut ann = support::ObjectPeer::join(&server);
    ann.send_raw(&encode(Framing::U32Be, "\u{feff}{\"type\":\"message\",\"text\":\"hello\"}".as_bytes()).unwrap());
    assert_eq!(ann.hear()["text"], "hello");
}

#[test]
fn telnet_negotiation_costs_nobody_a_line() {
    let server = ChatServer::start(options()).unwrap();
    let mut ann = LinePeer::join(&server);
    let window = b"\xff\xfa\x1f\0\x0a\0\x0a\xff\xf0";
    let putty =
        [b"\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x18\xff\xfb\x27\xff\xfd\x01\xff\xfb\x03\xff\xfd\x03", &window[..]].concat();
    for (bytes, texts) in [
        ([&putty, &b"hello\r\n"[..]].concat(), &["hello"][..]),
        (b"before\r\nmid\xff\xf4\xff\xfd\x06dle\r\nafter\r\n".to_vec(), &["before", "middle", "after"]),
        ([&b"be\r\nfore "[..], window, b"after\r\n"].concat(), &["be", "fore after"]),
        ([&putty, &b"one\r\0two\r\n"[..]].concat(), &["one", "two"]),
        (b"ends in nul\r\0".to_vec(), &["ends in nul"]),
    ] {
        let whole = LinePeer::join(&server);
        whole.send(&bytes);
        texts.iter().for_each(|text| assert_eq!(ann.hear_text(), *text, "whole"));
        let split = LinePeer::join(&server);
        bytes.iter().for_each(|byte| split.send([*byte]));
        texts.iter().for_each(|text| assert_eq!(ann.hear_text(), *text, "byte by byte"));
    }
    let mut latin = LinePeer::join(&server);
    latin.send(b"caf\xff noir\n");
    assert!(latin.hear_text().contains("0xff at offset 3"), "no telnet, no text");
    latin.send(b"\xff\xff double\n");
    assert!(latin.hear_text().contains("0xff at offset 0"), "a doubled one is a byte, and no text either");
}
