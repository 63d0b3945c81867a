//! Message chat: a 4-byte big-endian length, then one JSON object.

use std::borrow::Cow;

use serde::Deserialize;

use crate::format::{Format, Frame};

/// A frame longer than this is taken for a lost frame boundary.
const MAX_FRAME: usize = 16 << 20;

/// One JSON object a delivery.
pub(crate) struct Json;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
}

impl Format for Json {
    fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        // The texts of this load are letters, digits and spaces: nothing to escape.
        const HEAD: &[u8] = br#"{"type":"message","text":""#;
        const TAIL: &[u8] = br#""}"#;
        out.extend_from_slice(&((HEAD.len() + text.len() + TAIL.len()) as u32).to_be_bytes());
        out.extend_from_slice(HEAD);
        out.extend_from_slice(text);
        out.extend_from_slice(TAIL);
    }

    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a> {
        let Some((length, rest)) = stream.split_first_chunk::<4>() else { return Frame::Partial };
        let length = u32::from_be_bytes(*length) as usize;
        if length > MAX_FRAME {
            return Frame::Foreign { len: stream.len() };
        }
        let Some(body) = rest.get(..length) else { return Frame::Partial };
        let len = 4 + length;
        match serde_json::from_slice::<Event<'a>>(body) {
            Ok(Event { kind, text: Some(text) }) if kind == "message" => {
                let text = match text {
                    Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                    Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                };
                Frame::Message { len, text }
            }
            Ok(event) if event.kind == "ping" => Frame::Control { len, reply: b"\0\0\0\x0f{\"type\":\"pong\"}" },
            Ok(event) if event.kind != "error" => Frame::Control { len, reply: b"" },
            _ => Frame::Foreign { len },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &str) -> Vec<u8> {
        [&(body.len() as u32).to_be_bytes()[..], body.as_bytes()].concat()
    }

    #[test]
    fn reads_a_message_and_what_it_wrote() {
        let stream = frame(r#"{"type":"message","room":"lobby","seq":1,"from":{"id":1},"text":"hi"}"#);
        assert_eq!(Json.first(&stream), Frame::Message { len: stream.len(), text: Cow::Borrowed(b"hi") });
        assert_eq!(Json.first(&stream[..stream.len() - 1]), Frame::Partial);
        let mut own = Vec::new();
        Json.encode(b"abc", &mut own);
        assert_eq!(Json.first(&own), Frame::Message { len: own.len(), text: Cow::Borrowed(b"abc") });
    }

    #[test]
    fn other_events_are_not_messages() {
        let ping = frame(r#"{"type":"ping"}"#);
        assert!(matches!(Json.first(&ping), Frame::Control { reply, .. } if reply.len() == 19));
        assert!(matches!(Json.first(&frame(r#"{"type":"join"}"#)), Frame::Control { reply: b"", .. }));
        assert!(matches!(Json.first(&frame(r#"{"type":"error","text":"no"}"#)), Frame::Foreign { .. }));
        assert!(matches!(Json.first(&frame("nonsense")), Frame::Foreign { .. }));
        assert!(matches!(Json.first(b"HTTP/1.1 "), Frame::Foreign { .. }));
    }
}
