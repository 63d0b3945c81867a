//! The library's own threads, and whose they are.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use super::sys;
use crate::{Error, Result, Status};

/// One running server, client or listener: what its threads belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threads(u64);

thread_local! {
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

impl Threads {
    /// All that there are: the owner has none, and lives in the calls of others.
    pub(crate) const EVERY: Threads = Threads(u64::MAX);

    pub(crate) fn new() -> Threads {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Threads(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Starts a thread of this owner, with every signal blocked.
    pub(crate) fn spawn<F>(self, name: &str, body: F) -> Result<JoinHandle<()>>
    where
        F: FnOnce() + Send + 'static,
    {
        let marked = move || {
            CURRENT.set(self.0);
            body();
        };
        start(name, marked)
    }

    /// Whether the calling thread is one of these: waiting there for their end would never end.
    pub(crate) fn is_current(self) -> bool {
        self == Threads::EVERY || CURRENT.try_with(Cell::get) == Ok(self.0)
    }

    /// Refuses a wait that would never end.
    pub(crate) fn check_wait(self) -> Result<()> {
        if self.is_current() {
            return Err(Error::new(Status::WouldDeadlock, "a callback cannot wait for the end of what calls it"));
        }
        Ok(())
    }
}

/// Starts a thread with every signal blocked.
///
/// Its stack has the size that is the standard library's default. Unless it is named, that would ask the environment, which
/// the host program may be changing at that moment.
pub(crate) fn start<F>(name: &str, body: F) -> Result<JoinHandle<()>>
where
    F: FnOnce() + Send + 'static,
{
    const STACK: usize = 2 << 20;
    let started = sys::with_signals_blocked(|| thread::Builder::new().name(name.into()).stack_size(STACK).spawn(body));
    // The system says EAGAIN, but there is nothing to wait for.
    started.map_err(|error| Error::from_io(&error, format_args!("start thread '{name}'")).with_status(Status::Io))
}

/// Starts a thread for an embedder's own use with every signal blocked, as the library's threads have them: the host
/// program's signals go to its own threads.
pub fn spawn<F>(name: &str, body: F) -> Result<JoinHandle<()>>
where
    F: FnOnce() + Send + 'static,
{
    Threads::new().spawn(name, body)
}

/// Whether the calling thread is one of the library's own, that is, inside a callback.
pub fn on_library_thread() -> bool {
    CURRENT.try_with(Cell::get).is_ok_and(|service| service != 0)
}
