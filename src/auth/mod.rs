//! Authentication: both sides show that they hold a secret, and neither sends it.
//!
//! Everything here is pure: bytes in, bytes out, no I/O and no clock. The deadline of a handshake and
//! the count of a peer's attempts are the caller's. [`ServerAuth`] and [`ClientAuth`] hold what one
//! side knows and make a [`Handshake`] for each connection; [`challenge`] is the single step alone,
//! for peers that speak something else.
//!
//! | profile | who proves | use |
//! |---|---|---|
//! | [`Profile::Mutual`] | both | everything new; its wire is described in [`mutual`] |
//! | [`Profile::Tutorial`] | the client | scripts that exist already; its wire is described in [`tutorial`] |
//! | [`Profile::Multiprocessing`] | both | Python's `multiprocessing.connection`; its wire is described in [`multiprocessing`] |
//!
//! No profile falls back to another. None encrypts or protects what follows the handshake: for that,
//! run it inside [TLS](crate::tls) with a [`Channel`], or use [`Handshake::session_key`].
//!
//! ```
//! use rustchat::auth::{ChannelBinding, ClientAuth, KeyRing, Profile, Secret, ServerAuth, generate_key};
//!
//! let secret = Secret::new(generate_key()?)?;
//! let mut server = ServerAuth::new(Profile::Mutual, KeyRing::single(secret.clone())).begin(&ChannelBinding::NONE)?;
//! let mut client = ClientAuth::new(Profile::Mutual, secret).begin(&ChannelBinding::NONE)?;
//! while !(server.is_complete() && client.is_complete()) {
//!     server.receive(&client.output())?;
//!     client.receive(&server.output())?;
//! }
//! assert_eq!(server.session_key(), client.session_key());
//! # Ok::<(), rustchat::Error>(())
//! ```

pub mod challenge;
mod client;
mod envelope;
mod handshake;
mod keyring;
mod mac;
mod machine;
mod mismatch;
pub mod multiprocessing;
pub mod mutual;
mod profile;
mod secret;
mod server;
pub mod tutorial;

pub use client::ClientAuth;
pub(crate) use handshake::REMIND_AFTER;
pub use handshake::{Handshake, MAX_HANDSHAKE_BYTES};
pub(crate) use keyring::Watcher;
pub use keyring::{KeyRing, MAX_ID_BYTES};
pub use machine::Identity;
pub(crate) use mismatch::stranger;
pub use mutual::{Channel, ChannelBinding, Requirement};
pub use profile::{Digest, Profile};
pub use secret::{Secret, generate_key};
pub use server::ServerAuth;
