//! What all threads of a command server share.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;

use super::catalogue::Catalogue;
use super::errand::{Call, Errand};
use super::options::CommandServerOptions;
use super::sys;
use crate::net::{Address, Queue};
use crate::reactor::{Commons, Shared, Total};
use crate::{Error, Result};

pub(super) struct Hub {
    pub(super) options: CommandServerOptions,
    pub(super) catalogue: Catalogue,
    pub(super) commons: Arc<Commons<Call>>,
    /// What the threads that start programs have to do.
    pub(super) errands: Queue<Errand>,
    /// `/dev/null`, the input of commands that get none.
    pub(super) empty: OwnedFd,
    pub(super) counts: Counts,
    /// Commands that run or are being started.
    running: AtomicUsize,
    /// Workers whose commands are not over.
    working: AtomicUsize,
    /// No command begins any more.
    closing: AtomicBool,
    /// The number of the last command in the log.
    last: AtomicU64,
}

/// What has happened since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) started: Total,
    pub(super) refused: Total,
}

impl Hub {
    pub(super) fn new(
        options: CommandServerOptions,
        catalogue: Catalogue,
        commons: &Arc<Commons<Call>>,
    ) -> Result<Hub> {
        let empty = File::open("/dev/null").map_err(|error| Error::from_io(&error, "/dev/null"))?;
        Ok(Hub {
            options,
            catalogue,
            commons: Arc::clone(commons),
            errands: Queue::new(),
            empty: sys::above_standard(empty.into())?,
            counts: Counts::default(),
            running: AtomicUsize::new(0),
            working: AtomicUsize::new(commons.inboxes().len()),
            closing: AtomicBool::new(false),
            last: AtomicU64::new(0),
        })
    }

    /// A number that no other command of this server has.
    pub(super) fn next_id(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// One command more, if there may be.
    pub(super) fn take_place(self: &Arc<Hub>) -> Option<Place> {
        let most = self.options.total_limit;
        let place = Place(Arc::clone(self));
        // Given back by the drop of the place.
        (self.running.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }

    /// Commands that run or are being started.
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Whether the server stops: what was not started then is not started.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Leaves to a thread that may wait what a worker may not.
    pub(super) fn leave(&self, errand: Errand) {
        // Open as long as there is a worker with commands. Whoever is too late all the same does it by dropping it.
        drop(self.errands.push_waiting(errand, usize::MAX));
    }
}

/// What a worker has as long as it may have commands. When the last one is gone, however its worker came to end, the server
/// may say goodbye, and those who do errands end with the last of these.
pub(super) struct Working(pub(super) Arc<Hub>);

impl Drop for Working {
    fn drop(&mut self) {
        if self.0.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.errands.close();
            self.0.commons.finish();
        }
    }
}

/// A command among those that may run at a time.
pub(super) struct Place(Arc<Hub>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared for Hub {
    /// Whoever has proved nothing is told nothing.
    fn refusal(&self, _why: Error) -> Option<Bytes> {
        None
    }

    fn trouble(&self, error: Error) {
        log::warn!("{}: {error}", self.commons.address);
    }

    fn unproved(&self, _count: u64, _last: Address) {}

    fn closing(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    fn finishes_itself(&self) -> bool {
        true
    }

    fn ended(&self) {
        log::info!("{}: the command server has ended", self.commons.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::cgroup::Cgroup;
    use crate::net::Endpoint;
    use crate::reactor::Berth;

    #[test]
    fn errands_are_done_until_the_last_worker_has_no_command() {
        let mut options = CommandServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
        options.workers = 2;
        let berth = Berth::new(options.host().unwrap()).unwrap();
        let hub = Arc::new(Hub::new(options, Catalogue::new(), berth.commons()).unwrap());
        let [first, second] = [(); 2].map(|()| Working(Arc::clone(&hub)));
        let is_open = || hub.errands.push_waiting(Errand::Remove(Cgroup::at("/nowhere".into())), usize::MAX).is_ok();
        hub.closing();
        assert!(hub.is_closing() && is_open());
        drop(first);
        assert!(is_open());
        drop(second);
        assert!(!is_open());
    }
}
