//! Fetching a file.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, Mode, fstat, fsync, ftruncate, unlinkat};
use rustix::io::Errno;

use super::line::{Heard, Line};
use super::local;
use super::progress::{Progress, Teller, Transferred, Watch};
use super::target::Target;
use super::{FileClient, FileError, bytes_of};
use crate::net::Deadline;
use crate::transfer::blocks::{self, length, offset};
use crate::transfer::digest::{self, Digest};
use crate::transfer::names::RemotePath;
use crate::transfer::part;
use crate::transfer::publish::{Looks, Place, dress, rename, sync_folder};
use crate::transfer::wire::{BLOCK, Block, Get, Hash, Metadata, Refusal, Report, Request};
use crate::{Error, Status};

/// Blocks that may come wrong.
const MOST_AGAIN: u32 = 16;

/// How a file is to be fetched.
#[derive(Default)]
pub struct Download<'w> {
    overwrite: bool,
    fresh: bool,
    hasty: bool,
    bare: bool,
    watch: Option<Watch<'w>>,
}

impl<'w> Download<'w> {
    /// One that replaces nothing, and goes on with what an earlier attempt has left.
    pub fn new() -> Download<'w> {
        Download::default()
    }

    /// Replaces the local file of that name.
    pub fn overwrite(mut self) -> Download<'w> {
        self.overwrite = true;
        self
    }

    /// Begins anew, whatever an earlier attempt has left.
    pub fn from_the_beginning(mut self) -> Download<'w> {
        self.fresh = true;
        self
    }

    /// Takes the file as it comes, without hashes, where the server can: the connection's own checks have to be enough, and only
    /// its length is looked at in the end.
    pub fn without_hashes(mut self) -> Download<'w> {
        self.bare = true;
        self
    }

    /// Does not wait until the local disk has it: after a power cut it may be gone, or empty.
    pub fn without_sync(mut self) -> Download<'w> {
        self.hasty = true;
        self
    }

    /// Tells how far it has come, at most ten times a second and at the end; `false` ends it with `Interrupted`, and the part
    /// that has come stays; at the end it ends nothing. The client must not be used in it.
    pub fn on_progress(mut self, watch: &'w mut dyn FnMut(&Progress) -> bool) -> Download<'w> {
        self.watch = Some(watch);
        self
    }

    pub(super) fn overwrites(&self) -> bool {
        self.overwrite
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.fresh
    }

    pub(super) fn is_bare(&self) -> bool {
        self.bare
    }

    pub(super) fn is_durable(&self) -> bool {
        !self.hasty
    }

    /// Tells that all of a file is here.
    pub(super) fn tell_end(&mut self, size: u64) {
        Teller::new(self.another().watch).end(Progress { done: size, total: size, resumed: 0 });
    }

    /// The same for the next one of several.
    pub(super) fn another(&mut self) -> Download<'_> {
        let watch = self.watch.as_mut().map(|watch| &mut **watch as Watch<'_>);
        Download { overwrite: self.overwrite, fresh: self.fresh, hasty: self.hasty, bare: self.bare, watch }
    }
}

/// A file that is coming.
pub(super) struct Sink<'t> {
    target: &'t Target,
    part: String,
    file: OwnedFd,
    /// What the process's mask lets a file have of its permissions.
    allowed: u16,
    /// Bytes that an earlier attempt has left.
    left: u64,
    digest: Digest,
    /// Blocks that are here.
    came: u32,
    /// They come without hashes.
    is_bare: bool,
    /// The disk is waited for in the end.
    is_durable: bool,
    /// A block that was wrong, and is waited for.
    again: Option<u32>,
    wrong: u32,
    /// What has come is not the file.
    spoiled: bool,
}

impl FileClient {
    /// Fetches a file to a path of this machine, whose folder has to be there. It appears whole or not at all, with its time
    /// and its permissions; until then its part lies beside it, with a name of its own that begins with `.rustchat-`.
    ///
    /// Nothing that the server says has a part in where it goes.
    pub fn download<'a>(
        &self,
        from: &RemotePath,
        to: impl AsRef<Path>,
        download: Download<'_>,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<Transferred, FileError> {
        let target = Target::of_path(to.as_ref())?;
        let deadline = deadline.into();
        target.check(download.overwrite)?;
        let sink = Sink::open(&target, from, download.fresh)?;
        self.converse(&deadline, |line| sink.fetch(line, from, download, &deadline))
    }
}

