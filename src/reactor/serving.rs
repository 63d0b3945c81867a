//! What the handles of all servers have in common.

/// Writes the methods that every server has, for one whose handles share an `owner` with the [`Host`](super::Host) of it. Only
/// what some of them say of themselves is the server's own.
macro_rules! serving {
    (
        $server:ident {
            $(#[$close:meta])* close;
            $(#[$close_within:meta])* close_within;
            $(#[$stop:meta])* stop;
            $(#[$failure:meta])* failure;
        }
    ) => {
        impl $server {
            /// The address it listens on, with the port the system chose.
            pub fn address(&self) -> &$crate::net::Address {
                &self.owner.host.commons().address
            }

            $(#[$close])*
            pub fn close(&self) {
                self.close_within($crate::reactor::DRAIN);
            }

            $(#[$close_within])*
            pub fn close_within(&self, drain: ::std::time::Duration) {
                self.owner.host.close_within(drain);
            }

            /// Waits until the server has stopped. `WouldDeadlock` on the server's own threads.
            pub fn join<'a>(&self, deadline: impl Into<$crate::net::Deadline<'a>>) -> $crate::Result<()> {
                self.owner.host.join(&deadline.into())
            }

            $(#[$stop])*
            pub fn stop<'a>(&self, drain: impl Into<$crate::net::Deadline<'a>>) -> $crate::Result<()> {
                self.owner.host.stop(drain.into())
            }

            /// Who connects from here on gets this certificate; those who are there keep their connections. For a certificate that
            /// is renewed while the server runs.
            ///
            /// # Errors
            /// `BadState` for a server without TLS.
            pub fn replace_certificate(&self, certificate: &$crate::tls::Certificate) -> $crate::Result<()> {
                self.owner.host.commons().tls()?.replace_certificate(certificate)
            }

            /// The fingerprint of the public key that clients are shown, which they may be told to trust.
            ///
            /// # Errors
            /// `BadState` for a server without TLS.
            pub fn pin(&self) -> $crate::Result<$crate::tls::Pin> {
                self.owner.host.commons().tls().map($crate::tls::ServerTls::pin)
            }

            $(#[$failure])*
            pub fn failure(&self) -> Option<$crate::Error> {
                self.owner.host.commons().failure()
            }

            /// Whether the server stops or has stopped: `close` was called, or it has failed.
            pub fn is_closed(&self) -> bool {
                self.owner.host.is_closed()
            }
        }
    };
}
pub(crate) use serving;
