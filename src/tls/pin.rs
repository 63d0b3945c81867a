//! A public key by its fingerprint.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::{Error, Result, Status};

/// A public key by its fingerprint: the SHA-256 of its `SubjectPublicKeyInfo` (RFC 7469). It stays the same when a
/// certificate is renewed for the same key. Its text is 64 hex digits, and may have colons between them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// The pin of that public key, in DER.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "there are no certificates"))]
    pub(super) fn of(public_key: &[u8]) -> Pin {
        Pin(Sha256::digest(public_key).into())
    }
}

impl FromStr for Pin {
    type Err = Error;

    /// `InvalidArgument` for anything but 64 hex digits.
    fn from_str(text: &str) -> Result<Pin> {
        let mut digits = text.bytes().filter(|byte| *byte != b':').map(|byte| (byte as char).to_digit(16));
        let mut pin = [0; 32];
        for byte in &mut pin {
            let (Some(Some(high)), Some(Some(low))) = (digits.next(), digits.next()) else { return Err(no_pin(text)) };
            *byte = (high << 4 | low) as u8;
        }
        if digits.next().is_some() { Err(no_pin(text)) } else { Ok(Pin(pin)) }
    }
}

fn no_pin(text: &str) -> Error {
    let message = format!("{text:?} is no pin, expected the 64 hex digits of the SHA-256 of a public key");
    Error::new(Status::InvalidArgument, message)
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_it_is_written_with_colons_or_without() {
        let pin = Pin::of(b"a key");
        let text = pin.to_string();
        assert_eq!((text.len(), text.parse()), (64, Ok(pin)));
        let pairs: Vec<_> = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        assert_eq!(pairs.join(":").to_uppercase().parse(), Ok(pin));
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "g")] {
            let error = wrong.parse::<Pin>().unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().contains("64 hex digits"), "{error}");
        }
    }
}
