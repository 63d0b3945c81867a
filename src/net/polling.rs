//! Waiting awake, where sleeping costs more than the wait.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

/// No budget is longer: by then a core has been kept awake for nothing a hundred times longer than it takes to wake up, and
/// whoever waits awake is deaf to signals.
pub(crate) const LONGEST: Duration = Duration::from_millis(10);

/// How many short waits in a row make it worth to wait awake.
const SHORT_WAITS: u32 = 2;

/// How many are asked for, at most, after polling in vain again and again.
const MOST_SHORT_WAITS: u32 = 256;

/// How many answers in a row must have come after exactly one yield, until the yield comes before the first try.
const NEIGHBOUR: u32 = 4;

/// How often the first try comes first all the same, to see whether the yield is still what brings the answer.
const DOUBT: u32 = 16;

/// Decides, from how long the last waits were, whether to poll for a moment before sleeping.
///
/// In a quick dialogue most of the time of a round trip is spent on waking a sleeping core. A receiver therefore polls,
/// and gives its core away between tries, while the last waits were shorter than its budget. A wait that polls in vain
/// doubles the number of short waits asked for before the next try, so that an irregular peer costs next to nothing,
/// and an idle one nothing at all.
///
/// A peer on this very core can only answer while it has the core: then the core is given away before the first try.
#[derive(Debug)]
pub(crate) struct AdaptivePolling {
    budget: Duration,
    short_waits: u32,
    wanted: u32,
    /// How many waits in a row one yield has ended.
    yields: u32,
}

impl AdaptivePolling {
    /// Polls for `budget` at most, and never longer than [`LONGEST`]; zero never polls.
    pub(crate) fn new(budget: Duration) -> AdaptivePolling {
        AdaptivePolling { budget: budget.min(LONGEST), short_waits: 0, wanted: SHORT_WAITS, yields: 0 }
    }

    /// The same past with another budget.
    pub(crate) fn with_budget(self, budget: Duration) -> AdaptivePolling {
        AdaptivePolling { budget: budget.min(LONGEST), ..self }
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.budget.is_zero()
    }

    pub(crate) fn is_worth_it(&self) -> bool {
        self.short_waits >= self.wanted
    }

    /// Polls `attempt` as long as it is worth it; `None` means that it is time to sleep.
    pub(crate) fn poll<R>(&mut self, mut attempt: impl FnMut() -> io::Result<R>) -> Option<io::Result<R>> {
        self.begin(&mut attempt).or_else(|| self.go_on(attempt))
    }

    /// The first two tries of [`AdaptivePolling::poll`], without a look at the clock: all that a peer needs that has
    /// answered already, or runs on this very core.
    #[inline]
    pub(crate) fn begin<R>(&mut self, mut attempt: impl FnMut() -> io::Result<R>) -> Option<io::Result<R>> {
        if !self.is_worth_it() {
            return None;
        }
        let yield_first = self.yields >= NEIGHBOUR && !self.yields.is_multiple_of(DOUBT);
        if yield_first {
            thread::yield_now();
        }
        if let Some(result) = self.attempted(attempt()) {
            self.yields = if yield_first { self.yields.wrapping_add(1) } else { 0 };
            return Some(result);
        }
        thread::yield_now();
        let result = self.attempted(attempt());
        self.yields = if result.is_some() && !yield_first { self.yields.wrapping_add(1) } else { 0 };
        result
    }

    /// What follows after [`AdaptivePolling::begin`] has given `None`.
    pub(crate) fn go_on<R>(&mut self, mut attempt: impl FnMut() -> io::Result<R>) -> Option<io::Result<R>> {
        if !self.is_worth_it() {
            return None;
        }
        let start = Instant::now();
        while start.elapsed() < self.budget {
            // Whoever we wait for may need this very core.
            thread::yield_now();
            if let Some(result) = self.attempted(attempt()) {
                return Some(result);
            }
        }
        self.ask_for(self.wanted * 2);
        None
    }

    /// What a try has brought, if anything: then polling was right.
    #[inline]
    fn attempted<R>(&mut self, result: io::Result<R>) -> Option<io::Result<R>> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            result => {
                self.wanted = SHORT_WAITS;
                Some(result)
            }
        }
    }

    /// Waits for events like [`Poll::poll`], awake first where that is worth it.
    pub(crate) fn wait(&mut self, poll: &mut Poll, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        if timeout.is_some_and(|timeout| timeout <= self.budget) {
            return poll.poll(events, timeout);
        }
        let polled = self.poll(|| match poll.poll(events, Some(Duration::ZERO)) {
            Ok(()) if events.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            result => result,
        });
        polled.unwrap_or_else(|| {
            let start = Instant::now();
            let result = poll.poll(events, timeout);
            self.slept(start.elapsed());
            result
        })
    }

    fn ask_for(&mut self, short_waits: u32) {
        self.short_waits = 0;
        self.wanted = short_waits.min(MOST_SHORT_WAITS);
    }

    /// A wait has ended that was slept through.
    pub(crate) fn slept(&mut self, time: Duration) {
        self.short_waits = if time <= self.budget { self.short_waits.saturating_add(1) } else { 0 };
    }
}

impl Default for AdaptivePolling {
    /// Never polls until it is given a budget.
    fn default() -> AdaptivePolling {
        AdaptivePolling::new(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests;
