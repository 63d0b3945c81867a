//! The server of remote commands.

use std::borrow::Cow;
use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use super::command_server_options::rustchat_command_server_options;
use super::guard;
use super::handle::{self, Kind, Object};
use super::options;
use super::out::Out;
use super::serving::{self, Addressed, Serving};
use super::status::rustchat_status;
use crate::Result;
use crate::command::{CommandServer, CommandStats};
use crate::net::{Address, Deadline};

/// A running server of remote commands. Not memory: a number that the library looks up, so that a server freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
///
/// What a client sends is never given to a shell that it has not asked for, and the name of a command is never searched for.
/// Each command has a session and a group of its own, no signal blocked, no descriptor but three, and nothing of this
/// process's environment. When it ends, or its client goes away, whoever is left of its group is killed. Each command has two
/// records in the log, see rustchat_log_set, with the target "rustchat::audit".
#[derive(Debug)]
pub struct rustchat_command_server {
    _opaque: [u8; 0],
}

/// Numbers of a command server since its start. Begin with RUSTCHAT_COMMAND_SERVER_STATS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_server_stats_data {
    /// sizeof(rustchat_command_server_stats_data).
    pub struct_size: usize,
    /// Commands that run, or are being started.
    pub running: u64,
    /// Commands that were started.
    pub started: u64,
    /// Commands that were refused.
    pub refused: u64,
    /// Connections that were accepted.
    pub connections: u64,
    /// Connections for which there was no place.
    pub connections_refused: u64,
    /// Handshakes that have failed.
    pub authentication_failed: u64,
    /// Bytes received, headers included.
    pub bytes_in: u64,
    /// Bytes sent, headers included.
    pub bytes_out: u64,
    /// 0.
    pub reserved: [u64; 7],
}

impl From<CommandStats> for rustchat_command_server_stats_data {
    fn from(core: CommandStats) -> rustchat_command_server_stats_data {
        rustchat_command_server_stats_data {
            struct_size: size_of::<rustchat_command_server_stats_data>(),
            running: core.running,
            started: core.started,
            refused: core.refused,
            connections: core.connections,
            connections_refused: core.connections_refused,
            authentication_failed: core.authentication_failed,
            bytes_in: core.bytes_in,
            bytes_out: core.bytes_out,
            reserved: [0; 7],
        }
    }
}

impl Object for CommandServer {
    type Handle = rustchat_command_server;
    const KIND: Kind = Kind::CommandServer;

    fn close(&self) {
        CommandServer::close(self);
    }
}

impl Addressed for CommandServer {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(CommandServer::address(self))
    }
}

impl Serving for CommandServer {
    fn close_within(&self, drain: Duration) {
        CommandServer::close_within(self, drain);
    }

    fn join(&self, deadline: Deadline<'_>) -> Result<()> {
        CommandServer::join(self, deadline)
    }
}

/// Starts a server of remote commands, which runs on threads of its own until it is closed. It needs Linux 5.4 or newer.
///
/// @param options how it is to behave; read during the call.
/// @param out receives the server, which the caller ends with rustchat_command_server_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret, beyond this machine with neither tls nor
///   allow_plaintext, without anything that clients may run, or for an option or a command that cannot work, which is named;
///   RUSTCHAT_EHANDLE or RUSTCHAT_EFORK for keys; RUSTCHAT_ENOTSUP before Linux 5.4, or for tls in a build without it;
///   RUSTCHAT_EADDRINVAL; RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for a text that is to be UTF-8; RUSTCHAT_EMSGSIZE for a length
///   or a number that is absurd; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
///
/// Blocking: while a name in the address is looked up, 10 seconds at most.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_server_start(
    options: *const rustchat_command_server_options,
    out: *mut *mut rustchat_command_server,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_command_server_start", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options whose pointers can be read.
        let (options, catalogue) = unsafe { options::read(options)?.convert() }?;
        out.set(handle::insert(CommandServer::start(options, catalogue)?)?);
        Ok(())
    })
}

/// The address a command server listens on, with the port that the system chose.
///
/// @param server the server.
/// @param buf receives the address and a NUL; may be NULL when cap is 0.
/// @param cap the size of buf in bytes.
/// @param len receives the length without the NUL, whether or not it fits; may be NULL.
/// @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
///   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_server_address(
    server: *mut rustchat_command_server,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<CommandServer>("rustchat_command_server_address", server, buf, cap, len) }
}

/// The port a command server listens on.
///
/// @param server the server.
/// @param out receives the port, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ENOTSUP for a Unix socket; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_server_port(
    server: *mut rustchat_command_server,
    out: *mut u16,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::port::<CommandServer>("rustchat_command_server_port", server, out) }
}

/// Numbers of a command server since its start.
///
/// @param server the server.
/// @param out receives them; begin with RUSTCHAT_COMMAND_SERVER_STATS_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_server_stats(
    server: *mut rustchat_command_server,
    out: *mut rustchat_command_server_stats_data,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    unsafe {
        serving::report("rustchat_command_server_stats", server, out, |server: &CommandServer| server.stats().into())
    }
}

/// Whether a command server has ended of its own accord: one of its threads has failed, which is a bug of this library.
///
/// @param server the server.
/// @return RUSTCHAT_OK as long as all is well; RUSTCHAT_EPANIC, with the reason in rustchat_last_error; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_server_failure(server: *mut rustchat_command_server) -> rustchat_status {
    guard::on("rustchat_command_server_failure", server, |server: &CommandServer| server.failure().map_or(Ok(()), Err))
}

/// Begins to stop a command server: commands are asked to end, killed when they do not, and their clients told, all within 5 seconds. Never waits, and may be repeated.
///
/// @param server the server.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_server_close(server: *mut rustchat_command_server) -> rustchat_status {
    guard::close::<CommandServer>("rustchat_command_server_close", server)
}

/// Begins to stop like rustchat_command_server_close, within another time. Of several calls the one whose end comes first counts.
///
/// @param server the server.
/// @param drain_ms milliseconds for all of it; 0 for none, -1 for as long as it takes, an hour at most.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when drain_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_server_close_within(
    server: *mut rustchat_command_server,
    drain_ms: i64,
) -> rustchat_status {
    serving::close_within::<CommandServer>("rustchat_command_server_close_within", server, drain_ms)
}

/// Waits until a command server has stopped: its threads have ended, and no command is left.
///
/// @param server the server.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK, also when an internal error has ended the server; RUSTCHAT_ETIMEDOUT while it runs; RUSTCHAT_EDEADLK
///   on one of its threads, as in a log callback; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_server_join(
    server: *mut rustchat_command_server,
    timeout_ms: i64,
) -> rustchat_status {
    serving::join::<CommandServer>("rustchat_command_server_join", server, timeout_ms)
}

/// Closes a command server and releases it.
///
/// Other threads may be inside calls on the server: the last one releases it. After fork, in the child, this does nothing.
///
/// @param server the server, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: until the server has stopped, about 7 seconds at most; in a log callback not at all, and the server is released a
///   moment later.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_server_free(server: *mut rustchat_command_server) {
    guard::free::<CommandServer>("rustchat_command_server_free", server);
}
