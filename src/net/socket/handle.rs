//! The descriptor of a socket that any thread may use and any thread may close.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

use super::super::sys::descriptor;

/// Counts the forks that led to this process; see [`SocketHandle::after_fork`].
static GENERATION: AtomicU32 = AtomicU32::new(0);

const NONE: RawFd = -1;

/// How many descriptors of one handle may wait for the end of calls under way. More than one there is only where a handle
/// is given another descriptor while a call on an earlier one waits.
const DOOMED: usize = 4;

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
    doomed: [AtomicI32; DOOMED],
}

impl Default for SocketHandle {
    fn default() -> SocketHandle {
        let doomed = [const { AtomicI32::new(NONE) }; DOOMED];
        SocketHandle { number: AtomicI32::new(NONE), users: AtomicU64::new(0), doomed }
    }
}

impl SocketHandle {
    /// The descriptor's number, -1 if there is none.
    #[inline]
    pub fn number(&self) -> RawFd {
        self.number.load(Ordering::Relaxed)
    }

    /// Gives the handle a descriptor, and closes the one that it had. `EBUSY`, and nothing has changed, while calls on
    /// several earlier ones are still under way.
    pub fn set(&self, descriptor: RawFd) -> io::Result<()> {
        if self.number() == descriptor {
            return Ok(());
        }
        let waiting = self.doomed.iter().filter(|place| place.load(Ordering::SeqCst) != NONE).count();
        if waiting + 1 >= DOOMED {
            return Err(io::Error::from_raw_os_error(libc::EBUSY));
        }
        let earlier = self.number.swap(descriptor, Ordering::SeqCst);
        // What a close reports of a socket that nobody wants any more is nobody's business.
        let _ = Closing { handle: self, descriptor: earlier }.finish();
        Ok(())
    }

    /// Gives the descriptor away: -1 if there is none.
    pub fn take(&self) -> RawFd {
        self.number.swap(NONE, Ordering::SeqCst)
    }

    /// Takes the number out of the handle, so that no call begins with it any more; [`Closing::finish`] closes it.
    ///
    /// A caller whose calls use [`SocketHandle::number`] under a lock begins under the same lock: a number that is closed
    /// outside may be another file's by the time it is used. To finish may take a while.
    pub fn begin_close(&self) -> Closing<'_> {
        Closing { handle: self, descriptor: self.take() }
    }

    /// Closes the descriptor, now or at the end of the calls under way. Wakes nobody. May be repeated.
    pub fn close(&self) -> io::Result<()> {
        self.begin_close().finish()
    }

    fn doom(&self, descriptor: RawFd) -> io::Result<()> {
        let is_free =
            |place: &&AtomicI32| place.compare_exchange(NONE, descriptor, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        match self.doomed.iter().find(is_free) {
            Some(_) => Ok(()),
            None => Err(io::Error::from_raw_os_error(libc::EBUSY)),
        }
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
        self.doomed.iter().map(|place| close(place.swap(NONE, Ordering::SeqCst))).fold(Ok(()), io::Result::and)
    }
}

fn close(descriptor: RawFd) -> io::Result<()> {
    if descriptor == NONE { Ok(()) } else { descriptor::close(descriptor) }
}

/// A descriptor that is out of its handle and still open.
#[derive(Debug)]
#[must_use = "the descriptor stays open until the closing is finished"]
pub struct Closing<'h> {
    handle: &'h SocketHandle,
    descriptor: RawFd,
}

impl Closing<'_> {
    /// Closes the descriptor, now or at the end of the calls under way.
    pub fn finish(self) -> io::Result<()> {
        let Closing { handle, descriptor } = self;
        if descriptor == NONE || handle.users() == 0 {
            return close(descriptor);
        }
        handle.doom(descriptor)?;
        if handle.users() == 0 { handle.bury() } else { Ok(()) }
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
mod tests;
