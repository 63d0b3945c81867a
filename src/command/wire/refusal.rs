//! Why a command is not run.

use std::fmt;

/// The rule by which a server does not run a command, of which nothing was executed. The numbers are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Refusal {
    /// No command has that name.
    UnknownCommand = 1,
    /// It takes more arguments, or fewer.
    ArgumentCount = 2,
    /// An argument is none of those that its place takes.
    ArgumentPattern = 3,
    /// An argument is too long.
    ArgumentTooLong = 4,
    /// An argument holds a zero byte.
    Nul = 5,
    /// There is no shell, or it was not asked for by name.
    Shell = 6,
    /// A variable that clients may not set.
    Environment = 7,
    /// As many commands run as may.
    Busy = 8,
    /// The system could not start it.
    SpawnFailed = 9,
    /// The program is not there, or may not be executed.
    NotExecutable = 10,
    /// The server stops.
    Stopping = 11,
    /// It takes no input.
    Stdin = 12,
    /// It is not sent that signal.
    Signal = 13,
    /// It was to have more time than any command has.
    Timeout = 14,
    /// Another key may run it, but not this one.
    NotPermitted = 15,
}

impl Refusal {
    const ALL: [Refusal; 15] = [
        Refusal::UnknownCommand,
        Refusal::ArgumentCount,
        Refusal::ArgumentPattern,
        Refusal::ArgumentTooLong,
        Refusal::Nul,
        Refusal::Shell,
        Refusal::Environment,
        Refusal::Busy,
        Refusal::SpawnFailed,
        Refusal::NotExecutable,
        Refusal::Stopping,
        Refusal::Stdin,
        Refusal::Signal,
        Refusal::Timeout,
        Refusal::NotPermitted,
    ];

    /// The refusal of that number; `None` if this version knows none.
    pub fn from_code(code: u16) -> Option<Refusal> {
        Refusal::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// Its number.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// A few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::UnknownCommand => "unknown command",
            Refusal::ArgumentCount => "wrong number of arguments",
            Refusal::ArgumentPattern => "an argument does not match its pattern",
            Refusal::ArgumentTooLong => "an argument is too long",
            Refusal::Nul => "an argument holds a zero byte",
            Refusal::Shell => "no shell here",
            Refusal::Environment => "a variable may not be set",
            Refusal::Busy => "too many commands",
            Refusal::SpawnFailed => "could not be started",
            Refusal::NotExecutable => "not executable",
            Refusal::Stopping => "the server stops",
            Refusal::Stdin => "takes no input",
            Refusal::Signal => "is not sent that signal",
            Refusal::Timeout => "more time than any command has",
            Refusal::NotPermitted => "not permitted for this key",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
