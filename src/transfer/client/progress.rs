//! How far a transfer has come, and what has come of it.

use std::time::{Duration, Instant};

use super::failure::FileError;
use crate::transfer::wire::Metadata;
use crate::{Error, Status};

/// How often at most it is told, so that telling costs nothing.
const INTERVAL: Duration = Duration::from_millis(100);

/// How far a transfer of one file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that are right at the other end, or here.
    pub done: u64,
    /// Bytes of the file.
    pub total: u64,
    /// Bytes that had been there before.
    pub resumed: u64,
}

/// A file that was stored, or fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// Its length in bytes.
    pub size: u64,
    /// Bytes that were there before, and did not have to be moved.
    pub resumed: u64,
    /// Its BLAKE3 hash, as `b3sum` shows it; zeros if it was moved without hashes.
    pub hash: [u8; 32],
    /// What it is at the server.
    pub metadata: Metadata,
}

/// What was moved of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tree {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Links, pipes and what else is no file and no folder: they were left out.
    pub skipped: Vec<String>,
}

impl Tree {
    /// One file more.
    pub(super) fn count(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// Is told of a transfer's progress, at most ten times a second and once at its end; `false` ends it.
pub(super) type Watch<'w> = &'w mut dyn FnMut(&Progress) -> bool;

/// Who tells.
pub(super) struct Teller<'w> {
    watch: Option<Watch<'w>>,
    next: Instant,
}

impl<'w> Teller<'w> {
    pub(super) fn new(watch: Option<Watch<'w>>) -> Teller<'w> {
        Teller { watch, next: Instant::now() }
    }

    /// Tells of the end, which nobody can take back.
    pub(super) fn end(&mut self, progress: Progress) {
        if let Some(watch) = &mut self.watch {
            watch(&progress);
        }
    }

    /// Tells of it, if it is time to; the error when it is wanted no more.
    pub(super) fn tell(&mut self, progress: Progress) -> Result<(), FileError> {
        let Some(watch) = &mut self.watch else { return Ok(()) };
        let now = Instant::now();
        if now < self.next {
            return Ok(());
        }
        self.next = now + INTERVAL;
        if watch(&progress) {
            return Ok(());
        }
        Err(Error::new(Status::Interrupted, "the transfer was cancelled by its progress callback").into())
    }
}
