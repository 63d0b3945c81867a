//! What the embedder says, and how fast: no faster than workers take it and members that read follow.
//!
//! A member is never read more slowly than it must be for the embedder's sake, and no worker ever waits: it is the
//! embedder's own thread that does, or that is told `Overflow`.

use std::sync::atomic::Ordering;

use super::call::Call;
use super::hub::Hub;
use super::member::{Member, MemberId};
use super::room::{Log, no_such_peer};
use super::wire::{Draft, Kind, LOBBY};
use crate::net::{Deadline, LOOK_UP};
use crate::reactor::Inbox;
use crate::sync::MutexGuard;
use crate::{Error, Result, Status};

/// What a chunk costs besides its text, about: its envelope, and its place in a queue.
const ENVELOPE: usize = 192;

/// What became of something that was sent to several members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Members for whom it is on its way. Whoever turns out too slow for it is disconnected, and reported as such.
    pub queued: u64,
}

impl Hub {
    /// The server says something to all, as an entry of the log. Asks `patience` how long to wait, if it must.
    pub(super) fn broadcast<'a>(
        &self,
        text: &str,
        except: MemberId,
        patience: impl FnOnce() -> Deadline<'a>,
    ) -> Result<Delivery> {
        let mut draft = self.draft(text);
        let size = draft.len() + ENVELOPE;
        let ((), waited) = self.speak(patience, |log| {
            if log.closed {
                return Err(self.stopped());
            }
            let ready = self.pace.awaited.load(Ordering::SeqCst) == 0
                && self.commons.inboxes().iter().all(|inbox| inbox.has_room(size, self.pace.bound));
            if ready {
                self.commons.inboxes().iter().for_each(|inbox| inbox.reserve(size));
            }
            Ok(ready.then_some(()))
        })?;
        if waited {
            // The time in it is that at which it is said.
            draft = self.draft(text);
        }
        draft.reserved = size;
        let (queued, _) = self.publish(&mut draft, except);
        Ok(Delivery { queued: queued as u64 })
    }

    fn draft(&self, text: &str) -> Draft {
        let mut draft = Draft::default();
        self.wire.append(&mut draft, Kind::Message, &self.clock(), &self.signature, text);
        draft
    }

    /// The server says something to one, outside the log. Waits for nobody but that one, and its worker.
    pub(super) fn send<'a>(&self, id: MemberId, text: &str, patience: impl FnOnce() -> Deadline<'a>) -> Result<()> {
        let size = text.len() + ENVELOPE;
        let (peer, _) = self.speak(patience, |log| {
            let (member, peer) = log.find(id).map_err(|error| self.failure().unwrap_or(error))?;
            if member.is_silenced() {
                // Its farewell is on the way, after which it is told nothing.
                return Err(no_such_peer(id));
            }
            let inbox = &self.commons.inboxes()[peer.worker()];
            let ready = !member.awaited() && inbox.has_room(size, self.pace.bound);
            if ready {
                inbox.reserve(size);
            }
            Ok(ready.then_some(*peer))
        })?;
        let clock = self.clock();
        let fields = serde_json::json!({
            "type": "direct", "room": LOBBY, "time": clock.message(),
            "from": {"id": 0, "address": self.wire.label, "name": null, "server": true}, "text": text,
        });
        let bytes = self.wire.private(&clock, &self.signature, text, &fields);
        drop(clock);
        self.tell(peer, Call::Send { to: peer, chunk: bytes, reserved: size });
        Ok(())
    }

    /// Tries under the log's lock until `attempt` has something, and says whether that took a wait.
    fn speak<'a, T>(
        &self,
        patience: impl FnOnce() -> Deadline<'a>,
        attempt: impl Fn(&Log) -> Result<Option<T>>,
    ) -> Result<(T, bool)> {
        let mut log = self.room.lock();
        if let Some(done) = attempt(&log)? {
            return Ok((done, false));
        }
        let deadline = patience();
        // Counted before the next look, so that whatever changes after it finds somebody to wake.
        self.pace.waiting.fetch_add(1, Ordering::SeqCst);
        let result = loop {
            match attempt(&log) {
                Ok(Some(done)) => break Ok((done, true)),
                Ok(None) if log.closed => break Err(self.stopped()),
                Ok(None) if deadline.has_passed() => {
                    self.pace.refuse();
                    break Err(overflow());
                }
                Ok(None) => {}
                Err(error) => break Err(error),
            }
            log = match self.wait_for_change(log, &deadline) {
                Ok(log) => log,
                Err(error) => break Err(error),
            };
        };
        self.pace.waiting.fetch_sub(1, Ordering::SeqCst);
        result
    }

    fn stopped(&self) -> Error {
        self.failure().unwrap_or_else(|| Error::new(Status::Closed, "the server is stopped"))
    }

    fn wait_for_change<'r>(&'r self, log: MutexGuard<'r, Log>, deadline: &Deadline<'_>) -> Result<MutexGuard<'r, Log>> {
        if !deadline.can_be_interrupted() {
            return Ok(self.pace.changed.wait(log, deadline.instant()));
        }
        // A condition variable does not notice signals, whose handlers may want the lock.
        drop(self.pace.changed.wait(log, deadline.at_most(LOOK_UP).instant()));
        deadline.interrupted()?;
        Ok(self.room.lock())
    }

    /// A member has come to be waited for, or is no longer.
    pub(super) fn note_awaited(&self, member: &Member, awaited: bool) {
        member.set_awaited(awaited);
        if awaited {
            self.pace.awaited.fetch_add(1, Ordering::SeqCst);
        } else {
            self.pace.awaited.fetch_sub(1, Ordering::SeqCst);
            self.wake_speakers();
        }
    }

    /// A worker has delivered so many bytes that were reserved.
    pub(super) fn relieve(&self, inbox: &Inbox<Call>, reserved: usize) {
        inbox.release(reserved);
        self.wake_speakers();
    }

    /// Has every thread that waits to speak look again.
    pub(super) fn wake_speakers(&self) {
        if self.pace.waiting.load(Ordering::SeqCst) > 0 {
            // Under the lock, so that nobody stands between having looked and waiting.
            let _log = self.room.lock();
            self.pace.tell_of_change();
        }
    }
}

fn overflow() -> Error {
    Error::new(Status::Overflow, "not sent: members that are behind have yet to take what was said before")
}
