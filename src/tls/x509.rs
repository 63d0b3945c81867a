//! The few fields that are read of a certificate (RFC 5280, 4.1): no more of DER than that takes.

use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::sentences;
use crate::{Error, Result, Status};

/// Walks over DER (X.690), element by element.
struct Der<'d>(&'d [u8]);

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

impl<'d> Der<'d> {
    /// The tag of the next element and what it holds.
    fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk::<2>()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            if !(1..=4).contains(&count) {
                return None;
            }
            let (bytes, after) = rest.split_at_checked(count)?;
            length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = after;
        }
        let (held, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((tag, held))
    }

    /// What the next element holds, which has that tag.
    fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, held)| held)
    }
}

/// The public key of a certificate, in DER.
pub(super) fn public_key(certificate: &CertificateDer<'_>) -> Result<Vec<u8>> {
    let parsed = ParsedCertificate::try_from(certificate).map_err(|error| {
        let message = format!("the certificate cannot be read: {}", sentences::reason(&error));
        Error::new(Status::InvalidArgument, message)
    })?;
    Ok(parsed.subject_public_key_info().to_vec())
}

/// The digits of the date until which a certificate is valid, `YYYYMMDDHHMMSS` in UTC; `None` where it cannot be read.
pub(super) fn not_after(certificate: &[u8]) -> Option<String> {
    let mut outer = Der(Der(certificate).take(SEQUENCE)?);
    let mut inner = Der(outer.take(SEQUENCE)?);
    let (first, _) = inner.next()?;
    if first == VERSION {
        inner.take(INTEGER)?;
    }
    let (_algorithm, _issuer) = (inner.take(SEQUENCE)?, inner.take(SEQUENCE)?);
    let mut validity = Der(inner.take(SEQUENCE)?);
    validity.next()?;
    let (tag, date) = validity.next()?;
    let digits = date.strip_suffix(b"Z").filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let digits = std::str::from_utf8(digits).ok()?;
    match tag {
        // Two digits of a year: from 50 on of the last century (RFC 5280, 4.1.2.5.1).
        UTC_TIME => Some(format!("{}{digits}", if digits >= "50" { 19 } else { 20 })),
        GENERALIZED_TIME => Some(digits.to_owned()),
        _ => None,
    }
}

/// The channel binding `tls-server-end-point` (RFC 5929, 4.1): the hash of the certificate by the hash that it is signed
/// with, SHA-256 for the weak ones. `None` for signatures that have no hash of their own.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut outer = Der(Der(certificate).take(SEQUENCE)?);
    outer.take(SEQUENCE)?;
    let algorithm = Der(outer.take(SEQUENCE)?).take(OBJECT_IDENTIFIER)?;
    const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01";
    const ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04";
    match (algorithm.strip_prefix(RSA), algorithm.strip_prefix(ECDSA)) {
        // MD5, SHA-1, SHA-256.
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Some(Sha256::digest(certificate).to_vec()),
        (Some([12]), _) | (_, Some([3, 3])) => Some(Sha384::digest(certificate).to_vec()),
        (Some([13]), _) | (_, Some([3, 4])) => Some(Sha512::digest(certificate).to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    #[test]
    fn a_date_and_the_hash_of_a_signature_are_found() {
        let made = |algorithm, until| {
            let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            params.not_after = until;
            params.self_signed(&KeyPair::generate_for(algorithm).unwrap()).unwrap().der().to_vec()
        };
        let der = made(&rcgen::PKCS_ECDSA_P256_SHA256, date_time_ymd(2049, 12, 31));
        assert_eq!(not_after(&der).as_deref(), Some("20491231000000"));
        assert_eq!(end_point(&der), Some(Sha256::digest(&der).to_vec()));
        let der = made(&rcgen::PKCS_ECDSA_P384_SHA384, date_time_ymd(1999, 1, 2));
        assert_eq!(not_after(&der).as_deref(), Some("19990102000000"));
        assert_eq!(end_point(&der), Some(Sha384::digest(&der).to_vec()));
        let der = made(&rcgen::PKCS_ED25519, date_time_ymd(2050, 1, 1));
        assert_eq!(not_after(&der).as_deref(), Some("20500101000000"));
        assert_eq!(end_point(&der), None, "such a signature has no hash of its own");
        for cut in 0..der.len() {
            assert_eq!((not_after(&der[..cut]), end_point(&der[..cut])), (None, None));
        }
    }

    #[test]
    fn a_date_that_is_none_is_not_read() {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = date_time_ymd(2049, 12, 31);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let at = memchr::memmem::find(&der, b"491231000000Z").unwrap();
        for date in ["1€00000000Z", "49123100000+Z", "491231000000+", "49123100000€"] {
            let mut der = der.clone();
            der[at..at + 13].copy_from_slice(&[date.as_bytes(), &[b'Z'; 13]].concat()[..13]);
            assert_eq!(not_after(&der), None, "{date}");
        }
    }
}
