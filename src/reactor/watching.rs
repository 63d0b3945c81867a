//! Having a worker watch pipes and processes besides its connections.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use mio::Interest;

use super::service::Service;
use super::turn::Turn;
use super::watches::WatchRef;

#[cfg_attr(not(test), expect(dead_code, reason = "for services with pipes and processes"))]
impl<S: Service> Turn<S> {
    /// Watches a descriptor until it is taken back.
    pub(crate) fn watch(&mut self, fd: OwnedFd, interest: Interest) -> io::Result<WatchRef> {
        self.watches.add(&self.registry, fd, interest)
    }

    /// A descriptor that is watched.
    pub(crate) fn watched(&self, watch: WatchRef) -> Option<BorrowedFd<'_>> {
        self.watches.descriptor(watch).map(AsFd::as_fd)
    }

    /// Watches it no more.
    pub(crate) fn unwatch(&mut self, watch: WatchRef) -> Option<OwnedFd> {
        self.watches.take(&self.registry, watch)
    }
}
