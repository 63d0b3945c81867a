//! What a server knows before a client comes.

use super::handshake::Handshake;
use super::keyring::checked_id;
use super::machine::Machine;
use super::mutual::{self, ChannelBinding};
use super::{KeyRing, Profile, mac, multiprocessing, tutorial};
use crate::Result;

/// The server's side of authentication: makes a [`Handshake`] for each connection. Clones share the
/// keys.
#[derive(Debug, Clone)]
pub struct ServerAuth {
    profile: Profile,
    keys: KeyRing,
    server_id: String,
}

impl ServerAuth {
    /// Accepts clients that hold one of `keys`.
    pub fn new(profile: Profile, keys: KeyRing) -> ServerAuth {
        ServerAuth { profile, keys, server_id: String::new() }
    }

    /// Gives the server a name that its clients get to know for certain, with the profile `mutual`.
    ///
    /// # Errors
    /// `InvalidArgument` when the id is longer than [`super::MAX_ID_BYTES`] or holds control characters.
    pub fn with_server_id(mut self, id: impl Into<String>) -> Result<ServerAuth> {
        self.server_id = checked_id(id)?;
        Ok(self)
    }

    /// The profile.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The keys, shared: what is inserted or removed here counts from now on.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// A handshake for a new connection, tied to the secure channel below it, if there is one.
    ///
    /// # Errors
    /// `Io` when the operating system has no randomness to give; `NotSupported` for a binding in a profile that has no place
    /// for it.
    pub fn begin(&self, binding: &ChannelBinding) -> Result<Handshake> {
        binding.check(self.profile)?;
        let keys = self.keys.clone();
        let (machine, first): (Box<dyn Machine>, _) = match self.profile {
            Profile::Mutual => {
                (Box::new(mutual::Server::new(keys, self.server_id.clone(), binding.clone())?), Vec::new())
            }
            Profile::Tutorial(digest) => {
                let challenge = mac::random()?;
                (Box::new(tutorial::Server { digest, keys, challenge }), challenge.to_vec())
            }
            Profile::Multiprocessing(weakest) => {
                let (machine, challenge) = multiprocessing::Server::begin(keys, weakest)?;
                (Box::new(machine), challenge)
            }
        };
        Ok(Handshake::of_server(self.profile, machine, first))
    }
}
