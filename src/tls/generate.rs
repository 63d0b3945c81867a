//! Certificates that a server makes for itself.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use super::Certificate;
use crate::{Error, Result, Status};

/// What such a certificate says of its server, whom only the proof of a secret tells from others.
const NAME: &str = "rustchat";

/// A new key on the curve P-256, and a certificate that it has signed itself.
pub(super) fn certificate() -> Result<Certificate> {
    let failed = |error: rcgen::Error| Error::new(Status::Io, format!("cannot make a certificate: {error}"));
    let key = Zeroizing::new(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?);
    let mut params = CertificateParams::new(vec![NAME.to_owned()]).map_err(failed)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    let certificate = params.self_signed(&*key).map_err(failed)?;
    let key = Zeroizing::new(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())));
    Certificate::of(vec![certificate.der().clone()], &key)
}
