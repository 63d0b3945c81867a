//! Storing many files: small ones are on their way at the same time.

use std::path::PathBuf;

use super::line::{self, Heard, Line};
use super::progress::Tree;
use super::upload::{Source, Upload};
use super::window::{AT_ONCE, Window};
use super::{FileClient, FileError};
use crate::net::Deadline;
use crate::transfer::names::RemotePath;
use crate::transfer::wire::{Refusal, Report};

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
                Stores { line, upload, deadline, tree, window: Window::new(), later: Vec::new() }.store(files)
            })?;
        }
        Ok(())
    }
}

/// A small file, all of which was said.
struct Sent<'f> {
    source: Source,
    to: &'f RemotePath,
    /// The server has found it wrong.
    is_wrong: bool,
}

/// The server's last word about one.
enum Answer {
    Stored,
    Refused(FileError),
}

struct Stores<'s, 'f, 'w> {
    line: &'s mut Line,
    upload: &'s mut Upload<'w>,
    deadline: &'s Deadline<'s>,
    tree: &'s mut Tree,
    window: Window<Sent<'f>>,
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
            while !self.window.has_room(source.size(), self.line) {
                self.hear()?;
            }
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
        self.window.add(id, source.size(), Sent { source, to, is_wrong: false });
        Ok(())
    }

    fn hear_all(&mut self) -> Result<(), FileError> {
        while !self.window.is_empty() {
            self.hear()?;
        }
        Ok(())
    }

    /// Deals with the next thing that is said of one of them.
    fn hear(&mut self) -> Result<(), FileError> {
        let (id, answer) = self.window.hear(self.line, self.deadline, |one, report| {
            Ok(match *report {
                Report::Done(_, Some(_)) => Heard::Found(Answer::Stored),
                Report::Refused(_, code, text) => Heard::Found(Answer::Refused(line::refused(code, text))),
                Report::Again(..) => {
                    one.is_wrong = true;
                    Heard::GoOn
                }
                Report::Taken(..) | Report::Ready(..) => Heard::GoOn,
                _ => Heard::Wrong("what is no answer to FINISH"),
            })
        })?;
        let Some(Sent { source, to, is_wrong }) = self.window.take(id) else { return Ok(()) };
        match answer {
            Answer::Stored => {
                self.upload.tell_end(source.size());
                self.tree.count(source.size());
            }
            // Others may have taken the places of the server; alone it waits for none of its own.
            Answer::Refused(error) if is_wrong || error.refusal() == Some(Refusal::Busy) => {
                self.later.push((source.again(is_wrong), to));
            }
            Answer::Refused(error) => return Err(error.of_file(to)),
        }
        Ok(())
    }
}
