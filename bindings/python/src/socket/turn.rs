//! Whether a call keeps the interpreter for a first try that does not wait.
//!
//! A call that lets the interpreter go gets it back only when a busy thread's slice is over, 5 ms later, although most
//! system calls on sockets end within a microsecond. A call that keeps it stops every other thread meanwhile, so that
//! the calls of two threads no longer overlap on two cores. Hence it is kept as long as one thread alone uses sockets.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rustchat::net::socket::coarse_clock;

/// How long a second thread's call counts, in milliseconds: many slices of the interpreter, so that threads which share
/// it meet again within that time.
const MEMORY: u64 = 100;

/// The thread that made the last call.
static LAST: AtomicUsize = AtomicUsize::new(0);

/// Until when several threads are taken to be using sockets.
static SHARED_UNTIL: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Its address tells threads apart.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

/// Whether the calling thread has been the only one to use sockets of late. To be asked once a call.
#[inline]
pub(crate) fn is_alone() -> bool {
    let me = THREAD.with(|place| std::ptr::from_ref(place).addr());
    if LAST.load(Ordering::Relaxed) == me {
        let until = SHARED_UNTIL.load(Ordering::Relaxed);
        return until == 0 || is_over(until);
    }
    // The first thread of all shares with nobody.
    if LAST.swap(me, Ordering::Relaxed) == 0 {
        return true;
    }
    SHARED_UNTIL.store(coarse_clock() + MEMORY, Ordering::Relaxed);
    false
}

fn is_over(until: u64) -> bool {
    let over = coarse_clock() >= until;
    if over {
        let _ = SHARED_UNTIL.compare_exchange(until, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
    over
}
