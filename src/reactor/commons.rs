//! What all threads of a host share.

use super::inbox::{Inbox, Post};
use super::options::HostOptions;
use super::strangers::Strangers;
use super::totals::Totals;
use crate::net::Address;

/// The workers' inboxes, the rules, and the sums.
pub(crate) struct Commons<C> {
    pub(crate) options: HostOptions,
    /// Where it listens; an address without a name if it does not.
    pub(crate) address: Address,
    pub(crate) totals: Totals,
    pub(crate) strangers: Strangers,
    inboxes: Box<[Inbox<C>]>,
}

impl<C> Commons<C> {
    pub(super) fn new(options: HostOptions, address: Address, inboxes: Vec<Inbox<C>>) -> Commons<C> {
        Commons {
            options,
            address,
            totals: Totals::default(),
            strangers: Strangers::default(),
            inboxes: inboxes.into(),
        }
    }

    /// One for each worker.
    pub(crate) fn inboxes(&self) -> &[Inbox<C>] {
        &self.inboxes
    }

    pub(crate) fn wake_all(&self) {
        self.inboxes.iter().for_each(Inbox::wake);
    }

    /// Whether some worker has more to deliver than it can.
    pub(super) fn is_congested(&self) -> bool {
        self.inboxes.iter().any(Inbox::is_congested)
    }

    /// Nothing more will come of the service: the workers may say goodbye. For services that end when they say so.
    pub(crate) fn finish(&self) {
        for inbox in &self.inboxes {
            inbox.post(Post::Finish);
            inbox.wake();
        }
    }
}
