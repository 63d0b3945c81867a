//! The room: its log is the only place that decides the order of things.

use std::collections::HashMap;
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
    /// What the names in use look like, see [`name::keys`], and whose they are; 0 is the server itself.
    names: HashMap<String, MemberId>,
    /// Counts who has come and gone.
    version: u64,
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
        let names = name::keys(label).into_iter().map(|key| (key, 0)).collect();
        Room(Mutex::new(Log { seq: 0, position: 0, members: HashMap::new(), names, version: 0, closed: false }))
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
        if keys.iter().any(|key| log.names.contains_key(key)) {
            let text = format!("the name '{name}' is taken, or looks like one that is");
            return Err(Error::new(Status::InvalidArgument, text));
        }
        log.names.extend(keys.into_iter().map(|key| (key, member.id())));
        member.set_name(name);
        Ok(())
    }
}

/// Members in the order in which they came, as many as were asked for.
pub(super) struct Roll {
    pub(super) members: Vec<Arc<Member>>,
    /// There are others behind these.
    pub(super) more: bool,
    /// How many there are in all.
    pub(super) count: usize,
    /// Who has come and gone before, as a count.
    pub(super) version: u64,
}

impl Room {
    /// Up to `most` of those who came after `after`.
    pub(super) fn roll(&self, after: MemberId, most: usize) -> Roll {
        let log = self.lock();
        let (count, version) = (log.members.len(), log.version);
        let mut members: Vec<_> = log
            .members
            .values()
            .filter(|(member, _)| member.id() > after)
            .map(|(member, _)| Arc::clone(member))
            .collect();
        drop(log);
        members.sort_by_key(|member| member.id());
        let more = members.len() > most;
        members.truncate(most);
        Roll { members, more, count, version }
    }

    /// The name of a member who is about to leave is free already.
    pub(super) fn release_name(&self, id: MemberId) {
        let mut log = self.lock();
        let Ok((member, _)) = log.find(id).cloned() else { return };
        if let Some(name) = member.name() {
            log.release(id, &name::keys(name));
        }
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
        self.version += 1;
    }

    /// Takes a member out, whose name looks like `keys`; false if it has left before.
    pub(super) fn leave(&mut self, member: &Member, keys: &[String]) -> bool {
        if self.members.remove(&member.id()).is_none() {
            return false;
        }
        member.silence();
        self.version += 1;
        self.release(member.id(), keys);
        true
    }

    /// The name that looks like `keys` is free again, if it is that member's.
    pub(super) fn release(&mut self, owner: MemberId, keys: &[String]) {
        for key in keys {
            if self.names.get(key) == Some(&owner) {
                self.names.remove(key);
            }
        }
    }

    /// The member with a name that looks like that.
    pub(super) fn named(&self, name: &str) -> Result<&(Arc<Member>, PeerRef)> {
        name::check(name)?;
        let nobody = || Error::new(Status::NoSuchPeer, format!("nobody here is called '{name}'"));
        let [key, ..] = name::keys(name);
        self.names.get(&key).and_then(|id| self.members.get(id)).ok_or_else(nobody)
    }
}

#[cold]
pub(super) fn no_such_peer(id: MemberId) -> Error {
    Error::new(Status::NoSuchPeer, format!("no member has the id {id}"))
}
