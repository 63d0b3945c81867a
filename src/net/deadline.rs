//! How long a blocking call may take, and who may interrupt it.

use std::time::{Duration, Instant};

use crate::{Error, Result, Status};

/// Asked whenever a signal interrupts a wait: `Ok` goes on waiting for the time that is left, `Err` ends the call.
type Interrupt<'a> = &'a dyn Fn() -> Result<()>;

/// The end of a blocking call's patience.
///
/// Every blocking call takes `impl Into<Deadline>`, so that `None`, a [`Duration`] and a `Deadline` all serve.
/// A duration of zero tries once and does not wait.
#[derive(Clone, Copy, Default)]
pub struct Deadline<'a> {
    at: Option<Instant>,
    interrupt: Option<Interrupt<'a>>,
}

impl<'a> Deadline<'a> {
    /// Waits for ever.
    pub const fn never() -> Deadline<'a> {
        Deadline { at: None, interrupt: None }
    }

    /// Ends `patience` from now; longer than the clock can count is for ever.
    pub fn after(patience: Duration) -> Deadline<'a> {
        Deadline { at: Instant::now().checked_add(patience), interrupt: None }
    }

    /// Asks `interrupt` whenever a signal arrives on the waiting thread (as PEP 475 wants it for Python).
    pub fn with_interrupt(self, interrupt: Interrupt<'a>) -> Deadline<'a> {
        Deadline { interrupt: Some(interrupt), ..self }
    }

    /// The earlier one of this deadline and `patience` from now, with the same interrupt.
    pub fn at_most(self, patience: Duration) -> Deadline<'a> {
        let other = Instant::now().checked_add(patience);
        let at = match (self.at, other) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Deadline { at, ..self }
    }

    /// The end of a second wait: `patience` after this deadline, or after now if this one lies ahead no longer.
    pub(crate) fn and_then(self, patience: Duration) -> Deadline<'a> {
        let at = self.at.and_then(|at| at.max(Instant::now()).checked_add(patience));
        Deadline { at, ..self }
    }

    /// The time that is left, zero when it has passed, `None` for ever.
    pub fn remaining(&self) -> Option<Duration> {
        self.at.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// The instant, `None` for never.
    pub fn instant(&self) -> Option<Instant> {
        self.at
    }

    /// Whether the time is up.
    pub fn has_passed(&self) -> bool {
        self.at.is_some_and(|at| at <= Instant::now())
    }

    /// For `poll(2)`: rounded up, so that a wait never ends before its deadline.
    pub(crate) fn poll_timeout(&self) -> libc::c_int {
        match self.remaining() {
            None => -1,
            Some(left) => left.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(libc::c_int::MAX),
        }
    }

    pub(crate) fn interrupted(&self) -> Result<()> {
        self.interrupt.map_or(Ok(()), |interrupt| interrupt())
    }

    pub(crate) fn can_be_interrupted(&self) -> bool {
        self.interrupt.is_some()
    }

    pub(crate) fn timed_out(what: &str) -> Error {
        Error::new(Status::TimedOut, format!("{what} timed out"))
    }
}

impl From<Option<Duration>> for Deadline<'_> {
    fn from(patience: Option<Duration>) -> Self {
        patience.map_or_else(Deadline::never, Deadline::after)
    }
}

impl From<Duration> for Deadline<'_> {
    fn from(patience: Duration) -> Self {
        Deadline::after(patience)
    }
}
