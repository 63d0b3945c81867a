//! Storing many files: small ones are on their way at the same time, so that nobody waits for each answer.

use std::path::PathBuf;

use super::line::{self, Heard, Line};
use super::progress::Tree;
use super::upload::{Source, Upload};
use super::{FileClient, FileError};
use crate::net::Deadline;
use crate::transfer::names::RemotePath;
use crate::transfer::wire::{BLOCK, Refusal, Report, WINDOW};

/// Files that are stored before another call has its turn.
const AT_ONCE: usize = 512;

/// Blocks' worth of bytes that are on their way: so much of a server's memory one large file may take, too.
const MOST_BYTES: u64 = WINDOW as u64 * BLOCK as u64;

/// A file of this machine, and what it is to be called at the server.
pub(super) type Pair = (PathBuf, RemotePath);

impl FileClient {
    /// Stores these files. With the first failure, whichever file's it is, those on their way are taken back.
    pub(super) fn store_all(
        &self,
        files: &[Pair],
        upload: &mut Upload<'_>,
        deadline: &Deadline<'_>,
        tree: &mut Tree,
    ) -> Result<(), FileError> {
        for files in files.chunks(AT_ONCE) {
            self.converse(deadline, |line| {
                let mut stores = Stores { line, upload, deadline, tree, on_way: Vec::new(), later: Vec::new() };
                stores.store(files)
            })?;
        }
        Ok(())
    }
}

/// A small file, all of which was said.
struct OnWay<'f> {
    id: u32,
    source: Source,
    to: &'f RemotePath,
    /// The server has found it wrong.
    is_wrong: bool,
}

/// What the server has said of one.
enum Answer {
    Stored,
    Wrong,
    Refused(FileError),
}

struct Stores<'s, 'f, 'w> {
    line: &'s mut Line,
    upload: &'s mut Upload<'w>,
    deadline: &'s Deadline<'s>,
    tree: &'s mut Tree,
    on_way: Vec<OnWay<'f>>,
    /// Those that go again, one after the other.
    later: Vec<(Source, &'f RemotePath)>,
}

impl<'f> Stores<'_, 'f, '_> {
    fn store(&mut self, files: &'f [Pair]) -> Result<(), FileError> {
        for (from, to) in files {
            let source = Source::open(from)?;
            if !source.fits_in_one_breath(self.line) {
                self.hear_all()?;
                self.store_alone(source, to)?;
                continue;
            }
            self.make_room(source.size())?;
            self.send(source, to)?;
        }
        self.hear_all()?;
        while let Some((source, to)) = self.later.pop() {
            self.store_alone(source, to)?;
        }
        Ok(())
    }

    fn store_alone(&mut self, source: Source, to: &RemotePath) -> Result<(), FileError> {
        let stored = source.store(self.line, to, self.upload.another(), self.deadline);
        self.tree.count(stored.map_err(|error| error.of_file(to))?.size);
        Ok(())
    }

    fn send(&mut self, mut source: Source, to: &'f RemotePath) -> Result<(), FileError> {
        let upload = &*self.upload;
        let is_bare = upload.is_bare() && self.line.takes_bare_blocks();
        let id = self.line.ask_and_say(self.deadline, |id| source.breath(id, upload.flags(), to, is_bare))?;
        self.on_way.push(OnWay { id, source, to, is_wrong: false });
        Ok(())
    }

    /// Waits until one more of that size may be on its way.
    fn make_room(&mut self, size: u64) -> Result<(), FileError> {
        loop {
            let bytes: u64 = self.on_way.iter().map(|one| one.source.size()).sum();
            if self.on_way.is_empty() || self.on_way.len() < self.line.transfers && bytes + size <= MOST_BYTES {
                return Ok(());
            }
            self.hear()?;
        }
    }

    fn hear_all(&mut self) -> Result<(), FileError> {
        while !self.on_way.is_empty() {
            self.hear()?;
        }
        Ok(())
    }

    /// Deals with the next thing that is said of one of them.
    fn hear(&mut self) -> Result<(), FileError> {
        let (id, answer) = self.line.wait_for_any(self.deadline, |report| match *report {
            Report::Done(id, Some(_)) => Ok(Heard::Found((id, Answer::Stored))),
            Report::Refused(id, code, text) => Ok(Heard::Found((id, Answer::Refused(line::refused(code, text))))),
            Report::Again(id, _) => Ok(Heard::Found((id, Answer::Wrong))),
            Report::Taken(..) | Report::Ready(..) => Ok(Heard::GoOn),
            _ => Ok(Heard::Wrong("what is no answer to FINISH")),
        })?;
        let Some(at) = self.on_way.iter().position(|one| one.id == id) else { return Ok(()) };
        match answer {
            Answer::Wrong => self.on_way[at].is_wrong = true,
            Answer::Stored => {
                let one = self.on_way.swap_remove(at);
                self.upload.tell_end(one.source.size());
                self.tree.count(one.source.size());
            }
            Answer::Refused(error) => {
                let one = self.on_way.swap_remove(at);
                // Others may have taken the places of the server; alone it waits for none of its own.
                if !one.is_wrong && error.refusal() != Some(Refusal::Busy) {
                    return Err(error.of_file(one.to));
                }
                self.later.push((one.source.again(one.is_wrong), one.to));
            }
        }
        Ok(())
    }
}
