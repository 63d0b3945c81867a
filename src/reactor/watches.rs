//! Descriptors that a service has its worker watch: pipes, processes, connections that are not the host's.

use std::io;
use std::os::fd::{AsRawFd, RawFd};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use slab::Slab;

use super::timers::Timers;
use crate::net::PrivateFd;
use crate::peer::Moment;

/// Tokens from here on are of watches.
const FIRST_TOKEN: usize = 1 << (usize::BITS - 3);
const END_OF_TOKENS: usize = FIRST_TOKEN << 1;

/// Names a watch for as long as its worker lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WatchRef {
    serial: u64,
    token: usize,
}

/// What a watched descriptor is ready for. The poller tells of a change once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readiness {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The other end is gone.
    pub(crate) closed: bool,
}

/// What is watched.
#[derive(Default)]
pub(super) struct Watches {
    slots: Slab<Watch>,
    last: u64,
    timers: Timers<WatchRef>,
}

struct Watch {
    descriptor: Descriptor,
    serial: u64,
    /// When it is overdue.
    until: Option<Moment>,
}

/// Whose a descriptor is while it is watched.
pub(super) enum Descriptor {
    /// The watch's, until it is taken back.
    Owned(PrivateFd),
    /// Somebody else's. Closed by them, it is watched no more, which nobody is told of.
    Lent(RawFd),
}

impl Watches {
    pub(super) fn add(
        &mut self,
        registry: &Registry,
        descriptor: Descriptor,
        interest: Interest,
    ) -> io::Result<WatchRef> {
        self.last += 1;
        let (token, serial) = (self.slots.vacant_key(), self.last);
        registry.register(&mut SourceFd(&descriptor.number()), Token(FIRST_TOKEN + token), interest)?;
        self.slots.insert(Watch { descriptor, serial, until: None });
        Ok(WatchRef { serial, token })
    }

    pub(super) fn descriptor(&self, watch: WatchRef) -> Option<&Descriptor> {
        self.get(watch).map(|watch| &watch.descriptor)
    }

    pub(super) fn take(&mut self, registry: &Registry, watch: WatchRef) -> Option<Descriptor> {
        self.get(watch)?;
        let Watch { descriptor, .. } = self.slots.remove(watch.token);
        let _ = registry.deregister(&mut SourceFd(&descriptor.number()));
        Some(descriptor)
    }

    /// Whether that is the token of a watch, and which one's.
    pub(super) fn of(&self, token: Token) -> Option<Option<WatchRef>> {
        let token = (FIRST_TOKEN..END_OF_TOKENS).contains(&token.0).then(|| token.0 - FIRST_TOKEN)?;
        // Stale when it was taken back in this very turn.
        Some(self.slots.get(token).map(|watch| WatchRef { serial: watch.serial, token }))
    }

    /// Sets when a watch is overdue, instead of what was set before.
    pub(super) fn set_until(&mut self, watch: WatchRef, until: Option<Moment>) {
        let Some(slot) = self.slots.get_mut(watch.token).filter(|slot| slot.serial == watch.serial) else { return };
        slot.until = until;
        if let Some(at) = until {
            self.timers.set(at, watch);
        }
        if self.timers.is_crowded() {
            let mut timers = std::mem::take(&mut self.timers);
            timers.tidy(|watch, at| self.is_due(watch, at));
            self.timers = timers;
        }
    }

    /// When the next one may be overdue.
    pub(super) fn next(&self) -> Option<Moment> {
        self.timers.next()
    }

    /// One that is overdue, which is told once.
    pub(super) fn expired(&mut self, now: Moment) -> Option<WatchRef> {
        while let Some((at, watch)) = self.timers.expired(now) {
            if self.is_due(watch, at) {
                self.slots[watch.token].until = None;
                return Some(watch);
            }
        }
        None
    }

    fn is_due(&self, watch: WatchRef, at: Moment) -> bool {
        self.get(watch).is_some_and(|watch| watch.until == Some(at))
    }

    fn get(&self, watch: WatchRef) -> Option<&Watch> {
        self.slots.get(watch.token).filter(|slot| slot.serial == watch.serial)
    }
}

impl Descriptor {
    fn number(&self) -> RawFd {
        match self {
            Descriptor::Owned(fd) => fd.as_raw_fd(),
            Descriptor::Lent(number) => *number,
        }
    }
}
