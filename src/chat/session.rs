//! What a server remembers of messages that their sender has numbered (`ref`), so that none is said twice.
//!
//! A session begins with a connection and may go on with a later one, whose member names it. Nothing is kept of members that
//! number nothing: the name of a session follows from the member's id, and can be checked without having been written down.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::member::MemberId;
use crate::reactor::PeerRef;
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// So many of a session's numbers are remembered, the newest.
pub(super) const WINDOW: usize = 256;

/// How long a session whose connection has ended is remembered.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// How many of these at most; each takes 8 KiB or less.
const KEPT: usize = 1024;

/// What has become of a numbered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the room, under this number.
    Said(u64),
    /// It was handed to one member.
    Delivered,
    /// Nobody got it.
    Refused(Error),
}

/// What is known of a number when a message comes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: it is taken, and its [`Receipt`] is to be concluded.
    New,
    /// The same message is on its way already; its end is told when it comes.
    UnderWay,
    /// It has come to its end before.
    Concluded(Fate),
    /// Too many came after it.
    Forgotten,
}

/// What a member has numbered, on whichever connection.
#[derive(Debug)]
pub(super) struct Session {
    id: MemberId,
    key_id: Box<str>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// The connection that it is with.
    holder: Option<PeerRef>,
    /// When that ended, if it has.
    left: Option<Instant>,
    /// It has gone on with a later connection: its client knows that it is remembered.
    resumed: bool,
    /// By number modulo [`WINDOW`]; only as long as numbers that came.
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    number: u64,
    state: State,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Empty,
    UnderWay,
    Concluded(Fate),
}

impl Session {
    fn new(id: MemberId, key_id: &str, holder: Option<PeerRef>) -> Session {
        let memory = Memory { holder, ..Memory::default() };
        Session { id, key_id: key_id.into(), memory: Mutex::new(memory) }
    }

    /// The connection that is told what becomes of its messages.
    #[cfg(test)]
    fn holder(&self) -> Option<PeerRef> {
        self.memory.lock().holder
    }

    /// Whether all that was ever said in it is remembered here, also what was said on earlier connections.
    pub(super) fn is_resumed(&self) -> bool {
        self.memory.lock().resumed
    }

    /// Takes a number, unless it is known.
    pub(super) fn begin(&self, number: u64) -> Known {
        let mut memory = self.memory.lock();
        let index = (number % WINDOW as u64) as usize;
        if memory.slots.len() <= index {
            memory.slots.resize(index + 1, Slot::default());
        }
        let slot = &mut memory.slots[index];
        match &slot.state {
            State::UnderWay if slot.number == number => Known::UnderWay,
            State::Concluded(fate) if slot.number == number => Known::Concluded(fate.clone()),
            State::UnderWay | State::Concluded(_) if slot.number > number => Known::Forgotten,
            _ => {
                *slot = Slot { number, state: State::UnderWay };
                Known::New
            }
        }
    }

    /// Remembers the end of a number, unless a later one has its place; returns who is to be told.
    fn conclude(&self, number: u64, fate: Fate) -> Option<PeerRef> {
        let mut memory = self.memory.lock();
        if let Some(slot) = memory.under_way(number) {
            slot.state = State::Concluded(fate);
        }
        memory.holder
    }

    /// What was under way has been lost with its speaker: it may come again.
    fn forget(&self, number: u64) {
        if let Some(slot) = self.memory.lock().under_way(number) {
            *slot = Slot::default();
        }
    }
}

impl Memory {
    fn under_way(&mut self, number: u64) -> Option<&mut Slot> {
        let slot = self.slots.get_mut((number % WINDOW as u64) as usize)?;
        (slot.number == number && matches!(slot.state, State::UnderWay)).then_some(slot)
    }
}

/// Goes with a numbered message to its end. Dropped without one, it has the session forget the number.
#[derive(Debug)]
pub(super) struct Receipt {
    session: Arc<Session>,
    pub(super) number: u64,
    /// Its speaker has said it before, where it is not remembered: others may have it already.
    pub(super) again: bool,
}

impl Receipt {
    pub(super) fn new(session: Arc<Session>, number: u64, again: bool) -> Receipt {
        Receipt { session, number, again }
    }

