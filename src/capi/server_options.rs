//! How a server is to behave.

use std::ffi::{c_char, c_void};

use super::bytes::{rustchat_bytes, string};
use super::choices::index;
use super::choices::rustchat_asks::*;
use super::event::rustchat_event;
use super::key_ring::rustchat_key_ring;
use super::log::rustchat_drop_callback;
use super::peer_info::rustchat_peer_info;
use super::rows;
use super::tls_options::rustchat_tls_options;
use crate::chat::{Events, Overflow, ServerOptions};
use crate::net::Endpoint;
use crate::{Error, Result, Status};

/// Told of an event, which is lent: retain its message to keep it, do not clear it.
pub type rustchat_event_callback = Option<unsafe extern "C" fn(userdata: *mut c_void, event: *const rustchat_event)>;

/// Asked whether a peer may join, after its authentication; 0 lets it in, any other number does not: it is told so, and
/// counted as refused. peer is lent.
pub type rustchat_authorize_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, peer: *const rustchat_peer_info) -> i32>;

/// Asked what becomes of a message before anybody sees it; 0 delivers it, any other number drops it, and nobody is told.
/// event is lent. There is no answer for a filter that could not decide: it drops the message, and tells the member by
/// rustchat_server_send.
pub type rustchat_filter_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, event: *const rustchat_event) -> i32>;

/// How a chat server is to behave. Begin with RUSTCHAT_SERVER_OPTIONS_INIT and set what differs: 0 and NULL are the
/// defaults. All of it is read during rustchat_server_start; only userdata is used later.
///
/// Callbacks of one server are called one at a time and in order, on a thread of the library, with none of its locks
/// held; on_said alone is called beside the others, on a thread of its own. They may call every function, though a wait for the server's own end is RUSTCHAT_EDEADLK. They must not throw
/// or longjmp.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_server_options {
    /// sizeof(rustchat_server_options).
    pub struct_size: usize,
    /// Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
    /// UTF-8. Port 0 lets the system choose. NULL is "127.0.0.1:60000".
    pub address: *const c_char,
    /// What members must prove to hold; empty lets everybody in. Copied, and overwritten when the server ends.
    pub secret: rustchat_bytes,
    /// The id of the secret for clients that name one, at most 64 bytes; NULL for clients that do not.
    pub key_id: *const c_char,
    /// How they prove it, a rustchat_profile; 0 is mutual.
    pub profile: i32,
    /// A rustchat_framing; 0 is line. Line makes a line chat, any other a message chat.
    pub framing: i32,
    /// Not 0: listen beyond this machine without a secret. Else such a start is RUSTCHAT_EINVAL.
    pub allow_anonymous: i32,
    /// Not 0: tell the room who joins and leaves.
    pub announce: i32,
    /// Threads for input and output, at most 1024; 0 is one for each core.
    pub workers: u32,
    /// Connections that the system keeps until they are accepted; 0 is 4096.
    pub backlog: u32,
    /// Longest message in bytes; 0 is 8192 for lines, 65536 otherwise. It counts a member's line without its end, and in
    /// message chat the whole frame with its JSON and escapes; of what the program says it counts the text alone. A longer
    /// one is refused, and its member told; past 16 MiB more the member is disconnected.
    pub message_limit: usize,
    /// Bytes that may wait for a member that does not read, past which it is disconnected; 0 is 1048576. At least twice
    /// message_limit and 1024.
    pub outbox_limit: usize,
    /// Members at a time; 0 is 10240.
    pub member_limit: u32,
    /// Members for one IP address; 0 is 256 with peers on this machine exempt, UINT32_MAX is no limit.
    pub members_per_ip: u32,
    /// Messages that one member may send at once; 0 is 20. Only used with rate_per_minute.
    pub rate_burst: u32,
    /// Messages that one member may send in a minute in the long run; a member over it is read more slowly. 0 is 600,
    /// and 20 at once, with peers on this machine exempt; UINT32_MAX is no limit.
    pub rate_per_minute: u32,
    /// Handshakes under way at a time, past which the oldest fails; 0 is 128.
    pub handshake_limit: u32,
    /// Events that may wait for the program; 0 is 8192.
    pub event_limit: u32,
    /// For a whole handshake, in milliseconds; 0 is 5000.
    pub handshake_timeout_ms: i64,
    /// For a write to a member without any progress, in milliseconds; 0 is 10000.
    pub write_timeout_ms: i64,
    /// Silence before a ping (message chat), in milliseconds; 0 is 25000, -1 never pings.
    pub ping_interval_ms: i64,
    /// For the answer to a ping, in milliseconds; 0 is 10000.
    pub ping_timeout_ms: i64,
    /// Time without a message after which a member is disconnected, in milliseconds; 0 and -1 are never.
    pub idle_timeout_ms: i64,
    /// Which events are queued, a rustchat_events; 0 is all with on_event or without any callback, else none.
    pub events: i32,
    /// What becomes of a message event without room, a rustchat_overflow; 0 is block with callbacks, else drop the
    /// oldest, so that a server whose events nobody takes goes on.
    pub event_overflow: i32,
    /// Given to the callbacks as it is. It must live until on_drop is called.
    pub userdata: *mut c_void,
    /// Told of each event; NULL when the program takes them with rustchat_server_poll.
    pub on_event: rustchat_event_callback,
    /// Asked before a peer joins; may be NULL.
    pub authorize: rustchat_authorize_callback,
    /// Asked before a message is delivered; may be NULL. on_event is then not told of messages, and seq is still 0.
    pub filter: rustchat_filter_callback,
    /// Called exactly once if, and only if, rustchat_server_start gives RUSTCHAT_OK: after the last call of the other
    /// callbacks, or when the server is freed if there are none. May be NULL.
    pub on_drop: rustchat_drop_callback,
    /// Microseconds that a worker may wait awake in a brisk chat, which saves its wake-ups; 0 is 100,
    /// more than 10000 counts as that, -1 always sleeps.
    pub polling_us: i64,
    /// Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
    /// this user alone, or 0660 with a group. Only with the path of a Unix socket.
    pub mode: u32,
    /// 0.
    pub reserved_mode: u32,
    /// The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
    /// Unix socket.
    pub group: *const c_char,
    /// The time zone of the stamps in line chat, as the variable TZ has it: the name of a zone, or rules. NULL is the
    /// system's zone; the library reads no variable, so a program that wants that of TZ gives what getenv says.
    pub time_zone: *const c_char,
    /// How long rustchat_server_broadcast and rustchat_server_send wait for members that read to take what was said
    /// before, in milliseconds; 0 is 10000, -1 is not at all.
    pub send_timeout_ms: i64,
    /// TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
    pub tls: *const rustchat_tls_options,
    /// In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The server keeps what it is given.
    pub keys: *mut rustchat_key_ring,
    /// What the program is asked by events that rustchat_server_poll brings, and answers by rustchat_server_answer: a
    /// rustchat_asks. Only without callbacks.
    pub asks: i32,
    /// Whether lines that begin with a slash are commands, and names are shown (line chat only): 1 they are, -1 they are not;
    /// 0 is that they are, but for the profile tutorial.
    pub commands: i32,
    /// Told of each message that a member has said to the room, as the room has got it, with a filter, too; NULL if nobody is
    /// to be told. It is called on a thread of its own, beside the other callbacks, and nobody waits for it: of messages that it
    /// does not take in time the oldest are lost past event_limit, and counted as lost events.
    pub on_said: rustchat_event_callback,
    /// The file in which bans are kept: read at start, written whole by rustchat_server_ban and rustchat_server_unban; several servers
    /// may have the same one. NULL: they end with the server.
    pub ban_file: *const c_char,
    /// 0.
    pub reserved: [u64; 1],
}

