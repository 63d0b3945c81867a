//! A mutex for which one can wait with a deadline: each half of a connection has one, and of a socket that carries frames.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard};

const HELD: &str = "the guard holds its lock until its drop";

/// How long a thread waits for a lock before it looks for itself: whoever unlocks looks for waiting threads without a
/// fence, which would cost as much as the lock, and so may miss one that is just beginning to wait.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

#[cfg(not(shuttle))]
thread_local! {
    /// Its address tells threads apart.
    static THREAD: u8 = const { 0 };
}

/// A number that no other live thread has, never 0.
#[cfg(not(shuttle))]
#[inline]
fn this_thread() -> usize {
    THREAD.try_with(|mark| std::ptr::from_ref(mark).addr()).unwrap_or(0)
}

#[cfg(shuttle)]
fn this_thread() -> usize {
    usize::from(shuttle::thread::current().id()) + 1
}

/// A mutex for which one can wait with a deadline, and which knows whether the calling thread has it.
#[derive(Debug, Default)]
pub struct TimedMutex<T> {
    value: Mutex<T>,
    /// The thread that has it; 0 is none.
    owner: AtomicUsize,
    /// Threads that wait with a deadline; whoever unlocks wakes them at the gate.
    waiting: AtomicUsize,
    gate: Mutex<()>,
    freed: Condvar,
}

/// The right to the value of a [`TimedMutex`].
pub struct TimedGuard<'m, T> {
    mutex: &'m TimedMutex<T>,
    /// `None` only in its drop.
    held: Option<MutexGuard<'m, T>>,
}

impl<T> TimedMutex<T> {
    /// Nobody has it.
    pub const fn new(value: T) -> TimedMutex<T> {
        TimedMutex {
            value: Mutex::new(value),
            owner: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            gate: Mutex::new(()),
            freed: Condvar::new(),
        }
    }

    /// The value, for who has all of the mutex.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Waits for ever.
    pub fn lock(&self) -> TimedGuard<'_, T> {
        self.taken(self.value.lock())
    }

    #[inline]
    fn taken<'m>(&'m self, held: MutexGuard<'m, T>) -> TimedGuard<'m, T> {
        self.owner.store(this_thread(), Ordering::Relaxed);
        TimedGuard { mutex: self, held: Some(held) }
    }

    /// Whether the calling thread has it: to wait for it would never end.
    pub fn is_mine(&self) -> bool {
        let owner = self.owner.load(Ordering::Relaxed);
        owner != 0 && owner == this_thread()
    }

    #[cold]
    fn wake(&self) {
        // Under the gate's lock, so that nobody stands between having looked and waiting.
        let _gate = self.gate.lock();
        self.freed.notify_all();
    }

    /// Never waits.
    #[inline]
    pub fn try_lock(&self) -> Option<TimedGuard<'_, T>> {
        self.value.try_lock().map(|held| self.taken(held))
    }

    /// Waits until then.
    pub fn try_lock_until(&self, at: Instant) -> Option<TimedGuard<'_, T>> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut gate = self.gate.lock();
        let guard = loop {
            if let Some(guard) = self.try_lock() {
                break Some(guard);
            }
            let now = Instant::now();
            if now >= at {
                break None;
            }
            gate = self.freed.wait(gate, Some(at.min(now + LOOK_AGAIN)));
        };
        drop(gate);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        guard
    }
}

impl<T> Drop for TimedGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.owner.store(0, Ordering::Relaxed);
        self.held = None;
        if self.mutex.waiting.load(Ordering::Relaxed) != 0 {
            self.mutex.wake();
        }
    }
}

impl<T> Deref for TimedGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.held.as_ref().expect(HELD)
    }
}

impl<T> DerefMut for TimedGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.held.as_mut().expect(HELD)
    }
}

#[cfg(all(test, shuttle))]
mod races;

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn waiting_with_a_deadline_ends_at_it_or_with_the_lock() {
        let mutex = TimedMutex::new(0);
        let guard = mutex.lock();
        let begin = Instant::now();
        assert!(mutex.try_lock().is_none());
        assert!(mutex.try_lock_until(begin + Duration::from_millis(20)).is_none());
        assert!(begin.elapsed() >= Duration::from_millis(20));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| mutex.try_lock_until(Instant::now() + Duration::from_secs(60)).is_some());
            thread::sleep(Duration::from_millis(20));
            drop(guard);
            assert!(waiting.join().unwrap());
        });
        assert_eq!(mutex.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_thread_knows_what_it_has_itself() {
        let mutex = TimedMutex::new(0);
        assert!(!mutex.is_mine());
        let guard = mutex.lock();
        assert!(mutex.is_mine());
        thread::scope(|scope| assert!(!scope.spawn(|| mutex.is_mine()).join().unwrap()));
        drop(guard);
        assert!(!mutex.is_mine());
    }

    #[test]
    fn no_wake_up_is_lost_among_many() {
        const ROUNDS: usize = 2_000;
        let mutex = TimedMutex::new(0);
        thread::scope(|scope| {
            for blocking in [false, false, false, true] {
                let mutex = &mutex;
                scope.spawn(move || {
                    for _ in 0..ROUNDS {
                        let patience = Instant::now() + Duration::from_secs(60);
                        let guard = if blocking { Some(mutex.lock()) } else { mutex.try_lock_until(patience) };
                        *guard.expect("nobody holds the lock for long") += 1;
                    }
                });
            }
        });
        assert_eq!(*mutex.lock(), 4 * ROUNDS);
    }
}
