//! Storing a file.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags, fstat};

use super::line::{Heard, Line};
use super::local;
use super::progress::{Progress, Teller, Transferred, Watch};
use super::{FileClient, FileError, bytes_of};
use crate::net::Deadline;
use crate::transfer::blocks::{self, length, offset};
use crate::transfer::digest::{self, Digest};
use crate::transfer::metadata;
use crate::transfer::names::RemotePath;
use crate::transfer::wire::{BLOCK, Flags, Hash, Metadata, Put, Refusal, Report, Request, data};

/// How often a server may find blocks wrong.
const MOST_AGAIN: u32 = 16;

/// How a file is to be stored.
#[derive(Default)]
pub struct Upload<'w> {
    flags: Flags,
    bare: bool,
    watch: Option<Watch<'w>>,
}

impl<'w> Upload<'w> {
    /// One that replaces nothing, makes no folders and goes on with what an earlier attempt has left.
    pub fn new() -> Upload<'w> {
        Upload { flags: Flags { resume: true, ..Flags::default() }, bare: false, watch: None }
    }

    /// Replaces the file of that name.
    pub fn overwrite(mut self) -> Upload<'w> {
        self.flags.overwrite = true;
        self
    }

    /// Makes the folders on the way.
    pub fn parents(mut self) -> Upload<'w> {
        self.flags.parents = true;
        self
    }

    /// Begins anew, whatever an earlier attempt has left.
    pub fn from_the_beginning(mut self) -> Upload<'w> {
        self.flags.resume = false;
        self
    }

    /// Sends the file as it is, without hashes, where the server can: the connection's own checks have to be enough, and only its
    /// length is looked at in the end.
    pub fn without_hashes(mut self) -> Upload<'w> {
        self.bare = true;
        self
    }

    /// Tells how far it has come, at most ten times a second and at the end; `false` ends it with `Interrupted`, and the part
    /// that has come stays; at the end it ends nothing. The client must not be used in it.
    pub fn on_progress(mut self, watch: &'w mut dyn FnMut(&Progress) -> bool) -> Upload<'w> {
        self.watch = Some(watch);
        self
    }

    pub(super) fn flags(&self) -> Flags {
        self.flags
    }

    pub(super) fn is_bare(&self) -> bool {
        self.bare
    }

    /// Tells that all of a file is stored.
    pub(super) fn tell_end(&mut self, size: u64) {
        Teller::new(self.another().watch).end(Progress { done: size, total: size, resumed: 0 });
    }

    /// The same for the next one of several.
    pub(super) fn another(&mut self) -> Upload<'_> {
        Upload { flags: self.flags, bare: self.bare, watch: self.watch.as_mut().map(|watch| &mut **watch as Watch<'_>) }
    }
}

/// A file of this machine that is being stored.
pub(super) struct Source {
    file: File,
    found: Metadata,
    digest: Digest,
    /// Blocks that the server has, or that are on their way.
    sent: u32,
    /// They go without hashes.
    is_bare: bool,
    /// The server has found the last one wrong after it was told that this was all.
    is_wrong: bool,
    /// That has been so before.
    was_wrong: bool,
    name: String,
}

impl FileClient {
    /// Stores a file of this machine. It appears whole or not at all, with its time and its permissions.
    ///
    /// # Errors
    /// `Io` for a local file that cannot be read or is no regular file; `Refused`, with the rule: of those
    /// [`Changed`](Refusal::Changed) if it is written to meanwhile.
    pub fn upload<'a>(
        &self,
        from: impl AsRef<Path>,
        to: &RemotePath,
        upload: Upload<'_>,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<Transferred, FileError> {
        let (from, deadline) = (from.as_ref(), deadline.into());
        let source = Source::open(from)?;
        self.converse(&deadline, |line| source.store(line, to, upload, &deadline))
    }
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source, FileError> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(local::open(rustix::fs::CWD, path, flags, Mode::empty(), path)?);
        let stat = fstat(&file).map_err(|errno| local::failed(errno, path))?;
        let found = metadata::of(&stat);
        if !found.is_file() {
            let errno = if found.is_folder() { rustix::io::Errno::ISDIR } else { rustix::io::Errno::INVAL };
            return Err(local::failed(errno, path));
        }
        let name = path.display().to_string();
        Ok(Source {
            file,
            found,
            digest: Digest::default(),
            sent: 0,
            is_bare: false,
            is_wrong: false,
            was_wrong: false,
            name,
        })
    }

    /// Its length in bytes.
    pub(super) fn size(&self) -> u64 {
        self.found.size
    }

    /// Whether all of it may be said at once: then it has one block, or none, and there is nothing to be compared.
    pub(super) fn fits_in_one_breath(&self, line: &Line) -> bool {
        self.found.size <= BLOCK as u64 && line.hears_early() && !self.was_wrong
    }

    /// As it was before anything was said of it; what the server has found wrong is not said in one breath again.
    pub(super) fn again(self, was_wrong: bool) -> Source {
        Source { digest: Digest::default(), sent: 0, is_wrong: false, was_wrong, ..self }
    }

    pub(super) fn store(
        mut self,
        line: &mut Line,
        to: &RemotePath,
        upload: Upload<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Transferred, FileError> {
        let mut teller = Teller::new(upload.watch);
        let mut flags = upload.flags;
        self.is_bare = upload.bare && line.takes_bare_blocks();
        for _ in 0..MOST_AGAIN {
            match self.attempt(line, to, flags, &mut teller, deadline) {
                Err(_) if self.is_wrong => {}
                done => return done,
            }
            // All but the last block is there.
            flags.resume = true;
            (self.digest, self.is_wrong, self.was_wrong) = (Digest::default(), false, true);
        }
        Err((Refusal::HashMismatch, Refusal::HashMismatch.to_string()).into())
    }

    fn attempt(
        &mut self,
        line: &mut Line,
        to: &RemotePath,
        flags: Flags,
        teller: &mut Teller<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Transferred, FileError> {
        if self.fits_in_one_breath(line) {
            return self.send_small(line, to, flags, teller, deadline);
        }
        let (size, put) = (self.found.size, self.put(flags, to));
        let id = line.ask(deadline, |id| Request::Put(id, put).encode())?;
        self.compare(line, teller, deadline)?;
        let first = self.digest.len();
        self.sent = first;
        line.send(&Request::Begin(id, first, self.is_bare), deadline)?;
        let resumed = offset(first).min(size);
        self.send_blocks(line, id, resumed, teller, deadline)?;
        self.check_unchanged()?;
        let hash = self.root();
        line.send(&Request::Finish(id, size, hash), deadline)?;
        self.await_done(line, Transferred { size, resumed, hash, metadata: self.found }, teller, deadline)
    }

    fn put<'p>(&self, flags: Flags, to: &'p RemotePath) -> Put<'p> {
        let Metadata { size, modified, mode, .. } = self.found;
        Put { flags, size, modified, mode, path: bytes_of(to) }
    }

    fn send_small(
        &mut self,
        line: &mut Line,
        to: &RemotePath,
        flags: Flags,
        teller: &mut Teller<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Transferred, FileError> {
        let is_bare = self.is_bare;
        line.ask_and_say(deadline, |id| self.breath(id, flags, to, is_bare))?;
        let done = Transferred { size: self.found.size, resumed: 0, hash: self.root(), metadata: self.found };
        self.await_done(line, done, teller, deadline)
    }

    /// All that there is to be said of a file of one block, or none.
    pub(super) fn breath(
        &mut self,
        id: u32,
        flags: Flags,
        to: &RemotePath,
        is_bare: bool,
    ) -> Result<Vec<Vec<u8>>, FileError> {
        self.is_bare = is_bare;
        let (size, put) = (self.found.size, self.put(Flags { resume: false, ..flags }, to));
        let mut all = vec![Request::Put(id, put).encode(), Request::Begin(id, 0, is_bare).encode()];
        if size > 0 {
            let mut message = Vec::new();
            self.fill(&mut message, id, 0)?;
            all.push(message);
        }
        self.check_unchanged()?;
        all.push(Request::Finish(id, size, self.root()).encode());
        Ok(all)
    }

    /// What all of it hashes to; zeros where nobody looks.
    fn root(&self) -> Hash {
        if self.is_bare { Hash::default() } else { self.digest.root() }
    }

    /// All was said; what was stored is in the answer.
    fn await_done(
        &mut self,
        line: &mut Line,
        done: Transferred,
        teller: &mut Teller<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Transferred, FileError> {
        let metadata = line.wait(deadline, |report| match report {
            Report::Done(_, Some(stored)) => Ok(Heard::Found(*stored)),
            Report::Taken(..) | Report::Ready(..) => Ok(Heard::GoOn),
            Report::Again(..) => {
                self.is_wrong = true;
                Ok(Heard::GoOn)
            }
            _ => Ok(Heard::Wrong("what is no answer to FINISH")),
        })?;
        teller.end(Progress { done: done.size, total: done.size, resumed: done.resumed });
        Ok(Transferred { metadata, ..done })
    }

    /// Compares what the server has of the file, block by block, until one is another.
    fn compare(&mut self, line: &mut Line, teller: &mut Teller<'_>, deadline: &Deadline<'_>) -> Result<(), FileError> {
        let mut is_same = true;
        line.wait(deadline, |report| match report {
            Report::Hashes(_, first, hashes) => {
                for (index, theirs) in (*first..).zip(hashes.as_chunks::<32>().0) {
                    is_same = is_same && index == self.digest.len() && self.has(index, theirs)?;
                }
                let done = offset(self.digest.len()).min(self.found.size);
                // The end is told when it is stored.
                if done < self.found.size {
                    teller.tell(Progress { done, total: self.found.size, resumed: done })?;
                }
                Ok(Heard::GoOn)
            }
            Report::Ready(..) => Ok(Heard::Found(())),
            _ => Ok(Heard::Wrong("what is no answer to PUT")),
        })
    }

    fn has(&mut self, index: u32, theirs: &Hash) -> Result<bool, FileError> {
        let mut block = vec![0; length(self.found.size, index)];
        if block.is_empty() || !self.read(&mut block, index)? {
            return Ok(false);
        }
        let ours = digest::block(index, &block);
        if ours == *theirs {
            self.digest.push(ours, &block);
        }
        Ok(ours == *theirs)
    }

    /// Sends all blocks that the server does not have, no more than a window ahead of what it has taken. Only the last one is
    /// not waited for: nothing comes behind it.
    fn send_blocks(
        &mut self,
        line: &mut Line,
        id: u32,
        resumed: u64,
        teller: &mut Teller<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<(), FileError> {
        let size = self.found.size;
        let total = digest::blocks(size) as u32;
        let (mut taken, mut again, mut message) = (self.sent, 0, Vec::new());
        loop {
            let next = self.sent;
            if next == total && next - taken <= 1 {
                return Ok(());
            }
            if next < total && next - taken < line.window {
                self.fill(&mut message, id, next)?;
                line.send_encoded(&message, deadline)?;
                continue;
            }
            let (block, is_wrong) = line.wait(deadline, |report| match report {
                Report::Taken(_, block) => Ok(Heard::Found((*block, false))),
                Report::Again(_, block) => Ok(Heard::Found((*block, true))),
                _ => Ok(Heard::Wrong("what is no answer to DATA")),
            })?;
            if block < taken || block > next {
                return Err(crate::Error::new(
                    crate::Status::ProtocolViolation,
                    "the server has taken what was not sent",
                )
                .into());
            }
            taken = block;
            if is_wrong {
                again += 1;
                if again > MOST_AGAIN {
                    return Err((Refusal::HashMismatch, Refusal::HashMismatch.to_string()).into());
                }
                self.digest.truncate(block);
                self.sent = block;
            }
            let done = offset(taken).min(size);
            if done < size {
                teller.tell(Progress { done, total: size, resumed })?;
            }
        }
    }

    /// Makes the message of a block, which is read into it.
    fn fill(&mut self, message: &mut Vec<u8>, id: u32, index: u32) -> Result<(), FileError> {
        message.clear();
        data(message, id, index, (!self.is_bare).then_some(&Hash::default()));
        let (head, length) = (message.len(), length(self.found.size, index));
        let read = blocks::append(self.file.as_fd(), message, offset(index), length);
        read.map_err(|errno| local::failed(errno, self.name.as_ref()))?;
        if message.len() < head + length {
            return Err(self.changed());
        }
        self.sent += 1;
        if !self.is_bare {
            let hash = digest::block(index, &message[head..]);
            message[head - size_of::<Hash>()..head].copy_from_slice(&hash);
            self.digest.push(hash, &message[head..]);
        }
        Ok(())
    }

    /// Whether there is so much of the file there.
    fn read(&self, block: &mut [u8], index: u32) -> Result<bool, FileError> {
        let count = blocks::read(self.file.as_fd(), block, offset(index));
        let count = count.map_err(|errno| local::failed(errno, self.name.as_ref()))?;
        Ok(count == block.len())
    }

    fn check_unchanged(&self) -> Result<(), FileError> {
        let stat = fstat(&self.file).map_err(|errno| local::failed(errno, self.name.as_ref()))?;
        if metadata::of(&stat) == self.found { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> FileError {
        (Refusal::Changed, format!("{}: {} while it was read", self.name, Refusal::Changed)).into()
    }
}
