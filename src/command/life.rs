//! The life of one command from its start to its last word, without a process or a clock.
//!
//! That its leader has ended and that its outputs have are two events, in either order. Who waits for the first alone cuts
//! off what is still in the pipes; who waits for the second alone waits for every grandchild that has inherited them. So
//! both are waited for, and those that outlive the leader have a [grace](GRACE) that begins anew with all that they write.

use std::time::Duration;

use super::exit::ExitKind;
use super::sys::Status;
use super::wire::{Output, Signal};
use crate::peer::Moment;

/// How long an output may be silent, and not at its end, after the leader has.
const GRACE: Duration = Duration::from_millis(250);

/// How long all of that may take, however much is written.
const LONGEST_GRACE: Duration = Duration::from_secs(5);

/// How long the end of an output may take once everybody was killed. Later only somebody has it who has left the group.
const LAST_GRACE: Duration = Duration::from_millis(100);

/// More than a pipe holds: so many bytes after nothing more is waited for, what the leader wrote has been read.
const PIPE: u64 = 1 << 20;

/// What becomes of processes that outlive the leader of their command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survivors {
    /// They are killed: a moment after they have written the last.
    Kill,
    /// They go on, and nobody reads what they write.
    Leave,
    /// The command is not over before they have closed its outputs.
    Wait,
}

/// Why a command is brought to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    TimedOut,
    OutputLimit,
    Stopping,
    /// Nobody is there who would hear of it.
    ClientGone,
}

/// What is to be done to the processes or pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Ask them to end.
    Terminate,
    /// End them.
    Kill,
    /// Read no more.
    Close,
}

/// How long a command has for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// From its start to the end of its leader.
    pub(super) timeout: Option<Duration>,
    /// From being asked to end to being killed.
    pub(super) patience: Duration,
    pub(super) survivors: Survivors,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Life {
    begin: Moment,
    terms: Terms,
    /// Why it was brought to its end, if it was before it ended by itself.
    cause: Option<Cause>,
    /// Its end is wanted, whatever it does.
    hurried: bool,
    /// Output was left unread.
    cut: bool,
    kill_at: Option<Moment>,
    /// Which signals its client has sent, by their numbers.
    signals: u64,
    ended: Option<(Status, Moment)>,
    outputs: [Tap; 2],
    /// Nobody writes to it any more, whatever is still in it.
    hung_up: [bool; 2],
    /// When something was read last, or there was nothing.
    stirred: Moment,
    /// Nothing more is waited for but what is in the pipes: since when, and what was read since.
    last_call: Option<(Moment, u64)>,
    survivors_killed: bool,
}

/// How an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tap {
    /// There may be something in it.
    Wet,
    /// It is empty for the moment.
    Dry,
    Closed,
}

impl Life {
    pub(super) fn new(terms: Terms, now: Moment) -> Life {
        Life {
            begin: now,
            terms,
            cause: None,
            hurried: false,
            cut: false,
            kill_at: None,
            signals: 0,
            ended: None,
            outputs: [Tap::Wet; 2],
            hung_up: [false; 2],
            stirred: now,
            last_call: None,
            survivors_killed: false,
        }
    }

    /// Something was read of an output.
    pub(super) fn read(&mut self, count: usize, now: Moment) {
        self.stirred = now;
        if let Some((_, read)) = &mut self.last_call {
            *read += count as u64;
        }
    }

    /// There is nothing in it for the moment.
    pub(super) fn dry(&mut self, output: Output, now: Moment) {
        if self.outputs[output.index()] == Tap::Wet {
            self.outputs[output.index()] = Tap::Dry;
            self.stirred = now;
        }
    }

    /// There may be something in it again.
    pub(super) fn wet(&mut self, output: Output) {
        if self.outputs[output.index()] == Tap::Dry {
            self.outputs[output.index()] = Tap::Wet;
        }
    }

    /// Nobody writes to it any more; it ends with what is in it.
    pub(super) fn hung_up(&mut self, output: Output) {
        self.hung_up[output.index()] = true;
    }

    /// It has ended, or is read no more.
    pub(super) fn closed(&mut self, output: Output) {
        self.outputs[output.index()] = Tap::Closed;
    }

    /// What may be in it nobody will ever read.
    pub(super) fn cut(&mut self) {
        self.cut = true;
    }

    /// Its client has sent it a signal; whether it is the first of its number.
    pub(super) fn signalled(&mut self, signal: Signal) -> bool {
        let (before, bit) = (self.signals, 1 << signal.number());
        self.signals |= bit;
        before & bit == 0
    }

    /// Its leader has ended.
    pub(super) fn ended(&mut self, status: Status, now: Moment) {
        self.ended.get_or_insert((status, now));
    }

    /// Brings it to its end: with a request at first, unless there is no time for that.
    pub(super) fn end(&mut self, cause: Cause, now: Moment) -> Deed {
        self.end_within(cause, self.terms.patience, now)
    }

