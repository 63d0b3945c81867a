//! What is said of failures.

use std::fmt;

use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use super::Pin;
use crate::{Error, Status};

/// The certificate has another public key than was told to be trusted.
#[derive(Debug)]
pub(super) struct WrongPin(pub(super) Pin);

impl fmt::Display for WrongPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server's public key is {}, expected another (pin)", self.0)
    }
}

impl std::error::Error for WrongPin {}

/// A failure of rustls as one of ours.
pub(super) fn failure(error: &rustls::Error) -> Error {
    use rustls::Error as Tls;
    let status = match error {
        Tls::InvalidCertificate(_) | Tls::NoCertificatesPresented => Status::AuthenticationFailed,
        Tls::AlertReceived(alert) if is_of_trust(*alert) => Status::AuthenticationFailed,
        Tls::FailedToGetRandomBytes | Tls::FailedToGetCurrentTime => Status::Io,
        _ => Status::ProtocolViolation,
    };
    Error::new(status, reason(error))
}

fn is_of_trust(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnknownCA
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRevoked
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied
    )
}

pub(super) fn reason(error: &rustls::Error) -> String {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(problem) => certificate(problem),
        Tls::NoCertificatesPresented => "the server has shown no certificate".into(),
        Tls::AlertReceived(alert) if is_of_trust(*alert) => {
            format!("the peer does not trust this certificate (alert {alert:?})")
        }
        Tls::AlertReceived(alert) => format!("the peer has ended the connection by an alert of TLS ({alert:?})"),
        Tls::PeerIncompatible(PeerIncompatible::SupportedVersionsExtensionRequired)
        | Tls::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)
        | Tls::PeerIncompatible(PeerIncompatible::SignatureAlgorithmsExtensionRequired)
        | Tls::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled)
        | Tls::PeerIncompatible(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig) => {
            "the peer does not speak TLS 1.3".into()
        }
        Tls::NoApplicationProtocol => "the peer offers other protocols alone (ALPN), expected rustchat/1".into(),
        other => format!("the peer does not keep to TLS: {other}"),
    }
}

fn certificate(problem: &CertificateError) -> String {
    use CertificateError as Problem;
    match problem {
        Problem::Expired | Problem::ExpiredContext { .. } => "the server's certificate has expired".into(),
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => "the server's certificate is not valid yet".into(),
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => {
            format!("the server's certificate is for another name: {problem}")
        }
        Problem::UnknownIssuer => {
            "the server's certificate is vouched for by nobody who is trusted here; to trust it, \
            give its root, or its pin, or a secret to both ends"
                .into()
        }
        Problem::Other(other) if other.0.is::<WrongPin>() => other.0.to_string(),
        // What rustls has no name for it gives by the identifier of the library below.
        Problem::Other(other) if other.0.to_string() == "CaUsedAsEndEntity" => {
            "the server's certificate is an authority's own, which vouches for others; to trust it, give its pin".into()
        }
        Problem::Other(other) => format!("the server's certificate is refused: {}", other.0),
        other => format!("the server's certificate is refused: {other}"),
    }
}

/// What a client has begun with that does not speak TLS.
pub(super) fn stranger(what: &str) -> Error {
    Error::new(Status::ProtocolViolation, format!("it sent {what}, and TLS is spoken here"))
}

/// How a server has answered that does not speak TLS.
pub(super) fn plain(how: &str) -> Error {
    Error::new(Status::ProtocolViolation, format!("the server does not speak TLS: {how}"))
}
