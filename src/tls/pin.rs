//! A public key by its fingerprint.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::{Error, Result, Status};

/// A public key by its fingerprint: the SHA-256 of its `SubjectPublicKeyInfo` (RFC 7469). It stays the same when a
/// certificate is renewed for the same key.
///
/// Its text is 64 hex digits. It is read with colons between them, too, and in base64, with curl's `sha256//` before it or without.
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

    /// `InvalidArgument` for anything but 64 hex digits or 44 characters of base64.
    fn from_str(text: &str) -> Result<Pin> {
        let digits = text.strip_prefix(CURL).unwrap_or(text);
        from_base64(digits).or_else(|| from_hex(digits)).map(Pin).ok_or_else(|| no_pin(text))
    }
}

/// What stands before a pin in base64 where curl takes it.
const CURL: &str = "sha256//";

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut digits = text.bytes().filter(|byte| *byte != b':').map(|byte| (byte as char).to_digit(16));
    let mut pin = [0; 32];
    for byte in &mut pin {
        *byte = (digits.next()?? << 4 | digits.next()??) as u8;
    }
    digits.next().is_none().then_some(pin)
}

fn from_base64(text: &str) -> Option<[u8; 32]> {
    const LENGTH: usize = 43;
    let digits = text.strip_suffix('=').filter(|digits| digits.len() == LENGTH)?;
    let (mut pin, mut bits, mut held) = (Vec::with_capacity(LENGTH), 0, 0);
    for byte in digits.bytes() {
        bits = bits << 6 | sextet(byte)?;
        held += 6;
        if held >= 8 {
            held -= 8;
            pin.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    if bits == 0 { pin.try_into().ok() } else { None }
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

fn no_pin(text: &str) -> Error {
    let message = format!("{text:?} is no pin, expected the SHA-256 of a public key as 64 hex digits or in base64");
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

    #[test]
    fn a_pin_is_read_as_openssl_and_curl_write_it() {
        // Of `printf 'a key' | openssl dgst -sha256 -binary | base64`.
        let text = "j6Oqsvqpt54KA5jaW1q9B4AUJEKlvoC5pkYI1xjLH80=";
        let pin = Pin::of(b"a key");
        assert_eq!((text.parse(), format!("sha256//{text}").parse()), (Ok(pin), Ok(pin)));
        assert_eq!("/".repeat(42).parse::<Pin>().map_err(|error| error.status()), Err(Status::InvalidArgument));
        assert_eq!(format!("{}8=", "/".repeat(42)).parse(), Ok(Pin([0xff; 32])));
        for wrong in [&text[..43], &text[1..], &format!("{}9=", "/".repeat(42)), &text.replace('=', "!"), "sha256//"] {
            assert_eq!(wrong.parse::<Pin>().unwrap_err().status(), Status::InvalidArgument, "{wrong}");
        }
    }
}
