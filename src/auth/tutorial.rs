//! The `tutorial` profile: what the socket tutorials do, made to hold as far as that wire allows.
//!
//! # The wire
//! 1. The server sends a challenge of 32 random bytes, without any framing.
//! 2. The client answers HMAC(secret, challenge) (RFC 2104, with the digest agreed on beforehand) as
//!    lower-case hex digits: exactly 64 for SHA-256, exactly 32 for MD5, nothing after them.
//! 3. The session begins with the next byte in each direction. The server tells no verdict: it closes
//!    the connection of a client that it refuses. Only a proof with the length of the other digest it
//!    answers first, with a line of text that names its own.
//!
//! The first byte that is no lower-case hex digit is refused at once. There are no key ids: the server
//! tries every key of its ring, always all of them; of ids with the same secret the first in order counts.
//!
//! # What it does not do
//! The server proves nothing, the client answers whatever challenge it is given, and nothing ties the
//! answer to this connection: who can stand between the two can relay it. Prefer [`super::mutual`].

use subtle::ConstantTimeEq;

use super::mac;
use super::machine::{Machine, Outcome, Refusal};
use super::{Digest, KeyRing, Secret};
use crate::opening::{PROOF_TOO_LONG, PROOF_TOO_SHORT, leading_digits};

const MD5_DIGITS: usize = Digest::Md5.hex_length();
const SHA256_DIGITS: usize = Digest::Sha256.hex_length();

/// The side that asks.
pub(super) struct Server {
    pub(super) digest: Digest,
    pub(super) keys: KeyRing,
    pub(super) challenge: [u8; mac::LENGTH],
}

impl Machine for Server {
    fn wanted(&self, partial: &[u8]) -> Result<usize, Refusal> {
        let digits = leading_digits(partial) == partial.len();
        if digits && !self.is_proof_by_md5(partial) { Ok(self.digest.hex_length()) } else { Err(Refusal::Ours) }
    }

    fn message(&mut self, message: &[u8], _: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
        let expected = |secret: &Secret| mac::hmac_hex(self.digest, secret.as_bytes(), &self.challenge);
        let found = self.keys.find(|secret| expected(secret).as_bytes().ct_eq(message));
        let (key_id, key) = found.ok_or(Refusal::Ours)?;
        Ok(Some(Outcome::anonymous(key_id, key.serial)))
    }

    fn refusal(&self, said: &[u8]) -> &'static [u8] {
        match (self.digest, leading_digits(said)) {
            (Digest::Md5, SHA256_DIGITS) => PROOF_TOO_LONG,
            (Digest::Sha256, MD5_DIGITS) => PROOF_TOO_SHORT,
            _ => b"",
        }
    }
}

impl Server {
    /// Whether what has come of an answer by SHA-256 is a whole and right one by MD5: then nothing will follow. It admits
    /// nobody. Half of an answer by SHA-256 has that length, too, but is no proof.
    fn is_proof_by_md5(&self, partial: &[u8]) -> bool {
        let proof = |secret: &Secret| mac::hmac_hex(Digest::Md5, secret.as_bytes(), &self.challenge);
        self.digest == Digest::Sha256
            && partial.len() == MD5_DIGITS
            && self.keys.find(|secret| proof(secret).as_bytes().ct_eq(partial)).is_some()
    }
}

/// The side that answers.
pub(super) struct Client {
    pub(super) digest: Digest,
    pub(super) secret: Secret,
    pub(super) key_id: String,
}

impl Machine for Client {
    fn wanted(&self, _: &[u8]) -> Result<usize, Refusal> {
        Ok(mac::LENGTH)
    }

    fn message(&mut self, message: &[u8], output: &mut Vec<u8>) -> Result<Option<Outcome>, Refusal> {
        output.extend_from_slice(mac::hmac_hex(self.digest, self.secret.as_bytes(), message).as_bytes());
        Ok(Some(Outcome::anonymous(std::mem::take(&mut self.key_id), 0)))
    }

    fn refusal(&self, _: &[u8]) -> &'static [u8] {
        b""
    }
}

#[cfg(test)]
mod tests;
