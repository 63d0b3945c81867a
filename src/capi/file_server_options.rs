//! How a server of files is to behave.

use std::ffi::c_char;

use super::bytes::{rustchat_bytes, string};
use super::key_ring::rustchat_key_ring;
use super::rows;
use super::tls_options::rustchat_tls_options;
use crate::net::Endpoint;
use crate::transfer::FileServerOptions;
use crate::{Error, Result, Status};

/// What becomes of symbolic links.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_follow {
    /// No.
    RUSTCHAT_FOLLOW_DEFAULT = 0,
    /// None is followed.
    RUSTCHAT_FOLLOW_NO = 1,
    /// Those are that lead to something in the root by a relative way.
    RUSTCHAT_FOLLOW_INSIDE = 2,
}

/// What a file server has, for whom, and how it is to behave. Begin with RUSTCHAT_FILE_SERVER_OPTIONS_INIT and set what differs:
/// 0 and NULL are the defaults. All of it is read during rustchat_file_server_start.
///
/// There is no server without a secret, on this machine neither, and beyond it none without tls unless allow_plaintext says
/// so. Both ends prove the secret in the profile mutual. One for the tutorials' client is another matter, see tutorial.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_server_options {
    /// sizeof(rustchat_file_server_options).
    pub struct_size: usize,
    /// Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8; must not be NULL. Port 0 lets the system choose.
    pub address: *const c_char,
    /// The folder that clients see, and nothing beside it, UTF-8; must not be NULL. It has to be there, and to be no link.
    pub root: *const c_char,
    /// What clients must prove to hold. Copied, and overwritten when the server ends.
    pub secret: rustchat_bytes,
    /// The id of the secret for clients that name one, at most 64 bytes; NULL for clients that do not.
    pub key_id: *const c_char,
    /// In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The server keeps what it is given.
    pub keys: *mut rustchat_key_ring,
    /// Our name in the handshake, at most 64 bytes; NULL is none.
    pub server_id: *const c_char,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
    /// Unix socket.
    pub group: *const c_char,
    /// Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
    /// this user alone, or 0660 with a group. Only with the path of a Unix socket.
    pub mode: u32,
    /// How clients prove the secret, a rustchat_profile; 0 is mutual. Another one only with tutorial.
    pub profile: i32,
    /// Not 0: the upload client of the socket tutorials is served instead, which replaces files in a folder called like its user.
    /// It proves the secret in the profile tutorial; or nothing, with allow_anonymous.
    pub tutorial: i32,
    /// What becomes of symbolic links, a rustchat_follow; 0 is that none is followed.
    pub follow: i32,
    /// Not 0: beyond this machine, speak without TLS all the same.
    pub allow_plaintext: i32,
    /// Not 0: with tutorial, without a secret, clients may be anybody. Otherwise RUSTCHAT_EINVAL: nobody gets in without one.
    pub allow_anonymous: i32,
    /// Not 0: nothing is written; clients may list and fetch.
    pub read_only: i32,
    /// Not 0: each key sees a folder of its own, which is called like the key and made when it first comes.
    pub folder_per_key: i32,
    /// -1: a file that was stored may be gone after a power cut; with 0 the client is told that it is stored when the disk has
    /// it.
    pub durable: i32,
    /// Transfers of all clients at a time; more are refused. 0 is 64.
    pub transfer_limit: u32,
    /// Transfers of one client at a time; more are refused. 0 is 4.
    pub client_transfer_limit: u32,
    /// Connections that the system keeps until they are accepted; 0 is 4096.
    pub backlog: u32,
    /// Handshakes under way at a time; past it newcomers wait, and who keeps the server waiting for longest fails. 0 is 128.
    pub handshake_limit: u32,
    /// Threads for input and output, at most 1024; 0 is one for each core.
    pub workers: u32,
    /// Clients at a time; 0 is 10240.
    pub member_limit: u32,
    /// Clients for one IP address; 0 is 256 with clients on this machine exempt, UINT32_MAX is no limit.
    pub members_per_ip: u32,
    /// Bytes of a file; a larger one is refused before any of it comes. 0 is as many as the disk has.
    pub file_limit: usize,
    /// Bytes of all files in the root, with folder_per_key in that of each key, and of parts of files. 0 is as many as the disk
    /// has.
    pub quota: usize,
    /// Bytes of the disk that are left free; 0 is 67108864.
    pub disk_reserve: usize,
    /// Bytes that may wait for a client that does not read; 0 is 1048576. What transfers need is added.
    pub outbox_limit: usize,
    /// How long the part of a file is kept that did not come whole, in milliseconds; 0 is 86400000, -1 until the next start.
    pub keep_partial_ms: i64,
    /// How long a client may keep a transfer waiting before it is disconnected, in milliseconds; 0 is 30000.
    pub stall_timeout_ms: i64,
    /// For a whole handshake, in milliseconds; 0 is 5000.
    pub handshake_timeout_ms: i64,
    /// For a write to a client without any progress, in milliseconds; 0 is 10000.
    pub write_timeout_ms: i64,
    /// Time without a message after which a client is disconnected, in milliseconds; 0 and -1 are never.
    pub idle_timeout_ms: i64,
    /// Microseconds that a worker may wait awake in a brisk dialogue, which saves its wake-ups; 0 is 100, more than 10000 counts
    /// as that, -1 always sleeps.
    pub polling_us: i64,
    /// 0.
    pub reserved: [u64; 6],
}

impl rustchat_file_server_options {
    /// The options of the core.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    pub(super) unsafe fn convert(&self) -> Result<FileServerOptions> {
        // SAFETY: as promised by the caller.
        unsafe {
            let address = string("address", self.address)?;
            let address = address.ok_or_else(|| Error::new(Status::InvalidArgument, "address is NULL"))?;
            let mut options = FileServerOptions::new(address.parse::<Endpoint>()?);
            rows::fill(&mut options, self)?;
            Ok(options)
        }
    }
}
