//! What a client knows before it connects.

use super::handshake::Handshake;
use super::keyring::checked_id;
use super::mutual::{self, ChannelBinding};
use super::{Profile, Secret, multiprocessing, tutorial};
use crate::Result;

/// The client's side of authentication: makes a [`Handshake`] for each connection.
#[derive(Debug, Clone)]
pub struct ClientAuth {
    profile: Profile,
    secret: Secret,
    key_id: String,
    binding: ChannelBinding,
}

impl ClientAuth {
    /// Proves to hold `secret`, and but for the profile `tutorial` accepts only a server that does too.
    pub fn new(profile: Profile, secret: Secret) -> ClientAuth {
        ClientAuth { profile, secret, key_id: String::new(), binding: ChannelBinding::default() }
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

    /// Ties each handshake to the secure channel below it, so that it cannot be relayed into another
    /// (RFC 5056). `kind` names the sort of `value` by a number that both sides agree on; 0 is none.
    ///
    /// # Errors
    /// `InvalidArgument` when only one of `kind` and `value` is there, or the value is over 1024 bytes;
    /// `NotSupported` in a profile that cannot bind.
    pub fn with_channel_binding(mut self, kind: u8, value: &[u8]) -> Result<ClientAuth> {
        self.binding = ChannelBinding::new(self.profile, kind, value)?;
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

    /// A handshake for a new connection.
    ///
    /// # Errors
    /// `Io` when the operating system has no randomness to give.
    pub fn begin(&self) -> Result<Handshake> {
        let (secret, key_id) = (self.secret.clone(), self.key_id.clone());
        match self.profile {
            Profile::Mutual => {
                let machine = mutual::Client::new(secret, key_id, self.binding.clone())?;
                let hello = machine.hello().to_vec();
                Ok(Handshake::of_client(self.profile, Box::new(machine), hello))
            }
            Profile::Tutorial(digest) => Ok(Handshake::of_client(
                self.profile,
                Box::new(tutorial::Client { digest, secret, key_id }),
                Vec::new(),
            )),
            Profile::Multiprocessing(weakest) => {
                let machine = multiprocessing::Client::new(secret, key_id, weakest);
                Ok(Handshake::of_client(self.profile, Box::new(machine), Vec::new()))
            }
        }
    }
}
