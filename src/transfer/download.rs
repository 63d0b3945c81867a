//! A file that a client fetches.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::fstat;

use super::blocks::{self, length, offset};
use super::digest::{self, Digest};
use super::fault::refused;
use super::ledger::MOST_AGAIN;
use super::metadata;
use super::names::path as checked;
use super::store::{Home, Store};
use super::task::{Input, Next, Step, Task};
use super::wire::{BLOCK, Get, Hash, MESSAGE_LIMIT, Metadata, Refusal, Refused, Report, data};
use crate::memory::Loan;
use crate::wire::framed_in;

/// From here on a block is read into memory that is used again.
const POOLED: usize = BLOCK / 2;

/// Blocks that the client has already and are hashed in one step.
const HASHED_AT_ONCE: u32 = 16;

/// Where a download stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Hashing {
        until: u32,
    },
    Ready,
    Sending {
        next: u32,
    },
    /// All was sent; the client has yet to say that it has come.
    Sent,
}

/// A file on its way out.
pub(super) struct Download {
    id: u32,
    store: Arc<Store>,
    file: OwnedFd,
    name: String,
    /// As it was found. If it is not like that any more, what was sent belongs to no file.
    found: Metadata,
    digest: Digest,
    /// Blocks go without hashes, and nobody asks what all of them hash to.
    is_bare: bool,
    stage: Stage,
    /// Blocks that the client has found wrong.
    again: u16,
}

impl Download {
    pub(super) fn open(store: &Arc<Store>, home: &Home, id: u32, get: &Get<'_>) -> Result<Download, Refused> {
        let path = checked(&get.path)?;
        let name = path.last().cloned().unwrap_or_default();
        let file = home.root.file(&path)?;
        let found = fstat(&file).map_err(|errno| refused(errno, &name))?;
        let found = metadata::of(&found);
        if get.version != 0 && get.version != found.version {
            return Err(changed(&name));
        }
        let there = digest::blocks(found.size).min(u64::from(u32::MAX)) as u32;
        let stage = Stage::Hashing { until: get.compare.min(there) };
        let (store, digest) = (Arc::clone(store), Digest::default());
        Ok(Download { id, store, file, name, found, digest, is_bare: false, stage, again: 0 })
    }

    /// Goes on with what has come; says the next thing.
    fn go_on(mut self: Box<Download>, inputs: Vec<Input>) -> Result<Step, Refused> {
        for input in inputs {
            match input {
                Input::Begin(block, is_bare) => self.begin(block, is_bare)?,
                Input::Again(block) => self.go_back(block)?,
                Input::Finish(size, root) => {
                    let is_right = size == self.found.size && root == self.root() && self.stage == Stage::Sent;
                    let right = || vec![Report::Done(self.id, Some(self.found)).framed()];
                    return is_right.then(|| Step::new(right(), Next::Done)).ok_or(Refusal::HashMismatch.into());
                }
                Input::Cancel => return Err(Refusal::Cancelled.into()),
                Input::Data { .. } | Input::BeginOnce => {}
            }
        }
        match self.stage {
            Stage::Hashing { until } => self.hash(until),
            Stage::Sending { next } => self.send(next),
            Stage::Ready | Stage::Sent => Ok(Step::new(Vec::new(), Next::Waits(self))),
        }
    }

    fn hash(mut self: Box<Download>, until: u32) -> Result<Step, Refused> {
        let first = self.digest.len();
        let hashes = blocks::hash_next(self.file.as_fd(), &mut self.digest, self.found.size, until, HASHED_AT_ONCE);
        let hashes = hashes.map_err(|errno| refused(errno, &self.name))?.ok_or_else(|| changed(&self.name))?;
        let mut said = Vec::new();
        if !hashes.is_empty() {
            said.push(Report::Hashes(self.id, first, &hashes).framed());
        }
        if self.digest.len() < until {
            return Ok(Step::new(said, Next::More(self)));
        }
        said.push(Report::Ready(self.id, self.found).framed());
        self.stage = Stage::Ready;
        let mut step = Step::new(said, Next::Waits(self));
        step.ready = true;
        Ok(step)
    }

    fn begin(&mut self, block: u32, is_bare: bool) -> Result<(), Refused> {
        if block > self.digest.len() {
            let text = format!("{}: the first block is {block}, {} were compared", Refusal::Short, self.digest.len());
            return Err((Refusal::Short, text));
        }
        self.digest.truncate(block);
        (self.stage, self.is_bare) = (Stage::Sending { next: block }, is_bare);
        Ok(())
    }

    /// What all that was sent hashes to; zeros where nobody has looked.
    fn root(&self) -> Hash {
        if self.is_bare { Hash::default() } else { self.digest.root() }
    }

    fn go_back(&mut self, block: u32) -> Result<(), Refused> {
        self.again += 1;
        if block >= self.digest.len() || self.again > MOST_AGAIN {
            return Err((Refusal::HashMismatch, format!("block {block}: {}", Refusal::HashMismatch)));
        }
        self.digest.truncate(block);
        self.stage = Stage::Sending { next: block };
        Ok(())
    }

    /// Sends a block, and the end behind the last one.
    fn send(mut self: Box<Download>, next: u32) -> Result<Step, Refused> {
        let size = self.found.size;
        let mut step = Step::new(Vec::new(), Next::Done);
        let mut next = next;
        if offset(next) < size {
            let (said, length) = self.read(next)?;
            step.said.push(said);
            (step.blocks, step.bytes) = (1, length as u64);
            next += 1;
        }
        self.check_unchanged()?;
        if offset(next) < size {
            self.stage = Stage::Sending { next };
            step.next = Next::More(self);
            return Ok(step);
        }
        self.stage = Stage::Sent;
        step.said.push(Report::End(self.id, size, self.root()).framed());
        step.next = Next::Waits(self);
        Ok(step)
    }

    /// A block in its frame, which it is read into.
    fn read(&mut self, next: u32) -> Result<(Bytes, usize), Refused> {
        let length = length(self.found.size, next);
        // Less is soon made, and would hold more than it has.
        let memory = if length >= POOLED { self.store.blocks().lend() } else { Loan::default() };
        let mut failed = None;
        let said = framed_in(memory, |out| {
            out.reserve_exact(length + MESSAGE_LIMIT - BLOCK);
            data(out, self.id, next, (!self.is_bare).then_some(&Hash::default()));
            let head = out.len();
            match blocks::append(self.file.as_fd(), out, offset(next), length) {
                Ok(()) if out.len() < head + length => failed = Some(changed(&self.name)),
                Ok(()) if self.is_bare => {}
                Ok(()) => {
                    let hash = digest::block(next, &out[head..]);
                    out[head - size_of::<Hash>()..head].copy_from_slice(&hash);
                    self.digest.push(hash, &out[head..]);
                }
                Err(errno) => failed = Some(refused(errno, &self.name)),
            }
        });
        match failed {
            Some(why) => Err(why),
            None => Ok((said, length)),
        }
    }

    fn check_unchanged(&self) -> Result<(), Refused> {
        let stat = fstat(&self.file).map_err(|errno| refused(errno, &self.name))?;
        if metadata::of(&stat) == self.found { Ok(()) } else { Err(changed(&self.name)) }
    }
}

impl Task for Download {
    fn step(self: Box<Download>, inputs: Vec<Input>) -> Step {
        Step::of(self.go_on(inputs))
    }
}

fn changed(name: &str) -> Refused {
    (Refusal::Changed, format!("{}: {}", super::names::shown(name.as_bytes()), Refusal::Changed))
}
