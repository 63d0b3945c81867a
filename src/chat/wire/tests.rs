use std::time::SystemTime;

use super::*;
use crate::net::Address;

fn wire(framing: Framing) -> Wire {
    Wire { framing, commands: true, epoch: "e1".into(), label: "127.0.0.1:60000".into() }
}

fn member() -> Member {
    Member::new(7, Address::Ip("127.0.0.1:5".parse().unwrap()), false)
}

#[test]
fn a_line_is_a_stamp_and_the_text() {
    let (wire, clock, mut draft) =
        (wire(Framing::Line), Clock::new(jiff::tz::TimeZone::UTC, SystemTime::now()), Draft::default());
    wire.append(&mut draft, Kind::Message, &clock, &wire.sign(&member()), "hi");
    let sealed = wire.seal(&draft, 1);
    assert_eq!(sealed, format!("{} 127.0.0.1:5\nhi\n", clock.line()).as_bytes());
}

#[test]
fn message_chat_numbers_its_objects() {
    let (wire, clock, mut draft) =
        (wire(Framing::U32Be), Clock::new(jiff::tz::TimeZone::UTC, SystemTime::now()), Draft::default());
    for text in ["a \"quoted\" word", "second"] {
        wire.append(&mut draft, Kind::Message, &clock, &wire.sign(&member()), text);
    }
    let mut decoder = crate::frame::Decoder::new(Framing::U32Be, 1 << 16);
    decoder.push(&wire.seal(&draft, 41)).unwrap();
    for (seq, text) in [(41, "a \"quoted\" word"), (42, "second")] {
        let value: serde_json::Value = serde_json::from_slice(decoder.next().unwrap().unwrap()).unwrap();
        assert_eq!(value["type"], "message");
        assert_eq!(value["room"], "lobby");
        assert_eq!(value["epoch"], "e1");
        assert_eq!(value["seq"], seq);
        assert_eq!(value["time"], clock.message());
        assert_eq!(value["from"]["id"], 7);
        assert_eq!(value["from"]["address"], "127.0.0.1:5");
        assert!(value["from"]["name"].is_null());
        assert_eq!(value["text"], text);
    }
}
