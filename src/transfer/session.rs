//! What hangs on a client's connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::audit::Record;
use super::hub::Place;
use super::ledger::Ledger;
use super::script::Scripted;
use super::task::{Input, Task};
use super::wire::Violation;
use crate::audit::Client;
use crate::net::Address;
use crate::reactor::Traffic;

pub(super) struct Session {
    pub(super) client: Client,
    /// The same for those who wait for the disk.
    pub(super) key: Arc<str>,
    pub(super) ledger: Ledger,
    /// Its requests that are not over.
    pub(super) jobs: BTreeMap<u32, Job>,
    pub(super) traffic: Traffic,
    /// What had come when it was last looked whether anything does.
    pub(super) looked: u64,
    /// It is the tutorials' own client, and is told nothing.
    pub(super) scripted: Option<Scripted>,
    /// The rule that it has broken.
    pub(super) violation: Option<Violation>,
}

/// One request, as its worker sees it.
pub(super) struct Job {
    pub(super) standing: Standing,
    /// What has come for it while it is at the disk.
    pub(super) inputs: Vec<Input>,
    pub(super) record: Record,
    /// Among the transfers, if it is one.
    pub(super) place: Option<Arc<Place>>,
}

/// Where a request is.
pub(super) enum Standing {
    /// It was asked for in this turn, by that message: what comes with it goes to the disk with it.
    Asked(Vec<u8>),
    AtDisk,
    /// It waits for its client.
    Idle(Box<dyn Task>),
    /// It has more to say, as soon as less waits for its client.
    Ready(Box<dyn Task>),
}

impl Session {
    pub(super) fn new(address: &Address) -> Session {
        Session {
            client: Client { address: address.clone(), key_id: String::new() },
            key: Arc::from(""),
            ledger: Ledger::default(),
            jobs: BTreeMap::new(),
            traffic: Traffic::default(),
            looked: 0,
            scripted: None,
            violation: None,
        }
    }

    /// Transfers that are under way.
    pub(super) fn transfers(&self) -> usize {
        self.jobs.values().filter(|job| job.place.is_some()).count()
    }

    /// Folders that are being listed.
    pub(super) fn listings(&self) -> usize {
        self.jobs.values().filter(|job| job.record.lists()).count()
    }

    /// Takes what has come since this was last asked; whether that was anything.
    pub(super) fn has_moved(&mut self) -> bool {
        let now = self.traffic.bytes_in.get();
        std::mem::replace(&mut self.looked, now) != now
    }

    /// Whether a transfer waits for it.
    pub(super) fn is_waited_for(&self) -> bool {
        let is_idle = |job: &Job| job.place.is_some() && matches!(job.standing, Standing::Idle(_));
        self.jobs.values().any(is_idle) || self.scripted.is_some() && self.jobs.is_empty()
    }

    /// Whether it has said all that it had to say, and that is being done: its end is no reason not to.
    pub(super) fn is_served(&self) -> bool {
        self.scripted.as_ref().is_some_and(|scripted| scripted.script.is_whole()) && !self.jobs.is_empty()
    }
}

impl Job {
    /// Takes what there is of its task away.
    pub(super) fn take_task(self) -> Option<Box<dyn Task>> {
        match self.standing {
            Standing::Asked(_) | Standing::AtDisk => None,
            Standing::Idle(task) | Standing::Ready(task) => Some(task),
        }
    }
}
