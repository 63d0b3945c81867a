//! What a server knows before a client comes.

use std::fmt;
use std::sync::Arc;

use rustls::server::{NoServerSessionStorage, ServerConfig, ServerConnection};
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;

use super::verify::provider;
use super::{Certificate, Machine, PROTOCOL, Pin, generate, sentences};
use crate::auth::Requirement;
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// The server's side of TLS: makes a [`Machine`] for each connection. May be used by any number of threads.
pub struct ServerTls {
    current: Mutex<Arc<Current>>,
    requires: Requirement,
}

/// What the next connection gets.
struct Current {
    config: Arc<ServerConfig>,
    end_point: Option<Arc<[u8]>>,
    pin: Pin,
}

impl ServerTls {
    pub(super) fn new(certificate: Option<&Certificate>, allow_unbound: bool, has_secret: bool) -> Result<ServerTls> {
        let certificate = match certificate {
            Some(certificate) => certificate.clone(),
            None if has_secret => generate::certificate()?,
            None => {
                let message = "TLS needs a certificate with its key, or a secret in the profile mutual: nobody could verify \
                    a certificate that the server makes for itself";
                return Err(Error::new(Status::InvalidArgument, message));
            }
        };
        let current = Mutex::new(Arc::new(Current::new(&certificate)?));
        let is_bound = has_secret && !allow_unbound;
        Ok(ServerTls { current, requires: if is_bound { Requirement::Binding } else { Requirement::Nothing } })
    }

    /// A machine for a new connection.
    ///
    /// # Errors
    /// `Io` when the operating system has no randomness to give.
    pub fn begin(&self) -> Result<Machine> {
        let current = Arc::clone(&self.current.lock());
        let connection =
            ServerConnection::new(Arc::clone(&current.config)).map_err(|error| sentences::failure(&error))?;
        Ok(Machine::of_server(connection, current.end_point.clone(), self.requires))
    }

    /// Connections that begin from here on get this certificate; those that there are keep theirs.
    ///
    /// # Errors
    /// None that a certificate which could be made brings about.
    pub fn replace_certificate(&self, certificate: &Certificate) -> Result<()> {
        let next = Arc::new(Current::new(certificate)?);
        *self.current.lock() = next;
        Ok(())
    }

    /// The fingerprint of the public key that the next connection gets, which clients may be told to trust.
    pub fn pin(&self) -> Pin {
        self.current.lock().pin
    }
}

impl Current {
    fn new(certificate: &Certificate) -> Result<Current> {
        let resolver = Arc::new(SingleCertAndKey::from(certificate.key()));
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = builder.with_protocol_versions(&[&TLS13]).map_err(|error| sentences::failure(&error))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // A client that only ever sends would drown in tickets that it does not read.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Current { config: Arc::new(config), end_point: certificate.end_point(), pin: certificate.pin() })
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").field("pin", &self.pin()).finish_non_exhaustive()
    }
}
