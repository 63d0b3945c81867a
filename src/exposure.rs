//! What is said of secrets that are too short to be used beyond this machine.

use crate::auth::{ClientAuth, ServerAuth};
use crate::net::Address;

/// Warns of each of a server's keys that whoever watches a handshake could guess.
pub(crate) fn warn_of_weak_keys(address: &Address, auth: Option<&ServerAuth>) {
    let weak = auth.filter(|_| !address.is_local()).map_or_else(Vec::new, |auth| auth.keys().weak_ids());
    for id in weak {
        let which = if id.is_empty() { "the secret".to_owned() } else { format!("the secret of {id:?}") };
        log::warn!("{}", advice(address, &which));
    }
}

/// The same for a client's secret, which counts for as much: the handshake is watched on either side.
pub(crate) fn warn_of_weak_secret(peer: &Address, auth: Option<&ClientAuth>) {
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
