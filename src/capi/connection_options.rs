//! How to connect.

use std::ffi::c_char;

use super::bytes::{rustchat_bytes, string};
use super::rows;
use super::tls_options::rustchat_tls_options;
use crate::connection::{ConnectOptions, Connection, connect};
use crate::net::{Deadline, Endpoint};
use crate::{Error, Result, Status};

/// How to connect. Begin with RUSTCHAT_CONNECTION_OPTIONS_INIT and set what differs: 0 and NULL are the defaults. All of
/// it is read during rustchat_connection_open.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_connection_options {
    /// sizeof(rustchat_connection_options).
    pub struct_size: usize,
    /// Where the peer listens: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8; must not be NULL.
    pub address: *const c_char,
    /// What to prove to hold; empty for a peer that asks for nothing. Copied, and overwritten after the handshake.
    pub secret: rustchat_bytes,
    /// Which key of the peer's it is, at most 64 bytes; NULL when the peer's key has no id.
    pub key_id: *const c_char,
    /// How to prove it, a rustchat_profile; 0 is mutual.
    pub profile: i32,
    /// The peer's rustchat_framing; 0 is u32be.
    pub framing: i32,
    /// Longest message in bytes, in both directions; 0 is 8192 for lines, 16777216 otherwise.
    pub frame_limit: usize,
    /// For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000. With a secret, a peer that does
    /// not say a byte is given up before (RUSTCHAT_ETIMEDOUT): after a tenth of it, a second or twenty times what connecting
    /// took, whichever is the longest. One that may be busy for longer wants a larger timeout.
    pub timeout_ms: i64,
    /// How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds:
    /// for a quick dialogue. 0 is 100, more than 10000 counts as that; -1 always sleeps. An idle or irregular connection is never polled.
    pub polling_us: i64,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// 0.
    pub reserved: [u64; 6],
}

impl rustchat_connection_options {
    pub(super) fn open(&self) -> Result<Connection> {
        // SAFETY: the header asks for options whose pointers can be read.
        let address = unsafe { string("address", self.address) }?;
        let address = address.ok_or_else(|| Error::new(Status::InvalidArgument, "address is NULL"))?;
        let mut options = ConnectOptions::default();
        // SAFETY: the same.
        unsafe { rows::fill(&mut options, self) }?;
        connect(address.parse::<Endpoint>()?, &options, Deadline::never())
    }
}
