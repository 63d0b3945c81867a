//! The secret that both sides hold.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::challenge::check_secret;
use super::mac;
use crate::Result;

/// A shared secret. Clones share one piece of memory, which is overwritten when the last of them goes.
///
/// Any bytes will do, but a word that people can remember can also be guessed: whoever watches one
/// handshake may try all words at leisure. Prefer [`generate_key`].
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<Vec<u8>>>);

impl Secret {
    /// Takes a copy of `bytes`, as they are: the hex digits of [`generate_key`] are not decoded.
    ///
    /// # Errors
    /// `InvalidArgument` when there are none.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Secret> {
        let bytes = bytes.as_ref();
        check_secret(bytes)?;
        Ok(Secret(Arc::new(Zeroizing::new(bytes.to_vec()))))
    }

    /// Whether it is short enough to be guessed by trying: less than 16 bytes.
    pub(crate) fn is_weak(&self) -> bool {
        self.0.len() < 16
    }

    /// Whether both are the same bytes; how many of them are does not show in the time it takes.
    pub(super) fn is_same(&self, other: &Secret) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    /// Nothing of it, not even its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A new secret: 32 random bytes of the operating system as 64 lower-case hex digits.
///
/// # Errors
/// `Io` when the operating system has no randomness to give.
pub fn generate_key() -> Result<String> {
    Ok(mac::hex(&*Zeroizing::new(mac::random::<{ mac::LENGTH }>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_printed() {
        let secret = Secret::new("hunter2").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(secret.clone().as_bytes(), b"hunter2");
    }

    #[test]
    fn generated_keys_are_64_lower_case_hex_digits_and_differ() {
        let key = generate_key().unwrap();
        assert_eq!(key.len(), 64);
        assert!(key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{key}");
        assert_ne!(key, generate_key().unwrap());
    }
}
