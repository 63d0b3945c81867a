//! What the records of all services have in common, which tell in the log who did what: whatever a client sent stands in
//! them as text that can neither end a line nor reach a terminal.

use std::fmt::{self, Write};

use crate::net::Address;

/// Where the records go in the log, which an embedder may treat in its own way.
pub(crate) const TARGET: &str = "rustchat::audit";

/// The one who asks.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: Address,
    pub(crate) key_id: String,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {} from {}", quoted(self.key_id.as_bytes()), self.address)
    }
}

/// A JSON string of printable ASCII, letters and digits; bytes that are no UTF-8 stand in it as Python's `surrogateescape`
/// has them.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => text.extend(['\\', c]),
                ' '..='~' => text.push(c),
                c if c.is_alphanumeric() => text.push(c),
                c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| put_escape(&mut text, *unit)),
            }
        }
        chunk.invalid().iter().for_each(|byte| put_escape(&mut text, 0xdc00 | u16::from(*byte)));
    }
    text.push('"');
    text
}

fn put_escape(text: &mut String, unit: u16) {
    let _ = write!(text, "\\u{unit:04x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_an_argument_ends_a_line_or_reaches_a_terminal() {
        let hostile = "a\nb\r\u{1b}[2J\u{2028}\u{2029}\u{202e}\u{9b}\u{7f}\"\\ ü \u{1f600}".as_bytes();
        let expected = concat!(
            "\"a\\u000ab\\u000d\\u001b[2J\\u2028\\u2029\\u202e\\u009b\\u007f\\\"\\\\ ü \\ud83d\\ude00",
            "\\udcff\""
        );
        assert_eq!(quoted(&[hostile, b"\xff"].concat()), expected);
        let back: serde_json::Result<String> = serde_json::from_str(&quoted(hostile));
        assert_eq!(back.unwrap().as_bytes(), hostile);
    }
}
