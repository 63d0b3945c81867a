//! What a disk thread does for one request, a step at a time. Between its steps a task is the worker's, who never looks inside.

use std::os::fd::OwnedFd;

use bytes::Bytes;

use super::wire::{Hash, Refused};

/// A request that goes on for more than one step.
pub(super) trait Task: Send {
    /// Does the next step with what has come since the last one.
    fn step(self: Box<Self>, inputs: Vec<Input>) -> Step;
}

/// A file that has come, and is to be there after a power cut, too.
pub(super) trait Whole: Send {
    /// Waits until the disk has what is in it.
    fn sync(&mut self) -> Result<(), Refused>;

    /// Gives it its name, in the folder that is the answer: the disk has that name when it has the folder.
    fn appear(&mut self) -> Result<OwnedFd, Refused>;

    /// What its client is told in the end.
    fn told(&self) -> Result<Bytes, Refused>;
}

/// What has come for a task since its last step.
#[derive(Debug)]
pub(super) enum Input {
    /// With that block, and whether blocks are bare.
    Begin(u32, bool),
    /// The same from the first block on, bare; nobody will go on with what comes.
    BeginOnce,
    Data {
        index: u32,
        hash: Option<Hash>,
        bytes: Bytes,
    },
    Again(u32),
    Finish(u64, Hash),
    Cancel,
}

/// What a step has brought.
pub(super) struct Step {
    /// Messages for the client, in their frames.
    pub(super) said: Vec<Bytes>,
    /// Blocks that were dealt with, and bytes of the file that were moved.
    pub(super) blocks: u16,
    pub(super) bytes: u64,
    /// It waits for the client to say with which block to begin.
    pub(super) ready: bool,
    pub(super) next: Next,
    /// A file that is done as soon as the disk has it: that thread sees to it.
    pub(super) whole: Option<Box<dyn Whole>>,
}

/// How it goes on.
pub(super) enum Next {
    /// It has more to say, as soon as the client takes it.
    More(Box<dyn Task>),
    /// It waits for the client.
    Waits(Box<dyn Task>),
    Done,
    Refused(Refused),
}

impl Step {
    pub(super) fn new(said: Vec<Bytes>, next: Next) -> Step {
        Step { said, blocks: 0, bytes: 0, ready: false, next, whole: None }
    }

    pub(super) fn refused(why: Refused) -> Step {
        Step::new(Vec::new(), Next::Refused(why))
    }

    /// Does the next one, too, if there is something for it already.
    pub(super) fn go_on(mut self, inputs: Vec<Input>) -> Step {
        let task = match self.next {
            Next::More(task) | Next::Waits(task) if !inputs.is_empty() => task,
            next => return Step { next, ..self },
        };
        let mut step = task.step(inputs);
        self.said.append(&mut step.said);
        let (blocks, bytes) = (self.blocks + step.blocks, self.bytes + step.bytes);
        Step { said: self.said, blocks, bytes, ready: self.ready || step.ready, ..step }
    }

    /// It is done, which that message tells.
    pub(super) fn done(mut self, told: Bytes) -> Step {
        self.said.push(told);
        Step { next: Next::Done, ..self }
    }

    /// It is not done; what was said before is said all the same.
    pub(super) fn fail(self, why: Refused) -> Step {
        Step { next: Next::Refused(why), ..self }
    }

    pub(super) fn of(result: Result<Step, Refused>) -> Step {
        result.unwrap_or_else(Step::refused)
    }
}
