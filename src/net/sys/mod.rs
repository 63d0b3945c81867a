//! The raw system calls, all of them.

pub(super) mod descriptor;
mod file;
pub(super) mod interface;
pub(super) mod message;
pub(super) mod name;
mod room;
pub(super) mod socket;
mod transfer;

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use super::Deadline;
use crate::{Error, Result};

pub use room::Room;

pub(super) use file::{effective_user, group_number, set_mode, set_mode_of_descriptor};

/// What to wait for on a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    Readable,
    Writable,
}

/// How long the first wait of who may be interrupted lasts, at most.
const LOOK_UP: Duration = Duration::from_millis(50);

/// What poll(2) takes for an array of them all.
#[repr(C)]
struct Set<const N: usize> {
    descriptors: [libc::pollfd; N],
    cancel: libc::pollfd,
}

/// Waits until one of `descriptors` is ready (or in error, which the next call on it will report).
///
/// Returns which ones are, or a timeout error that begins with `what`. See poll(2).
pub(crate) fn wait<const N: usize>(
    descriptors: [(BorrowedFd<'_>, Interest); N],
    deadline: &Deadline<'_>,
    what: &str,
) -> Result<[bool; N]> {
    let entry = |fd: BorrowedFd<'_>, interest| libc::pollfd {
        fd: fd.as_raw_fd(),
        events: if interest == Interest::Readable { libc::POLLIN } else { libc::POLLOUT },
        revents: 0,
    };
    let cancel = deadline.cancel_signal().map(|signal| entry(signal.as_fd(), Interest::Readable));
    let count = N + usize::from(cancel.is_some());
    let cancel = cancel.unwrap_or(libc::pollfd { fd: -1, events: 0, revents: 0 });
    let mut set = Set { descriptors: descriptors.map(|(descriptor, interest)| entry(descriptor, interest)), cancel };
    deadline.check_cancel()?;
    // A signal that came before the first wait has interrupted nothing: it is asked for once, a moment later.
    let mut first = deadline.can_be_interrupted();
    loop {
        let patience = if first { deadline.at_most(LOOK_UP) } else { *deadline };
        // SAFETY: `set` is laid out as an array of N + 1 initialised pollfd, of which `count` is no more, and outlives the call.
        let ready = unsafe { libc::poll((&raw mut set).cast(), count as libc::nfds_t, patience.poll_timeout()) };
        match ready {
            1.. if set.cancel.revents != 0 => deadline.check_cancel()?,
            1.. => return Ok(set.descriptors.map(|entry| entry.revents != 0)),
            0 if deadline.has_passed() => return Err(Deadline::timed_out(what)),
            0 if std::mem::take(&mut first) => deadline.interrupted()?,
            0 => {}
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(Error::from_io(&error, what));
                }
                deadline.interrupted()?;
            }
        }
    }
}

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

/// Receives into initialised memory. See recv(2).
pub(crate) fn recv(socket: BorrowedFd<'_>, buffer: &mut [u8], flags: libc::c_int) -> io::Result<usize> {
    // SAFETY: the pointer and length are those of a live mutable slice.
    descriptor::count(unsafe { transfer::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags) })
}

/// See send(2).
pub(crate) fn send(socket: BorrowedFd<'_>, bytes: &[u8], flags: libc::c_int) -> io::Result<usize> {
    socket::send(socket.as_raw_fd(), bytes, flags)
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
