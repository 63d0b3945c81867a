//! Why something was not done.

use std::fmt;

use crate::transfer::names::client_error;
use crate::transfer::wire::{Refusal, Refused};
use crate::{Error, Status};

/// Why a client's call has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError(Box<Failure>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    error: Error,
    refusal: Option<Refusal>,
}

impl FileError {
    pub(super) fn refused(refusal: Option<Refusal>, text: String) -> FileError {
        let error = match refusal {
            Some(refusal) => refusal.error(text),
            None => Error::new(Status::Refused, text),
        };
        FileError(Box::new(Failure { error, refusal }))
    }

    /// The same of one file among many, if it is the server that speaks of it: by what it says alone nobody would find it.
    pub(super) fn of_file(self, path: &impl fmt::Display) -> FileError {
        let Failure { error, refusal } = *self.0;
        let error = if refusal.is_some() { error.context(format_args!("{path}")) } else { error };
        FileError(Box::new(Failure { error, refusal }))
    }

    /// What has gone wrong, in words.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The kind of it: `Refused` by a rule, see [`FileError::refusal`]; `Io` for this machine's own files; `TimedOut`;
    /// `Interrupted` by a progress callback; `ConnectionReset` and others when the connection was lost.
    pub fn status(&self) -> Status {
        self.0.error.status()
    }

    /// The rule by which it was refused, where it was: by the server, or here by the same rule.
    pub fn refusal(&self) -> Option<Refusal> {
        self.0.refusal
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.error, f)
    }
}

impl std::error::Error for FileError {}

impl From<FileError> for Error {
    fn from(error: FileError) -> Error {
        error.0.error
    }
}

impl From<Error> for FileError {
    fn from(error: Error) -> FileError {
        FileError(Box::new(Failure { error, refusal: None }))
    }
}

impl From<Refused> for FileError {
    fn from(refused: Refused) -> FileError {
        let refusal = Some(refused.0);
        FileError(Box::new(Failure { error: client_error(refused), refusal }))
    }
}
