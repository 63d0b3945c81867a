//! The way to a file name by name, for systems that do not let `openat2` be called: old kernels, and sandboxes.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, fstat, openat, readlinkat};
use rustix::io::Errno;

use super::ground::{Follow, Ground, Mount};

/// Links on one way, as many as the kernel follows.
const MOST_LINKS: usize = 40;

/// Folders that a way may lead through, links included.
const DEEPEST: usize = 256;

/// What is still to be gone, the next name last, and the folders that were gone through.
struct Way<'g> {
    ground: Ground<'g>,
    rest: Vec<Vec<u8>>,
    folders: Vec<OwnedFd>,
    links: usize,
}

/// Opens what `path` names below the root, as `openat2` would.
///
/// Each folder is held open before the next name is looked at, and its own parent is never asked for: `..`, which only links
/// have, is the folder before it on this way. So whatever is renamed or replaced meanwhile, no step leads out.
pub(super) fn look_up(ground: Ground<'_>, path: &[String], flags: OFlags) -> Result<OwnedFd, Errno> {
    let rest = path.iter().rev().map(|name| name.as_bytes().to_vec()).collect();
    let mut way = Way { ground, rest, folders: Vec::new(), links: 0 };
    while let Some(name) = way.rest.pop() {
        match &*name {
            b"" | b"." => {}
            b".." => drop(way.folders.pop().ok_or(Errno::LOOP)?),
            name => {
                if let Some(found) = way.step(name, flags)? {
                    return Ok(found);
                }
            }
        }
    }
    openat(way.here(), c".", flags | OFlags::CLOEXEC, Mode::empty())
}

impl Way<'_> {
    fn here(&self) -> BorrowedFd<'_> {
        self.folders.last().map_or(self.ground.folder, AsFd::as_fd)
    }

    /// Goes one name on; the last one is what was looked for.
    fn step(&mut self, name: &[u8], flags: OFlags) -> Result<Option<OwnedFd>, Errno> {
        let next = openat(self.here(), name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        if Mount::of(next.as_fd())? != self.ground.mount {
            return Err(Errno::XDEV);
        }
        let stat = fstat(&next)?;
        let is_last = self.rest.is_empty();
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink if is_last && flags.contains(OFlags::NOFOLLOW) => match flags.contains(OFlags::PATH) {
                true => Ok(Some(next)),
                false => Err(Errno::LOOP),
            },
            FileType::Symlink => self.follow(&next).map(|()| None),
            FileType::Directory if !is_last => {
                if self.folders.len() >= DEEPEST {
                    return Err(Errno::NAMETOOLONG);
                }
                self.folders.push(next);
                Ok(None)
            }
            kind if !is_last || (flags.contains(OFlags::DIRECTORY) && kind != FileType::Directory) => {
                Err(Errno::NOTDIR)
            }
            _ if flags.contains(OFlags::PATH) => Ok(Some(next)),
            _ => {
                let opened = openat(self.here(), name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
                let same = fstat(&opened)?;
                // Another one has taken its place: it is looked at anew.
                let is_same = (same.st_dev, same.st_ino) == (stat.st_dev, stat.st_ino);
                if is_same { Ok(Some(opened)) } else { Err(Errno::AGAIN) }
            }
        }
    }

    /// Puts what a link says in its place.
    fn follow(&mut self, link: &OwnedFd) -> Result<(), Errno> {
        self.links += 1;
        if self.ground.follow == Follow::No || self.links > MOST_LINKS {
            return Err(Errno::LOOP);
        }
        let target = readlinkat(link, c"", Vec::new())?;
        let target = target.as_bytes();
        // From the system's root on: that is a way out.
        if target.starts_with(b"/") {
            return Err(Errno::LOOP);
        }
        self.rest.extend(target.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec));
        Ok(())
    }
}
