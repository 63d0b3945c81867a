//! How long a blocking call may take, and who may interrupt it.

use std::time::{Duration, Instant};

use super::sys::descriptor::milliseconds;
use super::{Cancel, Signal};
use crate::{Error, Result, Status};

/// Asked whenever a signal interrupts a wait: `Ok` goes on waiting for the time that is left, `Err` ends the call.
type Interrupt<'a> = &'a dyn Fn() -> Result<()>;

/// Carries out, before it returns, what it is given, which may wait.
type Waiter<'a> = &'a dyn Fn(&mut dyn FnMut());

/// The end of a blocking call's patience.
///
/// Every blocking call takes `impl Into<Deadline>`, so that `None`, a [`Duration`] and a `Deadline` all serve.
/// A duration of zero tries once and does not wait.
#[derive(Clone, Copy, Default)]
pub struct Deadline<'a> {
    at: Option<Instant>,
    interrupt: Option<Interrupt<'a>>,
    waiter: Option<Waiter<'a>>,
    cancel: Option<&'a Cancel>,
}

/// How often who waits for what no signal wakes asks whether to go on.
pub(crate) const LOOK_UP: Duration = Duration::from_millis(50);

impl<'a> Deadline<'a> {
    /// Waits for ever.
    pub const fn never() -> Deadline<'a> {
        Deadline { at: None, interrupt: None, waiter: None, cancel: None }
    }

    /// Ends `patience` from now; longer than the clock can count is for ever.
    pub fn after(patience: Duration) -> Deadline<'a> {
        Deadline { at: Instant::now().checked_add(patience), ..Deadline::never() }
    }

    /// Asks `interrupt` whenever a signal arrives on the waiting thread (as PEP 475 wants it for Python).
    pub fn with_interrupt(self, interrupt: Interrupt<'a>) -> Deadline<'a> {
        Deadline { interrupt: Some(interrupt), ..self }
    }

    /// Has `waiter` carry out whatever may wait: for a caller that holds something which nobody may wait with, such as a
    /// lock of its host language, and need not let go of it for what is there already.
    ///
    /// [`Connection::send`](crate::connection::Connection::send) and the `recv` calls beside it ask it; all others wait as
    /// ever. It must have run what it is given when it returns.
    pub fn with_waiter(self, waiter: Waiter<'a>) -> Deadline<'a> {
        Deadline { waiter: Some(waiter), ..self }
    }

    /// Ends with `Closed` when another thread says so: for connecting, with the look-up and the handshake that belong to it.
    /// What has an end of its own is closed instead.
    pub fn with_cancel(self, cancel: &'a Cancel) -> Deadline<'a> {
        Deadline { cancel: Some(cancel), ..self }
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

    /// Waits until then; `None` is for ever.
    pub(crate) fn until(self, at: Option<Instant>) -> Deadline<'a> {
        Deadline { at, ..self }
    }

    /// Another wait of the same caller's, `patience` from now.
    pub(crate) fn extended(self, patience: Duration) -> Deadline<'a> {
        Deadline { at: Instant::now().checked_add(patience), ..self }
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
        milliseconds(self.remaining())
    }

    /// Whether the call goes on after a signal, or after it was woken to ask.
    pub(crate) fn interrupted(&self) -> Result<()> {
        self.check_cancel()?;
        self.interrupt.map_or(Ok(()), |interrupt| interrupt())
    }

    pub(crate) fn check_cancel(&self) -> Result<()> {
        self.cancel.map_or(Ok(()), Cancel::check)
    }

    /// What wakes the call to ask.
    pub(crate) fn cancel_signal(&self) -> Option<&'a Signal> {
        self.cancel.map(Cancel::signal)
    }

    /// Whether the kernel may do all of the waiting: nothing but an end, or a signal, ends it.
    pub(crate) fn is_never(&self) -> bool {
        self.at.is_none() && self.cancel.is_none()
    }

    /// Whether to try first, without waiting, since waiting is somebody else's business.
    pub(crate) fn has_waiter(&self) -> bool {
        self.waiter.is_some()
    }

    /// Runs `wait` by way of the waiter, if there is one.
    pub(crate) fn waiting<R>(&self, wait: impl FnOnce(&Deadline<'_>) -> R) -> R {
        let Some(waiter) = self.waiter else { return wait(self) };
        let deadline = Deadline { waiter: None, ..*self };
        let (mut wait, mut result) = (Some(wait), None);
        waiter(&mut || result = wait.take().map(|wait| wait(&deadline)));
        result.expect("a waiter runs what it is given")
    }

    pub(crate) fn can_be_interrupted(&self) -> bool {
        self.interrupt.is_some() || self.cancel.is_some()
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
