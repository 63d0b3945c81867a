//! A word from another thread that ends a wait.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Signal;
use crate::{Error, Result, Status};

/// Ends calls that have it in their [`Deadline`](super::Deadline), with `Closed`: those that wait, and all later ones.
///
/// For calls that make what could be closed, such as a connect with its look-up and its handshake.
#[derive(Debug)]
pub struct Cancel {
    cancelled: AtomicBool,
    signal: Signal,
}

impl Cancel {
    /// One that nobody has used.
    pub fn new() -> Result<Cancel> {
        Ok(Cancel { cancelled: AtomicBool::new(false), signal: Signal::new()? })
    }

    /// Ends the calls. Never waits; may be repeated, from any thread.
    pub fn cancel(&self) {
        if !self.cancelled.swap(true, Ordering::SeqCst) {
            self.signal.set();
        }
    }

    pub(super) fn signal(&self) -> &Signal {
        &self.signal
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(Error::new(Status::Closed, "cancelled"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
