//! A member's place at a worker.

use std::sync::Arc;

use super::member::Member;
use super::pace::ReadingPace;
use super::wire::Signature;
use crate::peer::{Burst, Moment};

/// Stands for no place in the worker's list.
const NOWHERE: usize = usize::MAX;

/// What the chat hangs on a connection, before it joins as well.
pub(crate) struct Seat {
    pub(super) member: Arc<Member>,
    pub(super) signature: Signature,
    /// The place in the log at which it joined.
    pub(super) start: u64,
    /// Its place in the worker's list.
    index: usize,
    pub(super) burst: Burst,
    /// Much waits in its outbox; counted by the hub.
    pub(super) behind: bool,
    pub(super) pace: ReadingPace,
}

impl Seat {
    pub(super) fn new(member: Arc<Member>, signature: Signature, now: Moment) -> Seat {
        let (burst, pace) = (Burst::new(now), ReadingPace::default());
        Seat { member, signature, start: 0, index: NOWHERE, burst, behind: false, pace }
    }

    /// It gets what comes after that place in the log.
    pub(super) fn take_place(&mut self, start: u64, index: usize) {
        (self.start, self.index) = (start, index);
    }

    pub(super) fn move_to(&mut self, index: usize) {
        self.index = index;
    }

    /// Gives its place up; `None` if it has none.
    pub(super) fn leave(&mut self) -> Option<usize> {
        let index = std::mem::replace(&mut self.index, NOWHERE);
        (index != NOWHERE).then_some(index)
    }
}
