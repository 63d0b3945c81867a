//! Files that have not come whole: where they wait to be gone on with, and for how long.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, fstat, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::names::RESERVED;
use super::part;
use super::root::Root;
use super::wire::{FileTime, Put};

/// Whom parts belong to: the beginning of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner(String);

impl Owner {
    /// Whoever has proved that key.
    pub(super) fn of_key(id: &str) -> Owner {
        Owner(hex(&blake3::hash(id.as_bytes()).as_bytes()[..8]))
    }
}

/// The folder of parts.
#[derive(Debug)]
pub(super) struct Partials {
    folder: OwnedFd,
    /// What of a mode the process does not let new files have.
    mask: u16,
}

/// A part that nobody else writes.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) file: OwnedFd,
    pub(super) name: String,
    /// Bytes that are there.
    pub(super) size: u64,
}

impl Partials {
    /// Makes the folder in the root, if it is not there.
    pub(super) fn open(root: &Root) -> Result<Partials, Errno> {
        let own = make(root.as_fd(), RESERVED)?;
        let folder = make(own.as_fd(), "partial")?;
        let mask = Partials::mask(folder.as_fd())?;
        Ok(Partials { folder, mask })
    }

    /// The process's own mask cannot be asked for without being changed for all threads: a file shows it.
    fn mask(folder: BorrowedFd<'_>) -> Result<u16, Errno> {
        let name = format!("mask-{}", std::process::id());
        let _ = unlinkat(folder, &*name, AtFlags::empty());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let file = openat(folder, &*name, flags, Mode::from_raw_mode(0o777))?;
        unlinkat(folder, &*name, AtFlags::empty())?;
        Ok(!(fstat(&file)?.st_mode as u16) & 0o777)
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    pub(super) fn mask_of_process(&self) -> u16 {
        self.mask
    }

    /// What a part is called: the same for the same file of the same client, and for no other.
    pub(super) fn name(owner: &Owner, path: &[String], put: &Put<'_>) -> String {
        let mut hasher = blake3::Hasher::new();
        for name in path {
            hasher.update(&(name.len() as u64).to_be_bytes()).update(name.as_bytes());
        }
        let FileTime { seconds, nanoseconds } = put.modified;
        hasher.update(&put.size.to_be_bytes()).update(&seconds.to_be_bytes()).update(&nanoseconds.to_be_bytes());
        format!("{}-{}", owner.0, hex(&hasher.finalize().as_bytes()[..16]))
    }

    /// Takes a part, or begins one. `WOULDBLOCK` while somebody else writes it, whatever process that is in.
    pub(super) fn take(&self, name: String) -> Result<Partial, Errno> {
        let (file, found) = part::open(self.folder.as_fd(), &name, Mode::from_raw_mode(0o600))?;
        Ok(Partial { file, name, size: found.st_size.cast_unsigned() })
    }

    pub(super) fn remove(&self, name: &str) {
        let _ = unlinkat(&self.folder, name, AtFlags::empty());
    }

    /// Bytes of an owner's parts, or of all.
    pub(super) fn bytes(&self, owner: Option<&Owner>) -> Result<u64, Errno> {
        let mut sum = 0;
        self.each(|name, size, _| {
            let is_counted = owner.is_none_or(|owner| name.starts_with(&owner.0));
            sum += if is_counted { size } else { 0 };
        })?;
        Ok(sum)
    }

    /// Removes what nobody has gone on with for that long; tells of each part's name and bytes.
    pub(super) fn sweep(&self, keep: Duration, mut removed: impl FnMut(&str, u64)) -> Result<(), Errno> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().cast_signed();
        let mut old = Vec::new();
        self.each(|name, size, modified| {
            if now.saturating_sub(modified) > keep.as_secs().cast_signed() {
                old.push((name.to_owned(), size));
            }
        })?;
        for (name, size) in old {
            // Its lock is waited for by nobody: whoever has it goes on with the part.
            if self.take(name.clone()).is_ok() {
                self.remove(&name);
                removed(&name, size);
            }
        }
        Ok(())
    }

    fn each(&self, mut look: impl FnMut(&str, u64, i64)) -> Result<(), Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder = Dir::new(openat(&self.folder, c".", flags, Mode::empty())?)?;
        while let Some(entry) = folder.read() {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let Ok(stat) = statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            if !matches!(name, "." | "..") {
                look(name, stat.st_size.cast_unsigned(), stat.st_mtime);
            }
        }
        Ok(())
    }
}

impl Owner {
    pub(super) fn has(&self, name: &str) -> bool {
        name.starts_with(&self.0)
    }
}

/// Opens a folder that is for this user alone, and makes it if it is not there.
fn make(parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    match mkdirat(parent, name, Mode::from_raw_mode(0o700)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    openat(parent, name, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
