//! Fetching many files: small ones are on their way at the same time, and the disk is waited for once for several.

use super::download::{Came, Download, Sink};
use super::line::{self, Heard, Line};
use super::progress::Tree;
use super::target::Target;
use super::window::{AT_ONCE, Window};
use super::{FileClient, FileError, bytes_of};
use crate::net::Deadline;
use crate::transfer::names::RemotePath;
use crate::transfer::wire::{BLOCK, Get, Hash, Metadata, Refusal, Report, Request};

/// Files that have come and wait to be put on the disk together: each keeps a descriptor.
const MOST_WHOLE: usize = 64;

/// A file of the server, and where it is to go. Its size is what the folder's listing said.
pub(super) struct Wanted {
    pub(super) from: RemotePath,
    pub(super) to: Target,
    pub(super) size: u64,
}

impl FileClient {
    /// Fetches these files. With the first failure, whichever file's it is, those on their way are taken back.
    pub(super) fn fetch_all(
        &self,
        files: &[Wanted],
        download: &mut Download<'_>,
        deadline: &Deadline<'_>,
        tree: &mut Tree,
    ) -> Result<(), FileError> {
        for files in files.chunks(AT_ONCE) {
            self.converse(deadline, |line| {
                let (window, whole, later) = (Window::new(), Vec::new(), Vec::new());
                Fetches { line, download, deadline, tree, window, whole, later }.fetch_and_publish(files)
            })?;
        }
        Ok(())
    }
}

/// A small file that was asked for.
struct Asked<'f> {
    wanted: &'f Wanted,
    sink: Sink<'f>,
    /// What the server has found it to be.
    found: Option<Metadata>,
}

/// What is to be done of one.
enum Due {
    /// A block is wanted again.
    Again(u32),
    /// All of it has come: so many bytes, which hash to that.
    Finish(u64, Hash),
    /// The server has said its last word of it, which is that.
    Publish(Metadata),
    Give(FileError),
}

struct Fetches<'s, 'f, 'w> {
    line: &'s mut Line,
    download: &'s mut Download<'w>,
    deadline: &'s Deadline<'s>,
    tree: &'s mut Tree,
    window: Window<Asked<'f>>,
    /// Those that have come, in this side's parts, and their sizes.
    whole: Vec<(Sink<'f>, u64)>,
    /// Those that go again, one after the other.
    later: Vec<&'f Wanted>,
}

impl<'f> Fetches<'_, 'f, '_> {
    /// Whatever becomes of others, those that have come appear.
    fn fetch_and_publish(&mut self, files: &'f [Wanted]) -> Result<(), FileError> {
        let fetched = self.fetch(files);
        let published = self.publish();
        fetched.and(published)
    }

    fn fetch(&mut self, files: &'f [Wanted]) -> Result<(), FileError> {
        for wanted in files {
            if wanted.size > BLOCK as u64 || !self.line.hears_early() {
                self.hear_all()?;
                self.fetch_alone(wanted)?;
                continue;
            }
            while !self.window.has_room(wanted.size, self.line) {
                self.hear()?;
            }
            self.ask(wanted)?;
        }
        self.hear_all()?;
        while let Some(wanted) = self.later.pop() {
            self.fetch_alone(wanted)?;
        }
        Ok(())
    }

    fn fetch_alone(&mut self, wanted: &Wanted) -> Result<(), FileError> {
        let Wanted { from, to, .. } = wanted;
        let download = self.download.another();
        to.check(download.overwrites())?;
        let sink = Sink::open(to, from, download.is_fresh())?;
        let fetched = sink.fetch(self.line, from, download, self.deadline);
        self.tree.count(fetched.map_err(|error| error.of_file(from))?.size);
        Ok(())
    }

    /// Nothing is compared: what an earlier attempt has left of one block is no more than that block.
    fn ask(&mut self, wanted: &'f Wanted) -> Result<(), FileError> {
        let Wanted { from, to, .. } = wanted;
        to.check(self.download.overwrites())?;
        let mut sink = Sink::open(to, from, true)?;
        let is_bare = self.download.is_bare() && self.line.takes_bare_blocks();
        sink.begin(0, is_bare, self.download.is_durable());
        let get = Get { compare: 0, version: 0, path: bytes_of(from) };
        let both = |id| Ok(vec![Request::Get(id, get).encode(), Request::Begin(id, 0, is_bare).encode()]);
        let id = self.line.ask_and_say(self.deadline, both)?;
        self.window.add(id, wanted.size, Asked { wanted, sink, found: None });
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
        let (id, due) = self.window.hear(self.line, self.deadline, |one, report| {
            one.take(report).map_err(|error| error.of_file(&one.wanted.from))
        })?;
        let request = match due {
            Due::Again(index) => Request::Again(id, index),
            Due::Finish(size, root) => Request::Finish(id, size, root),
            Due::Publish(found) => return self.window.take(id).map_or(Ok(()), |asked| self.keep(asked.sink, &found)),
            Due::Give(error) => return self.window.take(id).map_or(Ok(()), |asked| self.give(asked.wanted, error)),
        };
        self.line.send(&request, self.deadline)
    }

    /// It was refused. Others may have taken the places of the server; alone it waits for none of its own.
    fn give(&mut self, wanted: &'f Wanted, error: FileError) -> Result<(), FileError> {
        if error.refusal() != Some(Refusal::Busy) {
            return Err(error.of_file(&wanted.from));
        }
        self.later.push(wanted);
        Ok(())
    }

    /// It has come.
    fn keep(&mut self, sink: Sink<'f>, found: &Metadata) -> Result<(), FileError> {
        sink.dress(found, self.download)?;
        self.whole.push((sink, found.size));
        if self.whole.len() < MOST_WHOLE && self.download.is_durable() { Ok(()) } else { self.publish() }
    }

    /// Has those that have come appear, and tells of them. All of them are in one folder.
    fn publish(&mut self) -> Result<(), FileError> {
        let mut whole = std::mem::take(&mut self.whole);
        for (sink, _) in &whole {
            sink.sync(self.download)?;
            // The server waits for a word while others are on their way; whether it hears it the next one to wait finds out.
            let _ = self.line.stay(self.deadline);
        }
        for (sink, _) in &mut whole {
            sink.appear(self.download)?;
        }
        if let Some((sink, _)) = whole.first() {
            sink.sync_folder(self.download)?;
        }
        for (_, size) in whole {
            self.download.tell_end(size);
            self.tree.count(size);
        }
        Ok(())
    }
}

impl Asked<'_> {
    fn take(&mut self, report: &Report<'_>) -> Result<Heard<Due>, FileError> {
        Ok(match (report, self.found) {
            (Report::Refused(_, code, text), _) => Heard::Found(Due::Give(line::refused(*code, text))),
            (Report::Ready(_, found), None) if found.is_file() => {
                self.found = Some(*found);
                Heard::GoOn
            }
            (Report::Data(_, block), Some(found)) => match self.sink.take(block, found.size)? {
                Came::Wrong(index) => Heard::Found(Due::Again(index)),
                _ => Heard::GoOn,
            },
            (Report::End(_, size, root), Some(found)) => match self.sink.end(*size, found.size, root)? {
                Heard::Found(_) => Heard::Found(Due::Finish(found.size, self.sink.root())),
                _ => Heard::GoOn,
            },
            (Report::Done(_, Some(_)), Some(found)) => Heard::Found(Due::Publish(found)),
            _ => Heard::Wrong("what is no answer to GET"),
        })
    }
}
