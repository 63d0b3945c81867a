//! Files of this machine, at a client.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use super::FileError;
use crate::Error;

/// The system's error about a file here.
pub(super) fn failed(errno: Errno, path: &Path) -> FileError {
    Error::from_io(&errno.into(), path.display()).into()
}

/// Opens `name` in a folder; an error of it is about `path`.
pub(super) fn open(
    folder: impl AsFd,
    name: impl rustix::path::Arg,
    flags: OFlags,
    mode: Mode,
    path: &Path,
) -> Result<OwnedFd, FileError> {
    openat(folder, name, flags, mode).map_err(|errno| failed(errno, path))
}
