//! Who is trusted, as rustls asks for it.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::cipher_suite::{TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256};
use rustls::crypto::{self, CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, OtherError, PeerIncompatible, RootCertStore,
    SignatureScheme,
};

use super::certificate::certificates;
use super::sentences::WrongPin;
use super::suite::PREFERRED;
use super::x509::public_key;
use super::{Pin, Trust};
use crate::{Error, Result, Status};

/// The cryptography, by name: what another user of rustls in this process has made the default is no matter of ours.
/// Made for each end: kept for all of them, it would outlive the last.
pub(super) fn provider() -> Arc<CryptoProvider> {
    let first = [PREFERRED, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256];
    Arc::new(CryptoProvider { cipher_suites: first.to_vec(), ..ring::default_provider() })
}

/// What verifies a server's certificate.
pub(super) fn verifier(trust: &Trust) -> Result<Arc<dyn ServerCertVerifier>> {
    Ok(match trust {
        Trust::Secret => Arc::new(ByKey::new(None)),
        Trust::Pins(pins) if pins.is_empty() => {
            return Err(Error::new(Status::InvalidArgument, "there is no pin among the pins, expected one at least"));
        }
        Trust::Pins(pins) => Arc::new(ByKey::new(Some(pins.clone()))),
        Trust::System => system()?,
        Trust::Roots(pem) => WebPkiServerVerifier::builder_with_provider(Arc::new(roots(pem)?), provider())
            .build()
            .map_err(|error| Error::new(Status::InvalidArgument, format!("the trusted roots are refused: {error}")))?,
    })
}

/// Verifies by the system's roots, which it reads: some tens of milliseconds. Nobody keeps them for the next connection: they
/// would outlive the last end.
fn system() -> Result<Arc<dyn ServerCertVerifier>> {
    let verifier = rustls_platform_verifier::Verifier::new(provider()).map_err(|error| {
        Error::new(Status::NotSupported, format!("the system's trusted certificates cannot be used: {error}"))
    })?;
    Ok(Arc::new(verifier))
}

fn roots(pem: &[u8]) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots
            .add(certificate)
            .map_err(|error| Error::new(Status::InvalidArgument, format!("a trusted root cannot be read: {error}")))?;
    }
    if roots.is_empty() {
        let message = "there is no certificate in the PEM of the trusted roots, expected -----BEGIN CERTIFICATE-----";
        return Err(Error::new(Status::InvalidArgument, message));
    }
    Ok(roots)
}

/// Trusts a public key, or with `None` leaves it to the handshake above, which is bound to the channel. Either way the
/// server has to have signed this very handshake.
#[derive(Debug)]
struct ByKey {
    pins: Option<Vec<Pin>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ByKey {
    fn new(pins: Option<Vec<Pin>>) -> ByKey {
        ByKey { pins, algorithms: ring::default_provider().signature_verification_algorithms }
    }
}

impl ServerCertVerifier for ByKey {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(pins) = &self.pins else { return Ok(ServerCertVerified::assertion()) };
        let key = public_key(certificate).map_err(|_| CertificateError::BadEncoding)?;
        let found = Pin::of(&key);
        if pins.contains(&found) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::Other(OtherError(Arc::new(WrongPin(found)))).into())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
