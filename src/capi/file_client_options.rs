//! How to connect to a server of files.

use std::ffi::c_char;

use super::bytes::{rustchat_bytes, string};
use super::rows;
use super::tls_options::rustchat_tls_options;
use crate::net::Endpoint;
use crate::transfer::FileClientOptions;
use crate::{Error, Result, Status};

/// How to connect to a file server. Begin with RUSTCHAT_FILE_CLIENT_OPTIONS_INIT and set what differs: 0 and NULL are the
/// defaults. All of it is read during rustchat_file_client_connect.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_client_options {
    /// sizeof(rustchat_file_client_options).
    pub struct_size: usize,
    /// Where the server is: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8; must not be NULL.
    pub address: *const c_char,
    /// What to prove to hold; must not be empty. Copied, and overwritten after the handshake.
    pub secret: rustchat_bytes,
    /// Which key of the server's it is, at most 64 bytes; NULL when the server's key has no id.
    pub key_id: *const c_char,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// Not 0: beyond this machine, speak without TLS all the same. Else that is RUSTCHAT_EINVAL.
    pub allow_plaintext: i32,
    /// 0.
    pub reserved_plaintext: i32,
    /// For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000.
    pub timeout_ms: i64,
    /// How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds.
    /// 0 is 100, more than 10000 counts as that; -1 always sleeps.
    pub polling_us: i64,
    /// How long the server may be silent, while something is waited for, before it is sent a ping, in milliseconds; 0 is 10000, -1
    /// never pings.
    pub ping_interval_ms: i64,
    /// For the answer to a ping, in milliseconds, then the connection is lost; 0 is 20000.
    pub ping_timeout_ms: i64,
    /// 0.
    pub reserved: [u64; 4],
}

impl rustchat_file_client_options {
    /// The options of the core.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    pub(super) unsafe fn convert(&self) -> Result<FileClientOptions> {
        // SAFETY: as promised by the caller.
        unsafe {
            let address = string("address", self.address)?;
            let address = address.ok_or_else(|| Error::new(Status::InvalidArgument, "address is NULL"))?;
            let mut options = FileClientOptions::new(address.parse::<Endpoint>()?);
            rows::fill(&mut options, self)?;
            Ok(options)
        }
    }
}
