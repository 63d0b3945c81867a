//! Having a worker watch pipes and processes besides its connections.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use mio::Interest;

use super::service::Service;
use super::turn::Turn;
use super::watches::WatchRef;

impl<S: Service> Turn<S> {
    /// Watches a descriptor until it is taken back.
    pub(crate) fn watch(&mut self, fd: impl Into<Arc<OwnedFd>>, interest: Interest) -> io::Result<WatchRef> {
        self.watches.add(&self.registry, fd.into(), interest)
    }

    /// A descriptor that is watched.
    pub(crate) fn watched(&self, watch: WatchRef) -> Option<BorrowedFd<'_>> {
        self.watches.descriptor(watch).map(|fd| fd.as_fd())
    }

    /// Watches it no more.
    pub(crate) fn unwatch(&mut self, watch: WatchRef) -> Option<Arc<OwnedFd>> {
        self.watches.take(&self.registry, watch)
    }
}
