//! The root, and the only way to what is below it.
//!
//! Every path is looked up from the root's own descriptor, at once where the kernel can (`openat2`), name by name where it
//! may not (`walk.rs`), by the same policy: nothing outside the root, no other file system, no magic link, and symbolic links
//! as [`Follow`] has it. What is done then is done with one name in a folder that is open.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2};
use rustix::io::Errno;

use super::fault::refused;
use super::ground::{Follow, Ground, Mount};
use super::walk;
use super::wire::{Refusal, Refused};
use crate::error::sentence;
use crate::{Error, Result};

/// How often a look-up is tried again that something else on the system disturbs: the renaming of any folder may.
const PATIENCE: usize = 64;

/// Who looks paths up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Kernel,
    Walk,
}

/// A folder, and what may be reached from it.
#[derive(Debug)]
pub(super) struct Root {
    folder: OwnedFd,
    mount: Mount,
    follow: Follow,
    how: How,
}

/// What a folder is opened for that other things are looked up from.
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Root {
    /// The folder at `path`, which is this machine's and no link.
    pub(super) fn open(path: &Path, follow: Follow) -> Result<Root> {
        let opened = openat(CWD, path, FOLDER | OFlags::NOFOLLOW, Mode::empty());
        Root::of(opened, follow).map_err(|errno| {
            let why = match errno {
                Errno::LOOP | Errno::NOTDIR if path.is_symlink() => "is a symbolic link".to_owned(),
                errno => sentence(&errno.into()),
            };
            Error::from(std::io::Error::from(errno)).with_message(format!("root {}: {why}", path.display()))
        })
    }

    fn of(folder: Result<OwnedFd, Errno>, follow: Follow) -> Result<Root, Errno> {
        let folder = folder?;
        let mount = Mount::of(folder.as_fd())?;
        let mut root = Root { folder, mount, follow, how: How::Kernel };
        if matches!(root.ask_kernel(&[], FOLDER), Err(Errno::NOSYS | Errno::PERM)) {
            root.how = How::Walk;
        }
        Ok(root)
    }

    /// The root of who may see no more than that folder.
    pub(super) fn below(&self, path: &[String]) -> Result<Root, Refused> {
        Root::of(Ok(self.folder(path)?), self.follow).map_err(|errno| refused(errno, ""))
    }

    /// The same, looked up in another way.
    #[cfg(test)]
    pub(super) fn with(mut self, how: How) -> Root {
        self.how = how;
        self
    }

    #[cfg(test)]
    pub(super) fn how(&self) -> How {
        self.how
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// A folder, open for what is in it to be looked up.
    pub(super) fn folder(&self, path: &[String]) -> Result<OwnedFd, Refused> {
        self.look_up(path, FOLDER)
    }

    /// The folder that a path's last name is in, and that name.
    pub(super) fn parent<'p>(&self, path: &'p [String]) -> Result<(OwnedFd, &'p str), Refused> {
        let (name, folder) = path.split_last().ok_or(Refusal::NameEmpty)?;
        Ok((self.folder(folder)?, name))
    }

    /// What a path names, itself: with [`Follow::No`] that may be a link.
    pub(super) fn look(&self, path: &[String]) -> Result<OwnedFd, Refused> {
        let last = if self.follow == Follow::No { OFlags::NOFOLLOW } else { OFlags::empty() };
        self.look_up(path, OFlags::PATH | OFlags::CLOEXEC | last)
    }

    /// A folder, open for its names to be read.
    pub(super) fn listing(&self, path: &[String]) -> Result<OwnedFd, Refused> {
        self.look_up(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC)
    }

    /// A regular file, open to be read. Nothing else is opened, which for a pipe would wait and for a device do who knows what.
    pub(super) fn file(&self, path: &[String]) -> Result<OwnedFd, Refused> {
        let name = path.last().map_or("", String::as_str);
        regular(self.look(path)?.as_fd(), name)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = self.look_up(path, flags)?;
        regular(file.as_fd(), name)?;
        Ok(file)
    }

    fn look_up(&self, path: &[String], flags: OFlags) -> Result<OwnedFd, Refused> {
        let found = match self.how {
            How::Kernel => self.ask_kernel(path, flags),
            How::Walk => self.walk(path, flags),
        };
        found.map_err(|errno| refused(errno, path.last().map_or("", String::as_str)))
    }

    fn ask_kernel(&self, path: &[String], flags: OFlags) -> Result<OwnedFd, Errno> {
        let links = if self.follow == Follow::No { ResolveFlags::NO_SYMLINKS } else { ResolveFlags::empty() };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV | links;
        let whole = if path.is_empty() { ".".to_owned() } else { path.join("/") };
        let look_up = || openat2(&self.folder, &*whole, flags | OFlags::CLOEXEC, Mode::empty(), resolve);
        match again(look_up) {
            // By that it tells of a link that leads out, too, which has another name here: it was one unless there is
            // something mounted on the way.
            Err(Errno::XDEV) if self.follow == Follow::Inside => self.walk(path, flags).and(Err(Errno::LOOP)),
            found => found,
        }
    }

    fn walk(&self, path: &[String], flags: OFlags) -> Result<OwnedFd, Errno> {
        let ground = Ground { folder: self.folder.as_fd(), mount: self.mount, follow: self.follow };
        again(|| walk::look_up(ground, path, flags))
    }
}

fn regular(fd: BorrowedFd<'_>, name: &str) -> Result<(), Refused> {
    match FileType::from_raw_mode(fstat(fd).map_err(|errno| refused(errno, name))?.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(refused(Errno::LOOP, name)),
        FileType::Directory => Err(refused(Errno::ISDIR, name)),
        _ => Err(refused(Errno::NXIO, name)),
    }
}

fn again<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 1..PATIENCE {
        match call() {
            Err(Errno::AGAIN | Errno::INTR) => std::thread::yield_now(),
            done => return done,
        }
    }
    call()
}

#[cfg(test)]
mod tests;
