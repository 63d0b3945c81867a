//! What hangs on a client's connection.

use std::collections::BTreeMap;

use super::mux::ServerMux;
use super::wire::{Output, Violation};
use crate::audit::Client;
use crate::net::Address;

pub(super) struct Session {
    pub(super) client: Client,
    pub(super) mux: ServerMux,
    /// The jobs of its commands that are not over, by channel.
    pub(super) jobs: BTreeMap<u32, u64>,
    /// Outputs that are not read because too much waits for the client.
    pub(super) held: Vec<(u64, Output)>,
    /// The rule that it has broken.
    pub(super) violation: Option<Violation>,
}

impl Session {
    pub(super) fn new(address: &Address) -> Session {
        Session {
            client: Client { address: address.clone(), key_id: String::new() },
            mux: ServerMux::default(),
            jobs: BTreeMap::new(),
            held: Vec::new(),
            violation: None,
        }
    }
}
