//! Whole folders, file by file: what is in them is decided at this end.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;

use super::download::Download;
use super::fetches::Wanted;
use super::local;
use super::progress::Tree;
use super::target::Target;
use super::upload::Upload;
use super::{FileClient, FileError};
use crate::net::Deadline;
use crate::transfer::names::{RemotePath, check_name};
use crate::transfer::wire::FileKind;

/// Folders within each other, at most.
const DEEPEST: usize = 64;

impl FileClient {
    /// Stores a folder and all that is in it, as a folder of that path. Links are left out, and told.
    ///
    /// Small files are on their way at the same time, as many as the server has places for one client. It ends at the first
    /// failure, whose file it names; what was stored until then stays.
    pub fn upload_tree<'a>(
        &self,
        from: impl AsRef<Path>,
        to: &RemotePath,
        mut upload: Upload<'_>,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<Tree, FileError> {
        let deadline = deadline.into();
        let mut tree = Tree::default();
        let mut rest = vec![(from.as_ref().to_owned(), to.clone())];
        while let Some((folder, path)) = rest.pop() {
            self.mkdir(&path, true, true, deadline)?;
            let mut files = Vec::new();
            for (name, kind) in local_entries(&folder)? {
                let (from, to) = (folder.join(&name), path.join(&name)?);
                match kind {
                    FileKind::Folder => rest.push((from, to)),
                    FileKind::File => files.push((from, to)),
                    FileKind::Link | FileKind::Other => tree.skipped.push(from.display().to_string()),
                }
            }
            self.store_all(&files, &mut upload, &deadline, &mut tree)?;
        }
        Ok(tree)
    }

    /// Fetches a folder and all that is in it, as the folder `to`, which is made if it is not there. Links are left out, and
    /// told.
    ///
    /// Small files are on their way at the same time, as for [`FileClient::upload_tree`]; it ends at the first failure in the
    /// same way.
    ///
    /// The names are the server's. One that could lead elsewhere ends it, and each is made in a folder that this side has
    /// made or opened itself, never through a link.
    pub fn download_tree<'a>(
        &self,
        from: &RemotePath,
        to: impl AsRef<Path>,
        mut download: Download<'_>,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<Tree, FileError> {
        let (to, deadline) = (to.as_ref(), deadline.into());
        match std::fs::create_dir(to) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(crate::Error::from_io(&error, to.display()).into());
            }
            _ => {}
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let top = local::open(rustix::fs::CWD, to, flags, Mode::empty(), to)?;
        let mut tree = Tree::default();
        self.fetch_folder(from, top, to.to_owned(), &mut download, &deadline, &mut tree)?;
        Ok(tree)
    }

    fn fetch_folder(
        &self,
        from: &RemotePath,
        folder: OwnedFd,
        path: PathBuf,
        download: &mut Download<'_>,
        deadline: &Deadline<'_>,
        tree: &mut Tree,
    ) -> Result<(), FileError> {
        let mut entries = self.list(from, *deadline)?;
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        let folder = Arc::new(folder);
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in entries {
            let name = check_name(&entry.name)?.to_owned();
            let (inner, here) = (from.join(&name)?, path.join(&name));
            match entry.metadata.kind {
                FileKind::Folder => {
                    if inner.names().len() > DEEPEST {
                        return Err(local::failed(Errno::NAMETOOLONG, &here));
                    }
                    folders.push((name, inner, here));
                }
                FileKind::File => {
                    let to = Target { folder: Arc::clone(&folder), name, path: here };
                    files.push(Wanted { from: inner, to, size: entry.metadata.size });
                }
                FileKind::Link | FileKind::Other => tree.skipped.push(inner.to_string()),
            }
        }
        self.fetch_all(&files, download, deadline, tree)?;
        for (name, inner, here) in folders {
            let below = enter(&folder, &name, &here)?;
            self.fetch_folder(&inner, below, here, download, deadline, tree)?;
        }
        Ok(())
    }
}

/// Makes a folder in one that is open, or opens the one that is there: never a link.
fn enter(folder: &OwnedFd, name: &str, path: &Path) -> Result<OwnedFd, FileError> {
    match mkdirat(folder, name, Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(local::failed(errno, path)),
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty()).map_err(|errno| local::failed(errno, path))
}

/// The names in a folder of this machine, in order. One that is not UTF-8 cannot be said to a server.
fn local_entries(folder: &Path) -> Result<Vec<(String, FileKind)>, FileError> {
    let failed = |error: std::io::Error| crate::Error::from_io(&error, folder.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let kind = match () {
            () if kind.is_symlink() => FileKind::Link,
            () if kind.is_dir() => FileKind::Folder,
            () if kind.is_file() => FileKind::File,
            () => FileKind::Other,
        };
        let name = entry.file_name();
        let name = check_name(std::os::unix::ffi::OsStrExt::as_bytes(&*name))?.to_owned();
        entries.push((name, kind));
    }
    entries.sort();
    Ok(entries)
}
