//! A server's certificate and its key.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, crypto};
use zeroize::Zeroizing;

use super::{Pin, x509};
use crate::{Error, Result, Status};

/// A server's certificate, those that vouch for it, and its private key. Clones share one piece of memory.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    key: Arc<CertifiedKey>,
    end_point: Option<Arc<[u8]>>,
    pin: Pin,
}

impl Certificate {
    /// Reads PEM: the certificates, the server's own first, and the private key (PKCS#8, PKCS#1 or SEC1, without a
    /// passphrase). Both may be the same text. The caller's copy of the key is the caller's to overwrite.
    ///
    /// # Errors
    /// `InvalidArgument` with what was found and expected: no certificate or key in the text, a key that is encrypted or of
    /// no known kind or not the certificate's, a certificate that cannot be read or has expired.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Certificate> {
        let chain = certificates(chain)?;
        if chain.is_empty() {
            return Err(wrong(
                "there is no certificate in the PEM, expected -----BEGIN CERTIFICATE----- and what follows",
            ));
        }
        Certificate::of(chain, &*private_key(key)?)
    }

    /// The same of two files, or of one that is given twice. Blocks for as long as reading them takes.
    ///
    /// # Errors
    /// As [`Certificate::from_pem`], and what the operating system says of the files.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Certificate> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| Error::from_io(&error, path.display()));
        let (texts, key_text) = (read(chain)?, Zeroizing::new(read(key)?));
        let which =
            if chain == key { chain.display().to_string() } else { format!("{}, {}", chain.display(), key.display()) };
        Certificate::from_pem(&texts, &key_text).map_err(|error| error.context(which))
    }

    /// The fingerprint of its public key, which clients may be told to trust.
    pub fn pin(&self) -> Pin {
        self.0.pin
    }

    pub(super) fn of(chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'static>) -> Result<Certificate> {
        let key = crypto::ring::sign::any_supported_type(key)
            .map_err(|_| wrong("the private key is of a kind that is not known, expected ECDSA, RSA or Ed25519"))?;
        let own = chain[0].clone();
        let pin = Pin::of(&x509::public_key(&own)?);
        let key = CertifiedKey::new(chain, key);
        match key.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(_) => return Err(wrong("the private key is not the certificate's: they were made apart")),
        }
        check_date(&own)?;
        let end_point = x509::end_point(&own).map(Arc::from);
        Ok(Certificate(Arc::new(Inner { key: Arc::new(key), end_point, pin })))
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.key)
    }

    pub(super) fn end_point(&self) -> Option<Arc<[u8]>> {
        self.0.end_point.clone()
    }
}

impl fmt::Debug for Certificate {
    /// Nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("pin", &self.0.pin).finish_non_exhaustive()
    }
}

/// All certificates of a PEM text, in its order.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>();
    read.map_err(|error| unreadable("certificate", &error))
}

fn private_key(pem: &[u8]) -> Result<Zeroizing<PrivateKeyDer<'static>>> {
    let has = |words: &[u8]| memchr::memmem::find(pem, words).is_some();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        let (kind, der) = section.map_err(|error| unreadable("private key", &error))?;
        let der = Zeroizing::new(der);
        if has(b"Proc-Type: 4,ENCRYPTED") {
            break;
        }
        if let Some(key) = PrivateKeyDer::from_pem(kind, der.to_vec()) {
            return Ok(Zeroizing::new(key));
        }
    }
    Err(if has(b"ENCRYPTED") {
        wrong(
            "the private key is encrypted, expected one without a passphrase (openssl pkey -in key.pem -out plain.pem)",
        )
    } else {
        wrong("there is no private key in the PEM, expected -----BEGIN PRIVATE KEY----- and what follows")
    })
}

/// Nothing of the text itself, which may be a key.
fn unreadable(what: &str, error: &pem::Error) -> Error {
    let problem = match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end, expected -----END …-----",
        pem::Error::IllegalSectionStart { .. } => "a section has no beginning, expected -----BEGIN …-----",
        pem::Error::Base64Decode(_) => "a section is no base64",
        pem::Error::SectionTooLarge => "a section is too long",
        _ => "it is no PEM",
    };
    wrong(format!("the PEM of the {what} cannot be read: {problem}"))
}

fn check_date(certificate: &[u8]) -> Result<()> {
    let Some(until) = x509::not_after(certificate) else { return Ok(()) };
    let now = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S").to_string();
    match until.get(..8) {
        Some(date) if until.as_bytes() < now.as_bytes() => Err(wrong(format!(
            "the certificate has expired: it was valid until {}-{}-{}",
            &date[..4],
            &date[4..6],
            &date[6..]
        ))),
        _ => Ok(()),
    }
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Status::InvalidArgument, message)
}
