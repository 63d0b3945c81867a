//! What all threads of a file server share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::commit::Commits;
use super::options::FileServerOptions;
use super::store::Store;
use super::task::{Input, Step, Task};
use super::wire::{Farewell, Report};
use crate::Error;
use crate::net::{Address, Queue};
use crate::reactor::{Commons, PeerRef, Shared, Total};

pub(super) struct Hub {
    pub(super) options: FileServerOptions,
    pub(super) store: Arc<Store>,
    pub(super) commons: Arc<Commons<Call>>,
    /// What the disk threads have to do.
    pub(super) errands: Queue<Errand>,
    /// Files that wait until the disk has them.
    pub(super) commits: Commits,
    pub(super) counts: Counts,
    transfers: AtomicUsize,
}

/// What has happened since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) stored: Total,
    pub(super) fetched: Total,
    pub(super) refused: Total,
    pub(super) stored_bytes: Total,
    pub(super) fetched_bytes: Total,
}

/// What a worker leaves to a thread that may wait.
pub(super) enum Errand {
    Step(Box<Work>),
    /// Nobody wants it any more: its files are closed where that may take its time.
    Drop(Box<dyn Task>),
}

/// What is to be done of a request.
pub(super) enum Order {
    /// All of it that there is: the message.
    Begin(Vec<u8>),
    Go(Box<dyn Task>),
}

/// One step of a request.
pub(super) struct Work {
    pub(super) worker: usize,
    pub(super) peer: PeerRef,
    pub(super) id: u32,
    pub(super) key: Arc<str>,
    pub(super) order: Order,
    /// Its place is taken as long as the disk has it, also where its client has gone.
    pub(super) place: Option<Arc<Place>>,
    pub(super) inputs: Vec<Input>,
}

/// What the workers are told.
pub(super) struct Call {
    pub(super) peer: PeerRef,
    pub(super) id: u32,
    pub(super) step: Step,
}

impl Hub {
    pub(super) fn new(options: FileServerOptions, store: Store, commons: &Arc<Commons<Call>>) -> Hub {
        Hub {
            options,
            store: Arc::new(store),
            commons: Arc::clone(commons),
            errands: Queue::new(),
            commits: Commits::default(),
            counts: Counts::default(),
            transfers: AtomicUsize::new(0),
        }
    }

    /// One transfer more, if there may be.
    pub(super) fn take_place(self: &Arc<Hub>) -> Option<Arc<Place>> {
        self.store.blocks().begin();
        let place = Arc::new(Place(Arc::clone(self)));
        // Given back by the drop of the place.
        (self.transfers.fetch_add(1, Ordering::Relaxed) < self.options.transfer_limit).then_some(place)
    }

    /// Transfers that are under way.
    pub(super) fn transfers(&self) -> usize {
        self.transfers.load(Ordering::Relaxed)
    }
}

/// A transfer among those that may be at a time.
pub(super) struct Place(Arc<Hub>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.transfers.fetch_sub(1, Ordering::Relaxed);
        // An idle server keeps no memory for blocks.
        self.0.store.blocks().end();
    }
}

impl Shared for Hub {
    fn refusal(&self, why: Error) -> Option<Bytes> {
        Some(Report::GoAway { why: Farewell::Full, text: why.message() }.framed())
    }

    fn trouble(&self, error: Error) {
        log::warn!("{}: {error}", self.commons.address);
    }

    fn unproved(&self, _count: u64, _last: Address) {}

    fn closing(&self) {
        self.errands.close();
    }

    fn ended(&self) {
        log::info!("{}: the file server has ended", self.commons.address);
    }
}
