//! The end of a service's threads, and how long it is waited for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::net::{Deadline, Queue};
use crate::{Result, Status};

/// How long one call of the embedder's may take beyond the patience of who stops, before it counts as one that does not
/// return.
const ONE_CALL: Duration = Duration::from_millis(250);

/// How long calls that do return, and threads that a busy machine keeps waiting, are given beyond that patience.
const ALL_CALLS: Duration = Duration::from_secs(2);

/// Reached when the last thread has ended.
pub(crate) struct Ending {
    reached: Queue<()>,
    /// Counts when the embedder is called and when it returns: odd while it is inside.
    calls: AtomicU64,
}

impl Ending {
    pub(crate) fn new() -> Ending {
        Ending { reached: Queue::new(), calls: AtomicU64::new(0) }
    }

    /// Calls the embedder, on the one thread that does.
    pub(crate) fn calling<R>(&self, call: impl FnOnce() -> R) -> R {
        struct Call<'e>(&'e AtomicU64);
        impl Drop for Call<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        let _call = Call(&self.calls);
        call()
    }

    /// Whether the last thread has ended.
    pub(super) fn is_reached(&self) -> bool {
        self.reached.is_closed()
    }

    pub(crate) fn reach(&self) {
        self.reached.close();
    }

    /// Waits for the end; the error begins with `what`.
    pub(crate) fn wait(&self, deadline: &Deadline<'_>, what: &str) -> Result<()> {
        match self.reached.wait(deadline, what, |_| ()) {
            Err(error) if error.status() != Status::Closed => Err(error),
            _ => Ok(()),
        }
    }

    /// The same for who stops: what has to be done after the deadline is waited for as long as it goes on, but not a call
    /// that does not return.
    pub(crate) fn wait_beyond(&self, deadline: Deadline<'_>, what: &str) -> Result<()> {
        let mut result = self.wait(&deadline, what);
        let last = Instant::now() + ALL_CALLS;
        while matches!(&result, Err(error) if error.status() == Status::TimedOut) {
            let before = self.calls.load(Ordering::Relaxed);
            result = self.wait(&deadline.extended(ONE_CALL), what);
            let stuck = before % 2 == 1 && self.calls.load(Ordering::Relaxed) == before;
            if stuck || Instant::now() >= last {
                break;
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn calls_that_return_are_waited_for_and_one_that_does_not_is_left() {
        let ending = Ending::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                (0..40).for_each(|_| ending.calling(|| thread::sleep(Duration::from_millis(10))));
                ending.reach();
            });
            ending.wait_beyond(Deadline::after(Duration::ZERO), "calls").unwrap();
        });
        let ending = Ending::new();
        let (release, stuck) = mpsc::channel::<()>();
        let (began, inside) = mpsc::channel();
        thread::scope(|scope| {
            let ending = &ending;
            scope.spawn(move || {
                ending.calling(|| {
                    began.send(()).unwrap();
                    stuck.recv()
                })
            });
            inside.recv().unwrap();
            let begin = Instant::now();
            let error = ending.wait_beyond(Deadline::after(Duration::ZERO), "a call").unwrap_err();
            assert_eq!((error.status(), error.message()), (Status::TimedOut, "a call timed out"));
            assert!(begin.elapsed() < ALL_CALLS);
            drop(release);
        });
    }
}
