//! The part of a file that has not come whole, at either end: one writer at a time, whatever process that is in.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, openat, statat, unlinkat};
use rustix::io::Errno;

/// How often a part may vanish between its opening and its lock.
const PATIENCE: usize = 8;

/// Opens the part of that name to be written by nobody else, and makes an empty one if there is none; tells what it is.
/// `WOULDBLOCK` while somebody else writes it, `INVAL` if that is no regular file.
///
/// Who had it before may have moved it to where it belongs just then, and a crash may have left it with two names: what is
/// a file under another name is never written to.
pub(super) fn open(folder: BorrowedFd<'_>, name: &str, mode: Mode) -> Result<(OwnedFd, Stat), Errno> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    for _ in 0..PATIENCE {
        let file = openat(folder, name, flags, mode)?;
        let found = fstat(&file)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(Errno::INVAL);
        }
        flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive)?;
        match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(named) if (named.st_dev, named.st_ino) == (found.st_dev, found.st_ino) => {
                if named.st_nlink == 1 {
                    return Ok((file, named));
                }
                unlinkat(folder, name, AtFlags::empty())?;
            }
            Ok(_) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::WOULDBLOCK)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;
    use crate::transfer::scratch::Scratch;

    #[test]
    fn what_is_a_file_by_another_name_is_not_written_to() {
        let scratch = Scratch::new();
        let folder = File::open(scratch.path()).unwrap();
        let open = || open(folder.as_fd(), "part", Mode::from_raw_mode(0o600));
        fs::write(scratch.path().join("part"), "whole").unwrap();
        fs::hard_link(scratch.path().join("part"), scratch.path().join("file")).unwrap();
        let part = open().unwrap();
        assert_eq!(part.1.st_size, 0, "another one");
        assert_eq!(fs::read_to_string(scratch.path().join("file")).unwrap(), "whole");
        assert_eq!(open().unwrap_err(), Errno::WOULDBLOCK);
        drop(part);
        assert!(open().is_ok());
    }

    /// One has its part appear, again and again, while another wants to begin it anew.
    #[test]
    fn a_part_that_has_appeared_is_no_part_any_more() {
        let scratch = Scratch::new();
        let folder = File::open(scratch.path()).unwrap();
        let (part, file) = (scratch.path().join("part"), scratch.path().join("file"));
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    if let Ok((mine, _)) = open(folder.as_fd(), "part", Mode::from_raw_mode(0o600)) {
                        rustix::fs::ftruncate(&mine, 0).unwrap();
                    }
                }
            });
            for round in 0..3000 {
                if let Ok((mine, _)) = open(folder.as_fd(), "part", Mode::from_raw_mode(0o600)) {
                    rustix::io::pwrite(&mine, b"whole", 0).unwrap();
                    fs::rename(&part, &file).unwrap();
                    drop(mine);
                    for _ in 0..20 {
                        std::hint::spin_loop();
                    }
                    assert_eq!(fs::read_to_string(&file).unwrap(), "whole", "{round}");
                }
            }
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
