//! Who takes part in a room.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::SystemTime;

use crate::auth::Identity;
use crate::net::Address;
use crate::reactor::{Counter, Traffic};
use crate::tls::Protection;

/// Names a member for as long as the process lives, whichever server it is a member of: never reused, never 0 (0 stands
/// for the server itself).
pub type MemberId = u64;

/// A member of the room, or what is left of one: the record outlives the connection.
#[derive(Debug)]
pub struct Member {
    id: MemberId,
    address: Address,
    label: Box<str>,
    connected_at: SystemTime,
    key_id: OnceLock<Box<str>>,
    names: Names,
    tls: bool,
    binding: AtomicU8,
    silenced: AtomicBool,
    /// It has left, and the embedder is not told of it.
    unheard: AtomicBool,
    /// The embedder waits for this member before it speaks.
    awaited: AtomicBool,
    pub(super) traffic: Traffic,
    pub(super) said: Counter,
    pub(super) heard: Counter,
}

impl Member {
    pub(super) fn new(id: MemberId, address: Address, tls: bool) -> Member {
        Member {
            id,
            label: address.label().into(),
            address,
            connected_at: SystemTime::now(),
            key_id: OnceLock::new(),
            names: Names::default(),
            tls,
            binding: AtomicU8::new(0),
            silenced: AtomicBool::new(false),
            unheard: AtomicBool::new(false),
            awaited: AtomicBool::new(false),
            traffic: Traffic::default(),
            said: Counter::default(),
            heard: Counter::default(),
        }
    }

    /// The number of this member; it is never given to another.
    pub fn id(&self) -> MemberId {
        self.id
    }

    /// Where the member comes from.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The address as it is printed, for example `127.0.0.1:51234`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// When the connection was accepted.
    pub fn connected_at(&self) -> SystemTime {
        self.connected_at
    }

    /// The key this member has proved to hold; empty without authentication or with an unnamed key.
    pub fn key_id(&self) -> &str {
        self.key_id.get().map_or("", |key_id| key_id)
    }

    /// What secures its connection; which key it has proved to hold is [`Member::key_id`].
    pub fn protection(&self) -> Protection {
        Protection::new(self.tls, self.binding.load(Ordering::Relaxed), None)
    }

    /// The name of the member: the one it chose, or that the embedder has given it, if any.
    pub fn name(&self) -> Option<&str> {
        self.names.last()
    }

    /// Whether it has left, or is sent away: nothing more is heard of it.
    pub fn has_left(&self) -> bool {
        self.is_silenced()
    }

    /// Bytes received from this member.
    pub fn bytes_in(&self) -> u64 {
        self.traffic.bytes_in.get()
    }

    /// Bytes given to the kernel for this member.
    pub fn bytes_out(&self) -> u64 {
        self.traffic.bytes_out.get()
    }

    /// Messages received from this member.
    pub fn messages_in(&self) -> u64 {
        self.said.get()
    }

    /// Messages of the room given to the kernel, or queued, for this member; what the server says to it alone is not counted.
    pub fn messages_out(&self) -> u64 {
        self.heard.get()
    }

    /// Bytes that wait in the member's outbox because it does not read fast enough.
    pub fn outbox_bytes(&self) -> u64 {
        self.traffic.outbox_bytes.get()
    }

    /// From here on nothing of it is heard: it has left, or it is sent away.
    pub(super) fn silence(&self) {
        self.silenced.store(true, Ordering::Release);
    }

    /// Whether it has left without an event: the embedder had not heard of its join either.
    #[cfg_attr(not(feature = "capi"), allow(dead_code, reason = "C keeps data of members until then"))]
    pub(crate) fn has_left_unheard(&self) -> bool {
        self.unheard.load(Ordering::Acquire)
    }

    pub(super) fn leave_unheard(&self) {
        self.unheard.store(true, Ordering::Release);
    }

    pub(super) fn is_silenced(&self) -> bool {
        self.silenced.load(Ordering::Acquire)
    }

    pub(super) fn awaited(&self) -> bool {
        self.awaited.load(Ordering::SeqCst)
    }

    pub(super) fn set_awaited(&self, awaited: bool) {
        self.awaited.store(awaited, Ordering::SeqCst);
    }

    /// It has proved to be that one.
    pub(super) fn prove(&self, who: &Identity) {
        let _ = self.key_id.set((&*who.key_id).into());
        self.binding.store(who.binding, Ordering::Relaxed);
    }

    /// Only the room calls this, under its lock, after making sure that nobody else has the name. False when the member has had
    /// too many.
    pub(super) fn set_name(&self, name: Option<&str>) -> bool {
        self.names.add(name.unwrap_or(""))
    }
}

/// The names that a member has had, one after the other; "" is none. They stay as long as the member, so that who has read one
/// may keep it, and whoever looks needs no lock. Hence there is a limit.
#[derive(Debug, Default)]
struct Names(OnceLock<Box<Named>>);

#[derive(Debug)]
struct Named {
    name: Box<str>,
    then: Names,
}

impl Names {
    const LIMIT: usize = 256;

    fn last(&self) -> Option<&str> {
        let mut last = self.0.get()?;
        while let Some(next) = last.then.0.get() {
            last = next;
        }
        Some(&*last.name).filter(|name| !name.is_empty())
    }

    fn add(&self, name: &str) -> bool {
        let mut end = self;
        for _ in 0..Names::LIMIT {
            match end.0.get() {
                None => return end.0.set(Box::new(Named { name: name.into(), then: Names::default() })).is_ok(),
                Some(named) => end = &named.then,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_the_last_of_its_names_and_none_beyond_the_limit() {
        let names = Names::default();
        assert_eq!(names.last(), None);
        for number in 1..=Names::LIMIT {
            assert!(names.add(&number.to_string()));
            assert_eq!(names.last(), Some(&*number.to_string()));
        }
        assert!(!names.add("one more"));
        assert_eq!(names.last(), Some("256"));
        let names = Names::default();
        assert!(names.add("ann") && names.add(""));
        assert_eq!(names.last(), None);
    }
}
