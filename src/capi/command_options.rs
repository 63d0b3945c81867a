//! What is asked of a command server.

use std::ffi::c_char;
use std::time::Duration;

use super::bytes::{rustchat_bytes, strings};
use super::command_template::{rustchat_command_variable, variables};
use super::options;
use crate::command::Command;
use crate::{Error, Result, Status};

/// How a command is to be run. Begin with RUSTCHAT_COMMAND_OPTIONS_INIT and set what differs: 0 and NULL are the defaults, and
/// NULL in the place of the whole is all of them. Read during the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_options {
    /// sizeof(rustchat_command_options).
    pub struct_size: usize,
    /// What it reads. rustchat_command_run ends its input behind that, and without any data its input is empty;
    /// rustchat_command_start leaves it open for rustchat_command_write.
    pub input: rustchat_bytes,
    /// Variables, if the server lets them be set; at most 255.
    pub environment: *const rustchat_command_variable,
    /// How many variables there are.
    pub environment_count: usize,
    /// How long it may run, in milliseconds: then the server ends it, whatever becomes of this client. 0 is as long as the
    /// server gives.
    pub time_limit_ms: i64,
    /// Bytes that it may write to both outputs together: then the server ends it. 0 is as many as the server allows.
    pub output_limit: u64,
    /// Not 0: argv[0] is a program text for the server's shell, if it has one, and what follows is $1 and so on there.
    pub shell: i32,
    /// Not 0: its standard error goes where its standard output goes, in the order in which it is written.
    pub merge_stderr: i32,
    /// Not 0: rustchat_command_run gives RUSTCHAT_ECOMMAND unless it ends by itself with code 0.
    pub check: i32,
    /// Not 0: its input is written while it runs, with rustchat_command_write.
    pub with_stdin: i32,
    /// 0.
    pub reserved: [u64; 4],
}

/// The command that these words and options ask for.
///
/// # Safety
/// `argv` is NULL or begins `argc` strings, and `options` is NULL or options whose pointers are what the header asks for.
pub(super) unsafe fn command(
    argv: *const *const c_char,
    argc: usize,
    options: *const rustchat_command_options,
) -> Result<Command> {
    // SAFETY: as promised by the caller.
    let (options, mut words) = unsafe { (options::read_or_default(options)?, strings("argv", argv, argc)?) };
    let first = words.next().ok_or_else(|| wrong("argc is 0, expected a command"))?;
    let mut command = if options.shell == 0 { Command::new(first) } else { Command::shell(first) };
    command = command.args(words).output_limit(options.output_limit);
    // SAFETY: as promised by the caller.
    let environment = unsafe { variables("environment", options.environment, options.environment_count) }?;
    for (name, value) in environment {
        command = command.env(name, value);
    }
    // SAFETY: as promised by the caller.
    let input = unsafe { options.input.get() }.map_err(|error| error.context("input"))?;
    if !options.input.data.is_null() {
        command = command.input(input);
    }
    match u64::try_from(options.time_limit_ms) {
        Ok(0) => {}
        Ok(limit) => command = command.timeout(Duration::from_millis(limit)),
        Err(_) => {
            let limit = options.time_limit_ms;
            return Err(wrong(format!("time_limit_ms is {limit}, expected 0 (the server's) or more")));
        }
    }
    command = if options.merge_stderr == 0 { command } else { command.merge_stderr() };
    command = if options.check == 0 { command } else { command.check() };
    Ok(if options.with_stdin == 0 { command } else { command.with_stdin() })
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Status::InvalidArgument, message)
}
