//! What becomes of handles in a child process: fork copies the memory, but none of the threads.

use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use super::slots;
use crate::{Error, Result};

/// How many forks lie between this process and the one that loaded the library.
static EPOCH: AtomicUsize = AtomicUsize::new(0);

/// Handles of another epoch belong to another process.
#[inline]
pub(super) fn epoch() -> usize {
    EPOCH.load(Ordering::Relaxed)
}

/// Makes sure that forks from now on are noticed. Before the first handle there is nothing to notice.
pub(super) fn watch() -> Result<()> {
    static ONCE: Once = Once::new();
    static CODE: AtomicI32 = AtomicI32::new(0);
    ONCE.call_once(|| {
        // SAFETY: the function given lives as long as the library, which takes it back when it is unloaded.
        CODE.store(unsafe { libc::pthread_atfork(None, None, Some(in_child)) }, Ordering::Relaxed);
    });
    match CODE.load(Ordering::Relaxed) {
        0 => Ok(()),
        code => Err(Error::from_io(&io::Error::from_raw_os_error(code), "watch for forks")),
    }
}

/// Runs in the child before fork returns, where only this thread exists; takes no lock and no memory.
unsafe extern "C" fn in_child() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
    crate::net::after_fork();
    slots::begin_anew_after_fork();
}
