//! What a server's clients reach, as its disk threads see it.

use std::collections::{HashMap, HashSet};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, mkdirat, openat, statat};
use rustix::io::Errno;

use super::fault::refused;
use super::ground::Follow;
use super::names::{RESERVED, may_be_home};
use super::options::FileServerOptions;
use super::partials::{Owner, Partials};
use super::purse::{Purse, Space};
use super::root::Root;
use super::wire::{Refusal, Refused};
use crate::error::sentence;
use crate::sync::Mutex;
use crate::{Error, Result};

/// How often parts are looked through for those that are too old.
const SWEEP: Duration = Duration::from_secs(600);

/// A root, and what is stored in it.
pub(super) struct Store {
    root: Root,
    /// `None` where nothing is written.
    partials: Option<Partials>,
    space: Arc<Space>,
    rules: Rules,
    locks: Mutex<HashSet<Target>>,
    homes: Mutex<HashMap<String, Arc<Home>>>,
    swept: Mutex<Instant>,
}

/// What may be stored, and how.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) file_limit: u64,
    pub(super) quota: u64,
    pub(super) folder_per_key: bool,
    pub(super) durable: bool,
    pub(super) keep: Duration,
}

/// What a key sees.
pub(super) struct Home {
    pub(super) root: Root,
    pub(super) purse: Arc<Purse>,
    pub(super) owner: Owner,
    /// The folder in the root; none is the root itself.
    folder: Option<String>,
}

/// A file that is being written: its home's folder, and its path there.
type Target = (Option<String>, Vec<String>);

/// Nobody else writes that file.
pub(super) struct Lock {
    store: Arc<Store>,
    target: Target,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.store.locks.lock().remove(&self.target);
    }
}

impl Store {
    /// Opens the root, which has to be there, and throws away what has waited too long in it.
    pub(super) fn open(root: &Path, follow: Follow, reserve: u64, writes: bool, rules: Rules) -> Result<Store> {
        let shown = root.display();
        let failed =
            |errno: Errno| Error::from_io(&errno.into(), format_args!("root {shown}: {}", sentence(&errno.into())));
        let root = Root::open(root, follow)?;
        let partials = writes.then(|| Partials::open(&root)).transpose().map_err(failed)?;
        if let Some(partials) = &partials {
            partials.sweep(rules.keep, |_, _| {}).map_err(failed)?;
        }
        Ok(Store {
            root,
            partials,
            space: Space::new(reserve),
            rules,
            locks: Mutex::default(),
            homes: Mutex::default(),
            swept: Mutex::new(Instant::now()),
        })
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// The folder of parts; the refusal where nothing is written.
    pub(super) fn partials(&self) -> Result<&Partials, Refused> {
        self.partials.as_ref().ok_or_else(|| Refusal::ReadOnly.into())
    }

    /// What the key of that name sees. The first time what is stored there is counted, if there is a quota.
    pub(super) fn home(&self, key: &str) -> Result<Arc<Home>, Refused> {
        let mut homes = self.homes.lock();
        if let Some(home) = homes.get(key) {
            return Ok(Arc::clone(home));
        }
        let home = Arc::new(self.make_home(key, homes.values().next())?);
        homes.insert(key.to_owned(), Arc::clone(&home));
        Ok(home)
    }

    fn make_home(&self, key: &str, other: Option<&Arc<Home>>) -> Result<Home, Refused> {
        let owner = Owner::of_key(key);
        let folder = self.rules.folder_per_key.then(|| key.to_owned());
        let root = match &folder {
            None => self.root.below(&[])?,
            Some(name) => {
                self.make_folder(name)?;
                self.root.below(std::slice::from_ref(name))?
            }
        };
        let purse = match other {
            // All have one purse who see one folder.
            Some(other) if folder.is_none() => Arc::clone(&other.purse),
            _ => {
                let own = folder.is_some().then_some(&owner);
                Purse::new(self.rules.quota, self.count(&root, own).map_err(|errno| refused(errno, key))?)
            }
        };
        Ok(Home { root, purse, owner, folder })
    }

    fn make_folder(&self, name: &str) -> Result<(), Refused> {
        if !may_be_home(name) {
            return Err((Refusal::Denied, format!("{}: this key can have no folder", Refusal::Denied)));
        }
        match mkdirat(self.root.as_fd(), name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(refused(errno, name)),
        }
    }

    /// Bytes that count against a quota; nothing is counted without one.
    fn count(&self, root: &Root, owner: Option<&Owner>) -> Result<u64, Errno> {
        if self.rules.quota == 0 {
            return Ok(0);
        }
        let parts = self.partials.as_ref().map_or(Ok(0), |partials| partials.bytes(owner))?;
        Ok(parts.saturating_add(bytes_below(root)?))
    }

    /// Takes the right to write a file, if nobody has it.
    pub(super) fn lock(self: &Arc<Store>, home: &Home, path: &[String]) -> Result<Lock, Refused> {
        let target = (home.folder.clone(), path.to_vec());
        if !self.locks.lock().insert(target.clone()) {
            return Err(Refusal::Locked.into());
        }
        Ok(Lock { store: Arc::clone(self), target })
    }

    /// Throws away what has waited too long, from time to time.
    pub(super) fn sweep(&self) {
        {
            let mut swept = self.swept.lock();
            if swept.elapsed() < SWEEP {
                return;
            }
            *swept = Instant::now();
        }
        let homes: Vec<_> = self.homes.lock().values().map(Arc::clone).collect();
        let gone = |name: &str, bytes: u64| {
            if let Some(home) = homes.iter().find(|home| home.owner.has(name)).or(homes.first()) {
                home.purse.give_back(bytes);
            }
        };
        if let Some(Err(errno)) = self.partials.as_ref().map(|partials| partials.sweep(self.rules.keep, gone)) {
            log::warn!("parts of files that have waited too long: {}", sentence(&errno.into()));
        }
    }
}

/// Bytes of all regular files below a root, but for what is the server's own.
fn bytes_below(root: &Root) -> Result<u64, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut open = vec![Dir::new(openat(root.as_fd(), c".", flags, Mode::empty())?)?];
    let mut sum: u64 = 0;
    while let Some(folder) = open.last_mut() {
        let Some(entry) = folder.read().transpose()? else {
            open.pop();
            continue;
        };
        let name = entry.file_name();
        let is_own = folder_is_top(open.len()) && name.to_bytes() == RESERVED.as_bytes();
        if matches!(name.to_bytes(), b"." | b"..") || is_own {
            continue;
        }
        let Some(folder) = open.last() else { break };
        let fd = folder.fd()?;
        let Ok(stat) = statat(fd.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => sum = sum.saturating_add(stat.st_size.cast_unsigned()),
            FileType::Directory => {
                // One that cannot be looked into counts nothing.
                if let Ok(below) = openat(fd, name, flags, Mode::empty()) {
                    open.push(Dir::new(below)?);
                }
            }
            _ => {}
        }
    }
    Ok(sum)
}

fn folder_is_top(depth: usize) -> bool {
    depth == 1
}

impl From<&FileServerOptions> for Rules {
    fn from(options: &FileServerOptions) -> Rules {
        Rules {
            file_limit: options.file_limit as u64,
            quota: options.quota as u64,
            folder_per_key: options.folder_per_key,
            durable: options.durable,
            keep: options.keep_partial,
        }
    }
}
