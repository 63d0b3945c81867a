//! Where a file of the server goes.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, statat};
use rustix::io::Errno;

use super::FileError;
use super::local;

/// Where a file goes: a name in a folder that is open, both of this side's own choosing.
pub(super) struct Target {
    pub(super) folder: Arc<OwnedFd>,
    pub(super) name: String,
    pub(super) path: PathBuf,
}

impl Target {
    pub(super) fn of_path(path: &Path) -> Result<Target, FileError> {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|_| !path.as_os_str().to_string_lossy().ends_with('/')) else {
            return Err(local::failed(Errno::ISDIR, path));
        };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = Arc::new(local::open(CWD, parent, flags, Mode::empty(), parent)?);
        Ok(Target { folder, name: name.to_owned(), path: path.to_owned() })
    }

    pub(super) fn check(&self, overwrite: bool) -> Result<(), FileError> {
        match statat(&*self.folder, &*self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(local::failed(errno, &self.path)),
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                Err(local::failed(Errno::ISDIR, &self.path))
            }
            Ok(_) if overwrite => Ok(()),
            Ok(_) => Err(local::failed(Errno::EXIST, &self.path)),
        }
    }
}
