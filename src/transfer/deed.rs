//! What is done with names.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{AtFlags, FileType, Mode, fstat, mkdirat, statat, unlinkat};
use rustix::io::Errno;

use super::fault::refused;
use super::metadata;
use super::names::{check_new, path as checked};
use super::publish::{self, Place, sync_folder};
use super::store::{Home, Store};
use super::wire::{Entry, Refusal, Refused, Report};

/// What a client's name operations are done with.
pub(super) struct Deed<'s> {
    pub(super) store: &'s Arc<Store>,
    pub(super) home: &'s Arc<Home>,
}

type Done = Result<(), Refused>;

impl Deed<'_> {
    pub(super) fn stat(&self, id: u32, path: &[&[u8]]) -> Result<Vec<Bytes>, Refused> {
        let path = checked(path)?;
        let name = path.last().map_or("", String::as_str);
        let stat = fstat(self.home.root.look(&path)?).map_err(|errno| refused(errno, name))?;
        let entry = Entry { name: name.as_bytes(), metadata: metadata::of(&stat) };
        Ok(vec![Report::Entries(id, vec![entry]).framed(), Report::Done(id, None).framed()])
    }

    pub(super) fn make_folder(&self, path: &[&[u8]], parents: bool, exist_ok: bool) -> Done {
        self.may_write()?;
        let path = checked(path)?;
        let Some((_, folder)) = path.split_last() else {
            return if exist_ok { Ok(()) } else { Err(Refusal::Exists.into()) };
        };
        if parents {
            self.make_parents(folder)?;
        }
        match self.make_one(&path) {
            Err((Refusal::Exists, _)) if exist_ok => self.home.root.folder(&path).map(drop),
            done => done,
        }
    }

    /// Makes each folder on the way that is not there.
    pub(super) fn make_parents(&self, folder: &[String]) -> Done {
        if self.home.root.folder(folder).is_ok() {
            return Ok(());
        }
        for depth in 1..=folder.len() {
            match self.make_one(&folder[..depth]) {
                Ok(()) | Err((Refusal::Exists, _)) => {}
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    fn make_one(&self, path: &[String]) -> Done {
        let (folder, name) = self.home.root.parent(path)?;
        check_new(name)?;
        mkdirat(&folder, name, Mode::from_raw_mode(0o777)).map_err(|errno| refused(errno, name))?;
        self.sync(folder.as_fd(), name)
    }

    pub(super) fn remove(&self, path: &[&[u8]], missing_ok: bool) -> Done {
        self.may_write()?;
        let path = checked(path)?;
        if path.is_empty() {
            return Err(Refusal::IsFolder.into());
        }
        let (folder, name) = self.home.root.parent(&path)?;
        match self.unlink(folder.as_fd(), name, AtFlags::empty()) {
            Err((Refusal::NotFound, _)) if missing_ok => Ok(()),
            done => done,
        }
    }

    pub(super) fn remove_folder(&self, path: &[&[u8]], missing_ok: bool) -> Done {
        self.may_write()?;
        let path = checked(path)?;
        let (folder, name) = self.home.root.parent(&path)?;
        match self.unlink(folder.as_fd(), name, AtFlags::REMOVEDIR) {
            Err((Refusal::NotFound, _)) if missing_ok => Ok(()),
            done => done,
        }
    }

    /// Removes a name: of a link the link.
    fn unlink(&self, folder: BorrowedFd<'_>, name: &str, how: AtFlags) -> Done {
        let removed = self.home.purse.change(|| {
            let size = size_of(folder, name);
            unlinkat(folder, name, how).map(|()| size)
        });
        removed.map_err(|errno| refused(errno, name))?;
        self.sync(folder, name)
    }

    pub(super) fn rename(&self, from: &[&[u8]], to: &[&[u8]], overwrite: bool) -> Done {
        self.may_write()?;
        let (from, to) = (checked(from)?, checked(to)?);
        let (source, old) = self.home.root.parent(&from)?;
        let (target, new) = self.home.root.parent(&to)?;
        check_new(new)?;
        let (from, to) = (Place { folder: source.as_fd(), name: old }, Place { folder: target.as_fd(), name: new });
        let renamed = self.home.purse.change(|| {
            let replaced = if overwrite && !is_same(from, to) { size_of(to.folder, new) } else { 0 };
            publish::rename(from, to, overwrite).map(|()| replaced)
        });
        renamed.map_err(|errno| refused(errno, if errno == Errno::NOENT { old } else { new }))?;
        self.sync(target.as_fd(), new)?;
        self.sync(source.as_fd(), old)
    }

    fn may_write(&self) -> Done {
        self.store.partials().map(drop)
    }

    fn sync(&self, folder: BorrowedFd<'_>, name: &str) -> Done {
        if self.store.rules().durable {
            sync_folder(folder).map_err(|errno| refused(errno, name))?;
        }
        Ok(())
    }
}

/// Whether two names are of one file: to rename one to the other changes nothing.
fn is_same(one: Place<'_>, other: Place<'_>) -> bool {
    let found = |place: Place<'_>| statat(place.folder, place.name, AtFlags::SYMLINK_NOFOLLOW);
    match (found(one), found(other)) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino),
        _ => false,
    }
}

/// Bytes of the regular file of that name, if it is one.
pub(super) fn size_of(folder: BorrowedFd<'_>, name: &str) -> u64 {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => stat.st_size.cast_unsigned(),
        _ => 0,
    }
}
