//! How many bytes the files below a root have.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::ground::Mount;
use super::names::RESERVED;
use super::root::Root;

/// How often it begins anew because somebody else moves the folder that it is in.
const PATIENCE: usize = 8;

/// A folder on the way down.
struct Level {
    identity: (u64, u64),
    /// The folders in it that were not looked into yet.
    rest: Vec<CString>,
}

/// Bytes of all regular files below a root, but for what is the server's own and what other file systems have. Folders that
/// cannot be looked into count nothing. However deep they are, three are open at a time: no client can make a tree that
/// nobody can count.
pub(super) fn bytes_below(root: &Root) -> Result<u64, Errno> {
    for _ in 1..PATIENCE {
        match count(root) {
            Err(Errno::AGAIN) => {}
            done => return done,
        }
    }
    count(root)
}

fn count(root: &Root) -> Result<u64, Errno> {
    let mount = Mount::of(root.as_fd())?;
    let mut here = open(root.as_fd(), c".")?;
    let mut sum = 0;
    let mut way = vec![look(&here, true, &mut sum)?];
    while let Some(level) = way.last_mut() {
        if let Some(name) = level.rest.pop() {
            let below = open(here.as_fd(), &name).ok().filter(|below| may_enter(below, mount));
            if let Some(below) = below {
                way.push(look(&below, false, &mut sum)?);
                here = below;
            }
            continue;
        }
        way.pop();
        if let Some(level) = way.last() {
            here = open(here.as_fd(), c"..")?;
            if identity(&here)? != level.identity {
                return Err(Errno::AGAIN);
            }
        }
    }
    Ok(sum)
}

fn open(folder: BorrowedFd<'_>, name: &std::ffi::CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty())
}

/// Whether it is on the same file system, and there is a way back.
fn may_enter(folder: &OwnedFd, mount: Mount) -> bool {
    Mount::of(folder.as_fd()) == Ok(mount) && statat(folder, c"..", AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

fn identity(folder: &OwnedFd) -> Result<(u64, u64), Errno> {
    fstat(folder).map(|stat| (stat.st_dev, stat.st_ino))
}

/// Adds up the files in a folder.
fn look(folder: &OwnedFd, is_top: bool, sum: &mut u64) -> Result<Level, Errno> {
    let mut rest = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") || is_top && name.to_bytes() == RESERVED.as_bytes() {
            continue;
        }
        let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => *sum = sum.saturating_add(stat.st_size.cast_unsigned()),
            FileType::Directory => rest.push(name.to_owned()),
            _ => {}
        }
    }
    Ok(Level { identity: identity(folder)?, rest })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::transfer::ground::Follow;
    use crate::transfer::scratch::Scratch;

    #[test]
    fn everything_counts_but_what_is_the_servers_own() {
        let scratch = Scratch::new();
        for (name, bytes) in [("a", 1), ("b/c", 20), ("b/d/e", 300), ("b/.rustchat/f", 4000), (".rustchat/g", 50_000)] {
            let path = scratch.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![0; bytes]).unwrap();
        }
        std::os::unix::fs::symlink("b", scratch.path().join("link")).unwrap();
        assert_eq!(bytes_below(&Root::open(scratch.path(), Follow::No).unwrap()), Ok(4321));
    }

    /// With fewer descriptors than the tree is deep, which clients make so by renaming.
    #[test]
    fn no_tree_is_too_deep_to_be_counted() {
        let own = std::env::current_exe().unwrap();
        let limited = "ulimit -n 64; exec \"$0\" counts_a_deep_tree --ignored";
        let child = std::process::Command::new("sh").args(["-c", limited]).arg(own).output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    }

    #[test]
    #[ignore = "run by another test, in a process of its own"]
    fn counts_a_deep_tree() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path(), Follow::No).unwrap();
        let mut folder = open(root.as_fd(), c".").unwrap();
        for _ in 0..300 {
            rustix::fs::mkdirat(&folder, c"d", Mode::from_raw_mode(0o700)).unwrap();
            folder = open(folder.as_fd(), c"d").unwrap();
        }
        let file = openat(&folder, c"f", OFlags::WRONLY | OFlags::CREATE, Mode::from_raw_mode(0o600)).unwrap();
        rustix::fs::ftruncate(&file, 7).unwrap();
        assert_eq!(bytes_below(&root), Ok(7));
        // What removes the rest would open all of it.
        while identity(&folder) != fstat(root.as_fd()).map(|stat| (stat.st_dev, stat.st_ino)) {
            let above = open(folder.as_fd(), c"..").unwrap();
            let _ = rustix::fs::unlinkat(&folder, c"f", AtFlags::empty());
            let _ = rustix::fs::unlinkat(&folder, c"d", AtFlags::REMOVEDIR);
            folder = above;
        }
    }
}
