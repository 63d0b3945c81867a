//! Descriptors that a service has its worker watch: pipes, processes.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use slab::Slab;

/// Tokens from here on are of watches.
const FIRST_TOKEN: usize = 1 << (usize::BITS - 3);
const END_OF_TOKENS: usize = FIRST_TOKEN << 1;

/// Names a watch for as long as its worker lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WatchRef {
    token: usize,
    serial: u64,
}

/// What a watched descriptor is ready for. The poller tells of a change once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readiness {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The other end is gone.
    pub(crate) closed: bool,
}

/// What is watched; open as long as it is, whoever else has it.
#[derive(Default)]
pub(super) struct Watches {
    slots: Slab<(Arc<OwnedFd>, u64)>,
    last: u64,
}

impl Watches {
    pub(super) fn add(&mut self, registry: &Registry, fd: Arc<OwnedFd>, interest: Interest) -> io::Result<WatchRef> {
        self.last += 1;
        let token = self.slots.vacant_key();
        registry.register(&mut SourceFd(&fd.as_raw_fd()), Token(FIRST_TOKEN + token), interest)?;
        self.slots.insert((fd, self.last));
        Ok(WatchRef { token, serial: self.last })
    }

    pub(super) fn descriptor(&self, watch: WatchRef) -> Option<&Arc<OwnedFd>> {
        self.slots.get(watch.token).filter(|(_, serial)| *serial == watch.serial).map(|(fd, _)| fd)
    }

    pub(super) fn take(&mut self, registry: &Registry, watch: WatchRef) -> Option<Arc<OwnedFd>> {
        self.descriptor(watch)?;
        let (fd, _) = self.slots.remove(watch.token);
        let _ = registry.deregister(&mut SourceFd(&fd.as_raw_fd()));
        Some(fd)
    }

    /// Whether that is the token of a watch, and which one's.
    pub(super) fn of(&self, token: Token) -> Option<Option<WatchRef>> {
        let index = (FIRST_TOKEN..END_OF_TOKENS).contains(&token.0).then(|| token.0 - FIRST_TOKEN)?;
        // Stale when it was taken back in this very turn.
        Some(self.slots.get(index).map(|(_, serial)| WatchRef { token: index, serial: *serial }))
    }
}
