//! The secret of options, and how it is proved.

use std::ffi::c_char;

use super::bytes::{rustchat_bytes, string};
use super::choices;
use super::handle;
use super::key_ring::rustchat_key_ring;
use crate::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use crate::{Error, Result, Status};

pub(super) struct Credentials {
    profile: Profile,
    secret: Secret,
    key_id: Option<String>,
}

impl Credentials {
    /// Copies the secret of options; `None` when there is none.
    ///
    /// # Safety
    /// The pointers are NULL or what the header asks for.
    pub(super) unsafe fn read(
        profile: i32,
        secret: rustchat_bytes,
        key_id: *const c_char,
    ) -> Result<Option<Credentials>> {
        let profile = choices::profile(profile)?;
        // SAFETY: as promised by the caller.
        let (secret, key_id) = unsafe { (secret.get()?, string("key_id", key_id)?) };
        if secret.is_empty() {
            return match key_id {
                None => Ok(None),
                Some(_) => Err(Error::new(Status::InvalidArgument, "key_id is set, but secret is empty")),
            };
        }
        Ok(Some(Credentials { profile, secret: Secret::new(secret)?, key_id: key_id.map(str::to_owned) }))
    }

    pub(super) fn into_server(self) -> Result<ServerAuth> {
        let keys = match self.key_id {
            None => KeyRing::single(self.secret),
            Some(id) => {
                let keys = KeyRing::new();
                keys.insert(id, self.secret)?;
                keys
            }
        };
        Ok(ServerAuth::new(self.profile, keys))
    }

    /// What a server checks its peers by: one secret, or a ring of keys in the place of one.
    pub(super) fn server(
        one: Option<Credentials>,
        profile: i32,
        keys: *mut rustchat_key_ring,
    ) -> Result<Option<ServerAuth>> {
        match (one, keys.is_null()) {
            (one, true) => one.map(Credentials::into_server).transpose(),
            (None, false) => {
                let ring = handle::get::<KeyRing>(keys).map_err(|error| error.context("keys"))?;
                ring.check()?;
                Ok(Some(ServerAuth::new(choices::profile(profile)?, ring.object().clone())))
            }
            (Some(_), false) => {
                Err(Error::new(Status::InvalidArgument, "secret and keys are both set, expected one of them"))
            }
        }
    }

    pub(super) fn into_client(self) -> Result<ClientAuth> {
        let auth = ClientAuth::new(self.profile, self.secret);
        self.key_id.map_or(Ok(auth.clone()), |id| auth.with_key_id(id))
    }
}
