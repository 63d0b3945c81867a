//! Processes by their descriptors, which never name another one.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use super::pipe::check;

/// How a process has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum Status {
    Exited(u8),
    Killed {
        signal: u8,
        core: bool,
    },
    /// Somebody else in this program has asked first, and this system does not tell twice.
    Lost,
}

/// What it has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::command) struct Usage {
    pub(in crate::command) user: Duration,
    pub(in crate::command) system: Duration,
    /// In KiB.
    pub(in crate::command) max_rss: u32,
}

/// Whether this system knows processes by descriptors: since Linux 5.4. Nothing here works without.
pub(in crate::command) fn is_supported() -> bool {
    // No descriptor has that number, which is the complaint of those that know what it is.
    let nobody = libc::c_int::MAX;
    // SAFETY: no pointers but null ones.
    let result = unsafe {
        let none = ptr::null_mut::<libc::c_void>();
        libc::syscall(libc::SYS_waitid, libc::P_PIDFD, nobody, none, libc::WEXITED | libc::WNOHANG, none)
    };
    result < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::EBADF)
}

/// How it has ended, if it has. It stays what it is, and its number its own.
pub(in crate::command) fn peek(pidfd: BorrowedFd<'_>) -> Option<Status> {
    match wait(pidfd, libc::WNOHANG | libc::WNOWAIT, None) {
        Ok(status) => status,
        Err(_) => Some(status_of_reaped(pidfd)),
    }
}

/// Lets go of one that has ended.
pub(in crate::command) fn reap(pidfd: BorrowedFd<'_>) -> Usage {
    let mut usage = MaybeUninit::zeroed();
    // Where somebody else has done so, nobody knows what it has used.
    let _ = wait(pidfd, libc::WNOHANG, Some(&mut usage));
    // SAFETY: all bytes zero is a valid value.
    let usage: libc::rusage = unsafe { usage.assume_init() };
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    let max_rss = u32::try_from(usage.ru_maxrss).unwrap_or(u32::MAX);
    Usage { user: time(usage.ru_utime), system: time(usage.ru_stime), max_rss }
}

/// Waits for the end of one that is about to end, and lets go of it.
pub(super) fn await_end(pidfd: BorrowedFd<'_>) {
    while matches!(wait(pidfd, 0, None), Err(error) if error.kind() == io::ErrorKind::Interrupted) {}
}

/// See waitid(2). `None` as long as it runs.
fn wait(
    pidfd: BorrowedFd<'_>,
    options: libc::c_int,
    usage: Option<&mut MaybeUninit<libc::rusage>>,
) -> io::Result<Option<Status>> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let usage = usage.map_or(ptr::null_mut(), MaybeUninit::as_mut_ptr);
    // SAFETY: room for both answers; the kernel's call has one argument more than the C library's.
    let result = unsafe {
        let options = libc::WEXITED | options;
        libc::syscall(libc::SYS_waitid, libc::P_PIDFD, pidfd.as_raw_fd(), info.as_mut_ptr(), options, usage)
    };
    check(result as libc::c_int)?;
    // SAFETY: the kernel has filled it in, or left it zero.
    let info = unsafe { info.assume_init() };
    // SAFETY: zero, or of a child.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    Ok(match info.si_code {
        _ if pid == 0 => None,
        libc::CLD_EXITED => Some(Status::Exited(status as u8)),
        code => Some(Status::Killed { signal: status as u8, core: code == libc::CLD_DUMPED }),
    })
}

/// What the system still tells of one that somebody else has waited for: since Linux 6.15.
fn status_of_reaped(pidfd: BorrowedFd<'_>) -> Status {
    // SAFETY: all bytes zero is a valid value.
    let mut info: libc::pidfd_info = unsafe { std::mem::zeroed() };
    info.mask = libc::PIDFD_INFO_EXIT.into();
    // SAFETY: the call reads and writes one such value.
    let result = unsafe { libc::ioctl(pidfd.as_raw_fd(), libc::PIDFD_GET_INFO, &raw mut info) };
    if result < 0 || info.mask & u64::from(libc::PIDFD_INFO_EXIT) == 0 {
        return Status::Lost;
    }
    let status = info.exit_code;
    if libc::WIFSIGNALED(status) {
        Status::Killed { signal: libc::WTERMSIG(status) as u8, core: libc::WCOREDUMP(status) }
    } else {
        Status::Exited(libc::WEXITSTATUS(status) as u8)
    }
}

/// Sends a signal to the group that a process leads or has led. An error when nobody is in it.
///
/// Before Linux 6.9 who outlives a leader that is `reaped` is out of reach: see [`signal_by_number`].
pub(in crate::command) fn signal_group(
    pidfd: BorrowedFd<'_>,
    pid: libc::pid_t,
    signal: libc::c_int,
    reaped: bool,
) -> io::Result<()> {
    let flags = libc::PIDFD_SIGNAL_PROCESS_GROUP;
    // SAFETY: no pointer but a null one, which stands for the sender's own description.
    let result = unsafe {
        let none = ptr::null::<libc::siginfo_t>();
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, none, flags)
    };
    match check(result as libc::c_int) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS | libc::EPERM)) && !reaped => {
            signal_by_number(pidfd, pid, signal)
        }
        result => result.map(drop),
    }
}

/// The same where the system can only name the group by its number. A group whose leader somebody has waited for may have
/// given its number to another one's, and is not signalled: the leader, running or dead, keeps it as long as nobody has.
///
/// A host program that waits for whatever child there is could still do so between the two calls. The number would also have
/// to go to a new group meanwhile, and systems give away all others first.
pub(super) fn signal_by_number(pidfd: BorrowedFd<'_>, pid: libc::pid_t, signal: libc::c_int) -> io::Result<()> {
    wait(pidfd, libc::WNOHANG | libc::WNOWAIT, None)?;
    // SAFETY: no pointers.
    check(unsafe { libc::kill(-pid, signal) }).map(drop)
}
