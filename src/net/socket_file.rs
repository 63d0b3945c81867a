//! The file of a Unix listener: what it may replace, who may connect, and when it goes.

use std::ffi::CString;
use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{SockAddr, Socket};

use super::{Endpoint, Stream, sys};
use crate::{Error, Result, Status};

/// The bits of a mode that say who may do what.
const PERMISSIONS: u32 = 0o777;

/// How long to wait for somebody else who is starting in the same directory.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who may connect to a Unix socket, as far as file permissions say it: who may write to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    mode: u32,
    group: Option<u32>,
}

impl Access {
    /// Without a mode, this user alone, or the group as well if there is one.
    pub(super) fn new(mode: Option<u32>, group: Option<&str>) -> Result<Access> {
        let mode = mode.unwrap_or(if group.is_some() { 0o660 } else { 0o600 });
        if mode & !PERMISSIONS != 0 {
            return Err(Error::new(
                Status::InvalidArgument,
                format!("mode is {mode:#o}, expected at most 0o777, such as 0o660 (an octal number)"),
            ));
        }
        Ok(Access { mode, group: group.map(group_number).transpose()? })
    }
}

/// A group by its number, if it is one, or by its name.
fn group_number(group: &str) -> Result<u32> {
    let unknown = || Error::new(Status::InvalidArgument, format!("there is no group '{group}'"));
    if !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()) {
        // The last number means "none" to chown(2).
        return group.parse().ok().filter(|number| *number != u32::MAX).ok_or_else(unknown);
    }
    let name = CString::new(group).map_err(|_| unknown())?;
    let found = sys::group_number(&name);
    found.map_err(|error| Error::from_io(&error, format_args!("look up the group '{group}'")))?.ok_or_else(unknown)
}

/// The file of a bound socket. Its drop removes it, unless another one is in its place.
///
/// The socket must be open still: as long as it is, no other file has the same device and inode.
#[derive(Debug)]
pub(super) struct SocketFile {
    /// Absolute, since the program may go to another directory.
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    /// Binds `socket` to `path`, lets those connect whom `access` names, and listens.
    ///
    /// A socket of this user's that nobody listens on is replaced. Whatever else is there stays as it is: `AddressInUse`.
    /// Nobody can connect before the permissions are set, since nothing listens yet.
    pub(super) fn listen(
        socket: &Socket,
        address: &SockAddr,
        path: &Path,
        access: Access,
        backlog: i32,
    ) -> Result<SocketFile> {
        let path = std::path::absolute(path)?;
        // Between bind and listen a socket looks as dead as one that is left over.
        let _turn = Turn::take(path.parent().unwrap_or(Path::new("/")));
        let narrow = sys::set_mode_of_descriptor(socket.as_fd(), access.mode);
        match socket.bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                check_replaceable(&path)?;
                fs::remove_file(&path)?;
                socket.bind(address)?;
            }
            result => result?,
        }
        let metadata = fs::symlink_metadata(&path)?;
        let file = SocketFile { path, device: metadata.dev(), inode: metadata.ino() };
        file.admit(&metadata, access, narrow.is_ok())?;
        socket.listen(backlog)?;
        Ok(file)
    }

    fn admit(&self, metadata: &Metadata, access: Access, narrow: bool) -> Result<()> {
        if let Some(group) = access.group.filter(|group| *group != metadata.gid()) {
            lchown(&self.path, None, Some(group)).map_err(|error| {
                Error::from_io(&error, format_args!("give {} to group {group}", self.path.display()))
            })?;
        }
        if !narrow || metadata.mode() & PERMISSIONS != access.mode {
            sys::set_mode(&self.path, access.mode)
                .map_err(|error| Error::from_io(&error, format_args!("set the mode of {}", self.path.display())))?;
        }
        Ok(())
    }

    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path)
            .is_ok_and(|now| now.file_type().is_socket() && now.dev() == self.device && now.ino() == self.inode)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.is_there() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Refuses to replace anything but a socket of this user's that nobody listens on.
