use super::*;

fn of(bytes: &[u8]) -> Option<Opening> {
    Opening::of(bytes)
}

#[test]
fn requests_by_any_method_and_in_every_form_are_http() {
    for line in [
        "GET / HTTP/1.1\r\n",
        "POST /say?text=hi HTTP/1.1\r\nHost: localhost:60000\r\n\r\nhello\n",
        "get / http/1.0\n",
        "BREW /pot-1 HTTP/1.1\r\n",
        "M-SEARCH * HTTP/1.1\r\n",
        "OPTIONS * HTTP/1.1\r\n",
        "GET http://localhost:60000/ HTTP/1.1\r\n",
        "CONNECT localhost:60000 HTTP/1.1\r\n",
        "GET /with blanks HTTP/1.1\r\n",
        "GET  /  HTTP/1.1 \r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/3\r\n",
    ] {
        assert_eq!(of(line.as_bytes()), Some(Opening::HttpRequest), "{line:?}");
    }
}

#[test]
fn people_may_write_about_http() {
    for line in [
        "I love HTTP/1.1\n",
        "what about GET / in HTTP/1.1?\n",
        "HTTP/1.1\n",
        "GET / HTTP/1.1 is a request line\n",
        "GET /\n",
        "hello\n",
        "a / b\n",
        "PROXY settings?\n",
        "220 V\n",
    ] {
        let opening = of(line.as_bytes());
        assert!(opening.is_none_or(|opening| !opening.is_no_line()), "{line:?} {opening:?}");
    }
}

#[test]
fn a_request_line_that_does_not_end_is_known_by_its_method() {
    assert!(begins_http_request(b"GET /aaaaaaaa"));
    assert!(begins_http_request(b"POST http://x/aaaaaaaa"));
    assert!(!begins_http_request(b"GET a life") && !begins_http_request(b"get /x") && !begins_http_request(b""));
}

#[test]
fn the_protocols_of_other_ports_are_known() {
    for (bytes, opening) in [
        (&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], Opening::Tls),
        (&[0x15, 3, 3, 0, 2, 2, 70], Opening::Tls),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Opening::Ssh),
        (&[3, 0, 0, 0x2b, 0x26, 0xe0, 0, 0, 0, 0, 0], Opening::Rdp),
        (b"\0\0\0\x45\xffSMBr", Opening::Smb),
        (&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3], Opening::Stun),
        (&[5, 1, 0], Opening::Socks),
        (&[5, 2, 0, 2], Opening::Socks),
        (&[4, 1, 0, 80, 127, 0, 0, 1, 0], Opening::Socks),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n", Opening::Proxy),
        (b"\r\n\r\n\0\r\nQUIT\n\x21\x11", Opening::Proxy),
        (b"EHLO example.org\r\n", Opening::Smtp),
        (b"220 mail.example.org ESMTP\r\n", Opening::Greeting),
        (b"HTTP/1.1 400 Bad Request\r\n", Opening::HttpAnswer),
        (b"*1\r\n$4\r\nPING\r\n", Opening::Redis),
        (&[0x10, 0x10, 0, 4, b'M', b'Q', b'T', b'T', 4], Opening::Mqtt),
        (&[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f], Opening::Postgres),
        (b"\xff\xfeh\0i\0\r\0\n\0", Opening::Utf16),
        (b"\xfe\xff\0h\0i", Opening::Utf16),
    ] {
        assert_eq!(of(bytes), Some(opening), "{bytes:?}");
    }
}

#[test]
fn our_own_handshakes_say_so_themselves() {
    use crate::auth::{ChannelBinding, ClientAuth, Digest, KeyRing, Profile, Secret, ServerAuth};
    let secret = || Secret::new("s").unwrap();
    let client = |profile| ClientAuth::new(profile, secret()).begin(&ChannelBinding::NONE).unwrap();
    let server = |profile| ServerAuth::new(profile, KeyRing::single(secret())).begin(&ChannelBinding::NONE).unwrap();
    assert_eq!(of(&client(Profile::Mutual).output()), Some(Opening::ClientHello));
    assert_eq!(of(&server(Profile::Multiprocessing(Digest::Sha256)).output()), Some(Opening::Challenge));
    let challenge = server(Profile::Tutorial(Digest::Sha256)).output();
    assert_eq!(Opening::of_server(&challenge), Some(Opening::PerhapsChallenge));
    assert_eq!(of(server(Profile::Mutual).reminder()), Some(Opening::SecretWanted));
    assert_eq!(of(b"\0\0\0\x01\x05"), Some(Opening::Frames(Framing::U32Be)), "a message of one byte, too");
    assert_eq!(Opening::of_client(&[b'a'; 64]), Some(Opening::Digits(64)));
    assert_eq!(Opening::of_client(&[&[b'a'; 32][..], b"hello\n"].concat()), Some(Opening::Digits(32)));
    assert_eq!(Opening::of_client(&[b'a'; 63]), Some(Opening::Text));
}

#[test]
fn frames_show_their_order_of_bytes_and_lines_that_they_are_text() {
    let frame = |framing, text: &[u8]| crate::frame::encode(framing, text).unwrap();
    for framing in [Framing::U32Be, Framing::U32Le] {
        for text in [&b"hello"[..], b"x", &[0; 300], b"{\"type\":\"quit\"}"] {
            let mut bytes = frame(framing, text);
            bytes.extend(frame(framing, b"second"));
            assert_eq!(of(&bytes), Some(Opening::Frames(framing)), "{text:?}");
        }
        let long = frame(framing, &[&b"{\"type\":\"welcome\""[..], &[b' '; 999]].concat());
        assert_eq!(of(&long[..100]), Some(Opening::Frames(framing)), "not all of it has come");
    }
    assert_eq!(of(b"hello\n"), Some(Opening::Text));
    assert_eq!(of("群聊".as_bytes().split_last().unwrap().1), Some(Opening::Text), "cut in a character");
    assert_eq!(of(b"2026/11/21 09:07:29 127.0.0.1:5\nhi\n"), Some(Opening::LineChat));
    for nothing in [&b"\0\0\0\0"[..], b"\0", b"\x80\x81\x82", b"a\0b"] {
        assert_eq!(of(nothing), None, "{nothing:?}");
    }
}
