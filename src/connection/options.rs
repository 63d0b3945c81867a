//! How connections are made.

use std::time::Duration;

use crate::auth::{ClientAuth, ServerAuth};
use crate::frame::Framing;
use crate::net::POLLING;

/// How to connect.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// How messages are told apart. Default `U32Be`.
    pub framing: Framing,
    /// Longest message in bytes, in both directions; 0 (default) is 16 MiB, 8 KiB for lines.
    pub frame_limit: usize,
    /// What proves us, and in the mutual profile the server, too. Default `None`: no handshake.
    pub auth: Option<ClientAuth>,
    /// For looking up, connecting and shaking hands together. Default 10 s. With a secret, a server that does not say a byte
    /// is given up before: after a tenth of it, a second or twenty times what connecting took, whichever is the longest. One
    /// that may be busy for longer wants a larger timeout.
    pub timeout: Duration,
    /// How long a receiver may wait awake, yielding its core, while the last waits were shorter than this. Default 100 µs, 10 ms at most;
    /// zero always sleeps. An idle or irregular connection is never polled.
    pub polling: Duration,
}

impl Default for ConnectOptions {
    fn default() -> ConnectOptions {
        ConnectOptions {
            framing: Framing::U32Be,
            frame_limit: 0,
            auth: None,
            timeout: Duration::from_secs(10),
            polling: POLLING,
        }
    }
}

/// How to accept connections.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AcceptOptions {
    /// How messages are told apart. Default `U32Be`.
    pub framing: Framing,
    /// Longest message in bytes, in both directions; 0 (default) is 16 MiB, 8 KiB for lines.
    pub frame_limit: usize,
    /// What peers must prove before they are handed out. Default `None`: no handshake.
    pub auth: Option<ServerAuth>,
    /// Without `auth`, listen beyond this machine all the same. Default off: strangers would get in.
    pub allow_anonymous: bool,
    /// Connections the kernel keeps for accept. Default 4096.
    pub backlog: u32,
    /// Who may connect to a Unix socket: the permissions of its file, whatever the process's mask. To connect takes the
    /// right to write. Default `None`: 0o600, this user alone, or 0o660 with a group. Not for a port.
    pub mode: Option<u32>,
    /// The group of a Unix socket's file: a name, or a number. Default `None`: as the system has it. Not for a port.
    pub group: Option<String>,
    /// For a whole handshake, from accept. Default 5 s.
    pub handshake_timeout: Duration,
    /// Handshakes under way at a time; past it the oldest one fails. Default 128.
    pub handshake_limit: usize,
    /// How long a receiver may wait awake, yielding its core, while the last waits were shorter than this. Default 100 µs, 10 ms at most;
    /// zero always sleeps. An idle or irregular connection is never polled.
    pub polling: Duration,
}

impl Default for AcceptOptions {
    fn default() -> AcceptOptions {
        AcceptOptions {
            framing: Framing::U32Be,
            frame_limit: 0,
            auth: None,
            allow_anonymous: false,
            backlog: 4096,
            mode: None,
            group: None,
            handshake_timeout: Duration::from_secs(5),
            handshake_limit: 128,
            polling: POLLING,
        }
    }
}

impl ConnectOptions {
    pub(super) fn frame_limit(&self) -> usize {
        limit_or_default(self.frame_limit, self.framing)
    }
}

impl AcceptOptions {
    pub(super) fn frame_limit(&self) -> usize {
        limit_or_default(self.frame_limit, self.framing)
    }
}

fn limit_or_default(limit: usize, framing: Framing) -> usize {
    if limit == 0 { framing.default_limit() } else { limit }
}
