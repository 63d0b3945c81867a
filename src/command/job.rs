//! One command at its worker.

use super::audit::Record;
use super::hub::Place;
use super::life::{Cause, Life, Terms};
use super::process::Process;
use super::wire::{Output, Signal};
use crate::peer::Moment;
use crate::reactor::{PeerRef, WatchRef};

/// A command from its RUN to its EXIT.
pub(super) struct Job {
    /// Who has asked for it; it may be gone.
    pub(super) peer: PeerRef,
    pub(super) channel: u32,
    pub(super) record: Record,
    pub(super) terms: Terms,
    /// Bytes of both outputs that may still be sent.
    pub(super) allowance: Option<u64>,
    pub(super) input: Input,
    pub(super) stage: Stage,
    /// When the timers look at it next.
    pub(super) armed: Option<Moment>,
    /// Held for its drop.
    pub(super) _place: Place,
}

pub(super) enum Stage {
    /// On one of the threads that start programs. What comes meanwhile takes effect when it runs.
    Starting {
        signals: Vec<Signal>,
        stopped: [bool; 2],
        cause: Option<Cause>,
        merge: bool,
    },
    Running(Box<Running>),
}

/// A command that runs.
pub(super) struct Running {
    pub(super) life: Life,
    pub(super) process: Process,
    /// `None` once its leader has ended.
    pub(super) leader: Option<WatchRef>,
    pub(super) outputs: [Outlet; 2],
}

/// One of its outputs.
#[derive(Default)]
pub(super) struct Outlet {
    /// `None` once it has ended or is read no more.
    pub(super) watch: Option<WatchRef>,
    /// There may be something to read.
    pub(super) readable: bool,
    /// Nobody writes to it any more.
    pub(super) hung_up: bool,
    /// Its pipe has more room than others.
    pub(super) widened: bool,
    pub(super) place: Standing,
    /// Bytes that its client was sent.
    pub(super) sent: u64,
    /// Bytes that its client was not sent because of a limit, or [`UNCOUNTED`](super::wire::UNCOUNTED).
    pub(super) dropped: u64,
}

/// Where an output waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Standing {
    /// Nowhere: its pipe or its client's credit says when it goes on.
    #[default]
    Idle,
    /// In the worker's list of outputs to read.
    Queued,
    /// In its session's list of those that are read when less waits for the client.
    Held,
}

/// Its input: what has come of it and waits for the pipe.
#[derive(Default)]
pub(super) struct Input {
    pub(super) watch: Option<WatchRef>,
    pub(super) waiting: Vec<u8>,
    /// How much of that the pipe has.
    pub(super) written: usize,
    pub(super) writable: bool,
    /// No more comes of the client.
    pub(super) ended: bool,
    /// The command reads no more: what comes is thrown away.
    pub(super) closed: bool,
    /// Bytes that were taken, for which the client has no credit yet.
    pub(super) owed: u32,
}

impl Job {
    pub(super) fn running(&mut self) -> Option<&mut Running> {
        match &mut self.stage {
            Stage::Running(running) => Some(running),
            Stage::Starting { .. } => None,
        }
    }
}

impl Running {
    pub(super) fn outlet(&mut self, output: Output) -> &mut Outlet {
        &mut self.outputs[output.index()]
    }
}
