//! A remote command that runs.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::bytes::{self, Buffer};
use super::command_client::rustchat_command_client;
use super::command_exit::rustchat_command_exit;
use super::command_options::{command, rustchat_command_options};
use super::command_result::{refused, rustchat_command_result, tell};
use super::guard;
use super::handle::{self, Kind, Object};
use super::options::{Report, deadline};
use super::out::Out;
use super::status::rustchat_status;
use crate::command::{CommandClient, Job, Output, Signal};
use crate::{Error, Result, Status};

/// A command that runs at a server, as its client sees it. Not memory: a number that the library looks up, so that a command
/// freed already is RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time: one
/// may read while another one writes and a third one waits.
///
/// What it writes comes while it is read, and nothing comes that nobody has asked for but a window of at most 1 MiB: whoever
/// stops reading stops this command, and no other. Up to 1 MiB of its standard error that nobody reads stops nothing.
#[derive(Debug)]
pub struct rustchat_command {
    _opaque: [u8; 0],
}

/// What a command writes to.
#[repr(i32)]
#[allow(dead_code, reason = "some names are for the header alone")]
pub enum rustchat_command_output {
    /// Its standard output.
    RUSTCHAT_COMMAND_STDOUT = 1,
    /// Its standard error.
    RUSTCHAT_COMMAND_STDERR = 2,
}

impl Object for Job {
    type Handle = rustchat_command;
    const KIND: Kind = Kind::Command;

    /// Who waits for it waits for its end, which this brings about.
    fn close(&self) {
        // Where the connection is gone the command is, too.
        let _ = self.signal(Signal::Kill);
    }
}

fn output(number: i32) -> Result<Output> {
    match number {
        1 => Ok(Output::Stdout),
        2 => Ok(Output::Stderr),
        _ => {
            let text =
                format!("output is {number}, expected RUSTCHAT_COMMAND_STDOUT (1) or RUSTCHAT_COMMAND_STDERR (2)");
            Err(Error::new(Status::InvalidArgument, text))
        }
    }
}

/// Starts a command, and returns when it runs.
///
/// @param client the client.
/// @param argv the name of a command, and values for its free places.
/// @param argc how many words there are, at least 1.
/// @param options how it is to be run; NULL is all defaults. Read during the call.
/// @param out receives the command, which the caller ends with rustchat_command_free; NULL on failure.
/// @param timeout_ms milliseconds to wait until it runs; -1 for ever. When they are over, it is killed.
/// @return RUSTCHAT_OK; RUSTCHAT_EREFUSED when the server does not run it, for which rustchat_last_refusal has the rule;
///   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED, also when it reads no more before all of the option input was written;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EMSGSIZE for more words than the server takes; RUSTCHAT_ESTATE when the
///   connection has had all of its commands; RUSTCHAT_EINVAL when a pointer that is needed or a word is NULL, argc is 0,
///   timeout_ms is below -1, or an option is wrong; RUSTCHAT_ENOMEM; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_start(
    client: *mut rustchat_command_client,
    argv: *const *const c_char,
    argc: usize,
    options: *const rustchat_command_options,
    out: *mut *mut rustchat_command,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, ptr::null_mut()) };
    guard::on("rustchat_command_start", client, |client: &CommandClient| {
        let (out, deadline) = (out?, deadline(timeout_ms)?);
        // SAFETY: the header asks for `argc` strings, and NULL or options whose pointers can be read.
        let command = unsafe { command(argv, argc, options) }?;
        out.set(handle::insert(client.spawn(&command, deadline).map_err(refused)?)?);
        Ok(())
    })
}

/// The number that the server's log has for a command.
///
/// @param command the command.
/// @param out receives the number, 0 on failure.
/// @return RUSTCHAT_OK; RUSTCHAT_ESTATE when it is over; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: no.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_id(command: *mut rustchat_command, out: *mut u64) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let out = unsafe { Out::new(out, 0) };
    guard::on("rustchat_command_id", command, |job: &Job| {
        let id = job.id().ok_or_else(|| Error::new(Status::BadState, "the command is over"))?;
        out?.set(id);
        Ok(())
    })
}

