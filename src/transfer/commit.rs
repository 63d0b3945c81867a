//! Small files that have come whole are put on the disk together: what waits for one of them waits for all, and the journal
//! of the file system is written once for many.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::fstat;

use super::fault::refused;
use super::publish::sync_folder;
use super::task::{Step, Whole};
use super::wire::{Refusal, Refused};
use crate::error;
use crate::sync::Mutex;

/// What is done with the last step of a file.
type Tell = Box<dyn FnOnce(Step) + Send>;

/// Files that wait for the disk.
#[derive(Default)]
pub(super) struct Commits(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: Vec<(Waiting, Tell)>,
    is_busy: bool,
}

/// A file, and what has come of its last step so far.
struct Waiting {
    file: Box<dyn Whole>,
    step: Step,
}

impl Commits {
    /// Adds a file, of which `tell` hears when the disk has it. Whoever finds nobody at it puts all on the disk that there are,
    /// also those that come meanwhile: each lot is what has come while the disk was busy with the last one.
    pub(super) fn add(&self, file: Box<dyn Whole>, step: Step, tell: impl FnOnce(Step) + Send + 'static) {
        {
            let mut state = self.0.lock();
            state.waiting.push((Waiting { file, step }, Box::new(tell)));
            if std::mem::replace(&mut state.is_busy, true) {
                return;
            }
        }
        while let Some(lot) = self.next() {
            commit(lot);
        }
    }

    fn next(&self) -> Option<Vec<(Waiting, Tell)>> {
        let mut state = self.0.lock();
        state.is_busy = !state.waiting.is_empty();
        state.is_busy.then(|| std::mem::take(&mut state.waiting))
    }
}

fn commit(lot: Vec<(Waiting, Tell)>) {
    let (lot, tells): (Vec<_>, Vec<_>) = lot.into_iter().unzip();
    let steps = error::caught("rustchat-disk", || put_on_disk(lot)).unwrap_or_else(|failure| {
        log::error!("{failure}");
        tells.iter().map(|_| Step::refused((Refusal::Io, failure.message().to_owned()))).collect()
    });
    tells.into_iter().zip(steps).for_each(|(tell, step)| tell(step));
}

/// Each file is on the disk before its name is, and its name before its client hears of it.
fn put_on_disk(mut lot: Vec<Waiting>) -> Vec<Step> {
    let synced: Vec<_> = lot.iter_mut().map(|waiting| waiting.file.sync()).collect();
    let appear = |(waiting, synced): (&mut Waiting, Result<(), Refused>)| synced.and_then(|()| waiting.file.appear());
    let folders = sync_folders(lot.iter_mut().zip(synced).map(appear).collect());
    lot.into_iter().zip(folders).map(|(waiting, folder)| waiting.end(folder)).collect()
}

impl Waiting {
    fn end(self, folder: Result<(), Refused>) -> Step {
        match folder.and_then(|()| self.file.told()) {
            Ok(told) => self.step.done(told),
            Err(why) => self.step.fail(why),
        }
    }
}

/// Each folder once; a folder's failure is that of all that are in it.
fn sync_folders(folders: Vec<Result<OwnedFd, Refused>>) -> Vec<Result<(), Refused>> {
    let mut known: Vec<((u64, u64), Result<(), Refused>)> = Vec::new();
    let mut sync = |folder: OwnedFd| {
        let stat = fstat(&folder).map_err(|errno| refused(errno, ""))?;
        let number = (stat.st_dev, stat.st_ino);
        if let Some((_, synced)) = known.iter().find(|(other, _)| *other == number) {
            return synced.clone();
        }
        let synced = sync_folder(folder.as_fd()).map_err(|errno| refused(errno, ""));
        known.push((number, synced.clone()));
        synced
    };
    folders.into_iter().map(|folder| folder.and_then(&mut sync)).collect()
}
