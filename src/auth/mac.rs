//! The few cryptographic operations the profiles are made of; the algorithms are those of the
//! `hmac`, `sha2` and `md-5` crates.

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::Digest;
use crate::{Error, Result, Status};

/// Length in bytes of nonces, challenges, SHA-256 digests and of everything derived from them.
pub(super) const LENGTH: usize = 32;

/// The one failure of every handshake: whoever is refused is not told why.
pub(super) fn refused() -> Error {
    Error::from(Status::AuthenticationFailed)
}

/// Fresh bytes of the operating system's generator.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::from_io(&io::Error::from(error), "random bytes"))?;
    Ok(bytes)
}

/// HMAC-SHA-256 (RFC 2104) over the concatenation of `parts`.
pub(super) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; LENGTH] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// HMAC-MD5 (RFC 2104), for peers that know nothing else.
pub(super) fn hmac_md5(key: &[u8], message: &[u8]) -> [u8; 16] {
    let mac = Hmac::<Md5>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}

/// HMAC with the digest chosen, as lower-case hex digits.
pub(super) fn hmac_hex(digest: Digest, key: &[u8], message: &[u8]) -> String {
    match digest {
        Digest::Sha256 => hex(&hmac_sha256(key, &[message])),
        Digest::Md5 => hex(&hmac_md5(key, message)),
    }
}

/// Compares without telling by the time it takes where the difference is; lengths are no secret.
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Two lower-case hex digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4231_and_rfc_2202_hold() {
        let (key, message) = (b"Jefe".as_slice(), b"what do ya want for nothing?".as_slice());
        assert_eq!(
            hmac_hex(Digest::Sha256, key, message),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(hmac_hex(Digest::Md5, key, message), "750c783e6ab0b503eaa86e310a5db738");
    }
}
