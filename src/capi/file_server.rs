//! The server of files.

use std::borrow::Cow;
use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use super::file_server_options::rustchat_file_server_options;
use super::guard;
use super::handle::{self, Kind, Object};
use super::options;
use super::out::Out;
use super::serving::{self, Addressed, Serving};
use super::status::rustchat_status;
use crate::Result;
use crate::net::{Address, Deadline};
use crate::transfer::{FileServer, FileStats};

/// A running server of files. Not memory: a number that the library looks up, so that a server freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
///
/// A file that is stored appears whole or not at all, when its hash was checked and the disk has it. What came of one that broke
/// off waits in the folder .rustchat of the root, which no client sees, and is gone on with. What was done, and by whom, is in
/// the log, see rustchat_log_set, with the target "rustchat::audit".
#[derive(Debug)]
pub struct rustchat_file_server {
    _opaque: [u8; 0],
}

/// Numbers of a file server since its start. Begin with RUSTCHAT_FILE_SERVER_STATS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_file_server_stats_data {
    /// sizeof(rustchat_file_server_stats_data).
    pub struct_size: usize,
    /// Transfers that are under way.
    pub transfers: u64,
    /// Files that were stored whole.
    pub stored: u64,
    /// Files that were fetched whole.
    pub fetched: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Bytes of files that came.
    pub stored_bytes: u64,
    /// Bytes of files that went.
    pub fetched_bytes: u64,
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
    pub reserved: [u64; 4],
}

impl From<FileStats> for rustchat_file_server_stats_data {
    fn from(core: FileStats) -> rustchat_file_server_stats_data {
        rustchat_file_server_stats_data {
            struct_size: size_of::<rustchat_file_server_stats_data>(),
            transfers: core.transfers,
            stored: core.stored,
            fetched: core.fetched,
            refused: core.refused,
            stored_bytes: core.stored_bytes,
            fetched_bytes: core.fetched_bytes,
            connections: core.connections,
            connections_refused: core.connections_refused,
            authentication_failed: core.authentication_failed,
            bytes_in: core.bytes_in,
            bytes_out: core.bytes_out,
            reserved: [0; 4],
        }
    }
}

impl Object for FileServer {
    type Handle = rustchat_file_server;
    const KIND: Kind = Kind::FileServer;

    fn close(&self) {
        FileServer::close(self);
    }
}

impl Addressed for FileServer {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(FileServer::address(self))
    }
}

impl Serving for FileServer {
    fn close_within(&self, drain: Duration) {
        FileServer::close_within(self, drain);
    }

    fn join(&self, deadline: Deadline<'_>) -> Result<()> {
        FileServer::join(self, deadline)
    }
}

/// Starts a server of files, which runs on threads of its own until it is closed.
///
/// @param options how it is to behave; read during the call.
/// @param out receives the server, which the caller ends with rustchat_file_server_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret or a root, beyond this machine with neither tls
///   nor allow_plaintext, or for an option that cannot work, which is named; RUSTCHAT_EHANDLE or RUSTCHAT_EFORK for keys;
///   RUSTCHAT_ENOTSUP for tls in a build without it; RUSTCHAT_EADDRINVAL; RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for a text that is
///   to be UTF-8; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a root that
///   cannot be opened.
///
/// Blocking: while a name in the address is looked up, 10 seconds at most, and while the disk answers.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_server_start(
    options: *const rustchat_file_server_options,
    out: *mut *mut rustchat_file_server,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_file_server_start", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options whose pointers can be read.
        let options = unsafe { options::read(options)?.convert() }?;
        out.set(handle::insert(FileServer::start(options)?)?);
        Ok(())
    })
}

/// The address a file server listens on, with the port that the system chose.
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
pub unsafe extern "C" fn rustchat_file_server_address(
    server: *mut rustchat_file_server,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<FileServer>("rustchat_file_server_address", server, buf, cap, len) }
}

/// The port a file server listens on.
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
pub unsafe extern "C" fn rustchat_file_server_port(
    server: *mut rustchat_file_server,
    out: *mut u16,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::port::<FileServer>("rustchat_file_server_port", server, out) }
}

/// Numbers of a file server since its start.
///
/// @param server the server.
/// @param out receives them; begin with RUSTCHAT_FILE_SERVER_STATS_INIT. All but struct_size is 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_file_server_stats(
    server: *mut rustchat_file_server,
    out: *mut rustchat_file_server_stats_data,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    unsafe { serving::report("rustchat_file_server_stats", server, out, |server: &FileServer| server.stats().into()) }
}

/// Whether a file server has ended of its own accord: one of its threads has failed, which is a bug of this library.
///
/// @param server the server.
/// @return RUSTCHAT_OK as long as all is well; RUSTCHAT_EPANIC, with the reason in rustchat_last_error; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_file_server_failure(server: *mut rustchat_file_server) -> rustchat_status {
    guard::on("rustchat_file_server_failure", server, |server: &FileServer| server.failure().map_or(Ok(()), Err))
}

/// Begins to stop a file server: transfers end where they are, and can be gone on with after the next start; clients are told, within 5 seconds. Never waits, and may be repeated.
///
/// @param server the server.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_file_server_close(server: *mut rustchat_file_server) -> rustchat_status {
    guard::close::<FileServer>("rustchat_file_server_close", server)
}

/// Begins to stop like rustchat_file_server_close, within another time. Of several calls the one whose end comes first counts.
///
/// @param server the server.
/// @param drain_ms milliseconds for all of it; 0 for none, -1 for as long as it takes, an hour at most.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when drain_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_file_server_close_within(
    server: *mut rustchat_file_server,
    drain_ms: i64,
) -> rustchat_status {
    serving::close_within::<FileServer>("rustchat_file_server_close_within", server, drain_ms)
}

/// Waits until a file server has stopped: its threads have ended.
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
pub extern "C" fn rustchat_file_server_join(server: *mut rustchat_file_server, timeout_ms: i64) -> rustchat_status {
    serving::join::<FileServer>("rustchat_file_server_join", server, timeout_ms)
}

/// Closes a file server and releases it.
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
pub extern "C" fn rustchat_file_server_free(server: *mut rustchat_file_server) {
    guard::free::<FileServer>("rustchat_file_server_free", server);
}
