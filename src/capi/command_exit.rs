//! How commands have ended, and why they were not run.

use crate::command::{Exit, ExitKind, Refusal};

/// Why a command is over.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum rustchat_exit_kind {
    /// It has ended of its own accord, with a code.
    RUSTCHAT_EXIT_EXITED = 1,
    /// A signal has ended it that nobody here has sent.
    RUSTCHAT_EXIT_SIGNALLED = 2,
    /// It ran for longer than it was given, and was ended for that, whatever it made of it.
    RUSTCHAT_EXIT_TIMED_OUT = 3,
    /// It wrote more than it was allowed, and was ended for that. What it was allowed was delivered.
    RUSTCHAT_EXIT_OUTPUT_LIMIT = 4,
    /// A signal has ended it that its client had sent.
    RUSTCHAT_EXIT_CLIENT_SIGNAL = 5,
    /// The server stops.
    RUSTCHAT_EXIT_SERVER_STOPPING = 6,
    /// It is over, but another part of the server's program has taken its status: the code is unknown.
    RUSTCHAT_EXIT_STATUS_LOST = 7,
}

impl From<ExitKind> for rustchat_exit_kind {
    fn from(kind: ExitKind) -> rustchat_exit_kind {
        use rustchat_exit_kind::*;
        match kind {
            ExitKind::Exited => RUSTCHAT_EXIT_EXITED,
            ExitKind::Signalled => RUSTCHAT_EXIT_SIGNALLED,
            ExitKind::TimedOut => RUSTCHAT_EXIT_TIMED_OUT,
            ExitKind::OutputLimit => RUSTCHAT_EXIT_OUTPUT_LIMIT,
            ExitKind::ClientSignal => RUSTCHAT_EXIT_CLIENT_SIGNAL,
            ExitKind::ServerStopping => RUSTCHAT_EXIT_SERVER_STOPPING,
            ExitKind::StatusLost => RUSTCHAT_EXIT_STATUS_LOST,
        }
    }
}

/// The rule by which a server does not run a command, of which nothing was executed then: what rustchat_last_refusal gives
/// after RUSTCHAT_EREFUSED of rustchat_command_run and rustchat_command_start.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum rustchat_command_refusal {
    /// No command has that name.
    RUSTCHAT_COMMAND_REFUSED_UNKNOWN = 1,
    /// It takes more arguments, or fewer.
    RUSTCHAT_COMMAND_REFUSED_ARGUMENT_COUNT = 2,
    /// An argument is none of those that its place takes.
    RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN = 3,
    /// An argument is too long.
    RUSTCHAT_COMMAND_REFUSED_ARGUMENT_TOO_LONG = 4,
    /// An argument holds a zero byte.
    RUSTCHAT_COMMAND_REFUSED_NUL = 5,
    /// There is no shell, or it was not asked for by name.
    RUSTCHAT_COMMAND_REFUSED_SHELL = 6,
    /// A variable that clients may not set.
    RUSTCHAT_COMMAND_REFUSED_ENVIRONMENT = 7,
    /// As many commands run as may.
    RUSTCHAT_COMMAND_REFUSED_BUSY = 8,
    /// The system could not start it.
    RUSTCHAT_COMMAND_REFUSED_SPAWN_FAILED = 9,
    /// The program is not there, or may not be executed.
    RUSTCHAT_COMMAND_REFUSED_NOT_EXECUTABLE = 10,
    /// The server stops.
    RUSTCHAT_COMMAND_REFUSED_STOPPING = 11,
    /// It takes no input.
    RUSTCHAT_COMMAND_REFUSED_STDIN = 12,
    /// It is not sent that signal.
    RUSTCHAT_COMMAND_REFUSED_SIGNAL = 13,
    /// It was to have more time than any command has.
    RUSTCHAT_COMMAND_REFUSED_TIMEOUT = 14,
    /// Another key may run it, but not this one.
    RUSTCHAT_COMMAND_REFUSED_NOT_PERMITTED = 15,
}

