//! A file that a client stores.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{AtFlags, FileType, fstat, fsync, ftruncate, statat};
use rustix::io::Errno;

use super::blocks::{self, length, offset};
use super::deed::{Deed, size_of};
use super::digest::{self, Digest};
use super::fault::refused;
use super::metadata;
use super::names::{check_new, path as checked};
use super::partials::{Partial, Partials};
use super::publish::{Looks, Place, dress, rename, sync_folder};
use super::purse::Reservation;
use super::store::{Home, Lock, Store};
use super::task::{Input, Next, Step, Task, Whole};
use super::wire::{BLOCK, Hash, Metadata, Put, Refusal, Refused, Report};

/// Blocks of an earlier attempt that are hashed in one step.
const HASHED_AT_ONCE: u32 = 16;

/// Where an upload stands.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// What an earlier attempt has left is hashed, up to that block.
    Hashing { until: u32 },
    /// The client is to say with which block to begin.
    Ready,
    /// Blocks come; one that was wrong is waited for again.
    Storing { again: Option<u32> },
}

/// A file on its way in. Dropped before its end, the blocks that have come stay for a while.
pub(super) struct Upload {
    id: u32,
    store: Arc<Store>,
    home: Arc<Home>,
    partial: Partial,
    /// Where it belongs: the folder is looked up anew when it appears, since it may have been moved.
    parents: Vec<String>,
    name: String,
    size: u64,
    looks: Looks,
    digest: Digest,
    /// Blocks that are there and right.
    stored: u32,
    /// They come without hashes, and nobody asks what all of them hash to.
    is_bare: bool,
    stage: Stage,
    room: Reservation,
    /// Its part is of no use to another attempt.
    spoiled: bool,
    _lock: Lock,
}

impl Upload {
    /// Reserves all that it takes, before any of its bytes come.
    pub(super) fn open(store: &Arc<Store>, home: &Arc<Home>, id: u32, put: &Put<'_>) -> Result<Upload, Refused> {
        let partials = store.partials()?;
        store.sweep();
        let path = checked(&put.path)?;
        let Some((name, parents)) = path.split_last() else { return Err(Refusal::IsFolder.into()) };
        check_new(name)?;
        check_size(put.size, store.rules().file_limit)?;
        let lock = store.lock(home, &path)?;
        if put.flags.parents {
            Deed { store, home }.make_parents(parents)?;
        }
        let folder = home.root.folder(parents)?;
        let replaced = may_appear(&folder, name, put.flags.overwrite)?;
        let partial = take(partials, Partials::name(&home.owner, &path, put), put)?;
        let sizes = [put.size, partial.size, replaced];
        let room = Reservation::new(&home.purse, store.space(), partials.as_fd(), sizes);
        let room = room.inspect_err(|_| {
            if partial.size == 0 {
                partials.remove(&partial.name);
            }
        })?;
        let until = if partial.size >= put.size { digest::blocks(put.size) } else { partial.size / offset(1) } as u32;
        let looks = Looks {
            mode: put.mode & 0o777 & !partials.mask_of_process(),
            modified: put.modified,
            overwrite: put.flags.overwrite,
            durable: store.rules().durable,
        };
        Ok(Upload {
            id,
            store: Arc::clone(store),
            home: Arc::clone(home),
            partial,
            parents: parents.to_vec(),
            name: name.clone(),
            size: put.size,
            looks,
            digest: Digest::default(),
            stored: 0,
            is_bare: false,
            stage: Stage::Hashing { until },
            room,
            spoiled: false,
            _lock: lock,
        })
    }

    /// Goes on with what has come.
    fn go_on(mut self: Box<Upload>, inputs: Vec<Input>) -> Step {
        if let Stage::Hashing { until } = self.stage
            && inputs.is_empty()
        {
            return Step::of(self.hash(until));
        }
        let mut step = Step::new(Vec::new(), Next::Done);
        let before = self.stored;
        for input in inputs {
            match self.take(input, &mut step) {
                Ok(false) => {}
                Ok(true) if self.looks.durable && self.size <= BLOCK as u64 => {
                    step.whole = Some(self);
                    return step;
                }
                Ok(true) => {
                    return match self.settle() {
                        Ok(told) => step.done(told),
                        Err(why) => step.fail(why),
                    };
                }
                Err(why) => return step.fail(why),
            }
        }
        if self.stored > before {
            step.said.push(Report::Taken(self.id, self.stored).framed());
        }
        step.next = Next::Waits(self);
        step
    }

