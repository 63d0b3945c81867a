//! Having a worker watch other descriptors besides its connections.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, RawFd};

use mio::Interest;

use super::service::Service;
use super::turn::Turn;
use super::watches::{Descriptor, WatchRef};
use crate::net::PrivateFd;
use crate::peer::Moment;

impl<S: Service> Turn<S> {
    /// Watches a descriptor until it is taken back. A child of `fork` gives its copy up.
    pub(crate) fn watch(&mut self, fd: PrivateFd, interest: Interest) -> io::Result<WatchRef> {
        self.watches.add(&self.registry, Descriptor::Owned(fd), interest)
    }

    /// A descriptor that is watched.
    pub(crate) fn watched(&self, watch: WatchRef) -> Option<BorrowedFd<'_>> {
        match self.watches.descriptor(watch)? {
            Descriptor::Owned(fd) => Some(fd.as_fd()),
            Descriptor::Lent(_) => None,
        }
    }

    /// Watches it no more.
    pub(crate) fn unwatch(&mut self, watch: WatchRef) -> Option<PrivateFd> {
        match self.watches.take(&self.registry, watch)? {
            Descriptor::Owned(fd) => Some(fd),
            Descriptor::Lent(_) => None,
        }
    }
}

impl<S: Service> Turn<S> {
    /// Watches a descriptor that stays somebody else's, until [`Turn::give_back`]. Who closes it before that hears nothing of
    /// it; its number may then be another file's, and be lent anew only when this watch has ended.
    pub(crate) fn lend(&mut self, fd: RawFd, interest: Interest) -> io::Result<WatchRef> {
        self.watches.add(&self.registry, Descriptor::Lent(fd), interest)
    }

    /// Watches what was lent no more, and says which number that was.
    pub(crate) fn give_back(&mut self, watch: WatchRef) -> Option<RawFd> {
        match self.watches.take(&self.registry, watch)? {
            Descriptor::Lent(fd) => Some(fd),
            Descriptor::Owned(_) => None,
        }
    }

    /// Has [`Service::overdue`] called for that watch then, instead of when it was set to before; `None` is not at all.
    pub(crate) fn watch_until(&mut self, watch: WatchRef, at: Option<Moment>) {
        self.watches.set_until(watch, at);
    }
}