    /// Notes the end of its message; returns who is to be told.
    pub(super) fn conclude(&self, fate: Fate) -> Option<PeerRef> {
        self.session.conclude(self.number, fate)
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.session.forget(self.number);
    }
}

/// The sessions of a server.
pub(super) struct Sessions {
    /// What their names are made with.
    key: [u8; 32],
    register: Mutex<Register>,
}

#[derive(Default)]
struct Register {
    by_id: HashMap<MemberId, Arc<Session>>,
    /// Those without a connection, in the order in which they lost it; some have got another one since.
    left: VecDeque<(MemberId, Instant)>,
    /// Sessions were given up: one that is not here may have been one of them.
    has_forgotten: bool,
}

impl Sessions {
    pub(super) fn new() -> Result<Sessions> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| Error::new(Status::Io, format!("no randomness: {error}")))?;
        Ok(Sessions { key, register: Mutex::default() })
    }

    /// The name of the session that begins with this member: nobody else can guess it.
    pub(super) fn name(&self, id: MemberId) -> String {
        format!("{id:016x}{:016x}", self.seal(id))
    }

    fn seal(&self, id: MemberId) -> u64 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&id.to_be_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        digest[..8].iter().fold(0, |seal, byte| seal << 8 | u64::from(*byte))
    }

    /// Whose session has that name; `None` for a name of another server's, or that somebody made up.
    pub(super) fn read(&self, name: &str) -> Option<MemberId> {
        let number = |digits| u64::from_str_radix(digits, 16).ok();
        let (id, seal) = name.split_at_checked(16).filter(|(_, seal)| seal.len() == 16)?;
        let id = number(id)?;
        // Who guesses has one try in 2^64 a request, whatever the time that this takes tells.
        (number(seal)? == self.seal(id)).then_some(id)
    }

    /// The session of a member that begins to number what it says.
    pub(super) fn begin(&self, id: MemberId, key_id: &str, holder: PeerRef) -> Arc<Session> {
        let mut register = self.register.lock();
        // A later connection may have gone on with it at this very moment.
        let session = register.by_id.entry(id);
        Arc::clone(session.or_insert_with(|| Arc::new(Session::new(id, key_id, Some(holder)))))
    }

    /// Goes on with the session of member `id`, whose connection `ghost` is if that still stands, as far as we can see. It is with `holder` from here on;
    /// returned is the connection that had it, too. `None` if the key is another one, or if it may have been forgotten.
    pub(super) fn resume(
        &self,
        id: MemberId,
        key_id: &str,
        holder: PeerRef,
        ghost: Option<PeerRef>,
    ) -> Option<(Arc<Session>, Option<PeerRef>)> {
        let mut register = self.register.lock();
        let session = match register.by_id.get(&id) {
            Some(session) if *session.key_id == *key_id => Arc::clone(session),
            Some(_) => return None,
            None if ghost.is_none() && register.has_forgotten => return None,
            // It has numbered nothing before.
            None => {
                let session = Arc::new(Session::new(id, key_id, ghost));
                register.by_id.insert(id, Arc::clone(&session));
                session
            }
        };
        let mut memory = session.memory.lock();
        let before = memory.holder.replace(holder).filter(|before| *before != holder);
        (memory.left, memory.resumed) = (None, true);
        drop(memory);
        Some((session, before))
    }

    /// Its connection has ended; it is remembered for a while.
    pub(super) fn leave(&self, session: &Session, holder: MemberId, now: Instant) {
        let mut register = self.register.lock();
        let mut memory = session.memory.lock();
        if memory.holder.is_some_and(|peer| peer.serial() == holder) {
            (memory.holder, memory.left) = (None, Some(now));
            register.left.push_back((session.id, now));
        }
        drop(memory);
        register.prune(now);
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.register.lock().by_id.len()
    }
}

impl Register {
    fn prune(&mut self, now: Instant) {
        while let Some((id, left)) = self.left.front().copied() {
            if self.left.len() <= KEPT && now.saturating_duration_since(left) < KEPT_FOR {
                break;
            }
            self.left.pop_front();
            // It may have got a connection since, and lost that as well.
            if self.by_id.get(&id).is_some_and(|session| session.memory.lock().left == Some(left)) {
                self.by_id.remove(&id);
                self.has_forgotten = true;
            }
        }
    }
}

#[cfg(test)]
mod tests;
