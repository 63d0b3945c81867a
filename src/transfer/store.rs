//! What a server's clients reach, as its disk threads see it.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, mkdirat};
use rustix::io::Errno;

use super::count::bytes_below;
use super::fault::refused;
use super::ground::Follow;
use super::names::may_be_home;
use super::options::FileServerOptions;
use super::partials::{Owner, Partials};
use super::purse::{Purse, Space};
use super::root::Root;
use super::wire::{MESSAGE_LIMIT, Refusal, Refused, WINDOW};
use crate::error::sentence;
use crate::memory::Pool;
use crate::sync::Mutex;
use crate::wire::FRAME;
use crate::{Error, Result};

/// How often parts are looked through for those that are too old.
const SWEEP: Duration = Duration::from_secs(600);

/// Blocks' worth of memory that is kept for the next ones while transfers are under way: as much as comes at a time of one.
const SPARE_BLOCKS: usize = WINDOW as usize;

/// A root, and what is stored in it.
pub(super) struct Store {
    root: Root,
    /// `None` where nothing is written.
    partials: Option<Partials>,
    space: Arc<Space>,
    rules: Rules,
    blocks: Pool,
    locks: Mutex<HashSet<Target>>,
    homes: Mutex<HashMap<String, Arc<Slot>>>,
    /// Where all keys see one folder they have one purse.
    shared: Mutex<Option<Arc<Purse>>>,
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

/// Where a home is made, while others come and go.
#[derive(Default)]
struct Slot {
    home: OnceLock<Arc<Home>>,
    making: Mutex<()>,
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
            blocks: Pool::new(FRAME + MESSAGE_LIMIT, SPARE_BLOCKS),
            locks: Mutex::default(),
            homes: Mutex::default(),
            shared: Mutex::default(),
            swept: Mutex::new(Instant::now()),
        })
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// Where blocks lie that come or go, each in its message and its frame.
    pub(super) fn blocks(&self) -> &Pool {
        &self.blocks
    }

    /// The folder of parts; the refusal where nothing is written.
    pub(super) fn partials(&self) -> Result<&Partials, Refused> {
        self.partials.as_ref().ok_or_else(|| Refusal::ReadOnly.into())
    }

    /// What the key of that name sees. The first time what is stored there is counted, if there is a quota.
    pub(super) fn home(&self, key: &str) -> Result<Arc<Home>, Refused> {
        let slot = Arc::clone(self.homes.lock().entry(key.to_owned()).or_default());
        if let Some(home) = slot.home.get() {
            return Ok(Arc::clone(home));
        }
        let _turn = slot.making.lock();
        if let Some(home) = slot.home.get() {
            return Ok(Arc::clone(home));
        }
        let home = Arc::new(self.make_home(key)?);
        Ok(Arc::clone(slot.home.get_or_init(|| home)))
    }

    fn make_home(&self, key: &str) -> Result<Home, Refused> {
        let owner = Owner::of_key(key);
        let folder = self.rules.folder_per_key.then(|| key.to_owned());
        let root = match &folder {
            None => self.root.below(&[])?,
            Some(name) => {
                self.make_folder(name)?;
                self.root.below(std::slice::from_ref(name))?
            }
        };
        let new_purse = |owner| {
            let used = self.count(&root, owner).map_err(|errno| refused(errno, key))?;
            Ok::<_, Refused>(Purse::new(self.rules.quota, used))
        };
        let purse = match folder {
            Some(_) => new_purse(Some(&owner))?,
            None => {
                let mut shared = self.shared.lock();
                if shared.is_none() {
                    *shared = Some(new_purse(None)?);
                }
                shared.clone().ok_or(Refusal::Io)?
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
        let homes: Vec<_> = self.homes.lock().values().filter_map(|slot| slot.home.get().cloned()).collect();
        let gone = |name: &str, bytes: u64| {
            // With a folder for each key the parts of one that has not come are not counted yet; else all have one purse.
            let is_whose = |home: &&Arc<Home>| home.folder.is_none() || home.owner.has(name);
            if let Some(home) = homes.iter().find(is_whose) {
                home.purse.give_back(bytes);
            }
        };
        if let Some(Err(errno)) = self.partials.as_ref().map(|partials| partials.sweep(self.rules.keep, gone)) {
            log::warn!("parts of files that have waited too long: {}", sentence(&errno.into()));
        }
    }
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

#[cfg(test)]
mod tests {
    use rustix::fs::{Timespec, Timestamps};

    use super::*;
    use crate::transfer::scratch::Scratch;
    use crate::transfer::wire::Put;

    const EPOCH: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    /// The parts of a key that has not come since the start were never counted.
    #[test]
    fn what_is_swept_is_given_back_to_whose_it_was() {
        let scratch = Scratch::new();
        for folder_per_key in [true, false] {
            let (quota, keep) = (1000, Duration::from_secs(60));
            let rules = Rules { file_limit: 0, quota, folder_per_key, durable: false, keep };
            let store = Arc::new(Store::open(scratch.path(), Follow::No, 0, true, rules).unwrap());
            let old = Timestamps { last_access: EPOCH, last_modification: EPOCH };
            for (key, size) in [("ada", 100), ("eve", 20)] {
                let name = Partials::name(&Owner::of_key(key), &["file".to_owned()], &Put::default());
                let part = store.partials().unwrap().take(name).unwrap();
                rustix::fs::ftruncate(&part.file, size).unwrap();
                rustix::fs::futimens(&part.file, &old).unwrap();
            }
            let ada = store.home("ada").unwrap();
            let counted = if folder_per_key { 100 } else { 120 };
            assert_eq!(ada.purse.used(), counted);
            // Something that stays.
            let reservation = crate::transfer::purse::Reservation::new(
                &ada.purse,
                store.space(),
                store.partials().unwrap().as_fd(),
                [500, 0, 0],
            );
            let mut stays = reservation.unwrap();
            stays.has(500);
            *store.swept.lock() = Instant::now().checked_sub(SWEEP).unwrap();
            store.sweep();
            assert_eq!(ada.purse.used(), 500);
            assert_eq!(store.home("eve").unwrap().purse.used(), if folder_per_key { 0 } else { 500 });
        }
    }
}
