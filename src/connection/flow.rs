//! What the two halves of a connection know of each other: in which directions messages go.

use std::sync::atomic::{AtomicBool, Ordering};

use super::coalesce::Coalescing;
use crate::net::Stream;

/// Flags that are written only where they change, so that the halves do not fight for their line of the cache. A note that is
/// lost between two threads is made again with the next message.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Something was sent since the receiver last looked.
    sent: AtomicBool,
    /// Something has come since the sender last looked.
    heard: AtomicBool,
    /// The system may hold small messages back.
    coalesces: AtomicBool,
}

impl Flow {
    /// The next thing is a message.
    #[inline]
    pub(super) fn before_send(&self, coalescing: &mut Coalescing, stream: &Stream) {
        note(&self.sent);
        let allowed = self.coalesces.load(Ordering::Relaxed);
        if coalescing.before_send(allowed, take(&self.heard)) != allowed && stream.is_tcp() {
            self.coalesce(!allowed, stream);
        }
    }

    /// The next thing is a read, which may wait for the answer to what was sent. Returns whether anything was, since the
    /// last read.
    #[inline]
    pub(super) fn before_read(&self, stream: &Stream) -> bool {
        if self.coalesces.load(Ordering::Relaxed) {
            self.coalesce(false, stream);
        }
        take(&self.sent)
    }

    /// Something has come.
    #[inline]
    pub(super) fn heard(&self, stream: &Stream) {
        note(&self.heard);
        if self.coalesces.load(Ordering::Relaxed) {
            self.coalesce(false, stream);
        }
    }

    #[cold]
    fn coalesce(&self, allowed: bool, stream: &Stream) {
        self.coalesces.store(allowed, Ordering::SeqCst);
        stream.set_nodelay(!allowed);
        // The other half may have ended it between the two: then it is ended.
        if allowed && !self.coalesces.load(Ordering::SeqCst) {
            stream.set_nodelay(true);
        }
    }
}

fn note(flag: &AtomicBool) {
    if !flag.load(Ordering::Relaxed) {
        flag.store(true, Ordering::Relaxed);
    }
}

fn take(flag: &AtomicBool) -> bool {
    let set = flag.load(Ordering::Relaxed);
    if set {
        flag.store(false, Ordering::Relaxed);
    }
    set
}
