//! What protects a connection.

use std::fmt;

use super::Pin;

/// What protects what is sent and received on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Protection {
    /// Whether it goes through TLS; otherwise whoever is on the way can read and change it.
    pub tls: bool,
    /// By which [kind](crate::auth::ChannelBinding) the peer's proof of the secret is bound to this channel, 0 if it is not
    /// or there was none.
    pub binding: u8,
    /// The fingerprint of the server's public key, at the client's end: to be trusted the next time, unless the server makes
    /// its own certificate, which has another key each time it starts.
    pub pin: Option<Pin>,
}

impl Protection {
    pub(crate) fn new(tls: bool, binding: u8, pin: Option<Pin>) -> Protection {
        Protection { tls, binding, pin }
    }

    /// `tls` or `plain`.
    pub fn name(self) -> &'static str {
        if self.tls { "tls" } else { "plain" }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
