//! What all threads of a host share.

use std::sync::OnceLock;

use super::clock::Clock;
use super::histogram::{Gauge, Histogram};
use super::inbox::{Inbox, Post};
use super::options::HostOptions;
use super::strangers::Strangers;
use super::totals::Totals;
use crate::net::Address;
use crate::tls::ServerTls;
use crate::{Error, Result, Status};

/// The workers' inboxes, the rules, and the sums.
pub(crate) struct Commons<C> {
    pub(crate) options: HostOptions,
    /// Where it listens; an address without a name if it does not.
    pub(crate) address: Address,
    pub(crate) clock: Clock,
    pub(crate) totals: Totals,
    pub(crate) strangers: Strangers,
    inboxes: Box<[Inbox<C>]>,
    gauges: Box<[Gauge]>,
    /// What one of the host's threads has failed with.
    failure: OnceLock<Error>,
}

impl<C> Commons<C> {
    pub(super) fn new(options: HostOptions, address: Address, clock: Clock, inboxes: Vec<Inbox<C>>) -> Commons<C> {
        Commons {
            options,
            address,
            clock,
            totals: Totals::default(),
            strangers: Strangers::default(),
            gauges: inboxes.iter().map(|_| Gauge::default()).collect(),
            inboxes: inboxes.into(),
            failure: OnceLock::new(),
        }
    }

    /// One for each worker.
    pub(crate) fn inboxes(&self) -> &[Inbox<C>] {
        &self.inboxes
    }

    /// What each worker has measured.
    pub(super) fn gauges(&self) -> &[Gauge] {
        &self.gauges
    }

    /// How long the turns of all workers have taken.
    pub(crate) fn turns(&self) -> Histogram {
        self.sum(|gauge| gauge.turns.read())
    }

    /// How long it has taken until what was said had gone to a worker's peers.
    pub(crate) fn deliveries(&self) -> Histogram {
        self.sum(|gauge| gauge.deliveries.read())
    }

    fn sum(&self, read: impl Fn(&Gauge) -> Histogram) -> Histogram {
        let mut sum = Histogram::default();
        self.gauges.iter().for_each(|gauge| sum += read(gauge));
        sum
    }

    /// What secures its connections; `BadState` if they are plain.
    pub(crate) fn tls(&self) -> Result<&ServerTls> {
        let tls = self.options.tls.as_deref();
        tls.ok_or_else(|| Error::new(Status::BadState, "this server has no TLS"))
    }

    pub(crate) fn wake_all(&self) {
        self.inboxes.iter().for_each(Inbox::wake);
    }

    /// Whether some worker has more to deliver than it can.
    pub(super) fn is_congested(&self) -> bool {
        self.inboxes.iter().any(Inbox::is_congested)
    }

    /// One of the host's threads has failed, and the host ends. The first failure stays.
    pub(super) fn failed(&self, failure: Error) {
        let _ = self.failure.set(failure);
    }

    /// What one of the host's threads has failed with, if any has.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.get().cloned()
    }

    /// Nothing more will come of the service: the workers may say goodbye. For services that end when they say so.
    pub(crate) fn finish(&self) {
        for inbox in &self.inboxes {
            inbox.post(Post::Finish);
            inbox.wake();
        }
    }
}