/// Reads what has come of an output, or waits until something does. What came before the connection was lost, or before the
/// output went over its limit, is read before that is told. An output may end before its command: rustchat_command_wait tells how
/// that has ended.
///
/// @param command the command.
/// @param output which one, a rustchat_command_output.
/// @param buf receives the bytes.
/// @param cap how many fit, at least 1.
/// @param len receives how many there are: at least 1, or 0 at the end of the output; 0 on failure.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
/// @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT, after which it runs on; RUSTCHAT_EOVERFLOW when it wrote more than it may, of which the
///   rest was not sent; RUSTCHAT_ECLOSED when the client or the server has ended; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
///   RUSTCHAT_EINVAL for an unknown output, when buf or len is NULL, cap is 0 or
///   timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_read(
    command: *mut rustchat_command,
    output: i32,
    buf: *mut c_void,
    cap: usize,
    len: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for `cap` writable bytes, and NULL or a place for the length.
    let buffer = unsafe { Buffer::new(buf, cap, len) };
    guard::on("rustchat_command_read", command, |job: &Job| {
        let (mut buffer, output) = (buffer.checked_with_length()?, self::output(output)?);
        if cap == 0 {
            return Err(Error::new(Status::InvalidArgument, "the buffer has 0 bytes, expected at least 1"));
        }
        // SAFETY: the slice ends with the call.
        let count = job.read(output, unsafe { buffer.as_slice() }, deadline(timeout_ms)?)?;
        buffer.report(count);
        Ok(())
    })
}

/// Writes input, all of it, as the command takes it. Of a command that was started with the option with_stdin, or with input.
///
/// @param command the command.
/// @param data the bytes; may be NULL when len is 0.
/// @param len how many.
/// @param written receives how many were sent, which a failure need not make 0; may be NULL.
/// @param timeout_ms milliseconds to wait for all of it; -1 for ever, 0 for none but what it takes at once.
/// @return RUSTCHAT_OK when all of it is on its way; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when it reads no more, which is no
///   failure of its own, or the client or the server has ended; RUSTCHAT_ESTATE for one that was started without input, or behind its end;
///   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL and len is not 0, or
///   timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_write(
    command: *mut rustchat_command,
    data: *const c_void,
    len: usize,
    written: *mut usize,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a place that can be written.
    let written = unsafe { Out::optional(written, 0) };
    guard::on("rustchat_command_write", command, |job: &Job| {
        // SAFETY: the header asks for `len` readable bytes.
        let (bytes, deadline) = (unsafe { bytes::input(data, len) }?, deadline(timeout_ms)?);
        let mut sent = 0;
        while sent < bytes.len() {
            sent += job.write(&bytes[sent..], deadline)?;
            if let Some(written) = &written {
                written.set(sent);
            }
        }
        Ok(())
    })
}

/// Ends a command's input: it finds the end behind what was written. Nothing when it is over; may be repeated.
///
/// @param command the command.
/// @return RUSTCHAT_OK; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EHANDLE;
///   RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_close_stdin(command: *mut rustchat_command) -> rustchat_status {
    guard::on("rustchat_command_close_stdin", command, |job: &Job| job.close_stdin())
}

/// Says that nobody reads an output any more: a command that writes on gets SIGPIPE, as in front of head. Nothing when it is
/// over.
///
/// @param command the command.
/// @param output which one, a rustchat_command_output.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL for an unknown output; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
///   RUSTCHAT_ETIMEDOUT; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_close_output(command: *mut rustchat_command, output: i32) -> rustchat_status {
    guard::on("rustchat_command_close_output", command, |job: &Job| job.close_output(self::output(output)?))
}

/// Sends a signal to all processes of a command. Nothing when it is over.
///
/// @param command the command.
/// @param number SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGUSR1, SIGUSR2, SIGTERM or SIGWINCH, with the number that Linux has for it:
///   1, 2, 3, 9, 10, 12, 15 or 28.
/// @return RUSTCHAT_OK; RUSTCHAT_EINVAL for another number; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
///   RUSTCHAT_ETIMEDOUT; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
///
/// Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_signal(command: *mut rustchat_command, number: i32) -> rustchat_status {
    guard::on("rustchat_command_signal", command, |job: &Job| {
        let signal = u8::try_from(number).ok().and_then(Signal::from_number);
        job.signal(signal.ok_or_else(|| {
            let text = format!("number is {number}, expected 1, 2, 3, 9, 10, 12, 15 or 28: no other signal is sent");
            Error::new(Status::InvalidArgument, text)
        })?)
    })
}

