//! The room: its log is the only place that decides the order of things.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::member::{Member, MemberId};
use super::name;
use crate::reactor::PeerRef;
use crate::sync::{Mutex, MutexGuard};
use crate::{Error, Result, Status};

/// Who is there, and how far the numbering has come. One lock, the first to be taken of all that a chat has.
pub(super) struct Room(Mutex<Log>);

pub(super) struct Log {
    /// The number of the newest entry.
    seq: u64,
    /// The place of the newest batch.
    position: u64,
    members: HashMap<MemberId, (Arc<Member>, PeerRef)>,
    /// What the names in use look like, see [`name::keys`].
    names: HashSet<String>,
    /// Nobody joins any more and nothing is announced.
    pub(super) closed: bool,
}

/// Where somebody has joined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) position: u64,
    pub(super) seq: u64,
}

impl Room {
    /// An empty room whose server is known by `label`.
    pub(super) fn new(label: &str) -> Room {
        // The path of a Unix socket may read as anything.
        let names = name::keys(label).into();
        Room(Mutex::new(Log { seq: 0, position: 0, members: HashMap::new(), names, closed: false }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock()
    }

    /// The members, in the order in which they connected.
    pub(super) fn members(&self) -> Vec<Arc<Member>> {
        let mut members: Vec<_> = self.lock().members.values().map(|(member, _)| Arc::clone(member)).collect();
        members.sort_by_key(|member| member.id());
        members
    }

    /// Those whose connections are with that worker.
    pub(super) fn members_of(&self, worker: usize) -> Vec<Arc<Member>> {
        let log = self.lock();
        let theirs = log.members.values().filter(|(_, peer)| peer.worker() == worker);
        theirs.map(|(member, _)| Arc::clone(member)).collect()
    }

    /// Gives the member a name that nobody else in the room has.
    pub(super) fn name(&self, member: &Member, name: &str) -> Result<()> {
        name::check(name)?;
        let keys = name::keys(name);
        let mut log = self.lock();
        if member.is_silenced() || !log.members.contains_key(&member.id()) {
            return Err(no_such_peer(member.id()));
        }
        if member.name().is_some() {
            return Err(Error::new(Status::BadState, "the name is already chosen; it lasts as long as the connection"));
        }
        if keys.iter().any(|key| log.names.contains(key)) {
            let text = format!("the name '{name}' is taken, or looks like one that is");
            return Err(Error::new(Status::InvalidArgument, text));
        }
        log.names.extend(keys);
        member.set_name(name);
        Ok(())
    }
}

impl Log {
    pub(super) fn find(&self, id: MemberId) -> Result<&(Arc<Member>, PeerRef)> {
        self.members.get(&id).ok_or_else(|| no_such_peer(id))
    }

    pub(super) fn count(&self) -> usize {
        self.members.len()
    }

    /// How many get what is not for that one.
    pub(super) fn receivers(&self, except: MemberId) -> usize {
        self.members.len() - usize::from(self.members.contains_key(&except))
    }

    /// Gives so many entries their numbers, and their batch its place. Returns the first of the numbers.
    pub(super) fn number(&mut self, count: u64) -> u64 {
        let first = self.seq + 1;
        self.seq += count;
        self.position += 1;
        first
    }

    /// The place of the newest batch, and the number of the newest entry.
    pub(super) fn place(&self) -> Place {
        Place { position: self.position, seq: self.seq }
    }

    pub(super) fn join(&mut self, member: &Arc<Member>, peer: PeerRef) {
        self.members.insert(member.id(), (Arc::clone(member), peer));
    }

    /// Takes a member out, whose name looks like `keys`; false if it has left before.
    pub(super) fn leave(&mut self, member: &Member, keys: &[String]) -> bool {
        if self.members.remove(&member.id()).is_none() {
            return false;
        }
        member.silence();
        for key in keys {
            self.names.remove(key);
        }
        true
    }
}

#[cold]
pub(super) fn no_such_peer(id: MemberId) -> Error {
    Error::new(Status::NoSuchPeer, format!("no member has the id {id}"))
}
