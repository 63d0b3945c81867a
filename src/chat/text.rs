//! What may be said in a room.

use std::fmt::Write;

use crate::error::utf8;
use crate::{Error, Result, Status};

/// Checks one message: UTF-8 without characters that would command a terminal or forge a line.
///
/// Tabs pass, and line feeds where `lines` allows several lines in one message.
pub(super) fn check(bytes: &[u8], lines: bool) -> Result<&str> {
    let text = utf8(bytes)?;
    check_text(text, lines).map(|()| text)
}

/// The same for what is known to be UTF-8.
pub(super) fn check_text(text: &str, lines: bool) -> Result<()> {
    if !may_hold_control(text.as_bytes()) {
        return Ok(());
    }
    for (at, character) in text.char_indices() {
        if character.is_control() && character != '\t' && !(lines && character == '\n') {
            let code = u32::from(character);
            let and = if lines { ", line feeds and" } else { " and" };
            return Err(Error::new(
                Status::InvalidText,
                format!("control character U+{code:04X} at offset {at}; only text{and} tabs may be sent"),
            ));
        }
    }
    Ok(())
}

/// True for every text with a control character, and for few others: ASCII controls, and the lead byte of U+0080 to U+00BF.
fn may_hold_control(bytes: &[u8]) -> bool {
    // Without an early exit the compiler makes it a few vector instructions a message.
    bytes.iter().fold(false, |found, &byte| found | (byte < 0x20) | (byte == 0x7f) | (byte == 0xc2))
}

/// For logs and error texts: control characters become `\x1b`, `\n`, …
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(out, "{}", character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_passes_and_commands_to_terminals_do_not() {
        for good in ["", "hello", "群聊\t好", "café ° ñ", "🦀"] {
            assert_eq!(check(good.as_bytes(), false).unwrap(), good);
        }
        for bad in ["a\0b", "\x1b[2J", "a\nb", "a\rb", "\x7f", "\u{9b}2J", "\u{85}"] {
            let error = check(bad.as_bytes(), false).unwrap_err();
            assert_eq!(error.status(), Status::InvalidText);
            assert!(error.message().contains("U+"), "{error}");
        }
        assert!(check(b"a\nb", true).is_ok());
        assert!(check(b"a\rb", true).is_err());
    }

    #[test]
    fn bad_utf8_is_named_with_its_place() {
        let error = check(b"caf\xe9 noir", false).unwrap_err();
        assert!(error.message().contains("0xe9 at offset 3"), "{error}");
    }
}
