//! Whether a call keeps the interpreter for a first try that does not wait.
//!
//! A call that lets the interpreter go gets it back only when a busy thread's slice is over, 5 ms later, although most
//! system calls on sockets end within a microsecond. A call that keeps it stops every other thread meanwhile, so that
//! the calls of two threads no longer overlap on two cores. Hence it is kept as long as one thread alone uses sockets and connections.
//!
//! A thread that keeps it still has to share with busy ones. The interpreter hands itself over after 5 ms, which would
//! leave them half of the time; but to let it go for the length of a call does harm: the waiting thread wakes too late
//! to take it, and begins to wait for its 5 ms anew. So it is let go for long enough, and before the 5 ms are over.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use rustchat::net::socket::{clock, coarse_clock};

/// How long a second thread's call counts, in milliseconds: many slices of the interpreter, so that threads which share
/// it meet again within that time.
const MEMORY: u64 = 100;

/// How many calls are made from one look at the clock to the next.
const CALLS: u32 = 8;

/// Who has been away for so many nanoseconds has most likely lost the interpreter to a busy thread.
const ABSENCE: u64 = 4_000_000;

/// How long a thread keeps the interpreter beside a busy one, in nanoseconds: less than the 5 ms that the other has.
const SLICE: u64 = 3_000_000;

/// How long it is let go for: in that time a waiting thread has woken up and taken it.
const PAUSE: Duration = Duration::from_micros(100);

/// A pause of so many nanoseconds has ended later than it should: somebody has taken the interpreter.
const TAKEN: u64 = 1_000_000;

/// The thread that made the last call.
static LAST: AtomicUsize = AtomicUsize::new(0);

/// Until when several threads are taken to be using sockets; 0 when they are not.
static SHARED_UNTIL: AtomicU64 = AtomicU64::new(0);

/// When the thread that is alone has looked at the clock.
static SEEN: AtomicU64 = AtomicU64::new(0);

/// When its slice has begun.
static BEGAN: AtomicU64 = AtomicU64::new(0);

/// Whether there is a busy thread beside it.
static BESIDE_BUSY: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Counts calls; its address tells threads apart.
    static THREAD: Cell<u32> = const { Cell::new(0) };
}

/// Whether the calling thread keeps the interpreter now, having been the only one to use sockets and connections of late. To be asked
/// once a call.
#[inline]
pub(crate) fn is_alone(py: Python<'_>) -> bool {
    let (me, calls) = THREAD.with(|place| {
        place.set(place.get().wrapping_add(1));
        (std::ptr::from_ref(place).addr(), place.get())
    });
    if LAST.load(Ordering::Relaxed) != me {
        // The first thread of all shares with nobody.
        if LAST.swap(me, Ordering::Relaxed) != 0 {
            SHARED_UNTIL.store(coarse_clock() + MEMORY, Ordering::Relaxed);
            return false;
        }
    } else if is_shared() {
        return false;
    }
    if calls.is_multiple_of(CALLS) {
        share(py);
    }
    true
}

#[inline]
fn is_shared() -> bool {
    let until = SHARED_UNTIL.load(Ordering::Relaxed);
    if until == 0 {
        return false;
    }
    if coarse_clock() < until {
        return true;
    }
    SHARED_UNTIL.store(0, Ordering::Relaxed);
    false
}

/// Lets a busy thread have the interpreter at the end of the slice.
fn share(py: Python<'_>) {
    let now = clock();
    let away = now.saturating_sub(SEEN.swap(now, Ordering::Relaxed));
    if away > ABSENCE {
        BESIDE_BUSY.store(true, Ordering::Relaxed);
        BEGAN.store(now, Ordering::Relaxed);
    } else if BESIDE_BUSY.load(Ordering::Relaxed) && now.saturating_sub(BEGAN.load(Ordering::Relaxed)) > SLICE {
        py.detach(|| thread::sleep(PAUSE));
        let back = clock();
        BESIDE_BUSY.store(back.saturating_sub(now) > TAKEN, Ordering::Relaxed);
        BEGAN.store(back, Ordering::Relaxed);
        SEEN.store(back, Ordering::Relaxed);
    }
}
