//! What protects a connection.

use std::fmt;

use crate::tls::Pin;

/// What protects what is sent and received on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Protection {
    /// Whether it goes through TLS; otherwise whoever is on the way can read and change it.
    pub tls: bool,
    /// By which [kind](crate::auth::ChannelBinding) the peer's proof of the secret is bound to this channel, 0 if it is not
    /// or there was none.
    pub binding: u8,
    /// The fingerprint of the server's public key, at the client's end: to be trusted the next time.
    pub pin: Option<Pin>,
}

impl fmt::Display for Protection {
    /// `tls` or `plain`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.tls { "tls" } else { "plain" })
    }
}
