//! The standard library's locks without poisoning, which is all that they have too much.
//!
//! Those of `parking_lot` keep a table of waiting threads that is made when a lock is first waited for and never given back,
//! and that a fork may copy in the middle of a change: `tests/fork_storm.rs`. A guest in somebody else's program does without.
//! A panic under a lock is caught where it can happen, and leaves the data whole, so poison tells nothing.
//!
//! With `cfg(shuttle)`, for `make races` alone, they are those of `shuttle`, which decides the order of all threads' steps.

use std::sync::{PoisonError, TryLockError};
use std::time::Instant;

#[cfg(shuttle)]
use shuttle::sync;
#[cfg(not(shuttle))]
use std::sync;

pub(crate) use sync::{MutexGuard, atomic};

/// A mutex.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poison)) => Some(poison.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The value, for who has all of the mutex.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition variable.
#[derive(Debug, Default)]
pub(crate) struct Condvar(sync::Condvar);

impl Condvar {
    pub(crate) const fn new() -> Condvar {
        Condvar(sync::Condvar::new())
    }

    /// Returns after a notification, after `at` if there is such a time, or for no reason. (Where `shuttle` decides, time
    /// stands still: a notification that does not come is found as a deadlock.)
    pub(crate) fn wait<'m, T>(&self, guard: MutexGuard<'m, T>, at: Option<Instant>) -> MutexGuard<'m, T> {
        let Some(at) = at else { return self.0.wait(guard).unwrap_or_else(PoisonError::into_inner) };
        let left = at.saturating_duration_since(Instant::now());
        self.0.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A lock for many readers or one writer.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) const fn new(value: T) -> RwLock<T> {
        RwLock(sync::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> sync::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> sync::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
