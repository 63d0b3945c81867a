//! Numbers of servers and clients.

use super::client::{Client, rustchat_client};
use super::server::{Server, rustchat_server};
use super::serving;
use super::status::rustchat_status;
use crate::chat::{Histogram, ServerStats};

/// Numbers of a server since its start. Begin with RUSTCHAT_SERVER_STATS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_server_stats_data {
    /// sizeof(rustchat_server_stats_data).
    pub struct_size: usize,
    /// Members now.
    pub members: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections turned away: the server was full or stopping, or its program did not admit them.
    pub refused: u64,
    /// Peers that did not prove to hold a key.
    pub authentication_failed: u64,
    /// Members that have joined.
    pub joined: u64,
    /// Members disconnected because they did not read, or for that reason by the program.
    pub too_slow: u64,
    /// Entries of the room's log.
    pub messages: u64,
    /// Messages of the room handed to members: one message for ten members is ten.
    pub deliveries: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes given to the system.
    pub bytes_out: u64,
    /// Events lost because the program did not take them.
    pub events_dropped: u64,
    /// Members now whose connections are secured by TLS.
    pub members_tls: u64,
    /// 0.
    pub reserved: [u64; 3],
}

/// Times, counted by magnitude. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_histogram {
    /// How many took less than 2 to the power of the index microseconds, and not less than half of that; the first has what
    /// took less than a microsecond, the last what took longer than all others, four seconds and more.
    pub buckets: [u64; 24],
    /// All of these times together, in nanoseconds.
    pub nanoseconds: u64,
}

/// How long things have taken since a server's start. Begin with RUSTCHAT_SERVER_TIMES_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_server_times_data {
    /// sizeof(rustchat_server_times_data).
    pub struct_size: usize,
    /// Turns of threads for input and output: from waking up to going back to sleep.
    pub turns: rustchat_histogram,
    /// Messages of the room, from being read, or said by the program, to being written to members or put into their outboxes: of
    /// each turn of a thread that of the first one.
    pub latency: rustchat_histogram,
    /// 0.
    pub reserved: [u64; 8],
}

impl From<Histogram> for rustchat_histogram {
    fn from(core: Histogram) -> rustchat_histogram {
        rustchat_histogram { buckets: core.buckets, nanoseconds: core.nanoseconds }
    }
}

impl From<ServerStats> for rustchat_server_times_data {
    fn from(core: ServerStats) -> rustchat_server_times_data {
        rustchat_server_times_data {
            struct_size: size_of::<rustchat_server_times_data>(),
            turns: core.turns.into(),
            latency: core.latency.into(),
            reserved: Default::default(),
        }
    }
}

/// Numbers of a client since it connected. Begin with RUSTCHAT_CLIENT_STATS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_client_stats_data {
    /// sizeof(rustchat_client_stats_data).
    pub struct_size: usize,
    /// Messages sent.
    pub messages_out: u64,
    /// Messages and notices received.
    pub messages_in: u64,
    /// 0.
    pub reserved: [u64; 5],
}

/// The structures by the names of those whose numbers they have.
mod data {
    pub(super) type ServerStats = crate::capi::stats::rustchat_server_stats_data;
    pub(super) type ClientStats = crate::capi::stats::rustchat_client_stats_data;
}

macro_rules! convert {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $number:ident)* } histograms {
        $($(#[doc = $times_doc:literal])* $times:ident)*
    })*) => {$(
        impl From<crate::chat::$name> for data::$name {
            fn from(core: crate::chat::$name) -> data::$name {
                let struct_size = size_of::<data::$name>();
                data::$name { struct_size, $($number: core.$number,)* reserved: Default::default() }
            }
        }
    )*};
}
crate::stats!(convert);

/// Numbers of a server since its start.
///
/// @param server the server.
/// @param out receives them; begin with RUSTCHAT_SERVER_STATS_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_stats(
    server: *mut rustchat_server,
    out: *mut rustchat_server_stats_data,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::report("rustchat_server_stats", server, out, |server: &Server| server.chat.stats().into()) }
}

/// How long things have taken since a server's start.
///
/// @param server the server.
/// @param out receives it; begin with RUSTCHAT_SERVER_TIMES_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_server_times(
    server: *mut rustchat_server,
    out: *mut rustchat_server_times_data,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::report("rustchat_server_times", server, out, |server: &Server| server.chat.stats().into()) }
}

/// Numbers of a client since it connected.
///
/// @param client the client.
/// @param out receives them; begin with RUSTCHAT_CLIENT_STATS_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_client_stats(
    client: *mut rustchat_client,
    out: *mut rustchat_client_stats_data,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::report("rustchat_client_stats", client, out, |client: &Client| client.chat.stats().into()) }
}
