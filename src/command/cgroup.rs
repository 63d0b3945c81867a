//! A cgroup for each command, from which no process escapes by way of a session of its own.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
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
        let cgroup = Cgroup::create(root, 0)?;
        let result = cgroup.door().map(drop);
        cgroup.remove();
        result
    }

    /// A new one for the command of that number.
    pub(super) fn create(root: &Path, id: u64) -> io::Result<Cgroup> {
        let folder = root.join(format!("rustchat-{}-{id}", std::process::id()));
        fs::create_dir(&folder)?;
        Ok(Cgroup { folder })
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