/// Where chat servers listen, and clients look for them, when nobody says otherwise.
pub(super) const DEFAULT_ADDRESS: &str = "127.0.0.1:60000";

impl rustchat_server_options {
    /// Whether a callback takes the events or is asked for decisions.
    pub(super) fn has_handler(&self) -> bool {
        self.on_event.is_some() || self.authorize.is_some() || self.filter.is_some() || self.on_said.is_some()
    }

    /// The options of the core.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    pub(super) unsafe fn convert(&self) -> Result<ServerOptions> {
        // SAFETY: as promised by the caller.
        let address = unsafe { string("address", self.address) }?.unwrap_or(DEFAULT_ADDRESS);
        let mut options = ServerOptions::new(address.parse::<Endpoint>()?);
        let asks = index("asks", self.asks, RUSTCHAT_ASKS_ALL as usize)?.map_or(0, |asks| asks + 1);
        if asks != 0 && self.has_handler() {
            return Err(Error::new(
                Status::InvalidArgument,
                "asks is for programs that poll: callbacks are asked already",
            ));
        }
        options.authorize = self.authorize.is_some() || asks & RUSTCHAT_ASKS_JOINS as usize != 0;
        options.filter = self.filter.is_some() || asks & RUSTCHAT_ASKS_MESSAGES as usize != 0;
        if self.on_event.is_some() || !self.has_handler() {
            options.events = Events::All;
        }
        if !self.has_handler() {
            options.event_overflow = Overflow::DropOldest;
        }
        // SAFETY: as promised by the caller.
        unsafe { rows::fill(&mut options, self) }?;
        Ok(options)
    }
}
