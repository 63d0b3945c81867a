//! How a client's connection has ended.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Error, Status};

/// Known once the connection has ended, for whoever calls afterwards.
#[derive(Default)]
pub(super) struct End {
    /// The server's reason.
    reason: OnceLock<Error>,
    /// The server has not let us in.
    pub(super) refused: AtomicBool,
}

impl End {
    pub(super) fn note(&self, reason: Option<&Error>) {
        if let Some(reason) = reason.filter(|reason| reason.status() == Status::Closed) {
            let _ = self.reason.set(reason.clone());
        }
    }

    /// What to say of a connection that is closed: the server's reason, if that is why, else `error`.
    pub(super) fn explain(&self, error: Error) -> Error {
        match (error.status(), self.reason.get()) {
            (Status::Closed | Status::ConnectionReset, Some(reason)) => reason.clone(),
            _ => error,
        }
    }

    pub(super) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}
