//! What a command that was run has written, and how it has ended.

use std::ffi::c_void;
use std::ptr;

use super::bytes::rustchat_bytes;
use super::command_exit::rustchat_command_exit;
use super::error;
use super::options::Report;
use super::sole::{self, Sole};
use crate::command::{CommandError, Completed};
use crate::{Error, Result};

/// What became of a command: how it has ended, if anybody knows, and what it has written until then. Begin with
/// RUSTCHAT_COMMAND_RESULT_INIT, and end it with rustchat_command_result_clear. It belongs to the program, the bytes in it to
/// the library until it is cleared.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_result {
    /// sizeof(rustchat_command_result).
    pub struct_size: usize,
    /// All of its standard output.
    pub out: rustchat_bytes,
    /// All of its standard error.
    pub err: rustchat_bytes,
    /// How it has ended; its kind is 0 when nobody knows: it was not run, or not over when the connection was lost or the time
    /// was up.
    pub exit: rustchat_command_exit,
    /// The library's.
    pub memory: *mut c_void,
    /// 0.
    pub reserved: [u64; 2],
}

/// The bytes of a result.
struct Outputs {
    _out: Vec<u8>,
    _err: Vec<u8>,
}

impl Sole for Outputs {
    type Pointer = c_void;
    const MAGIC: u32 = 0x7275_6f75;
    const NAME: &'static str = "result of a command";
}

fn lent(bytes: &[u8]) -> rustchat_bytes {
    if bytes.is_empty() { rustchat_bytes::EMPTY } else { rustchat_bytes::of(bytes) }
}

fn fill(report: &Report<rustchat_command_result>, exit: rustchat_command_exit, out: Vec<u8>, err: Vec<u8>) {
    let (struct_size, reserved) = (size_of::<rustchat_command_result>(), [0; 2]);
    let (lent_out, lent_err) = (lent(&out), lent(&err));
    let memory = if out.is_empty() && err.is_empty() {
        ptr::null_mut()
    } else {
        // What a vector holds stays where it is when the vector is moved.
        sole::make(Outputs { _out: out, _err: err })
    };
    report.set(rustchat_command_result { struct_size, out: lent_out, err: lent_err, exit, memory, reserved });
}

/// Tells the caller what became of a command. Of one that has failed it tells what there is, too.
pub(super) fn tell(
    done: Result<Completed, CommandError>,
    report: Option<Report<rustchat_command_result>>,
) -> Result<()> {
    match done {
        Ok(Completed { exit, stdout, stderr }) => {
            if let Some(report) = report {
                fill(&report, exit.into(), stdout, stderr);
            }
            Ok(())
        }
        Err(failure) => {
            if let Some(report) = report {
                let exit = failure.exit().map_or(UNKNOWN, |exit| (*exit).into());
                fill(&report, exit, failure.stdout().to_vec(), failure.stderr().to_vec());
            }
            Err(refused(failure))
        }
    }
}

/// The end of a command of which nobody knows it.
const UNKNOWN: rustchat_command_exit = rustchat_command_exit {
    struct_size: size_of::<rustchat_command_exit>(),
    kind: 0,
    success: 0,
    code: -1,
    signal: 0,
    core_dumped: 0,
    survivors_killed: 0,
    out_bytes: 0,
    err_bytes: 0,
    wall_us: 0,
    user_us: 0,
    system_us: 0,
    max_rss_kib: 0,
    reserved: [0; 4],
};

/// The error of a command that was not run as it was to be, with the rule for `rustchat_last_refusal`.
pub(super) fn refused(failure: CommandError) -> Error {
    error::note_refusal(
        failure.refusal().map(|refusal| super::command_exit::rustchat_command_refusal::from(refusal) as i32),
    );
    failure.into()
}

/// Releases what a result holds, and makes it as it was in the beginning. May be repeated.
///
/// @param result a result that was begun with RUSTCHAT_COMMAND_RESULT_INIT; NULL is ignored.
///
/// Blocking: no.
/// Thread-safety: MT-Unsafe:object.
/// @since 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rustchat_command_result_clear(result: *mut rustchat_command_result) {
    // SAFETY: the header asks for what this asks for.
    unsafe {
        sole::clear::<rustchat_command_result, Outputs>("rustchat_command_result_clear", result, |result| result.memory)
    };
}
