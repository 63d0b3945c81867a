use super::*;

fn line(parser: &mut Parser, text: &str) -> Option<Incoming> {
    match parser.parse(text.as_bytes()).unwrap() {
        Parsed::Incoming(incoming) | Parsed::Welcome(incoming, _) => Some(incoming),
        Parsed::Ping | Parsed::Nothing | Parsed::Acknowledged(_) | Parsed::Resumed(_) | Parsed::Present(_) => None,
        Parsed::Refused(incoming, _) | Parsed::Named(incoming, _) => Some(incoming),
    }
}

#[test]
fn a_stamp_and_a_text_make_one_message() {
    let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
    assert_eq!(line(&mut parser, "2026/11/21 09:07:29 127.0.0.1:34774"), None);
    // A text that looks like a stamp is a text.
    let message = line(&mut parser, "2026/11/21 09:07:29 127.0.0.1:1").unwrap();
    assert_eq!(message.from.address, "127.0.0.1:34774");
    assert_eq!(message.stamp.unwrap().to_string(), "2026/11/21 09:07:29");
    assert_eq!(message.text, "2026/11/21 09:07:29 127.0.0.1:1");
    let unstamped = line(&mut parser, "hello").unwrap();
    assert_eq!((unstamped.text.as_str(), unstamped.from.address.as_str()), ("hello", ""));
}

#[test]
fn a_byte_order_mark_belongs_to_no_message() {
    let parser = || Parser::new(Framing::Line, "127.0.0.1:60000".into());
    assert_eq!(line(&mut parser(), "\u{feff}hello").unwrap().text, "hello");
    let mut stamped = parser();
    assert_eq!(line(&mut stamped, "\u{feff}2026/11/21 09:07:29 127.0.0.1:5"), None);
    let message = line(&mut stamped, "\u{feff}hi").unwrap();
    assert_eq!((message.from.address.as_str(), message.text.as_str()), ("127.0.0.1:5", "\u{feff}hi"));
    // Behind the beginning it is a character like others.
    let mut alone = parser();
    assert_eq!(line(&mut alone, "\u{feff}").unwrap().text, "");
    assert_eq!(line(&mut alone, "\u{feff}hello").unwrap().text, "\u{feff}hello");
}

#[test]
fn only_the_server_itself_can_refuse() {
    let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
    for (address, kind) in [
        ("127.0.0.1:60000", IncomingKind::Refused),
        ("0.0.0.0:60000", IncomingKind::Refused),
        ("[::]:60000", IncomingKind::Refused),
        ("0.0.0.0:8000", IncomingKind::Refused),
        ("127.0.0.1:5", IncomingKind::Message),
        ("unix", IncomingKind::Message),
    ] {
        line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
        let heard = line(&mut parser, "* error: too long").unwrap();
        assert_eq!((heard.kind, heard.from.server), (kind, kind == IncomingKind::Refused), "{address}");
    }
    let mut parser = Parser::new(Framing::Line, "/run/chat.sock".into());
    for (address, server) in [("/run/chat.sock", true), ("0.0.0.0:5", false), ("unix", false)] {
        line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
        assert_eq!(line(&mut parser, "* error: too long").unwrap().from.server, server, "{address}");
    }
}

#[test]
fn what_the_server_says_last_is_a_farewell_and_not_somebodys_words() {
    let mut parser = Parser::new(Framing::Line, "127.0.0.1:60000".into());
    for (address, text, kind) in [
        ("127.0.0.1:60000", "* server stopped", IncomingKind::Bye),
        ("127.0.0.1:60000", "* server stopped, more or less", IncomingKind::Message),
        ("127.0.0.1:5", "* server stopped", IncomingKind::Message),
    ] {
        line(&mut parser, &format!("2026/11/21 09:07:29 {address}"));
        assert_eq!(line(&mut parser, text).unwrap().kind, kind, "{address} {text}");
    }
}

#[test]
fn a_refusal_is_of_a_kind_in_either_chat() {
    let refused = |code: &str| {
        let frame = format!(r#"{{"type":"error","code":"{code}","text":"no"}}"#);
        let Parsed::Incoming(incoming) = object(frame.as_bytes()).unwrap() else { panic!() };
        incoming.refusal().unwrap()
    };
    assert_eq!(refused("RUSTCHAT_EINVAL"), Error::new(Status::InvalidArgument, "the server refused: no"));
    assert_eq!(refused("from the future").status(), Status::ProtocolViolation);
    assert_eq!(status_of("not admitted"), Status::AuthenticationFailed);
    assert_eq!(status_of("you are banned here: floods the room"), Status::Refused);
    assert_eq!(status_of("invalid UTF-8: byte 0xff at offset 0"), Status::InvalidText);
}

#[test]
fn an_object_is_read_with_its_number_and_time() {
    let frame = br#"{"type":"message","room":"lobby","epoch":"e","seq":3,"time":"2026-11-21T09:07:29.250Z",
        "from":{"id":4,"address":"a:1","name":"ann"},"text":"hi"}"#;
    let Parsed::Incoming(incoming) = object(frame).unwrap() else { panic!() };
    assert_eq!((incoming.seq, incoming.epoch.as_str(), incoming.text.as_str()), (3, "e", "hi"));
    assert_eq!((incoming.from.id, incoming.from.name.as_deref()), (4, Some("ann")));
    let since = incoming.time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(since.as_millis(), 1_795_252_049_250);
    assert_eq!(object(b"[1]").err().unwrap().status(), Status::ProtocolViolation);
}
