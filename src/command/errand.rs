//! What workers leave to threads that may wait.

use super::cgroup::Cgroup;
use super::process::Process;
use super::template::{Line, Refused};
use crate::net::PrivateFd;

/// What a worker asks for.
pub(super) enum Errand {
    Start(Order),
    /// To be removed when those in it, who were killed, are gone.
    Remove(Cgroup),
    /// To be let go of when it, which was killed, is gone.
    Bury(Process),
}

/// A command to be started for a worker.
pub(super) struct Order {
    pub(super) worker: usize,
    pub(super) job: u64,
    pub(super) line: Line,
    pub(super) environment: Vec<Vec<u8>>,
    pub(super) stdin: bool,
    pub(super) merge: bool,
}

/// A command that runs, and our ends of its pipes.
pub(super) struct Started {
    pub(super) process: Process,
    pub(super) stdin: Option<PrivateFd>,
    /// `None` where both go to the first one.
    pub(super) outputs: [Option<PrivateFd>; 2],
}

/// What the workers are told.
pub(super) enum Call {
    Started(u64, Box<Started>),
    Refused(u64, Refused),
}
