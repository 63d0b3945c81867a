//! What a client knows before it connects.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustls::client::{ClientConfig, ClientConnection, Resumption};
use rustls::pki_types::ServerName;
use rustls::version::TLS13;

use super::verify::{provider, verifier};
use super::{Machine, PROTOCOL, Trust, sentences};
use crate::auth::Requirement;
use crate::{Error, Result, Status};

/// The client's side of TLS: makes a [`Machine`] for each connection. Clones share what they know.
#[derive(Clone)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
    /// Names are verified.
    by_name: bool,
    requires: Requirement,
}

impl ClientTls {
    pub(super) fn new(trust: Option<&Trust>, server_name: Option<&str>, has_secret: bool) -> Result<ClientTls> {
        let trust = trust.unwrap_or(if has_secret { &Trust::Secret } else { &Trust::System });
        if *trust == Trust::Secret && !has_secret {
            let message = "to trust a server by a secret takes one in the profile mutual, and none is set";
            return Err(Error::new(Status::InvalidArgument, message));
        }
        let builder = ClientConfig::builder_with_provider(provider());
        let builder = builder.with_protocol_versions(&[&TLS13]).map_err(|error| sentences::failure(&error))?;
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier(trust)?);
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(ClientTls {
            config: Arc::new(config),
            name: server_name.map(name_of_server).transpose()?,
            by_name: matches!(trust, Trust::System | Trust::Roots(_)),
            requires: if *trust == Trust::Secret { Requirement::Exporter } else { Requirement::Nothing },
        })
    }

    /// A machine for a new connection to `host`: a name or an address without a port, or, where names are not verified,
    /// anything.
    ///
    /// # Errors
    /// `InvalidArgument` for a host that no certificate can be for, and no `server_name`; `Io` when the operating system has
    /// no randomness to give.
    pub fn begin(&self, host: &str) -> Result<Machine> {
        let name = match &self.name {
            Some(name) => name.clone(),
            // Addresses are not asked for, so one stands for no name.
            None => match name_of_server(host) {
                Err(_) if !self.by_name => ServerName::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                named => named?,
            },
        };
        let connection = ClientConnection::new(Arc::clone(&self.config), name);
        connection
            .map(|connection| Machine::of_client(connection, self.requires))
            .map_err(|error| sentences::failure(&error))
    }
}

fn name_of_server(text: &str) -> Result<ServerName<'static>> {
    ServerName::try_from(text.to_owned()).map_err(|_| {
        let message =
            format!("no certificate can be for {text:?}, expected a host name or an IP address as server_name");
        Error::new(Status::InvalidArgument, message)
    })
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClientTls { name, requires, .. } = self;
        f.debug_struct("ClientTls").field("name", name).field("requires", requires).finish_non_exhaustive()
    }
}
