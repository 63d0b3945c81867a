//! The client of remote commands.

use std::borrow::Cow;
use std::ffi::c_char;
use std::ptr;

use super::command_client_options::rustchat_command_client_options;
use super::command_options::{command, rustchat_command_options};
use super::command_result::{rustchat_command_result, tell};
use super::guard;
use super::handle::{self, Kind, Object};
use super::options::{self, Report, deadline};
use super::out::Out;
use super::serving::{self, Addressed};
use super::status::rustchat_status;
use crate::command::CommandClient;
use crate::net::{Address, Deadline};

/// A connection to a command server. Not memory: a number that the library looks up, so that a client freed already is
/// RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time, and many commands run
/// over it at a time.
#[derive(Debug)]
pub struct rustchat_command_client {
    _opaque: [u8; 0],
}

impl Object for CommandClient {
    type Handle = rustchat_command_client;
    const KIND: Kind = Kind::CommandClient;

    fn close(&self) {
        CommandClient::close(self);
    }
}

impl Addressed for CommandClient {
    fn address(&self) -> Cow<'_, Address> {
        Cow::Borrowed(self.peer())
    }
}

/// Connects to a command server, and learns what it takes.
///
/// @param options how to connect; read during the call.
/// @param out receives the client, which the caller ends with rustchat_command_client_free; NULL on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret, beyond this machine with neither tls nor
///   allow_plaintext, or for an option that is out of range; RUSTCHAT_EADDRINVAL; RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET;
///   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the server has no place; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
///   address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build without it,
///   or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
///
/// Blocking: for the option timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_client_connect(
    options: *const rustchat_command_client_options,
    out: *mut *mut rustchat_command_client,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::call("rustchat_command_client_connect", || {
        let out = out?;
        // SAFETY: the header asks for NULL or options whose pointers can be read.
        let options = unsafe { options::read(options)?.convert() }?;
        out.set(handle::insert(CommandClient::connect(&options, Deadline::never())?)?);
        Ok(())
    })
}

/// Runs a command to its end: gives it its input, gathers all that it writes, and waits. No order of input, output and errors
/// makes it wait for ever.
///
/// It ends with RUSTCHAT_OK whatever its code, unless the option check is set. An end that is not the command's own is a
/// failure, whatever its code. A failure fills the result, too, with what came until then.
///
/// @param client the client.
/// @param argv the name of a command, and values for its free places.
/// @param argc how many words there are, at least 1.
/// @param options how it is to be run; NULL is all defaults. Read during the call.
/// @param result receives what became of it; begin with RUSTCHAT_COMMAND_RESULT_INIT, or clear that of an earlier run first.
///   Of a call that was wrong all but struct_size is 0. May be NULL.
/// @param timeout_ms milliseconds to wait; -1 for ever. When they are over, the command is killed.
/// @return RUSTCHAT_OK; RUSTCHAT_ECOMMAND with check, when it has not ended by itself with code 0; RUSTCHAT_EREFUSED when the
///   server does not run it, for which rustchat_last_refusal has the rule; RUSTCHAT_ETIMEDOUT by either end's clock;
///   RUSTCHAT_EOVERFLOW when it wrote more than it may; RUSTCHAT_ECLOSED when the server or the client ends;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EIO when its status is lost; RUSTCHAT_EMSGSIZE for more words than the
///   server takes; RUSTCHAT_ESTATE when the connection has had all of its commands; RUSTCHAT_EINVAL when argv or one of its
///   words is NULL, argc is 0, timeout_ms is below -1, or an option or the struct_size of result is wrong; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_run(
    client: *mut rustchat_command_client,
    argv: *const *const c_char,
    argc: usize,
    options: *const rustchat_command_options,
    result: *mut rustchat_command_result,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let result = unsafe { Report::optional(result) };
    guard::on("rustchat_command_run", client, |client: &CommandClient| {
        let (result, deadline) = (result?, deadline(timeout_ms)?);
        // SAFETY: the header asks for `argc` strings, and NULL or options whose pointers can be read.
        let command = unsafe { command(argv, argc, options) }?;
        tell(client.run(&command, deadline), result)
    })
}

/// How many commands a server runs for this client at a time.
///
/// @param client the client.
/// @param out receives the number, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_client_limit(
    client: *mut rustchat_command_client,
    out: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, 0) };
    guard::on("rustchat_command_client_limit", client, |client: &CommandClient| {
        out?.set(client.command_limit());
        Ok(())
    })
}

/// Whether a client is connected.
///
/// @param client the client.
/// @param out receives a rustchat_client_condition, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_client_state(
    client: *mut rustchat_command_client,
    out: *mut i32,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::state("rustchat_command_client_state", client, out, |client: &CommandClient| client.is_closed()) }
}

/// The server's address.
///
/// @param client the client.
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
pub unsafe extern "C" fn rustchat_command_client_peer_address(
    client: *mut rustchat_command_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> rustchat_status {
    // SAFETY: the header asks for what this asks for.
    unsafe { serving::address::<CommandClient>("rustchat_command_client_peer_address", client, buf, cap, len) }
}

/// Ends a client's connection at once: the server ends what still runs, and every call that
/// waits in the client or in one of its commands ends with RUSTCHAT_ECLOSED. May be repeated.
///
/// @param client the client.
/// @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_client_close(client: *mut rustchat_command_client) -> rustchat_status {
    guard::close::<CommandClient>("rustchat_command_client_close", client)
}

/// Closes a client and releases it.
///
/// Its commands are ended; their handles stay, and have to be freed. Other threads may be inside calls on the client: they end
/// with RUSTCHAT_ECLOSED, and the last one releases it. After fork, in the child, this does nothing.
///
/// @param client the client, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: until the client's thread has ended, a moment.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_client_free(client: *mut rustchat_command_client) {
    guard::free::<CommandClient>("rustchat_command_client_free", client);
}
