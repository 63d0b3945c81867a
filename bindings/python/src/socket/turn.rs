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

/// How long a thread keeps the interpreter at a time, in milliseconds: less than a slice, so that a busy thread beside it
/// has the greater part of the time.
const SLICE: u64 = 3;

/// The thread that made the last call.
static LAST: AtomicUsize = AtomicUsize::new(0);

/// Until when several threads are taken to be using sockets.
static SHARED_UNTIL: AtomicU64 = AtomicU64::new(0);

/// When the thread that is alone is to let the interpreter go for once.
static SLICE_ENDS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Its address tells threads apart.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

/// Whether the calling thread keeps the interpreter now, having been the only one to use sockets of late. To be asked
/// once a call.
#[inline]
pub(crate) fn is_alone() -> bool {
    let me = THREAD.with(|place| std::ptr::from_ref(place).addr());
    let now = coarse_clock();
    if LAST.load(Ordering::Relaxed) != me {
        // The first thread of all shares with nobody.
        if LAST.swap(me, Ordering::Relaxed) != 0 {
            SHARED_UNTIL.store(now + MEMORY, Ordering::Relaxed);
            return false;
        }
    } else if now < SHARED_UNTIL.load(Ordering::Relaxed) {
        return false;
    }
    if now < SLICE_ENDS.load(Ordering::Relaxed) {
        return true;
    }
    SLICE_ENDS.store(now + SLICE, Ordering::Relaxed);
    false
}