    /// The same with less patience.
    pub(super) fn end_within(&mut self, cause: Cause, patience: Duration, now: Moment) -> Deed {
        // What becomes of one that has ended already changes nothing of its end, unless its output is not whole.
        if self.ended.is_none() || cause == Cause::OutputLimit {
            self.cause.get_or_insert(cause);
        }
        self.hurried = true;
        let patience = patience.min(self.terms.patience);
        if patience.is_zero() || self.ended.is_some() {
            return self.kill(now);
        }
        let at = now + patience;
        self.kill_at = Some(self.kill_at.map_or(at, |before| before.min(at)));
        Deed::Terminate
    }

    fn kill(&mut self, now: Moment) -> Deed {
        self.kill_at = None;
        if self.ended.is_some() {
            // What is still in an output may be the leader's own, for a reader who takes his time.
            self.survivors_killed |= self.is_held();
            self.last_call.get_or_insert((now, 0));
        }
        Deed::Kill
    }

    fn are_closed(&self) -> bool {
        self.outputs == [Tap::Closed; 2]
    }

    /// Whether somebody may still write to an output.
    fn is_held(&self) -> bool {
        self.outputs.iter().zip(self.hung_up).any(|(tap, hung_up)| *tap != Tap::Closed && !hung_up)
    }

    fn are_dry(&self) -> bool {
        !self.outputs.contains(&Tap::Wet)
    }

    /// Whether all that there will ever be to say of it is known.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some() && self.are_closed()
    }

    /// Whether others may still be in its group that are to be killed when it is over.
    pub(super) fn sweeps(&self) -> bool {
        self.hurried || self.terms.survivors == Survivors::Kill
    }

    fn waits_for_survivors(&self) -> bool {
        self.terms.survivors == Survivors::Wait && !self.hurried
    }

    /// When [`Life::timeout`] has something to say next, unless something else happens before.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        [self.deadline(), self.kill_at, self.next_close(), self.next_grace()].into_iter().flatten().min()
    }

    fn deadline(&self) -> Option<Moment> {
        let is_running = self.ended.is_none() || self.waits_for_survivors();
        let timeout = self.terms.timeout.filter(|_| is_running && !self.hurried && !self.is_over())?;
        Some(self.begin + timeout)
    }

    /// When those that outlive the leader have had their time.
    fn next_grace(&self) -> Option<Moment> {
        let (_, at) = self.ended?;
        if self.are_closed() || self.last_call.is_some() || self.waits_for_survivors() {
            return None;
        }
        let last = at + LONGEST_GRACE;
        Some(if self.are_dry() { last.min(self.stirred.max(at) + GRACE) } else { last })
    }

    /// When the pipes have been empty for long enough after that.
    fn next_close(&self) -> Option<Moment> {
        let (since, read) = self.last_call.filter(|_| self.ended.is_some() && !self.are_closed())?;
        if read > PIPE {
            return Some(since);
        }
        self.are_dry().then(|| self.stirred.max(since) + LAST_GRACE)
    }

    /// One of what is due; to be called until there is nothing.
    pub(super) fn timeout(&mut self, now: Moment) -> Option<Deed> {
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        if is_due(self.deadline()) {
            return Some(self.end(Cause::TimedOut, now));
        }
        if is_due(self.kill_at) {
            return Some(self.kill(now));
        }
        if is_due(self.next_close()) {
            return Some(Deed::Close);
        }
        if !is_due(self.next_grace()) {
            return None;
        }
        // Who has let go of the outputs is found when they have been read.
        if self.sweeps() && self.is_held() {
            return Some(self.kill(now));
        }
        self.last_call = Some((now, 0));
        self.timeout(now)
    }

    /// Others of its group were found when it was over.
    pub(super) fn swept(&mut self) {
        self.survivors_killed = true;
    }

    pub(super) fn survivors_killed(&self) -> bool {
        self.survivors_killed
    }

    /// Whether nobody is there who would hear of it.
    pub(super) fn is_forsaken(&self) -> bool {
        self.cause == Some(Cause::ClientGone)
    }

    /// Why it is over, how, and how long it took.
    pub(super) fn verdict(&self, now: Moment) -> (ExitKind, Status, Duration) {
        let (status, at) = self.ended.unwrap_or((Status::Lost, now));
        let kind = match (self.cause, status) {
            (Some(Cause::TimedOut), _) => ExitKind::TimedOut,
            (Some(Cause::OutputLimit), _) => ExitKind::OutputLimit,
            (Some(Cause::Stopping), _) => ExitKind::ServerStopping,
            _ if self.cut => ExitKind::ServerStopping,
            (_, Status::Lost) => ExitKind::StatusLost,
            (_, Status::Killed { signal, .. }) if self.signals & 1 << signal.min(63) != 0 => ExitKind::ClientSignal,
            (_, Status::Killed { .. }) => ExitKind::Signalled,
            (_, Status::Exited(_)) => ExitKind::Exited,
        };
        (kind, status, at.since(self.begin))
    }
}

#[cfg(test)]
mod tests;
