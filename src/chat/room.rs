//! The room: its log is the only place that decides the order of things.

use std::collections::{BTreeMap, HashMap};
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
    /// Who has a name that looks like that, see [`name::keys`]; 0 is the server.
    names: HashMap<Arc<str>, MemberId>,
    /// Those who have a name, in the order in which they connected, and what it looks like.
    named: BTreeMap<MemberId, Keys>,
    /// Counts who has come and gone.
    version: u64,
    /// Nobody joins any more and nothing is announced.
    pub(super) closed: bool,
}

/// What a name looks like.
type Keys = [Arc<str>; 3];

fn keys(name: &str) -> Keys {
    name::keys(name).map(Arc::from)
}

/// Some of those who are there.
pub(super) struct Present {
    /// Those with names first; of either kind, in the order in which they connected.
    pub(super) members: Vec<Arc<Member>>,
    /// How many there are altogether.
    pub(super) count: usize,
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
        let names = keys(label).into_iter().map(|key| (key, 0)).collect();
        let (members, named) = (HashMap::new(), BTreeMap::new());
        Room(Mutex::new(Log { seq: 0, position: 0, members, names, named, version: 0, closed: false }))
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

    /// Of those who have proved to hold that key the one that connected first.
    pub(super) fn with_key(&self, key_id: &str) -> Option<Arc<Member>> {
        let log = self.lock();
        let holders = log.members.values().filter(|(member, _)| member.key_id() == key_id);
        holders.min_by_key(|(member, _)| member.id()).map(|(member, _)| Arc::clone(member))
    }

    /// Those whose connections are with that worker.
    pub(super) fn members_of(&self, worker: usize) -> Vec<Arc<Member>> {
        let log = self.lock();
        let theirs = log.members.values().filter(|(_, peer)| peer.worker() == worker);
        theirs.map(|(member, _)| Arc::clone(member)).collect()
    }

    /// The member that has this name, or one that differs only in case, width or composition, and its connection.
    pub(super) fn named(&self, name: &str) -> Option<(Arc<Member>, PeerRef)> {
        name::check(name).ok()?;
        // The first is what tells names apart that merely look alike, and nobody else can have it.
        let [key, ..] = name::keys(name);
        let log = self.lock();
        log.names.get(&*key).and_then(|id| log.members.get(id)).cloned()
    }

    /// Gives the member a name that nobody else in the room has, or takes its name away. If that changes anything, `announce`
    /// is called under the lock with the name that it had before. Returns whether it did.
    pub(super) fn rename(
        &self,
        member: &Member,
        name: Option<&str>,
        announce: impl FnOnce(&mut Log, Option<&str>),
    ) -> Result<bool> {
        name.map_or(Ok(()), name::check)?;
        let keys = name.map(keys);
        let mut log = self.lock();
        log.check_presence(member)?;
        if let (Some(name), Some(keys)) = (name, &keys) {
            log.check_free(member, name, keys)?;
        }
        let before = member.name();
        if before == name {
            return Ok(false);
        }
        log.set_name(member, name, keys)?;
        announce(&mut log, before);
        Ok(true)
    }

    /// The same for who may choose but once.
    pub(super) fn name(&self, member: &Member, name: &str, announce: impl FnOnce()) -> Result<()> {
        name::check(name)?;
        let keys = keys(name);
        let mut log = self.lock();
        log.check_presence(member)?;
        if member.name().is_some() {
            return Err(Error::new(Status::BadState, "the name is already chosen; it lasts as long as the connection"));
        }
        log.check_free(member, name, &keys)?;
        log.set_name(member, Some(name), Some(keys))?;
        announce();
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
        self.lock().free_name(id);
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

    /// Takes a member out; false if it has left before.
    pub(super) fn leave(&mut self, member: &Member) -> bool {
        if self.members.remove(&member.id()).is_none() {
            return false;
        }
        member.silence();
        self.version += 1;
        self.free_name(member.id());
        true
    }

    /// Some of those who are there, `most` at most; without those who have no name unless `all`.
    pub(super) fn present(&self, most: usize, all: bool) -> Present {
        let member = |id: &MemberId| self.members.get(id).map(|(member, _)| Arc::clone(member));
        let mut members: Vec<_> = self.named.keys().take(most).filter_map(member).collect();
        if all {
            let others = self.members.values().filter(|(member, _)| !self.named.contains_key(&member.id()));
            let begin = members.len();
            members.extend(others.take(most - begin).map(|(member, _)| Arc::clone(member)));
            members[begin..].sort_by_key(|member| member.id());
        }
        Present { members, count: self.members.len() }
    }

    /// Whether it is a member, and not about to leave.
    fn check_presence(&self, member: &Member) -> Result<()> {
        if member.is_silenced() || !self.members.contains_key(&member.id()) {
            return Err(no_such_peer(member.id()));
        }
        Ok(())
    }

    /// Whether nobody else has the name, or one that looks like it.
    fn check_free(&self, member: &Member, name: &str, keys: &Keys) -> Result<()> {
        if keys.iter().any(|key| self.names.get(key).is_some_and(|owner| *owner != member.id())) {
            let text = format!("the name '{name}' is taken, or looks like one that is");
            return Err(Error::new(Status::InvalidArgument, text));
        }
        Ok(())
    }

    fn set_name(&mut self, member: &Member, name: Option<&str>, keys: Option<Keys>) -> Result<()> {
        if !member.set_name(name) {
            return Err(Error::new(Status::BadState, "this connection has had too many names"));
        }
        self.free_name(member.id());
        if let Some(keys) = keys {
            self.names.extend(keys.iter().map(|key| (Arc::clone(key), member.id())));
            self.named.insert(member.id(), keys);
        }
        Ok(())
    }

    fn free_name(&mut self, owner: MemberId) {
        for key in self.named.remove(&owner).iter().flatten() {
            self.names.remove(key);
        }
    }
}

#[cold]
pub(super) fn no_such_peer(id: MemberId) -> Error {
    Error::new(Status::NoSuchPeer, format!("no member has the id {id}"))
}
