//! What a client knows before it connects.

use super::handshake::Handshake;
use super::keyring::checked_id;
use super::machine::Machine;
use super::mutual::{self, ChannelBinding};
use super::{Profile, Secret, multiprocessing, tutorial};
use crate::Result;

/// The client's side of authentication: makes a [`Handshake`] for each connection.
#[derive(Debug, Clone)]
pub struct ClientAuth {
    profile: Profile,
    secret: Secret,
    key_id: String,
}

impl ClientAuth {
    /// Proves to hold `secret`, and but for the profile `tutorial` accepts only a server that does too.
    pub fn new(profile: Profile, secret: Secret) -> ClientAuth {
        ClientAuth { profile, secret, key_id: String::new() }
    }

    /// Says which key of the server's ring the secret is. It crosses the wire in the clear with the
    /// profile `mutual`, and not at all with the others.
    ///
    /// # Errors
    /// `InvalidArgument` when the id is longer than [`super::MAX_ID_BYTES`] or holds control characters.
    pub fn with_key_id(mut self, id: impl Into<String>) -> Result<ClientAuth> {
        self.key_id = checked_id(id)?;
        Ok(self)
    }

    /// Whether its secret could be guessed by trying.
    pub(crate) fn has_weak_secret(&self) -> bool {
        self.secret.is_weak()
    }

    /// The profile.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// A handshake for a new connection, tied to the secure channel below it, if there is one.
    ///
    /// # Errors
    /// `Io` when the operating system has no randomness to give; `NotSupported` for a binding in a profile that has no place
    /// for it.
    pub fn begin(&self, binding: &ChannelBinding) -> Result<Handshake> {
        binding.check(self.profile)?;
        let (secret, key_id) = (self.secret.clone(), self.key_id.clone());
        let (machine, first): (Box<dyn Machine>, _) = match self.profile {
            Profile::Mutual => {
                let machine = mutual::Client::new(secret, key_id, binding.clone())?;
                let hello = machine.hello().to_vec();
                (Box::new(machine), hello)
            }
            Profile::Tutorial(digest) => (Box::new(tutorial::Client { digest, secret, key_id }), Vec::new()),
            Profile::Multiprocessing(weakest) => {
                (Box::new(multiprocessing::Client::new(secret, key_id, weakest)), Vec::new())
            }
        };
        Ok(Handshake::of_client(self.profile, machine, first))
    }
}