    /// Deals with one thing that has come; whether that was the last, and nothing is missing but that the file appears.
    fn take(&mut self, input: Input, step: &mut Step) -> Result<bool, Refused> {
        match input {
            Input::Begin(block, is_bare) => self.begin(block, is_bare)?,
            Input::BeginOnce => {
                self.spoiled = true;
                self.begin(0, true)?;
            }
            Input::Data { index, hash, bytes } => {
                step.blocks += 1;
                step.bytes += bytes.len() as u64;
                step.said.extend(self.store_block(index, hash, &bytes)?);
            }
            Input::Finish(size, root) => {
                self.finish(size, root)?;
                return Ok(true);
            }
            Input::Cancel => return Err(Refusal::Cancelled.into()),
            Input::Again(_) => {}
        }
        Ok(false)
    }

    /// Hashes some blocks of the part, and tells the client; then it is the client's turn.
    fn hash(mut self: Box<Upload>, until: u32) -> Result<Step, Refused> {
        let first = self.digest.len();
        let file = self.partial.file.as_fd();
        let hashes = blocks::hash_next(file, &mut self.digest, self.size, until, HASHED_AT_ONCE);
        let hashes = hashes.map_err(|errno| refused(errno, &self.name))?.unwrap_or_default();
        let mut said = Vec::new();
        if !hashes.is_empty() {
            said.push(Report::Hashes(self.id, first, &hashes).framed());
        }
        if self.digest.len() < until && !hashes.is_empty() {
            return Ok(Step::new(said, Next::More(self)));
        }
        let stat = fstat(&self.partial.file).map_err(|errno| refused(errno, &self.name))?;
        let there = Metadata { size: self.size, ..metadata::of(&stat) };
        said.push(Report::Ready(self.id, there).framed());
        self.stage = Stage::Ready;
        let mut step = Step::new(said, Next::Waits(self));
        step.ready = true;
        Ok(step)
    }

    fn begin(&mut self, block: u32, is_bare: bool) -> Result<(), Refused> {
        if block > self.digest.len() {
            return Err(short(format!("the first block is {block}, {} are there", self.digest.len())));
        }
        self.digest.truncate(block);
        (self.stored, self.is_bare) = (block, is_bare);
        let there = self.there();
        if self.partial.size > there {
            ftruncate(&self.partial.file, there).map_err(|errno| refused(errno, &self.name))?;
        }
        self.room.has(there);
        self.stage = Stage::Storing { again: None };
        Ok(())
    }

    /// Bytes of the file that are there and right.
    fn there(&self) -> u64 {
        offset(self.stored).min(self.size)
    }

    /// Takes a block; what there is to be said at once.
    fn store_block(&mut self, index: u32, hash: Option<Hash>, bytes: &[u8]) -> Result<Option<Bytes>, Refused> {
        let Stage::Storing { again } = &mut self.stage else {
            return Err(short("a block before the beginning".to_owned()));
        };
        let next = self.stored;
        // What was sent before the client knew that one was wrong.
        if again.is_some() && index != next {
            return Ok(None);
        }
        let expected = length(self.size, index);
        if index != next || bytes.len() != expected || expected == 0 {
            let text =
                format!("block {index} of {} bytes came, {next} of {} is next", bytes.len(), length(self.size, next));
            return Err(short(text));
        }
        if hash.is_some_and(|hash| digest::block(index, bytes) != hash) {
            if again.replace(index).is_some() {
                self.spoiled |= next == 0;
                return Err((Refusal::HashMismatch, format!("block {index}: {}, twice", Refusal::HashMismatch)));
            }
            return Ok(Some(Report::Again(self.id, index).framed()));
        }
        if let Err(errno) = blocks::write(self.partial.file.as_fd(), bytes, offset(index)) {
            self.spoiled = true;
            return Err(refused(errno, &self.name));
        }
        *again = None;
        if let Some(hash) = hash {
            self.digest.push(hash, bytes);
        }
        self.stored += 1;
        if self.looks.durable {
            blocks::write_back(self.partial.file.as_fd(), self.stored);
        }
        let there = self.there();
        self.room.has(there);
        Ok(None)
    }

