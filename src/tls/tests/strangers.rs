use super::*;
use crate::auth::{ChannelBinding, ClientAuth, Profile, Secret};
use crate::frame::{Framing, encode};
use crate::opening::{Opening, TLS_REFUSED};

#[test]
fn a_server_says_what_came_instead_of_tls_and_sends_an_alert() {
    let auth = ClientAuth::new(Profile::Mutual, Secret::new("s").unwrap());
    let hello = auth.begin(&ChannelBinding::NONE).unwrap().output();
    let framed = encode(Framing::U32Be, b"hello").unwrap();
    let cases: [(&[u8], &str); 6] = [
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", "an HTTP request"),
        (b"hello\n", "text (framing line)"),
        (&framed, "frames (framing u32be or multiprocessing)"),
        (&hello, "a handshake of the profile mutual"),
        (b"SSH-2.0-OpenSSH_9\r\n", "an SSH banner"),
        (b"\x99\x98", "something else"),
    ];
    for (bytes, what) in cases {
        let mut machine = Tls::new().server(true).unwrap().begin().unwrap();
        let error = machine.receive(bytes, &mut Vec::new()).unwrap_err();
        assert_says(&error, Status::ProtocolViolation, &format!("it sent {what}, and TLS is spoken here"));
        let answer = owed(&mut machine);
        if what.contains("HTTP") {
            assert!(answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
        } else {
            assert_eq!(answer, TLS_REFUSED);
            assert_eq!(Opening::of_server(&answer), Some(Opening::Tls));
        }
        assert_eq!(owed(&mut machine), b"");
    }
}

#[test]
fn a_client_says_what_its_server_speaks() {
    let begin = || Tls::new().client(true).unwrap().begin("localhost").unwrap();
    let error = begin().receive(b"2024/01/01 00:00:00 welcome\n", &mut Vec::new()).unwrap_err();
    assert_says(&error, Status::ProtocolViolation, "it sent line chat");
    let error = begin().receive(TLS_REFUSED, &mut Vec::new()).unwrap_err();
    assert_says(&error, Status::ProtocolViolation, "UnexpectedMessage");
}

#[test]
fn who_speaks_an_older_tls_is_told_so() {
    let mut machine = Tls::new().server(true).unwrap().begin().unwrap();
    // A hello of TLS 1.2: a random value, no session, two suites, no compression, one kind of signature.
    let body = [&[3, 3][..], &[7; 32], b"\0\0\x04\xc0\x2b\xc0\x2f\x01\0", b"\0\x08\0\x0d\0\x04\0\x02\x04\x03"].concat();
    let message = [&[1, 0, 0, body.len() as u8][..], &body].concat();
    let record = [&[22, 3, 1, 0, message.len() as u8][..], &message].concat();
    let error = machine.receive(&record, &mut Vec::new()).unwrap_err();
    assert_says(&error, Status::ProtocolViolation, "does not speak TLS 1.3");
    assert_eq!(owed(&mut machine)[..5], [21, 3, 3, 0, 2]);
}
