//! What an end is to have.

use super::{Certificate, ClientTls, ServerTls, Trust};
use crate::Result;

/// What an end of a connection needs for TLS. The same type serves both sides; each reads what is its own.
///
/// The default is enough wherever both ends share a secret in the profile `mutual`: a server makes a certificate when it
/// starts, and a client trusts whoever proves the secret over this very channel. A client without a secret trusts whom the
/// system trusts; a server without one needs a [`Certificate`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Tls {
    /// The server's: without it the server makes one for itself, which only the proof of a secret can vouch for.
    pub certificate: Option<Certificate>,
    /// The client's: whom it takes for its server. Without it [`Trust::Secret`] with a secret in the profile `mutual`, and
    /// [`Trust::System`] without.
    pub trust: Option<Trust>,
    /// The client's: the name that is asked for and verified, instead of the host that is connected to.
    pub server_name: Option<String>,
    /// The server's: lets in who proves a secret in the profile `mutual` without binding the proof to the channel, which
    /// somebody in between could pass on. For clients that cannot bind, and trust the certificate.
    pub allow_unbound: bool,
}

impl Tls {
    /// The default.
    pub fn new() -> Tls {
        Tls::default()
    }

    /// Whether this build can speak TLS (feature `tls`).
    pub const fn is_available() -> bool {
        cfg!(feature = "tls")
    }

    /// With that certificate and its key.
    pub fn with_certificate(mut self, certificate: Certificate) -> Tls {
        self.certificate = Some(certificate);
        self
    }

    /// With that trust.
    pub fn with_trust(mut self, trust: Trust) -> Tls {
        self.trust = Some(trust);
        self
    }

    /// With that name to ask for and to verify.
    pub fn with_server_name(mut self, name: impl Into<String>) -> Tls {
        self.server_name = Some(name.into());
        self
    }

    /// Letting in who cannot bind its proof to the channel.
    pub fn allowing_unbound(mut self) -> Tls {
        self.allow_unbound = true;
        self
    }

    /// The server's side. `has_secret` says whether its peers prove a secret in the profile `mutual`.
    ///
    /// # Errors
    /// `InvalidArgument` without a certificate and a secret, since nobody could verify what the server makes for itself;
    /// `Io` when the operating system has no randomness to give; `NotSupported` in a build without the feature `tls`.
    pub fn server(&self, has_secret: bool) -> Result<ServerTls> {
        ServerTls::new(self.certificate.as_ref(), self.allow_unbound, has_secret)
    }

    /// The client's side. `has_secret` says whether it proves a secret in the profile `mutual`. Reads the system's roots
    /// with [`Trust::System`], so better once than for each connection.
    ///
    /// # Errors
    /// `InvalidArgument` for [`Trust::Secret`] without a secret, for roots that are none, no pins, or a `server_name` that
    /// no certificate can have; `NotSupported` in a build without the feature `tls`, and where the system has no roots.
    pub fn client(&self, has_secret: bool) -> Result<ClientTls> {
        ClientTls::new(self.trust.as_ref(), self.server_name.as_deref(), has_secret)
    }
}
