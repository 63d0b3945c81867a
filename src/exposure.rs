//! What is said of servers that are less safe beyond this machine than they could be: secrets that are too short, sessions
//! that can be read.
//!
//! For the faces of this library whose sockets are not the core's, too.

use std::sync::Arc;

use crate::auth::{ClientAuth, KeyRing, Profile, ServerAuth};
use crate::net::{Address, Endpoint};
use crate::{Error, Result, Status};

/// Warns of each of a server's keys that whoever watches a handshake could guess, see [`warn_of_weak_ring`].
pub(crate) fn warn_of_weak_keys(address: &Address, auth: Option<&ServerAuth>) {
    if let Some(auth) = auth {
        warn_of_weak_ring(address, auth.keys());
    }
}

/// Warns of each key of a server at `address` that whoever watches a handshake could guess, and from now on of each such
/// key that is added to the ring: with the address of the server that took it last.
pub fn warn_of_weak_ring(address: &Address, keys: &KeyRing) {
    if address.is_local() {
        return;
    }
    let address = address.clone();
    let warn = move |id: &str| {
        let which = if id.is_empty() { "the secret".to_owned() } else { format!("the secret of {id:?}") };
        log::warn!("{}", advice(&address, &which));
    };
    keys.weak_ids().iter().for_each(|id| warn(id));
    keys.when_weak(Arc::new(warn));
}

/// Advises a server at `address`, which asks for a secret, to protect what follows the proof, too.
pub(crate) fn advise_tls(address: &Address) {
    if !address.is_local() && cfg!(feature = "tls") {
        log::warn!(
            "{address}: the secret is asked for, but all that is said can be read and changed on the way; \
             with tls set at both ends it cannot, and no certificate is needed for that"
        );
    }
}

/// The same for a client's secret, which counts for as much: the handshake is watched on either side.
pub fn warn_of_weak_secret(peer: &Address, auth: Option<&ClientAuth>) {
    if auth.is_some_and(|auth| auth.has_weak_secret()) && !peer.is_local() {
        log::warn!("{}", advice(peer, "the secret"));
    }
}

fn advice(address: &Address, which: &str) -> String {
    format!(
        "{address}: {which} has less than 16 bytes, so that whoever watches a handshake may guess it; \
         make one with `rustchat key` or generate_key()"
    )
}

/// A service that is never anonymous, and beyond this machine never plain unless that is asked for by name.
pub(crate) struct Guarded {
    /// What its server is, with its article.
    pub(crate) server: &'static str,
    /// What its client is.
    pub(crate) client: &'static str,
    /// What may be done by whoever gets in.
    pub(crate) deed: &'static str,
    /// What would be read on the way, in the plural.
    pub(crate) goods: &'static str,
}

impl Guarded {
    /// Nobody gets in without a secret, on this machine neither, and nobody on the way may hear or change a word.
    pub(crate) fn check_server(
        &self,
        auth: Option<&ServerAuth>,
        allow_anonymous: bool,
        is_plain: bool,
        endpoint: &Endpoint,
    ) -> Result<()> {
        let Guarded { server, deed, .. } = self;
        let refused = |text: String| Err(Error::new(Status::InvalidArgument, text));
        if allow_anonymous {
            return refused(format!("{server} is never anonymous: allow_anonymous is not for it"));
        }
        match auth.map(ServerAuth::profile) {
            None => return refused(format!("{server} needs a secret, on this machine as well: {deed}")),
            Some(Profile::Mutual) => {}
            Some(_) => return refused(format!("{server} proves itself to its clients: the profile must be mutual")),
        }
        if !is_plain {
            return Ok(());
        }
        endpoint.exposed()?.map_or(Ok(()), |address| Err(self.plaintext(&address)))
    }

    /// A client does not talk to a server that proves nothing.
    pub(crate) fn check_client(&self, auth: Option<&ClientAuth>) -> Result<()> {
        if auth.map(ClientAuth::profile) == Some(Profile::Mutual) {
            return Ok(());
        }
        let text = format!("{} needs a secret, in the profile mutual: its server has to prove itself", self.client);
        Err(Error::new(Status::InvalidArgument, text))
    }

    /// Nothing is sent in plain to a server beyond this machine.
    pub(crate) fn check_peer(&self, peer: &Address, is_plain: bool) -> Result<()> {
        if is_plain && !peer.is_local() { Err(self.plaintext(peer)) } else { Ok(()) }
    }

    /// Why nothing goes there.
    pub(crate) fn plaintext(&self, address: &Address) -> Error {
        let text = format!(
            "{} at {address} without encryption would be read and changed by whoever is on the way; \
             set tls, stay on this machine, or say allow_plaintext if that is what you want",
            self.goods
        );
        Error::new(Status::InvalidArgument, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_this_machine_nothing_is_sent_in_plain() {
        let guarded = Guarded { server: "", client: "", deed: "", goods: "commands" };
        let [near, far] = ["127.0.0.1:7000", "192.0.2.1:7000"].map(|text| Address::Ip(text.parse().unwrap()));
        assert_eq!([guarded.check_peer(&near, true), guarded.check_peer(&far, false)], [Ok(()), Ok(())]);
        let error = guarded.check_peer(&far, true).unwrap_err();
        assert!(error.message().starts_with("commands at 192.0.2.1:7000 without encryption"), "{error}");
    }
}
