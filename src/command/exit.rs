//! How a command has ended.

use std::fmt;
use std::time::Duration;

use crate::wire::numbered;

numbered! {
    /// Why a command is over. The numbers are those of the wire, and of C.
    pub enum ExitKind: u8 {
        /// It has ended of its own accord, with a code.
        Exited = 1, "exited";
        /// A signal has ended it that nobody here has sent.
        Signalled = 2, "signalled";
        /// It ran for longer than it was given, and was ended for that, whatever it made of it.
        TimedOut = 3, "timed out";
        /// It wrote more than it was allowed, and was ended for that. What it was allowed was delivered.
        OutputLimit = 4, "output limit";
        /// A signal has ended it that its client had sent.
        ClientSignal = 5, "client's signal";
        /// The server stops.
        ServerStopping = 6, "server stopping";
        /// It is over, but another part of the server's program has taken its status: the code is unknown.
        StatusLost = 7, "status lost";
    }
}

/// The last that is heard of a command. There is exactly one for each that was started, behind all of its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Why it is over.
    pub kind: ExitKind,
    /// The code of its leader, if that has ended by itself; 0 otherwise, which says nothing: see [`Exit::code`].
    pub raw_code: u8,
    /// The signal that has ended its leader; 0 if none has.
    pub signal: u8,
    /// Its leader has left a memory image.
    pub core: bool,
    /// Others of its group were still there when its leader and its outputs had ended, or held these open, and were killed. One
    /// that is just ending counts, too.
    pub survivors_killed: bool,
    /// All that it has written to its standard output and was sent, in bytes.
    pub stdout_bytes: u64,
    /// The same for its standard error.
    pub stderr_bytes: u64,
    /// From its start to the end of its leader.
    pub wall: Duration,
    /// What its leader, and the children that it has waited for, have used of the processor for themselves.
    pub user: Duration,
    /// The same for the system's work in their name.
    pub system: Duration,
    /// The most memory that one of them has had, in KiB; at least what the server had when it started the command, which the
    /// system counts as its own.
    pub max_rss: u32,
}

impl Exit {
    /// Whether it has ended by itself with code 0, which alone is success.
    pub fn success(&self) -> bool {
        self.kind == ExitKind::Exited && self.signal == 0 && self.raw_code == 0
    }

    /// The code that its leader has ended with by itself; `None` if a signal has ended it, or nobody knows.
    ///
    /// A command that was ended for its time or its output may still have a code, of which nothing follows.
    pub fn code(&self) -> Option<u8> {
        (self.signal == 0 && self.kind != ExitKind::StatusLost).then_some(self.raw_code)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match self.code() {
            Some(code) => write!(f, " (code {code})"),
            None if self.signal != 0 => write!(f, " (signal {})", self.signal),
            None => Ok(()),
        }
    }
}
