//! Files of sockets: whose they are, and who may use them.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use super::descriptor::check;

/// The user whose rights this process has. See geteuid(2).
pub(in crate::net) fn effective_user() -> u32 {
    // SAFETY: no pointers; it cannot fail.
    unsafe { libc::geteuid() }
}

/// Sets the mode that the file of a Unix socket gets at most when the socket is bound; the process's mask takes away
/// from it. Only Linux knows it, see unix(7); elsewhere the answer is an error.
pub(in crate::net) fn set_mode_of_descriptor(socket: BorrowedFd<'_>, mode: u32) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::fchmod(socket.as_raw_fd(), mode as libc::mode_t) }).map(drop)
}

/// Sets the mode of a file; a symbolic link is not followed. See fchmodat(2).
pub(in crate::net) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: a string that ends with a zero byte and outlives the call.
    check(unsafe { libc::fchmodat(libc::AT_FDCWD, path.as_ptr(), mode as libc::mode_t, flags) }).map(drop)
}

/// Has the system begin to write to the disk what of a file is only in memory, and does not wait for it. A hint: whoever has
/// to know that it is there still waits by fsync(2). See sync_file_range(2), which only Linux has.
#[cfg(target_os = "linux")]
pub(crate) fn start_write_back(file: BorrowedFd<'_>) {
    // SAFETY: no pointers.
    unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, libc::SYNC_FILE_RANGE_WRITE) };
}

/// The number of the group called `name`; `None` if there is none. See getgrnam_r(3).
pub(in crate::net) fn group_number(name: &CStr) -> io::Result<Option<u32>> {
    const LARGEST: usize = 1 << 20;
    let mut memory = vec![0; 1024];
    loop {
        // SAFETY: all fields of group may be zero.
        let mut group: libc::group = unsafe { std::mem::zeroed() };
        let mut found = ptr::null_mut();
        let (start, length) = (memory.as_mut_ptr(), memory.len());
        // SAFETY: a string that ends with a zero byte, and room for the answer beside its length.
        match unsafe { libc::getgrnam_r(name.as_ptr(), &raw mut group, start, length, &raw mut found) } {
            libc::ERANGE if memory.len() < LARGEST => memory.resize(memory.len() * 4, 0),
            0 | libc::ENOENT | libc::ESRCH => return Ok((!found.is_null()).then_some(group.gr_gid)),
            code => return Err(io::Error::from_raw_os_error(code)),
        }
    }
}
