//! The descriptor of a socket that any thread may use and any thread may close.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

use super::super::sys::descriptor;

/// Counts the forks that led to this process; see [`SocketHandle::after_fork`].
static GENERATION: AtomicU32 = AtomicU32::new(0);

const NONE: RawFd = -1;

/// A descriptor that may be closed while another thread waits in a call on it.
///
/// The number is gone from the handle at once, so that no later call uses it. The kernel's descriptor is closed at the
/// end of the calls under way, since a number that is free is given to the next file that is opened, and a call that
/// waits and tries again would take that file's bytes. A call under way keeps the socket open in the kernel in any case.
#[derive(Debug)]
pub struct SocketHandle {
    number: AtomicI32,
    /// The generation in the upper half, the calls under way in the lower.
    users: AtomicU64,
    /// What the last of those calls is to close.
    doomed: AtomicI32,
}

impl Default for SocketHandle {
    fn default() -> SocketHandle {
        SocketHandle { number: AtomicI32::new(NONE), users: AtomicU64::new(0), doomed: AtomicI32::new(NONE) }
    }
}

impl SocketHandle {
    /// The descriptor's number, -1 if there is none.
    #[inline]
    pub fn number(&self) -> RawFd {
        self.number.load(Ordering::Relaxed)
    }

    /// Gives the handle a descriptor; whatever it had is the caller's to close.
    pub fn set(&self, descriptor: RawFd) {
        self.number.store(descriptor, Ordering::SeqCst);
    }

    /// Gives the descriptor away: -1 if there is none.
    pub fn take(&self) -> RawFd {
        self.number.swap(NONE, Ordering::SeqCst)
    }

    /// Closes the descriptor, now or at the end of the calls under way. Wakes nobody. May be repeated.
    pub fn close(&self) -> io::Result<()> {
        let descriptor = self.take();
        if descriptor == NONE {
            return Ok(());
        }
        if self.users() == 0 {
            return descriptor::close(descriptor);
        }
        self.doomed.store(descriptor, Ordering::SeqCst);
        if self.users() == 0 { self.bury() } else { Ok(()) }
    }

    /// Begins a call that may wait: the descriptor stays open until the answer is dropped.
    pub fn in_use(&self) -> InUse<'_> {
        let generation = u64::from(GENERATION.load(Ordering::Relaxed)) << 32;
        let users = self.users.load(Ordering::Relaxed);
        if users & !0xffff_ffff != generation {
            // The calls that were under way at the fork are the parent's.
            let _ = self.users.compare_exchange(users, generation, Ordering::SeqCst, Ordering::Relaxed);
        }
        self.users.fetch_add(1, Ordering::SeqCst);
        InUse { handle: self, number: self.number.load(Ordering::SeqCst) }
    }

    /// To be called in the child of `fork`: the parent's calls under way will never end here.
    pub fn after_fork() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }

    fn users(&self) -> u32 {
        let users = self.users.load(Ordering::SeqCst);
        if users >> 32 == u64::from(GENERATION.load(Ordering::Relaxed)) { users as u32 } else { 0 }
    }

    fn bury(&self) -> io::Result<()> {
        match self.doomed.swap(NONE, Ordering::SeqCst) {
            NONE => Ok(()),
            descriptor => descriptor::close(descriptor),
        }
    }
}

/// A call under way. See [`SocketHandle::in_use`].
#[derive(Debug)]
pub struct InUse<'a> {
    handle: &'a SocketHandle,
    number: RawFd,
}

impl InUse<'_> {
    /// The descriptor's number when the call began, -1 if it was closed.
    pub fn number(&self) -> RawFd {
        self.number
    }

    /// Whether the handle has been closed or given away since.
    pub fn is_stale(&self) -> bool {
        self.handle.number.load(Ordering::SeqCst) != self.number
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        if self.handle.users.fetch_sub(1, Ordering::SeqCst) as u32 == 1 {
            let _ = self.handle.bury();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::IntoRawFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    fn handle() -> (SocketHandle, UnixStream) {
        let (one, other) = UnixStream::pair().unwrap();
        other.set_nonblocking(true).unwrap();
        let handle = SocketHandle::default();
        handle.set(one.into_raw_fd());
        (handle, other)
    }

    /// As the other end sees it: numbers may be another test's by now.
    fn is_open(mut other: &UnixStream) -> bool {
        other.read(&mut [0]).is_err()
    }

    #[test]
    fn a_descriptor_is_closed_at_the_end_of_the_calls_under_way() {
        let (handle, other) = handle();
        let (first, second) = (handle.in_use(), handle.in_use());
        handle.close().unwrap();
        assert_eq!(handle.number(), -1);
        assert!(first.is_stale());
        drop(first);
        assert!(is_open(&other), "the second call still waits");
        drop(second);
        assert!(!is_open(&other));
        handle.close().unwrap();
    }

    #[test]
    fn without_calls_it_is_closed_at_once() {
        let (handle, other) = handle();
        drop(handle.in_use());
        handle.close().unwrap();
        assert!(!is_open(&other));
    }
}
