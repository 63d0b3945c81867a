//! How a client is to connect.

use std::ffi::{c_char, c_void};

use super::bytes::{rustchat_bytes, string};
use super::log::rustchat_drop_callback;
use super::rows;
use super::server_options::{DEFAULT_ADDRESS, rustchat_event_callback};
use super::tls_options::rustchat_tls_options;
use crate::Result;
use crate::chat::ClientOptions;
use crate::net::Endpoint;

/// How a chat client is to connect. Begin with RUSTCHAT_CLIENT_OPTIONS_INIT and set what differs: 0 and NULL are the
/// defaults. All of it is read during rustchat_client_connect; only userdata is used later.
///
/// on_event of one client is called for one event at a time and in order, on a thread of the library, with none of its
/// locks held. It may call every function, though a wait for the client's own end is RUSTCHAT_EDEADLK. It must not throw
/// or longjmp.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_client_options {
    /// sizeof(rustchat_client_options).
    pub struct_size: usize,
    /// Where the server is: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8. NULL is "127.0.0.1:60000".
    pub address: *const c_char,
    /// What to prove to hold; empty for a server that asks for nothing. Copied, and overwritten when the client ends.
    pub secret: rustchat_bytes,
    /// Which key of the server's it is, at most 64 bytes; NULL when the server's key has no id.
    pub key_id: *const c_char,
    /// How to prove it, a rustchat_profile; 0 is mutual.
    pub profile: i32,
    /// The server's rustchat_framing; 0 is line.
    pub framing: i32,
    /// The name to take, 1 to 32 characters of UTF-8; NULL for none. In line chat the server must know commands: one that does
    /// not says "/name" and the name to the room.
    pub name: *const c_char,
    /// For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000. With a secret, a server that does
    /// not say a byte is given up before (RUSTCHAT_ETIMEDOUT): after a tenth of it, a second or twenty times what connecting
    /// took, whichever is the longest. One that may be busy for longer wants a larger timeout.
    pub timeout_ms: i64,
    /// Events that may wait for the program, past which nothing is read and the server sees a slow member; 0 is 8192.
    pub event_limit: u32,
    /// 0.
    pub reserved_limit: u32,
    /// Given to the callbacks as it is. It must live until on_drop is called.
    pub userdata: *mut c_void,
    /// Told of each event; NULL when the program takes them with rustchat_client_recv or rustchat_client_poll.
    pub on_event: rustchat_event_callback,
    /// Called exactly once if, and only if, rustchat_client_connect gives RUSTCHAT_OK: after the last call of on_event,
    /// or when the client is freed if that is NULL. May be NULL.
    pub on_drop: rustchat_drop_callback,
    /// Microseconds that the thread that receives may wait awake in a brisk chat, which saves its wake-ups; 0 is 100,
    /// more than 10000 counts as that, -1 always sleeps.
    pub polling_us: i64,
    /// The longest message that may be sent, in bytes: a line without its end, in message chat the whole frame with its
    /// JSON and escapes. A longer one is RUSTCHAT_EMSGSIZE before anything is sent. 0 is what the server says in its welcome,
    /// and 8192 for lines, whose servers do not say.
    pub message_limit: usize,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// 1: come back when the connection breaks or the server stops, and say again, once, what was not acknowledged. What is said
    /// then goes by way of a queue, see rustchat_client_send. It is told by RUSTCHAT_EVENT_DISCONNECTED,
    /// RUSTCHAT_EVENT_RECONNECTED, RUSTCHAT_EVENT_GAP and RUSTCHAT_EVENT_UNCONFIRMED. 0: the end of the connection is the end.
    pub reconnect: i32,
    /// Tries in a row after which the client gives up; 0 is no limit.
    pub reconnect_limit: u32,
    /// The longest wait before the first try, in milliseconds; twice that before the second and so on. Each is a random part
    /// of that. 0 is 500.
    pub reconnect_first_ms: i64,
    /// The longest wait before any try, in milliseconds; 0 is 30000.
    pub reconnect_most_ms: i64,
    /// By how much the longest wait grows from try to try, in percent, at least 100; 0 is 200, which doubles it.
    pub reconnect_factor_percent: u32,
    /// Which part of a wait is random, in percent, at most 100; 0 is 100, -1 is none of it: then clients of one server come back
    /// all at once.
    pub reconnect_jitter_percent: i32,
    /// 0.
    pub reserved: [u64; 1],
}

impl rustchat_client_options {
    /// The options of the core.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    pub(super) unsafe fn convert(&self) -> Result<ClientOptions> {
        // SAFETY: as promised by the caller.
        let address = unsafe { string("address", self.address) }?.unwrap_or(DEFAULT_ADDRESS);
        let mut options = ClientOptions::new(address.parse::<Endpoint>()?);
        // SAFETY: as promised by the caller.
        unsafe { rows::fill(&mut options, self) }?;
        Ok(options)
    }
}