fn check_replaceable(path: &Path) -> Result<()> {
    let in_use = |what: &str| Error::new(Status::AddressInUse, what.to_owned());
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.file_type().is_socket() {
        let kind = kind_of(metadata.file_type());
        return Err(in_use(&format!("{kind} is there, which is left alone; remove it or choose another path")));
    }
    if metadata.uid() != sys::effective_user() {
        let owner = metadata.uid();
        return Err(in_use(&format!("a socket of another user (number {owner}) is there, which is left alone")));
    }
    if is_about_to_listen(path) {
        return Err(in_use("another process has bound the socket there and is about to listen"));
    }
    match Stream::connect(&Endpoint::unix(path), Duration::from_secs(1)) {
        Err(error) if error.status() == Status::ConnectionRefused => Ok(()),
        Err(error) if error.os_code() == Some(libc::EPROTOTYPE) => Err(in_use("a socket of another type is there")),
        _ => Err(in_use("somebody listens there")),
    }
}

fn kind_of(file: FileType) -> &'static str {
    match file {
        file if file.is_symlink() => "a symbolic link",
        file if file.is_dir() => "a directory",
        file if file.is_fifo() => "a fifo",
        file if file.is_block_device() || file.is_char_device() => "a device",
        _ => "a regular file",
    }
}

/// Whether a process of this network namespace has bound a socket to `path` and neither listens nor has listened: to
/// connect is refused as if it were dead. Only Linux tells, see proc(5) on `/proc/net/unix`.
fn is_about_to_listen(path: &Path) -> bool {
    const LISTENS: u32 = 1 << 16;
    const UNCONNECTED: &str = "01";
    let Ok(sockets) = fs::read("/proc/net/unix") else { return false };
    sockets.split(|byte| *byte == b'\n').any(|line| {
        let (columns, name) = split_columns::<7>(line);
        let [_, _, _, flags, _, state, _] = columns.map(|column| std::str::from_utf8(column).unwrap_or_default());
        state == UNCONNECTED
            && u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & LISTENS == 0)
            && is_same(name, path)
    })
}

/// The first columns of a line, and what follows the blank behind them, which may have blanks in it.
fn split_columns<const N: usize>(mut line: &[u8]) -> ([&[u8]; N], &[u8]) {
    let columns = std::array::from_fn(|_| {
        line = line.trim_ascii_start();
        let (column, rest) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
        line = rest;
        column
    });
    (columns, line.get(1..).unwrap_or_default())
}

/// Whether a name in the kernel's list, as it was given to bind(2), may be that of `path`: of a relative one nobody but
/// its process knows where it begins.
fn is_same(name: &[u8], path: &Path) -> bool {
    let name = Path::new(std::ffi::OsStr::from_bytes(name));
    name == path || !name.is_absolute() && name.file_name().is_some() && name.file_name() == path.file_name()
}

/// The right to look at a directory's sockets and replace them, among processes that use this library.
struct Turn(Option<File>);

impl Turn {
    /// Waits for others a moment; who holds it for longer, or a file system without such locks, keeps nobody out.
    fn take(directory: &Path) -> Turn {
        let Ok(directory) = File::open(directory) else { return Turn(None) };
        let end = Instant::now() + PATIENCE;
        while let Err(fs::TryLockError::WouldBlock) = directory.try_lock() {
            if Instant::now() >= end {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        Turn(Some(directory))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // A child of fork has the same lock; it ends with this, not with its copy of the descriptor.
        if let Some(directory) = &self.0 {
            let _ = directory.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernels_list_are_read_with_blanks_in_the_name() {
        let line = b"0000000000000000: 00000002 00000000 00000000 0001 01 26083 /tmp/a b.sock";
        let (columns, name) = split_columns::<7>(line);
        assert_eq!((columns[3], columns[5], name), (&b"00000000"[..], &b"01"[..], &b"/tmp/a b.sock"[..]));
        assert_eq!(split_columns::<7>(b"").1, b"");
        assert!(is_same(name, Path::new("/tmp/a b.sock")) && is_same(b"a b.sock", Path::new("/tmp/a b.sock")));
        assert!(!is_same(b"", Path::new("/")) && !is_same(b"/run/x", Path::new("/tmp/x")));
    }

    #[test]
    fn a_mode_is_a_set_of_permissions_and_a_group_one_that_exists() {
        assert_eq!(Access::new(None, None).unwrap().mode, 0o600);
        assert_eq!(Access::new(None, Some("0")).unwrap(), Access { mode: 0o660, group: Some(0) });
        assert_eq!(Access::new(Some(0o666), None).unwrap().mode, 0o666);
        assert!(Access::new(Some(0o1777), None).unwrap_err().message().contains("0o1777"));
        for group in ["no-such-group", "", "-1", "4294967295", "a\0b"] {
            let error = Access::new(None, Some(group)).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{error}");
        }
    }
}
