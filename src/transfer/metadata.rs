//! What a file system tells of a file, as a client is told it.

use rustix::fs::{FileType, Stat};

use super::wire::{FileKind, FileTime, Metadata};

/// What that is.
pub(super) fn of(stat: &Stat) -> Metadata {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Folder,
        FileType::Symlink => FileKind::Link,
        _ => FileKind::Other,
    };
    Metadata {
        kind,
        size: stat.st_size.cast_unsigned(),
        modified: FileTime { seconds: stat.st_mtime, nanoseconds: stat.st_mtime_nsec as u32 },
        mode: (stat.st_mode & 0o777) as u16,
        version: version(stat),
    }
}

/// A number that changes with the file, and is never 0.
fn version(stat: &Stat) -> u64 {
    let mut hasher = blake3::Hasher::new();
    let times = [stat.st_mtime, stat.st_mtime_nsec as i64, stat.st_ctime, stat.st_ctime_nsec as i64];
    for part in times {
        hasher.update(&part.to_be_bytes());
    }
    for part in [stat.st_dev, stat.st_ino, stat.st_size.cast_unsigned()] {
        hasher.update(&part.to_be_bytes());
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h]).max(1)
}
