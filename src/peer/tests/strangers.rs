//! Beginnings that are none of line chat's or of frames.

use super::*;

/// What comes of `bytes` when they come in pieces of any one size, which must not matter.
fn however_cut(bytes: &[u8], rules: &Rules) -> Vec<Event> {
    let cut = |piece: usize| {
        let mut peer = open();
        bytes.chunks(piece).flat_map(|bytes| hear(&mut peer, bytes, rules, at(0))).collect::<Vec<_>>()
    };
    let events = cut(bytes.len());
    for piece in 1..bytes.len() {
        assert_eq!(cut(piece), events, "in pieces of {piece}");
    }
    events
}

fn line() -> Rules {
    rules(Framing::Line)
}

#[test]
fn a_browser_is_known_though_its_request_comes_header_by_header() {
    let mut peer = open();
    let request = b"POST /say HTTP/1.1\r\nHost: localhost:60000\r\nContent-Length: 6\r\n\r\nhello\n";
    let events: Vec<Event> = request
        .split_inclusive(|byte| *byte == b'\n')
        .flat_map(|header| hear(&mut peer, header, &line(), at(0)))
        .collect();
    assert_eq!(events, [Event::Stranger(Opening::HttpRequest)]);
}

#[test]
fn a_browser_is_known_however_its_request_is_cut() {
    let events = however_cut(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nhello\n", &line());
    assert_eq!(events, [Event::Stranger(Opening::HttpRequest)]);
}

#[test]
fn a_browser_with_a_long_address_is_known_before_its_line_ends() {
    let request = [b"GET /", &[b'a'; 100][..], b" HTTP/1.1\r\n\r\nhello\n"].concat();
    assert_eq!(however_cut(&request, &line()), [Event::Stranger(Opening::HttpRequest)]);
}

#[test]
fn blank_lines_do_not_hide_a_browser() {
    let mut peer = open();
    let first = hear(&mut peer, b"\r\n\r\n", &line(), at(0));
    assert_eq!(first, [message(""), message("")]);
    assert_eq!(hear(&mut peer, b"GET / HTTP/1.1\r\n", &line(), at(0)), [Event::Stranger(Opening::HttpRequest)]);
    let mut peer = open();
    let together = hear(&mut peer, b"\r\n\r\nGET / HTTP/1.1\r\n", &line(), at(0));
    assert_eq!(together, [Event::Stranger(Opening::HttpRequest)]);
}

#[test]
fn who_has_spoken_may_speak_of_http() {
    let events = however_cut(b"hello\nGET / HTTP/1.1\r\n", &line());
    assert_eq!(events, [message("hello"), message("GET / HTTP/1.1")]);
}

#[test]
fn handshakes_and_banners_are_no_lines() {
    for (bytes, opening) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], Opening::Ssh),
        (&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], Opening::Tls),
        (b"\0\0\0\x14\x01rustchat handshake.", Opening::ClientHello),
    ] {
        assert_eq!(hear(&mut open(), bytes, &line(), at(0)), [Event::Stranger(opening)]);
    }
}

#[test]
fn a_browser_among_frames_is_known() {
    let events = hear(&mut open(), b"GET / HTTP/1.1\r\n\r\n", &rules(Framing::U32Be), at(0));
    assert_eq!(events, [Event::Stranger(Opening::HttpRequest)]);
}

#[test]
fn a_handshake_among_frames_is_known_however_it_is_cut() {
    let rules = rules(Framing::U32Be);
    let hello = b"\0\0\0\x14\x01rustchat handshake.";
    assert_eq!(however_cut(hello, &rules), [Event::Stranger(Opening::ClientHello)]);
}

#[test]
fn only_the_first_frame_can_be_a_handshake() {
    let rules = rules(Framing::U32Be);
    let wire = b"\0\0\0\x02hi\0\0\0\x14\x01rustchat handshake.\0\0\0\x0c#CHALLENGE#.";
    let expected = [message("hi"), message(b"\x01rustchat handshake."), message("#CHALLENGE#.")];
    assert_eq!(however_cut(wire, &rules), expected);
}

#[test]
fn nothing_more_is_heard_of_a_stranger() {
    let mut peer = open();
    let events = hear(&mut peer, b"GET / HTTP/1.1\r\n\r\none\ntwo\n", &line(), at(0));
    assert_eq!(events, [Event::Stranger(Opening::HttpRequest)]);
    assert_eq!(hear(&mut peer, b"three\n", &line(), at(0)), []);
}

#[test]
fn what_comes_with_a_newcomer_is_looked_at_before_it_is_admitted() {
    let peer = Peer::new(at(0));
    assert_eq!(peer.strange(b"GET / HTTP/1.1\r\n", &line()), Some(Opening::HttpRequest));
    assert_eq!(peer.strange(b"\r\n \r\nGET / HTTP/1.1\r\n", &line()), Some(Opening::HttpRequest));
    assert_eq!(peer.strange(b"hello\n", &line()), None);
    assert_eq!(peer.strange(b"\0\0\0\x02hi", &rules(Framing::U32Be)), None);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line() {
    let events = however_cut("\u{feff}hello\n\u{feff}there\n".as_bytes(), &line());
    assert_eq!(events, [message("hello"), message("\u{feff}there")]);
}

#[test]
fn a_line_that_begins_like_a_byte_order_mark_is_whole() {
    assert_eq!(however_cut("\u{feee}\n".as_bytes(), &line()), [message("\u{feee}")]);
}

#[test]
fn telnets_negotiation_costs_nobody_the_first_line() {
    for wire in [
        &b"\xff\xfd\x03\xff\xfb\x18hello\r\nthere\r\n"[..],
        b"hel\xff\xf1lo\r\nthere\r\n",
        b"\xff\xfa\x18\0xterm\xff\xf0hello\r\nthere\r\n",
        b"hello\r\0there\r\n",
        b"hello\r\0there\r\0",
    ] {
        let events = however_cut(wire, &line());
        assert_eq!(events, [message("hello"), message("there")], "{wire:?}");
    }
}

#[test]
fn bytes_that_are_neither_text_nor_telnet_are_refused() {
    let events = however_cut(b"hello\ncaf\xe9 noir\nthere\n", &line());
    assert_eq!(events, [message("hello"), Event::Refused(Status::InvalidText, None), message("there")]);
}
