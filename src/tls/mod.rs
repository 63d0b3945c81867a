//! TLS 1.3 over any stream, with certificates that nobody has to make, copy or renew.
//!
//! Everything here is pure: bytes in, bytes out. Of the world it reads the operating system's randomness, the date for the
//! validity of certificates, and with [`Trust::System`] the system's roots. [`ServerTls`] and [`ClientTls`] hold what one
//! side knows and make a [`Machine`] for each connection; what an end is to have is said by a [`Tls`].
//!
//! With a secret in the profile [`mutual`](crate::auth::mutual) a server makes its own certificate when it starts, and a
//! client takes any ([`Trust::Secret`]): the handshake above is bound to this very channel by a
//! [`Channel`](crate::auth::Channel), so that both proofs fail if somebody sits in between, whatever
//! certificate he has. Without a secret the certificate itself is verified. A way to verify nothing does not exist.
//!
//! | file | what |
//! |---|---|
//! | `options.rs`, `trust.rs`, `pin.rs`, `protection.rs` | what an end is to have, and has then: plain data, in every build |
//! | `server.rs`, `client.rs` | one side before a connection comes |
//! | `machine.rs` | one side of one connection |
//! | `certificate.rs`, `generate.rs`, `x509.rs` | chain and key, from PEM or made; the few fields that are read of a certificate |
//! | `suite.rs` | the cipher, and where its keys lie |
//! | `verify.rs`, `sentences.rs` | who is trusted; what is said of failures |
//! | `absent.rs` | stands for all of that in a build without the feature `tls`: no value of it can be made |
//!
//! Only TLS 1.3: there is no renegotiation, so the exporter names the channel for as long as it lives. No session tickets, no
//! early data, no client certificates.
//!
//! ```
//! use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth, generate_key};
//! use rustchat::tls::Tls;
//!
//! # if !Tls::is_available() { return Ok(()); }
//! let (mut server, mut client) = (Tls::new().server(true)?.begin()?, Tls::new().client(true)?.begin("localhost")?);
//! let (mut wire, mut plain) = (Vec::new(), Vec::new());
//! while !(server.is_secured() && client.is_secured()) {
//!     client.owed(&mut wire);
//!     server.receive(&std::mem::take(&mut wire), &mut plain)?;
//!     server.owed(&mut wire);
//!     client.receive(&std::mem::take(&mut wire), &mut plain)?;
//! }
//! // From here on `seal` what is sent, first of all the handshake that is bound to this channel.
//! let secret = Secret::new(generate_key()?)?;
//! let above = ServerAuth::new(Profile::Mutual, KeyRing::single(secret.clone())).begin_bound(&server.channel()?)?;
//! let below = ClientAuth::new(Profile::Mutual, secret).begin_bound(&client.channel()?)?;
//! # let _ = (above, below);
//! # Ok::<(), rustchat::Error>(())
//! ```

#[cfg(not(feature = "tls"))]
mod absent;
#[cfg(feature = "tls")]
mod certificate;
#[cfg(feature = "tls")]
mod client;
#[cfg(feature = "tls")]
mod generate;
#[cfg(feature = "tls")]
mod machine;
mod options;
mod pin;
mod protection;
#[cfg(feature = "tls")]
mod sentences;
#[cfg(feature = "tls")]
mod server;
#[cfg(feature = "tls")]
mod suite;
#[cfg(all(test, feature = "tls"))]
mod tests;
mod trust;
#[cfg(feature = "tls")]
mod verify;
#[cfg(feature = "tls")]
mod x509;

#[cfg(not(feature = "tls"))]
pub use absent::{Certificate, ClientTls, Machine, ServerTls};
#[cfg(feature = "tls")]
pub use certificate::Certificate;
#[cfg(feature = "tls")]
pub use client::ClientTls;
#[cfg(feature = "tls")]
pub use machine::Machine;
pub use options::Tls;
pub use pin::Pin;
pub use protection::Protection;
#[cfg(feature = "tls")]
pub use server::ServerTls;
pub use trust::Trust;

/// What the ends agree on to speak inside (ALPN). Who offers nothing is taken for one who does.
pub const PROTOCOL: &[u8] = b"rustchat/1";

/// The content type of a record that a handshake begins with.
pub(crate) const HANDSHAKE: u8 = 22;

/// The most bytes a peer may send before the channel is secured.
pub const MAX_SECURING_BYTES: usize = 32 * 1024;
