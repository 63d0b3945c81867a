//! Fetching many files: small ones are on their way at the same time, and the disk is waited for once for several.

use super::download::{Came, Download, Sink};
use super::line::{self, Heard, Line};
use super::progress::Tree;
use super::target::Target;
use super::{FileClient, FileError, bytes_of};
use crate::net::Deadline;
use crate::transfer::names::RemotePath;
use crate::transfer::wire::{BLOCK, Get, Metadata, Refusal, Report, Request, WINDOW};

/// Files that are fetched before another call has its turn.
const AT_ONCE: usize = 512;

/// Bytes that are on their way, of files of no more than a block each.
const MOST_BYTES: u64 = WINDOW as u64 * BLOCK as u64;

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
                let (on_way, whole, later) = (Vec::new(), Vec::new(), Vec::new());
                Fetches { line, download, deadline, tree, on_way, whole, later }.fetch_and_publish(files)
            })?;
        }
        Ok(())
    }
}

/// A small file that was asked for.
struct OnWay<'f> {
    id: u32,
    wanted: &'f Wanted,
    sink: Sink<'f>,
    /// What the server has found it to be.
    found: Option<Metadata>,
}

/// What is to be done of one.
enum Due {
    /// A block is wanted again.
    Again(u32),
    /// All of it has come.
    Finish,
    Publish,
    Give(FileError),
}

struct Fetches<'s, 'f, 'w> {
    line: &'s mut Line,
    download: &'s mut Download<'w>,
    deadline: &'s Deadline<'s>,
    tree: &'s mut Tree,
    on_way: Vec<OnWay<'f>>,
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
            self.make_room(wanted.size)?;
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
        self.on_way.push(OnWay { id, wanted, sink, found: None });
        Ok(())
    }

    /// Waits until one more of that size may be on its way.
    fn make_room(&mut self, size: u64) -> Result<(), FileError> {
        loop {
            let bytes: u64 = self.on_way.iter().map(|one| one.wanted.size).sum();
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
        let on_way = &mut self.on_way;
        let (at, due) = self.line.wait_for_any(self.deadline, |report| {
            let Some(at) = report.request().and_then(|id| on_way.iter().position(|one| one.id == id)) else {
                return Ok(Heard::Wrong("what was not asked for"));
            };
            Ok(match on_way[at].take(report).map_err(|error| error.of_file(&on_way[at].wanted.from))? {
                Heard::Found(due) => Heard::Found((at, due)),
                Heard::GoOn => Heard::GoOn,
                Heard::Wrong(name) => Heard::Wrong(name),
            })
        })?;
        let OnWay { id, sink, found, wanted } = &self.on_way[at];
        match due {
            Due::Again(index) => self.line.send(&Request::Again(*id, index), self.deadline),
            Due::Finish => {
                let size = found.map_or(0, |found| found.size);
                self.line.send(&Request::Finish(*id, size, sink.root()), self.deadline)
            }
            Due::Publish => {
                let OnWay { sink, found, .. } = self.on_way.swap_remove(at);
                let Some(found) = found else { return Ok(()) };
                sink.dress(&found, self.download)?;
                self.whole.push((sink, found.size));
                if self.whole.len() < MOST_WHOLE && self.download.is_durable() { Ok(()) } else { self.publish() }
            }
            // Others may have taken the places of the server; alone it waits for none of its own.
            Due::Give(error) if error.refusal() == Some(Refusal::Busy) => {
                self.later.push(wanted);
                self.on_way.swap_remove(at);
                Ok(())
            }
            Due::Give(error) => Err(error.of_file(&wanted.from)),
        }
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

impl OnWay<'_> {
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
                Heard::Found(_) => Heard::Found(Due::Finish),
                _ => Heard::GoOn,
            },
            (Report::Done(_, Some(_)), Some(_)) => Heard::Found(Due::Publish),
            _ => Heard::Wrong("what is no answer to GET"),
        })
    }
}