impl From<Refusal> for rustchat_command_refusal {
    fn from(refusal: Refusal) -> rustchat_command_refusal {
        use rustchat_command_refusal::*;
        match refusal {
            Refusal::UnknownCommand => RUSTCHAT_COMMAND_REFUSED_UNKNOWN,
            Refusal::ArgumentCount => RUSTCHAT_COMMAND_REFUSED_ARGUMENT_COUNT,
            Refusal::ArgumentPattern => RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN,
            Refusal::ArgumentTooLong => RUSTCHAT_COMMAND_REFUSED_ARGUMENT_TOO_LONG,
            Refusal::Nul => RUSTCHAT_COMMAND_REFUSED_NUL,
            Refusal::Shell => RUSTCHAT_COMMAND_REFUSED_SHELL,
            Refusal::Environment => RUSTCHAT_COMMAND_REFUSED_ENVIRONMENT,
            Refusal::Busy => RUSTCHAT_COMMAND_REFUSED_BUSY,
            Refusal::SpawnFailed => RUSTCHAT_COMMAND_REFUSED_SPAWN_FAILED,
            Refusal::NotExecutable => RUSTCHAT_COMMAND_REFUSED_NOT_EXECUTABLE,
            Refusal::Stopping => RUSTCHAT_COMMAND_REFUSED_STOPPING,
            Refusal::Stdin => RUSTCHAT_COMMAND_REFUSED_STDIN,
            Refusal::Signal => RUSTCHAT_COMMAND_REFUSED_SIGNAL,
            Refusal::Timeout => RUSTCHAT_COMMAND_REFUSED_TIMEOUT,
            Refusal::NotPermitted => RUSTCHAT_COMMAND_REFUSED_NOT_PERMITTED,
        }
    }
}

/// How a command has ended. Begin with RUSTCHAT_COMMAND_EXIT_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_exit {
    /// sizeof(rustchat_command_exit).
    pub struct_size: usize,
    /// Why it is over, a rustchat_exit_kind; 0 while nobody knows.
    pub kind: i32,
    /// 1: it has ended by itself with code 0, which alone is success.
    pub success: i32,
    /// The code that its leader has ended with by itself; -1 if a signal has ended it, or nobody knows.
    pub code: i32,
    /// The signal that has ended its leader, 0 if none has. The numbers are those of Linux.
    pub signal: i32,
    /// 1: its leader has left a memory image.
    pub core_dumped: i32,
    /// 1: others of its group were still there when its leader and its outputs had ended, and were killed.
    pub survivors_killed: i32,
    /// All that came of its standard output, in bytes.
    pub out_bytes: u64,
    /// The same for its standard error.
    pub err_bytes: u64,
    /// From its start to the end of its leader, in microseconds.
    pub wall_us: u64,
    /// What its leader, and the children that it has waited for, have used of the processor, in microseconds.
    pub user_us: u64,
    /// The same for the system's work in their name.
    pub system_us: u64,
    /// The most memory that one of them has had, in KiB; at least what the server had when it started the command.
    pub max_rss_kib: u64,
    /// 0.
    pub reserved: [u64; 4],
}

impl From<Exit> for rustchat_command_exit {
    fn from(core: Exit) -> rustchat_command_exit {
        let microseconds = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        rustchat_command_exit {
            struct_size: size_of::<rustchat_command_exit>(),
            kind: rustchat_exit_kind::from(core.kind) as i32,
            success: core.success().into(),
            code: core.code().map_or(-1, i32::from),
            signal: core.signal.into(),
            core_dumped: core.core.into(),
            survivors_killed: core.survivors_killed.into(),
            out_bytes: core.stdout_bytes,
            err_bytes: core.stderr_bytes,
            wall_us: microseconds(core.wall),
            user_us: microseconds(core.user),
            system_us: microseconds(core.system),
            max_rss_kib: core.max_rss.into(),
            reserved: [0; 4],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_core() {
        let refusals: Vec<_> = (1..).map_while(Refusal::from_code).collect();
        assert_eq!(refusals.len(), 15);
        for refusal in refusals {
            assert_eq!(rustchat_command_refusal::from(refusal) as i32, i32::from(refusal.code()));
        }
        for kind in [ExitKind::Exited, ExitKind::TimedOut, ExitKind::ClientSignal, ExitKind::StatusLost] {
            assert_eq!(rustchat_exit_kind::from(kind) as i32, kind as i32);
        }
    }
}
