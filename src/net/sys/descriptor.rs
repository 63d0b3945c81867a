//! Calls on descriptors by number. A number that is closed or was never open is answered by the kernel with `EBADF`.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// What is waited for on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Something can be received or accepted.
    Receive,
    /// Something can be sent, or a connect has ended.
    Send,
}

impl Direction {
    /// What poll(2) calls it.
    pub(in crate::net) fn events(self) -> libc::c_short {
        match self {
            Direction::Receive => libc::POLLIN,
            Direction::Send => libc::POLLOUT,
        }
    }
}

/// See close(2). The descriptor is gone whatever the answer.
pub fn close(descriptor: RawFd) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::close(descriptor) }).map(drop)
}

/// Another descriptor of the same socket, which does not survive exec.
pub fn duplicate(descriptor: RawFd) -> io::Result<RawFd> {
    // SAFETY: no pointers.
    check(unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0) })
}

/// The same as an object that closes it.
pub(in crate::net) fn own_duplicate(descriptor: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: it was made for this object alone.
    duplicate(descriptor).map(|duplicate| unsafe { OwnedFd::from_raw_fd(duplicate) })
}

/// Makes `target` another descriptor of what `source` is, in place of what it was. It does not survive exec.
pub(in crate::net) fn replace(source: RawFd, target: RawFd) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: no pointers.
    return check(unsafe { libc::dup3(source, target, libc::O_CLOEXEC) }).map(drop);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    // SAFETY: no pointers.
    unsafe {
        check(libc::dup2(source, target))?;
        check(libc::fcntl(target, libc::F_SETFD, libc::FD_CLOEXEC)).map(drop)
    }
}

/// Sets or clears `O_NONBLOCK`, which all descriptors of the socket share, with one system call.
pub fn set_nonblocking(descriptor: RawFd, nonblocking: bool) -> io::Result<()> {
    let mut flag = libc::c_int::from(nonblocking);
    // SAFETY: FIONBIO reads one int.
    check(unsafe { libc::ioctl(descriptor, libc::FIONBIO, &raw mut flag) }).map(drop)
}

/// Waits until `descriptor` is ready, at most `patience`, rounded up to a millisecond; `None` for ever. See poll(2).
///
/// `false` when the time is up. A signal ends the wait with `EINTR`.
pub fn wait(descriptor: RawFd, direction: Direction, patience: Option<Duration>) -> io::Result<bool> {
    let mut entry = [libc::pollfd { fd: descriptor, events: direction.events(), revents: 0 }];
    poll(&mut entry, milliseconds(patience)).map(|ready| ready > 0)
}

/// A time as poll(2) takes it, rounded up, so that a wait never ends before; `None` is for ever.
pub(in crate::net) fn milliseconds(patience: Option<Duration>) -> libc::c_int {
    patience.map_or(-1, |left| left.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(libc::c_int::MAX))
}

/// Waits until one of `entries` is ready, at most `timeout` milliseconds, -1 for ever. Returns how many are. See poll(2).
pub(in crate::net) fn poll(entries: &mut [libc::pollfd], timeout: libc::c_int) -> io::Result<libc::c_int> {
    // SAFETY: the pointer and length are those of a live mutable slice.
    check(unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, timeout) })
}

/// Milliseconds of a clock that costs next to nothing and is right to a few milliseconds.
pub fn coarse_clock() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC_COARSE;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
    nanoseconds(CLOCK) / 1_000_000
}

/// Nanoseconds of a clock that goes on steadily.
pub fn clock() -> u64 {
    nanoseconds(libc::CLOCK_MONOTONIC)
}

fn nanoseconds(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: one timespec that outlives the call, which cannot fail for these clocks.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// The result of a system call that answers -1 on failure.
pub(super) fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// The result of a system call that answers a number of bytes, or -1 on failure.
pub(super) fn count(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
