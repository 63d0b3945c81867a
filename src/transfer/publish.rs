//! How a file appears: whole, or not at all, at either end of a transfer. Where it is to last, the disk has the file before it
//! has the name: it is dressed, waited for, renamed, and then its folder is waited for.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RenameFlags, Timespec, Timestamps, UTIME_OMIT, fchmod, fsync, futimens, linkat,
    mkdirat, openat, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::wire::FileTime;
use crate::net::start_write_back;

/// A name in a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) folder: BorrowedFd<'p>,
    pub(super) name: &'p str,
}

/// What a file is to be like when it appears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks {
    pub(super) mode: u16,
    pub(super) modified: FileTime,
    pub(super) overwrite: bool,
    /// It is there after a power cut, too.
    pub(super) durable: bool,
}

/// Gives a file that is written its mode and its time, before it is renamed to where it belongs. What the disk is to have it is given at once, so that several files are on
/// their way to it before any of them is waited for.
pub(super) fn dress(file: BorrowedFd<'_>, looks: &Looks) -> Result<(), Errno> {
    fchmod(file, Mode::from_raw_mode(u32::from(looks.mode)))?;
    let FileTime { seconds, nanoseconds } = looks.modified;
    let last_access = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let last_modification = Timespec { tv_sec: seconds, tv_nsec: nanoseconds.into() };
    futimens(file, &Timestamps { last_access, last_modification })?;
    if looks.durable {
        start_write_back(file);
    }
    Ok(())
}

/// Renames, and replaces only what it may.
pub(super) fn rename(from: Place<'_>, to: Place<'_>, overwrite: bool) -> Result<(), Errno> {
    if overwrite {
        return renameat(from.folder, from.name, to.folder, to.name);
    }
    match renameat_with(from.folder, from.name, to.folder, to.name, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => rename_by_link(from, to),
        done => done,
    }
}

/// The same on file systems that cannot rename without replacing. A link is never made where something is; a folder, which has
/// no links, takes the place of an empty one that was made for it.
fn rename_by_link(from: Place<'_>, to: Place<'_>) -> Result<(), Errno> {
    let stat = statat(from.folder, from.name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        mkdirat(to.folder, to.name, Mode::from_raw_mode(0o700))?;
        return renameat(from.folder, from.name, to.folder, to.name).inspect_err(|_| {
            let _ = unlinkat(to.folder, to.name, AtFlags::REMOVEDIR);
        });
    }
    linkat(from.folder, from.name, to.folder, to.name, AtFlags::empty())?;
    unlinkat(from.folder, from.name, AtFlags::empty())
}

/// What was renamed, made or removed in a folder is so after a power cut, too. A file system that cannot say so is believed.
pub(super) fn sync_folder(folder: BorrowedFd<'_>) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match fsync(openat(folder, c".", flags, Mode::empty())?.as_fd()) {
        Err(Errno::INVAL | Errno::OPNOTSUPP) => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::transfer::scratch::Scratch;

    type Rename = fn(Place<'_>, Place<'_>) -> Result<(), Errno>;

    /// Both ways of it, and two at once.
    #[test]
    fn nothing_is_replaced_that_may_not_be() {
        let ways: [Rename; 2] = [|from, to| rename(from, to, false), rename_by_link];
        for way in ways {
            let scratch = Scratch::new();
            let folder = File::open(scratch.path()).unwrap();
            let place = |name| Place { folder: folder.as_fd(), name };
            for name in ["a", "b"] {
                fs::write(scratch.path().join(name), name).unwrap();
            }
            assert_eq!(way(place("a"), place("b")), Err(Errno::EXIST));
            assert_eq!(fs::read_to_string(scratch.path().join("b")).unwrap(), "b");
            let won = std::thread::scope(|scope| {
                ["a", "b"].map(|name| scope.spawn(move || way(place(name), place("c")))).map(|one| one.join().unwrap())
            });
            assert_eq!(won.iter().filter(|won| won.is_ok()).count(), 1, "{won:?}");
            assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2);
            // Folders as well, and none goes into itself.
            fs::create_dir_all(scratch.path().join("d/inner")).unwrap();
            let inner = File::open(scratch.path().join("d")).unwrap();
            assert_eq!(way(place("d"), place("c")), Err(Errno::EXIST));
            assert_eq!(way(place("d"), Place { folder: inner.as_fd(), name: "e" }), Err(Errno::INVAL));
            way(place("d"), place("e")).unwrap();
            assert_eq!(fs::read_dir(scratch.path().join("e")).unwrap().count(), 1);
        }
    }

    #[test]
    fn times_before_1970_and_in_the_far_future_are_kept_to_the_nanosecond() {
        let scratch = Scratch::new();
        let folder = File::open(scratch.path()).unwrap();
        for (seconds, name) in [(-1_000_000_000, "old"), (-1, "eve"), (9_214_646_400, "far")] {
            let path = scratch.path().join("part");
            fs::write(&path, "x").unwrap();
            let modified = FileTime { seconds, nanoseconds: 123_456_789 };
            let looks = Looks { mode: 0o640, modified, overwrite: false, durable: true };
            let place = |name| Place { folder: folder.as_fd(), name };
            dress(File::open(&path).unwrap().as_fd(), &looks).unwrap();
            rename(place("part"), place(name), looks.overwrite).unwrap();
            let found = fs::metadata(scratch.path().join(name)).unwrap();
            assert_eq!((found.mtime(), found.mtime_nsec(), found.mode() & 0o7777), (seconds, 123_456_789, 0o640));
        }
    }
}