impl Sink<'_> {
    pub(super) fn open<'t>(target: &'t Target, from: &RemotePath, fresh: bool) -> Result<Sink<'t>, FileError> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(from.to_string().as_bytes()).update(b"\0").update(target.name.as_bytes());
        let part = format!(".rustchat-{}.part", &hasher.finalize().to_hex()[..32]);
        let failed = |errno| local::failed(errno, &target.path);
        let file = part::open(target.folder.as_fd(), &part, Mode::from_raw_mode(0o666));
        let (file, stat) =
            file.map_err(|errno| failed(if errno == Errno::WOULDBLOCK { Errno::BUSY } else { errno }))?;
        let mut left = stat.st_size.cast_unsigned();
        if fresh && left > 0 {
            ftruncate(&file, 0).map_err(failed)?;
            left = 0;
        }
        // Where it may be read it may be executed, too.
        let allowed = (stat.st_mode & 0o777 | (stat.st_mode & 0o444) >> 2) as u16;
        let digest = Digest::default();
        let (came, is_bare, is_durable, again, wrong, spoiled) = (0, false, false, None, 0, false);
        Ok(Sink { target, part, file, allowed, left, digest, came, is_bare, is_durable, again, wrong, spoiled })
    }

    pub(super) fn fetch(
        mut self,
        line: &mut Line,
        from: &RemotePath,
        mut download: Download<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Transferred, FileError> {
        let mut teller = Teller::new(download.watch.take());
        let compare = digest::blocks(self.left) as u32;
        let get = Get { compare, version: 0, path: bytes_of(from) };
        let is_bare = download.bare && line.takes_bare_blocks();
        // With nothing to be compared there is nothing to wait for.
        let is_early = compare == 0 && line.hears_early();
        let id = if is_early {
            let begin = |id| Request::Begin(id, 0, is_bare).encode();
            line.ask_and_say(deadline, |id| Ok(vec![Request::Get(id, get).encode(), begin(id)]))?
        } else {
            line.ask(deadline, |id| Request::Get(id, get).encode())?
        };
        let found = self.compare(line, deadline)?;
        let first = self.digest.len();
        self.begin(first, is_bare, download.is_durable());
        let resumed = offset(first).min(found.size);
        if self.left > resumed {
            ftruncate(&self.file, resumed).map_err(|errno| self.failed(errno))?;
        }
        if !is_early {
            line.send(&Request::Begin(id, first, is_bare), deadline)?;
        }
        self.take_blocks(line, id, found.size, resumed, &mut teller, deadline)?;
        let hash = self.root();
        line.send(&Request::Finish(id, found.size, hash), deadline)?;
        let metadata = line.wait(deadline, |report| match report {
            Report::Done(_, Some(metadata)) => Ok(Heard::Found(*metadata)),
            _ => Ok(Heard::Wrong("what is no answer to FINISH")),
        })?;
        self.publish(&found, &download)?;
        teller.end(Progress { done: found.size, total: found.size, resumed });
        Ok(Transferred { size: found.size, resumed, hash, metadata })
    }

    /// Blocks come from that one on.
    pub(super) fn begin(&mut self, first: u32, is_bare: bool, is_durable: bool) {
        (self.came, self.is_bare, self.is_durable) = (first, is_bare, is_durable);
    }

    /// Has the file appear, as the server has found it.
    fn publish(&mut self, found: &Metadata, download: &Download<'_>) -> Result<(), FileError> {
        self.dress(found, download)?;
        self.sync(download)?;
        self.appear(download)?;
        self.sync_folder(download)
    }

    /// Makes it look as the server has found it, and has it be on its way to the disk.
    pub(super) fn dress(&self, found: &Metadata, download: &Download<'_>) -> Result<(), FileError> {
        let (overwrite, durable) = (download.overwrite, !download.hasty);
        let looks = Looks { mode: found.mode & self.allowed, modified: found.modified, overwrite, durable };
        dress(self.file.as_fd(), &looks).map_err(|errno| self.failed(errno))
    }

    /// Waits until the disk has it, if that is wanted.
    pub(super) fn sync(&self, download: &Download<'_>) -> Result<(), FileError> {
        if download.hasty { Ok(()) } else { fsync(&self.file).map_err(|errno| self.failed(errno)) }
    }

    /// Gives it its name.
    pub(super) fn appear(&mut self, download: &Download<'_>) -> Result<(), FileError> {
        let from = Place { folder: self.target.folder.as_fd(), name: &self.part };
        let to = Place { folder: self.target.folder.as_fd(), name: &self.target.name };
        rename(from, to, download.overwrite).map_err(|errno| self.failed(errno))?;
        self.part.clear();
        Ok(())
    }

    /// Waits until the disk has the names in its folder, if that is wanted.
    pub(super) fn sync_folder(&self, download: &Download<'_>) -> Result<(), FileError> {
        if download.hasty {
            Ok(())
        } else {
            sync_folder(self.target.folder.as_fd()).map_err(|errno| self.failed(errno))
        }
    }

    /// Compares what is here with what the server has, block by block, until one is another.
    fn compare(&mut self, line: &mut Line, deadline: &Deadline<'_>) -> Result<Metadata, FileError> {
        let mut is_same = true;
        line.wait(deadline, |report| match report {
            Report::Hashes(_, first, hashes) => {
                for (index, theirs) in (*first..).zip(hashes.as_chunks::<32>().0) {
                    is_same = is_same && index == self.digest.len() && self.has(index, theirs)?;
                }
                Ok(Heard::GoOn)
            }
            Report::Ready(_, found) if found.is_file() => Ok(Heard::Found(*found)),
            _ => Ok(Heard::Wrong("what is no answer to GET")),
        })
    }

    fn has(&mut self, index: u32, theirs: &Hash) -> Result<bool, FileError> {
        let mut block = vec![0; length(self.left, index)];
        let count = blocks::read(self.file.as_fd(), &mut block, offset(index)).map_err(|errno| self.failed(errno))?;
        if block.is_empty() || count < block.len() {
            return Ok(false);
        }
        let ours = digest::block(index, &block);
        if ours == *theirs {
            self.digest.push(ours, &block);
        }
        Ok(ours == *theirs)
    }

    fn take_blocks(
        &mut self,
        line: &mut Line,
        id: u32,
        size: u64,
        resumed: u64,
        teller: &mut Teller<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<(), FileError> {
        loop {
            let came = line.wait(deadline, |report| match report {
                Report::Data(_, block) => self.take(block, size).map(Heard::Found),
                Report::End(_, said, root) => self.end(*said, size, root),
                _ => Ok(Heard::Wrong("what is no answer to BEGIN")),
            })?;
            match came {
                Came::Block => {
                    let done = offset(self.came).min(size);
                    if done < size {
                        teller.tell(Progress { done, total: size, resumed })?;
                    }
                    line.stay(deadline)?;
                }
                Came::Wrong(index) => line.send(&Request::Again(id, index), deadline)?,
                Came::End => return Ok(()),
            }
        }
    }

    pub(super) fn take(&mut self, block: &Block<'_>, size: u64) -> Result<Came, FileError> {
        let next = self.came;
        if self.again.is_some() && block.index != next {
            // Sent before the server knew that one was wrong.
            return Ok(Came::Block);
        }
        if block.index != next || block.bytes.len() != length(size, next) || block.hash.is_none() != self.is_bare {
            let text = format!("block {} came, {next} is next", block.index);
            return Err(Error::new(Status::ProtocolViolation, text).into());
        }
        if block.hash.is_some_and(|hash| digest::block(next, block.bytes) != hash) {
            self.wrong += 1;
            if self.wrong > MOST_AGAIN {
                return Err((Refusal::HashMismatch, format!("block {next}: {}", Refusal::HashMismatch)).into());
            }
            self.again = Some(next);
            return Ok(Came::Wrong(next));
        }
        self.again = None;
        blocks::write(self.file.as_fd(), block.bytes, offset(next)).map_err(|errno| self.failed(errno))?;
        if let Some(hash) = block.hash {
            self.digest.push(hash, block.bytes);
        }
        self.came += 1;
        if self.is_durable {
            blocks::write_back(self.file.as_fd(), self.came);
        }
        Ok(Came::Block)
    }

    /// The server has sent so many bytes, which hash to that, of a file of `size`.
    pub(super) fn end(&mut self, said: u64, size: u64, root: &Hash) -> Result<Heard<Came>, FileError> {
        if self.again.is_some() {
            return Ok(Heard::GoOn);
        }
        let is_whole = said == size && offset(self.came) >= size;
        if !is_whole || *root != self.root() {
            self.spoiled = true;
            return Err((Refusal::HashMismatch, Refusal::HashMismatch.to_string()).into());
        }
        Ok(Heard::Found(Came::End))
    }

    /// What all of it hashes to; zeros where nobody has looked.
    pub(super) fn root(&self) -> Hash {
        if self.is_bare { Hash::default() } else { self.digest.root() }
    }

    fn failed(&self, errno: Errno) -> FileError {
        local::failed(errno, &self.target.path)
    }
}

/// What has come.
pub(super) enum Came {
    Block,
    Wrong(u32),
    End,
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        if self.part.is_empty() {
            return;
        }
        // A part of no whole block is worth nothing.
        let size = fstat(&self.file).map_or(0, |stat| stat.st_size.cast_unsigned());
        if self.spoiled || size < BLOCK as u64 {
            let _ = unlinkat(&*self.target.folder, &*self.part, AtFlags::empty());
        }
    }
}
