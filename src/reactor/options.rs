//! What a host needs to know.

use std::time::Duration;

use crate::auth::ServerAuth;
use crate::net::{Endpoint, ListenOptions};
use crate::peer::Rules;

/// How a service is hosted, whichever it is.
#[derive(Debug, Clone)]
pub(crate) struct HostOptions {
    pub(crate) endpoint: Endpoint,
    pub(crate) listening: ListenOptions,
    /// What newcomers prove; `None` lets everybody in.
    pub(crate) auth: Option<ServerAuth>,
    pub(crate) rules: Rules,
    /// I/O threads.
    pub(crate) workers: usize,
    /// Whether connections are accepted on a thread of their own. Without it the first worker accepts.
    pub(crate) acceptor: bool,
    /// Connections at a time.
    pub(crate) limit: usize,
    /// For one IP address. `None`: 256, peers on this machine exempt. `Some(0)` is no limit.
    pub(crate) per_ip: Option<usize>,
    /// Handshakes under way at a time; past it the oldest one fails.
    pub(crate) handshake_limit: usize,
    /// How long a worker may wait awake.
    pub(crate) polling: Duration,
    /// What the threads are called: `rustchat-<name>-0` and so on.
    pub(crate) name: &'static str,
}
