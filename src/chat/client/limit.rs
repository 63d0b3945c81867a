//! How much may be said at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::frame::Framing;
use crate::net::{Deadline, Queue};
use crate::{Error, Result, Status};

/// How long the first words wait for the server's welcome, which has the limit in it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest message that the server takes, as far as it is known.
pub(super) struct Limit {
    /// What the embedder wants; 0 is nothing particular.
    wanted: usize,
    /// What the server has said; 0 before that.
    told: AtomicUsize,
    /// Closed when nothing more is to be waited for.
    welcomed: Queue<()>,
}

impl Limit {
    /// Line chat has no welcome: there the default of all servers counts, unless another one is wanted.
    pub(super) fn new(framing: Framing, wanted: usize) -> Limit {
        let limit = Limit { wanted, told: AtomicUsize::new(0), welcomed: Queue::new() };
        if framing == Framing::Line {
            limit.told.store(if wanted == 0 { framing.default_limit() } else { wanted }, Ordering::Relaxed);
        }
        limit
    }

    /// The server has told it, or will not.
    pub(super) fn set(&self, told: Option<u64>) {
        let told = told.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let _ = self.told.compare_exchange(0, told.max(1), Ordering::Relaxed, Ordering::Relaxed);
        self.welcomed.close();
    }

    /// A server has told it in its welcome, perhaps another one than before.
    pub(super) fn learn(&self, told: Option<u64>) {
        if let Some(limit) = told {
            self.told.store(usize::try_from(limit).unwrap_or(usize::MAX).max(1), Ordering::Relaxed);
        }
        self.set(told);
    }

    /// The limit in bytes, 0 while it is not known.
    pub(super) fn get(&self) -> usize {
        match (self.told.load(Ordering::Relaxed), self.wanted) {
            (usize::MAX, wanted) => wanted,
            (told, 0) => told,
            (told, wanted) => told.min(wanted),
        }
    }

    /// Whether a message of `length` bytes may be sent; `text` of them are what somebody wants to say.
    ///
    /// The first one waits a moment for the welcome; a server that has none is not asked again.
    pub(super) fn check(&self, length: usize, text: usize, deadline: &Deadline<'_>, may_wait: bool) -> Result<()> {
        if self.told.load(Ordering::Relaxed) == 0 && may_wait {
            let begin = Instant::now();
            match self.welcomed.wait(&deadline.at_most(PATIENCE), "waiting for the welcome", |_| ()) {
                Err(error) if !matches!(error.status(), Status::Closed | Status::TimedOut) => return Err(error),
                _ if begin.elapsed() >= PATIENCE => self.set(None),
                _ => {}
            }
        }
        match self.get() {
            limit if limit > 0 && length > limit => Err(too_long(length, text, limit)),
            _ => Ok(()),
        }
    }
}

#[cold]
fn too_long(length: usize, text: usize, limit: usize) -> Error {
    let with = if length == text { String::new() } else { format!(" ({length} with what is around them)") };
    Error::new(Status::MessageTooLong, format!("the message has {text} bytes{with}, the server's limit is {limit}"))
}
