//! Pipes between the server and a command.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::net::PrivateFd;

/// The lowest descriptor that is none of the three standard ones.
const FIRST: libc::c_int = 3;

/// The ends of a pipe: the server's does not block, the command's does. Neither survives exec, nor the fork of a child of the
/// host program's, in which either would keep the other from its end.
pub(in crate::command) struct Ends {
    pub(in crate::command) ours: PrivateFd,
    pub(in crate::command) theirs: PrivateFd,
}

/// A pipe that the command writes to, or `to_child` one that it reads from.
pub(in crate::command) fn pipe(to_child: bool) -> io::Result<Ends> {
    let (reader, writer) = io::pipe()?;
    let (ours, theirs) = if to_child { (writer.into(), reader.into()) } else { (reader.into(), writer.into()) };
    let ends = Ends { ours: above_standard(ours)?.into(), theirs: above_standard(theirs)?.into() };
    let raw = ends.ours.as_raw_fd();
    // SAFETY: no pointers. The two ends have flags of their own.
    check(unsafe { libc::fcntl(raw, libc::F_SETFL, libc::O_NONBLOCK) })?;
    Ok(ends)
}

/// In a program that has closed a standard descriptor, the next one that is made gets its number: the child would close it
/// when its own takes that place.
pub(in crate::command) fn above_standard(fd: OwnedFd) -> io::Result<OwnedFd> {
    if fd.as_raw_fd() >= FIRST {
        return Ok(fd);
    }
    // SAFETY: no pointers.
    let raw = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, FIRST) })?;
    // SAFETY: it is new, and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// What a pipe holds whose command writes much.
const WIDE: libc::c_int = 256 * 1024;

/// Gives a pipe more room, as far as the system lets this user have it. See F_SETPIPE_SZ of fcntl(2).
pub(in crate::command) fn widen(fd: BorrowedFd<'_>) {
    // SAFETY: no pointers. With less room all goes as before.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETPIPE_SZ, WIDE) };
}

/// See read(2); 0 is the end.
pub(in crate::command) fn read(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the pointer and length are those of a live mutable slice.
    count(unsafe { libc::read(fd.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) })
}

/// Whether nothing is in a pipe for the moment, or ever. See FIONREAD of ioctl(2).
pub(in crate::command) fn is_empty(fd: BorrowedFd<'_>) -> bool {
    let mut count: libc::c_int = 0;
    // SAFETY: the call writes one int, for which there is room.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &raw mut count) };
    result == 0 && count == 0
}

/// See write(2). Nobody reads: `EPIPE`, and `SIGPIPE`, which the calling thread must have blocked, as all of the library's
/// have.
pub(in crate::command) fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the pointer and length are those of a live slice.
    count(unsafe { libc::write(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) })
}

/// The result of a system call that answers -1 on failure.
pub(super) fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn count(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
