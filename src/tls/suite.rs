//! The cipher that connections get, and where its keys lie.

use std::cell::Cell;

use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::cipher::{
    AeadKey, Iv, MessageDecrypter, MessageEncrypter, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::{ConnectionTrafficSecrets, SupportedCipherSuite, Tls13CipherSuite};

use crate::net::Place;

/// As strong as the exchange of the keys, and the cheapest: with SHA-256 the handshake is, too.
pub(super) static PREFERRED: SupportedCipherSuite = SupportedCipherSuite::Tls13(&LOCATED);

static LOCATED: Tls13CipherSuite = Tls13CipherSuite {
    common: CipherSuiteCommon { ..ring().common },
    hkdf_provider: ring().hkdf_provider,
    aead_alg: &Located,
    quic: None,
};

const fn ring() -> &'static Tls13CipherSuite {
    #[allow(irrefutable_let_patterns, reason = "another user of rustls may have TLS 1.2 in this build")]
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { panic!("a suite of TLS 1.3 is none") };
    suite
}

thread_local! {
    static MADE: Cell<Option<Place>> = const { Cell::new(None) };
}

/// Where the keys lie that `step` has made to seal with, if it has made any. They lie alone on the heap, out of reach: with many
/// connections they are never in the cache when they are needed, unless they are fetched ahead.
pub(super) fn keys_of<R>(step: impl FnOnce() -> R) -> (R, Option<Place>) {
    MADE.set(None);
    let result = step();
    (result, MADE.take())
}

/// The provider's own algorithm. It notes where it puts keys.
struct Located;

impl Tls13AeadAlgorithm for Located {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        let made = ring().aead_alg.encrypter(key, iv);
        MADE.set(Some(Place::of(&*made)));
        made
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        ring().aead_alg.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        ring().aead_alg.key_len()
    }

    fn extract_keys(&self, key: AeadKey, iv: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        ring().aead_alg.extract_keys(key, iv)
    }
}
