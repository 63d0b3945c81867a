//! What is said of servers that are less safe beyond this machine than they could be: secrets that are too short, sessions
//! that can be read.
//!
//! For the faces of this library whose sockets are not the core's, too.

use std::sync::Arc;

use crate::auth::{ClientAuth, KeyRing, ServerAuth};
use crate::net::Address;

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