/// Waits for the end of a command. What it writes meanwhile and nobody reads is kept, up to 64 MiB of each output, so that its
/// end can be asked for before its output.
///
/// @param command the command.
/// @param exit receives how it has ended; begin with RUSTCHAT_COMMAND_EXIT_INIT. All but struct_size is 0 on failure. May be
///   NULL.
/// @param timeout_ms milliseconds to wait; -1 for ever, 0 only looks.
/// @return RUSTCHAT_OK, however it has ended, which exit alone says; RUSTCHAT_ETIMEDOUT while it runs; RUSTCHAT_EOVERFLOW when it has written more than
///   is kept; RUSTCHAT_ECLOSED when the client or the server has ended before it; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
///   RUSTCHAT_EINVAL when timeout_ms is below -1, or the struct_size of exit is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
///   RUSTCHAT_EIO.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_wait(
    command: *mut rustchat_command,
    exit: *mut rustchat_command_exit,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let report = unsafe { Report::optional(exit) };
    guard::on("rustchat_command_wait", command, |job: &Job| {
        let (report, deadline) = (report?, deadline(timeout_ms)?);
        if timeout_ms == 0 && !job.is_over() {
            // To wait would begin to keep what it writes.
            return Err(Error::new(Status::TimedOut, "the command runs"));
        }
        let exit = job.wait(deadline)?;
        if let Some(report) = report {
            report.set(exit.into());
        }
        Ok(())
    })
}

/// Writes input and ends it, reads all of both outputs and waits for the end of a command: all at once, so that none waits for
/// another. An end that is not the command's own is a failure, whatever its code. A failure fills the result, too, with what came
/// until then.
///
/// @param command the command.
/// @param data its input; may be NULL when len is 0.
/// @param len how many bytes.
/// @param result receives what became of it; begin with RUSTCHAT_COMMAND_RESULT_INIT, or clear that of an earlier call first.
///   Of a call that was wrong all but struct_size is 0. May be NULL.
/// @param timeout_ms milliseconds to wait; -1 for ever.
/// @return RUSTCHAT_OK when it has ended by itself or by a signal; RUSTCHAT_ETIMEDOUT when its time is up, or when timeout_ms is,
///   after which it runs on; RUSTCHAT_EOVERFLOW when it wrote more than it may; RUSTCHAT_EIO, also when its status is lost;
///   RUSTCHAT_ECLOSED when the client or the server has ended before it; RUSTCHAT_ESTATE for input to one that was started
///   without, or behind the end of that; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL
///   and len is not 0, timeout_ms is below -1, or the struct_size of result is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
///
/// Blocking: for timeout_ms.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_communicate(
    command: *mut rustchat_command,
    data: *const c_void,
    len: usize,
    result: *mut rustchat_command_result,
    timeout_ms: i64,
) -> rustchat_status {
    // SAFETY: the header asks for NULL or a structure that begins with its size.
    let result = unsafe { Report::optional(result) };
    guard::on("rustchat_command_communicate", command, |job: &Job| {
        let (result, deadline) = (result?, deadline(timeout_ms)?);
        // SAFETY: the header asks for `len` readable bytes.
        let input = unsafe { bytes::input(data, len) }?;
        tell(job.communicate(input, deadline), result)
    })
}

/// Releases a command. One that still runs is killed.
///
/// Other threads may be inside calls on the command: they end when it does, and the last one releases it. After fork, in the
/// child, this does nothing.
///
/// @param command the command, not to be used any more; NULL and handles that are not valid are ignored.
///
/// Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
/// Thread-safety: MT-Safe.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn rustchat_command_free(command: *mut rustchat_command) {
    guard::free::<Job>("rustchat_command_free", command);
}
