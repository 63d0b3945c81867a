//! The raw system calls, all of them.

mod cache;
pub(super) mod descriptor;
mod file;
mod forks;
pub(super) mod message;
pub(super) mod name;
mod room;
pub(super) mod socket;
mod transfer;

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

pub(crate) use cache::Place;
#[cfg(target_os = "linux")]
pub(crate) use file::start_write_back;
pub(crate) use forks::forks;
pub use room::Room;

pub(super) use file::{effective_user, group_number, set_mode, set_mode_of_descriptor};

/// Runs `start`, which starts a thread, so that the thread has every signal blocked: the host program's handlers
/// keep running on the host program's threads.
pub(super) fn with_signals_blocked<R>(start: impl FnOnce() -> R) -> R {
    let before = block_signals();
    let result = start();
    restore_signals(&before);
    result
}

/// Lets this thread's sleeps end within a microsecond of their time, where the system has it otherwise: 50 on Linux. See
/// `PR_SET_TIMERSLACK` in prctl(2).
pub(crate) fn sharpen_timers() {
    #[cfg(target_os = "linux")]
    // SAFETY: no pointers, and only this thread is concerned. It cannot fail with these arguments.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1000 as libc::c_ulong);
    }
}

fn block_signals() -> libc::sigset_t {
    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: sigfillset initialises `all`; pthread_sigmask reads it and initialises `before`. Neither can fail
    // with these arguments.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
        before.assume_init()
    }
}

fn restore_signals(before: &libc::sigset_t) {
    // SAFETY: `before` is a mask that pthread_sigmask has returned.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, ptr::null_mut()) };
}

/// See TIOCOUTQ of tcp(7) and unix(7): bytes that the peer's side has not taken; 0 where the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn unacknowledged(socket: BorrowedFd<'_>) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: the call writes one int, for which there is room.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
    if result == 0 { usize::try_from(count).unwrap_or(0) } else { 0 }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn unacknowledged(_: BorrowedFd<'_>) -> usize {
    0
}
