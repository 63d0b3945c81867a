//! A cgroup for each command, from which no process escapes by way of a session of its own.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long the system may take to be done with processes that were killed.
const EMPTYING: Duration = Duration::from_millis(2);
const MOST_TRIES: u32 = 250;

/// The cgroup of one command, in a delegated folder of the unified hierarchy (version 2).
#[derive(Debug)]
pub(super) struct Cgroup {
    folder: PathBuf,
}

impl Cgroup {
    /// Whether commands can have cgroups in that folder.
    pub(super) fn check(root: &Path) -> io::Result<()> {
        let cgroup = Cgroup::create(root)?;
        let result = cgroup.door().map(drop);
        cgroup.remove();
        result
    }

    /// A new one, of a name that no other has: not in this process, and not of one that was killed and had its number.
    pub(super) fn create(root: &Path) -> io::Result<Cgroup> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
            let folder = root.join(format!("rustchat-{}-{number}", std::process::id()));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(Cgroup { folder }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[cfg(test)]
    pub(super) fn at(folder: PathBuf) -> Cgroup {
        Cgroup { folder }
    }

    /// What a process writes itself into.
    pub(super) fn door(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.folder.join("cgroup.procs"))
    }

    /// Kills all that are in it; whether there were any.
    pub(super) fn kill(&self) -> bool {
        let events = fs::read_to_string(self.folder.join("cgroup.events")).unwrap_or_default();
        let _ = fs::write(self.folder.join("cgroup.kill"), "1");
        events.lines().any(|line| line == "populated 1")
    }

    /// Removes it when the system is done with all that were in it, for which this waits. One that is still used is left.
    pub(super) fn remove(&self) {
        for _ in 0..MOST_TRIES {
            match fs::remove_dir(&self.folder) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => std::thread::sleep(EMPTYING),
                _ => return,
            }
        }
        log::warn!("{} is still used", self.folder.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_have_a_name() {
        // Names alone: any folder will do.
        let root = std::env::temp_dir().join(format!("rustchat-names-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let first = Cgroup::create(&root).unwrap();
        let number: u64 = first.folder.to_str().unwrap().rsplit_once('-').unwrap().1.parse().unwrap();
        // What an earlier process of this number has left.
        for next in 1..20 {
            fs::create_dir_all(root.join(format!("rustchat-{}-{}", std::process::id(), number + next))).unwrap();
        }
        let second = Cgroup::create(&root).unwrap();
        assert_ne!(first.folder, second.folder);
        fs::remove_dir_all(&root).unwrap();
    }
}
