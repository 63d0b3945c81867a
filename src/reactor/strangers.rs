//! What a host tells of those who do not get in, or do not belong there.

use std::fmt;
use std::time::Instant;

use super::shared::Shared;
use crate::gather::{Gatherer, others};
use crate::net::Address;

/// Gathers what strangers bring about, since they can bring it about thousands of times a second.
#[derive(Default)]
pub(crate) struct Strangers {
    refused: Gatherer<Stranger>,
    /// By what was wrong, so that the many of one kind hide none of another.
    no_proof: Gatherer<Stranger>,
    too_long: Gatherer<Stranger>,
    too_many: Gatherer<Stranger>,
    met: Gatherer<Stranger>,
}

/// Why a newcomer has not proved a key.
#[derive(Debug)]
pub(super) enum Failure {
    /// What it has sent is none, or it has gone; what is known of that.
    NoProof(String),
    TooLong,
    /// It was the oldest of as many as there may be.
    TooMany,
}

/// Somebody, and what happened to them.
struct Stranger {
    address: Address,
    what: String,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.what)
    }
}

impl Strangers {
    /// There is no place for a newcomer. Returns when [`Strangers::collect`] has something to tell of it.
    pub(super) fn refused(&self, now: Instant, address: &Address, reason: &str) -> Option<Instant> {
        note(&self.refused, now, address, format!("refused: {reason}"), |_| {})
    }

    /// A newcomer has not proved a key. Returns as above.
    pub(super) fn failed(
        &self,
        now: Instant,
        address: &Address,
        why: Failure,
        shared: &impl Shared,
    ) -> Option<Instant> {
        let (gatherer, why) = match why {
            Failure::NoProof(known) if known.is_empty() => (&self.no_proof, String::new()),
            Failure::NoProof(known) => (&self.no_proof, format!(": {known}")),
            Failure::TooLong => (&self.too_long, ": it took too long".to_owned()),
            Failure::TooMany => (&self.too_many, ": others wait".to_owned()),
        };
        note(gatherer, now, address, format!("authentication failed{why}"), |stranger| {
            shared.unproved(1, stranger.address);
        })
    }

    /// Somebody speaks what nobody here does. Returns as above.
    pub(super) fn met(&self, now: Instant, address: &Address, what: String) -> Option<Instant> {
        note(&self.met, now, address, what, |_| {})
    }

    /// Tells what was held back and has come due. Returns when there is more to tell.
    pub(super) fn collect(&self, now: Instant, shared: &impl Shared) -> Option<Instant> {
        self.tell(|gatherer| gatherer.collect(now), shared);
        let all = [&self.refused, &self.no_proof, &self.too_long, &self.too_many, &self.met];
        all.into_iter().filter_map(Gatherer::due).min()
    }

    /// Tells all that was held back.
    pub(super) fn collect_all(&self, shared: &impl Shared) {
        self.tell(Gatherer::collect_all, shared);
    }

    fn tell(&self, collect: impl Fn(&Gatherer<Stranger>) -> Option<(u64, Stranger)>, shared: &impl Shared) {
        for gatherer in [&self.refused, &self.met] {
            if let Some((count, last)) = collect(gatherer) {
                log::warn!("{last}{}", others(count));
            }
        }
        for gatherer in [&self.no_proof, &self.too_long, &self.too_many] {
            if let Some((count, last)) = collect(gatherer) {
                log::warn!("{last}{}", others(count));
                shared.unproved(count, last.address);
            }
        }
    }
}

fn note(
    gatherer: &Gatherer<Stranger>,
    now: Instant,
    address: &Address,
    what: String,
    tell: impl FnOnce(Stranger),
) -> Option<Instant> {
    match gatherer.note(now, Stranger { address: address.clone(), what }) {
        Some(stranger) => {
            log::warn!("{stranger}");
            tell(stranger);
            None
        }
        None => gatherer.due(),
    }
}
