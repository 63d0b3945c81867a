//! What becomes of a command that was run, and what of one that was not.

use std::fmt;

use crate::command::exit::{Exit, ExitKind};
use crate::command::wire::Refusal;
use crate::{Error, Status};

/// A command that has ended, and all that it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// How it has ended.
    pub exit: Exit,
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// All of its standard error; nothing where that goes to its output.
    pub stderr: Vec<u8>,
}

impl Completed {
    /// Itself, if its end is the command's own; otherwise the error that it is, with all that has come.
    pub(super) fn judged(self, label: &str) -> Result<Completed, CommandError> {
        let status = match self.exit.kind {
            ExitKind::Exited | ExitKind::Signalled | ExitKind::ClientSignal => return Ok(self),
            ExitKind::TimedOut => Status::TimedOut,
            ExitKind::OutputLimit => Status::Overflow,
            ExitKind::ServerStopping => Status::Closed,
            ExitKind::StatusLost => Status::Io,
        };
        Err(self.error(status, label))
    }

    /// Itself as an error of that kind.
    pub(super) fn error(self, status: Status, label: &str) -> CommandError {
        CommandError::ended(Error::new(status, format!("{label}: {}", self.exit)), self)
    }
}

/// Why a command did not do what it was to. What it has written up to then is not lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError(Box<Failure>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    error: Error,
    refusal: Option<Refusal>,
    exit: Option<Exit>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl CommandError {
    pub(super) fn new(error: Error, stdout: Vec<u8>, stderr: Vec<u8>) -> CommandError {
        CommandError(Box::new(Failure { error, refusal: None, exit: None, stdout, stderr }))
    }

    pub(super) fn refused(error: Error, refusal: Option<Refusal>) -> CommandError {
        CommandError(Box::new(Failure { error, refusal, exit: None, stdout: Vec::new(), stderr: Vec::new() }))
    }

    fn ended(error: Error, completed: Completed) -> CommandError {
        let Completed { exit, stdout, stderr } = completed;
        CommandError(Box::new(Failure { error, refusal: None, exit: Some(exit), stdout, stderr }))
    }

    /// What has gone wrong.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The kind of it: `Refused` by the server's rules, `CommandFailed` for a command that has not succeeded, `TimedOut` by
    /// either end's clock, `Overflow` over the output limit, `ConnectionReset` and others when the connection was lost.
    pub fn status(&self) -> Status {
        self.0.error.status()
    }

    /// The rule by which it was refused, where it was.
    pub fn refusal(&self) -> Option<Refusal> {
        self.0.refusal
    }

    /// How it has ended. `None` when nobody knows: it was not run, or it was not over when the connection was lost or the
    /// deadline passed.
    pub fn exit(&self) -> Option<&Exit> {
        self.0.exit.as_ref()
    }

    /// What has come of its standard output.
    pub fn stdout(&self) -> &[u8] {
        &self.0.stdout
    }

    /// What has come of its standard error.
    pub fn stderr(&self) -> &[u8] {
        &self.0.stderr
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.error, f)
    }
}

impl std::error::Error for CommandError {}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Error {
        error.0.error
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> CommandError {
        CommandError::refused(error, None)
    }
}
