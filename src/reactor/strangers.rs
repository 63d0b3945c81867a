//! What a host tells of those who do not get in, or do not belong there.

use std::fmt;
use std::time::Instant;

use super::shared::Shared;
use crate::gather::{Gatherer, others};
use crate::net::Address;
use crate::peer::Fault;

/// Gathers what strangers bring about, since they can bring it about thousands of times a second.
#[derive(Default)]
pub(crate) struct Strangers {
    refused: Gatherer<Stranger>,
    /// By what was wrong, so that the many of one kind hide none of another.
    failed: [Gatherer<Stranger>; Failure::KINDS],
    met: Gatherer<Stranger>,
}

/// Why a newcomer has not proved a key.
#[derive(Debug)]
pub(super) enum Failure {
    /// What it has sent is no proof.
    NoProof,
    /// It does not bind its proof as it must, or what is known else of why it is unfit.
    Unfit(&'static str),
    /// It speaks something else.
    Stranger(String),
    /// Its channel could not be secured, for that reason.
    Channel(String),
    /// It has gone, or there was no way to answer it.
    BrokenOff(&'static str),
    TooLong,
    /// It was the oldest of as many as there may be.
    TooMany,
}

impl Failure {
    const KINDS: usize = 7;

    /// Those of one kind are gathered together.
    fn kind(&self) -> usize {
        match self {
            Failure::NoProof => 0,
            Failure::Unfit(_) => 1,
            Failure::Stranger(_) => 2,
            Failure::Channel(_) => 3,
            Failure::BrokenOff(_) => 4,
            Failure::TooLong => 5,
            Failure::TooMany => 6,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        match fault {
            Fault::Wrong => Failure::NoProof,
            Fault::Opening(_) => Failure::Stranger(fault.to_string()),
            Fault::Unfit(reason) => Failure::Unfit(reason),
        }
    }
}

impl fmt::Display for Failure {
    /// Goes behind a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoProof => Ok(()),
            Failure::Stranger(known) | Failure::Channel(known) => write!(f, ": {known}"),
            Failure::Unfit(known) | Failure::BrokenOff(known) => write!(f, ": {known}"),
            Failure::TooLong => f.write_str(": it took too long"),
            Failure::TooMany => f.write_str(": others wait"),
        }
    }
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

    /// A newcomer has not proved a key, or not come so far: `what` has failed. Returns as above.
    pub(super) fn failed(
        &self,
        now: Instant,
        address: &Address,
        what: &str,
        why: &Failure,
        shared: &impl Shared,
    ) -> Option<Instant> {
        note(&self.failed[why.kind()], now, address, format!("{what}{why}"), |stranger| {
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
        let all = [&self.refused, &self.met].into_iter().chain(&self.failed);
        all.filter_map(Gatherer::due).min()
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
        for gatherer in &self.failed {
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
