//! Whom a client takes for its server.

use super::Pin;

/// Whom a client takes for its server. The server always proves to hold its certificate's key; that the key is the right
/// one is vouched for by:
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The shared secret: any certificate will do, but not one byte of the session is sent or believed before both ends have
    /// proved the secret in the profile `mutual`, bound to this channel.
    Secret,
    /// The roots that the operating system trusts, by name and date.
    System,
    /// These roots alone: certificates in PEM, one or more, by name and date.
    Roots(Vec<u8>),
    /// The public key itself: one of these, whatever the certificate says of names and dates. Several are for a change of
    /// the key.
    Pins(Vec<Pin>),
}
