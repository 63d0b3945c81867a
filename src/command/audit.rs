//! Who ran what, in the log: a record when a command begins and one when it has ended, so that a server that is killed
//! between leaves the first. Whatever a client sent stands in it as text that can neither end a line nor reach a terminal.

use std::fmt::Write;

use super::exit::Exit;
use super::template::Line;
use super::wire::{Refusal, Signal};
use crate::net::Address;

/// Where the records go in the log, which an embedder may treat in its own way.
const TARGET: &str = "rustchat::audit";

/// The one who asks.
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) address: Address,
    pub(super) key_id: String,
}

/// A command in the log.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: u64,
    client: Client,
}

impl Record {
    pub(super) fn new(id: u64, client: &Client) -> Record {
        Record { id, client: client.clone() }
    }

    /// The key that its client has proved.
    pub(super) fn key_id(&self) -> &str {
        &self.client.key_id
    }

    fn who(&self) -> String {
        format!("key {} from {}", quoted(self.client.key_id.as_bytes()), self.client.address)
    }

    /// It is about to be started.
    pub(super) fn begin(&self, line: &Line) {
        log::info!(target: TARGET, "command {} begins: {} runs {}", self.id, self.who(), command_line(line));
    }

    pub(super) fn signalled(&self, signal: Signal) {
        log::info!(target: TARGET, "command {}: {} sends signal {}", self.id, self.who(), signal.number());
    }

    pub(super) fn refused(&self, why: Refusal, text: &str) {
        log::warn!(target: TARGET, "command {} refused: {}: {}: {}", self.id, self.who(), why, quoted(text.as_bytes()));
    }

    /// It is over; `gone` when nobody was there who would have heard of it.
    pub(super) fn end(&self, exit: &Exit, gone: bool) {
        let gone = if gone { ", its client was gone" } else { "" };
        let survivors = if exit.survivors_killed { ", survivors killed" } else { "" };
        log::info!(
            target: TARGET,
            "command {} ends: {exit}{gone}{survivors}, {} + {} bytes, {:.3} s",
            self.id,
            exit.stdout_bytes,
            exit.stderr_bytes,
            exit.wall.as_secs_f64()
        );
    }
}

/// A command line as a JSON array.
fn command_line(line: &Line) -> String {
    let shown = line.argv.iter().zip(&line.secret).map(|(arg, secret)| quoted(if *secret { b"***" } else { arg }));
    format!("[{}]", shown.collect::<Vec<_>>().join(","))
}

/// A JSON string of printable ASCII, letters and digits; bytes that are no UTF-8 stand in it as Python's `surrogateescape`
/// has them.
fn quoted(bytes: &[u8]) -> String {
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

    #[test]
    fn secrets_are_not_shown() {
        let mut line = Line::new("/bin/login".as_ref(), None);
        line.push(b"--password=hunter2".to_vec(), true);
        assert_eq!(command_line(&line), r#"["/bin/login","***"]"#);
    }
}