    /// That was all of it: it is made to look as it is to look.
    fn finish(&mut self, size: u64, root: Hash) -> Result<(), Refused> {
        if size != self.size || self.there() != size || !matches!(self.stage, Stage::Storing { .. }) {
            return Err(short(format!("{} of {} bytes have come", self.there(), self.size)));
        }
        if !self.is_bare && root != self.digest.root() {
            self.spoiled = true;
            return Err(Refusal::HashMismatch.into());
        }
        self.room.has(size);
        dress(self.partial.file.as_fd(), &self.looks).map_err(|errno| self.failed(errno))
    }

    /// Has it appear, alone.
    fn settle(&mut self) -> Result<Bytes, Refused> {
        if self.looks.durable {
            self.sync()?;
        }
        let folder = self.appear()?;
        if self.looks.durable {
            sync_folder(folder.as_fd()).map_err(|errno| self.failed(errno))?;
        }
        self.told()
    }

    fn failed(&mut self, errno: Errno) -> Refused {
        // Its part is worth something to whoever comes back with `overwrite`.
        self.spoiled |= errno != Errno::EXIST;
        refused(errno, &self.name)
    }
}

impl Whole for Upload {
    fn sync(&mut self) -> Result<(), Refused> {
        fsync(&self.partial.file).map_err(|errno| self.failed(errno))
    }

    fn appear(&mut self) -> Result<OwnedFd, Refused> {
        let partials = self.store.partials()?;
        let folder = self.home.root.folder(&self.parents)?;
        let from = Place { folder: partials.as_fd(), name: &self.partial.name };
        let to = Place { folder: folder.as_fd(), name: &self.name };
        let overwrite = self.looks.overwrite;
        let renamed = self.home.purse.change(|| {
            let replaced = if overwrite { size_of(to.folder, to.name) } else { 0 };
            rename(from, to, overwrite).map(|()| replaced)
        });
        renamed.map_err(|errno| self.failed(errno))?;
        // Nothing of it is left to be removed.
        self.partial.name.clear();
        Ok(folder)
    }

    fn told(&self) -> Result<Bytes, Refused> {
        let stat = fstat(&self.partial.file).map_err(|errno| refused(errno, &self.name))?;
        Ok(Report::Done(self.id, Some(metadata::of(&stat))).framed())
    }
}

impl Task for Upload {
    fn step(self: Box<Upload>, inputs: Vec<Input>) -> Step {
        self.go_on(inputs)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.partial.name.is_empty() {
            return;
        }
        // Before the beginning nobody has said that any of it is wrong.
        let is_begun = matches!(self.stage, Stage::Storing { .. });
        let there = if is_begun { self.there() } else { self.partial.size };
        let is_kept = !self.spoiled && there > 0 && ftruncate(&self.partial.file, there).is_ok();
        if is_kept {
            self.room.has(there);
            return;
        }
        if let Ok(partials) = self.store.partials() {
            partials.remove(&self.partial.name);
        }
        self.room.has(0);
    }
}

fn short(text: String) -> Refused {
    (Refusal::Short, format!("{}: {text}", Refusal::Short))
}

fn check_size(size: u64, limit: u64) -> Result<(), Refused> {
    // What a file system's numbers can say, and those of blocks.
    let most = if limit == 0 { offset(u32::MAX) } else { limit.min(offset(u32::MAX)) };
    if size > most {
        return Err((Refusal::FileTooLarge, format!("{size} bytes: {}, which is {most}", Refusal::FileTooLarge)));
    }
    Ok(())
}

/// Whether a file of that name may appear in a folder; the bytes of the one whose place it takes.
fn may_appear(folder: &OwnedFd, name: &str, overwrite: bool) -> Result<u64, Refused> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => Ok(0),
        Err(errno) => Err(refused(errno, name)),
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => Err(refused(Errno::ISDIR, name)),
        Ok(_) if !overwrite => Err(refused(Errno::EXIST, name)),
        Ok(_) => Ok(size_of(folder.as_fd(), name)),
    }
}

/// What an earlier attempt has left, or an empty part.
fn take(partials: &Partials, name: String, put: &Put<'_>) -> Result<Partial, Refused> {
    let mut partial = partials.take(name).map_err(|errno| match errno {
        Errno::WOULDBLOCK => Refusal::Locked.into(),
        errno => refused(errno, ""),
    })?;
    if put.flags.resume && partial.size <= put.size {
        return Ok(partial);
    }
    if partial.size > 0 {
        ftruncate(&partial.file, 0).map_err(|errno| refused(errno, ""))?;
        partial.size = 0;
    }
    Ok(partial)
}
