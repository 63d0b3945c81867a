//! The names in a folder, a page at a time.

use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, statat};
use rustix::io::Errno;

use super::fault::refused;
use super::metadata;
use super::names::{RESERVED, path as checked};
use super::store::Home;
use super::task::{Input, Next, Step, Task};
use super::wire::{Entry, PAGE, Refusal, Refused, Report};

/// A folder that is being listed. Nothing of it is kept: what comes and goes meanwhile may be told of or not.
#[derive(Debug)]
pub(super) struct Listing {
    id: u32,
    folder: Dir,
    is_root: bool,
}

impl Listing {
    pub(super) fn open(home: &Arc<Home>, id: u32, path: &[&[u8]]) -> Result<Listing, Refused> {
        let path = checked(path)?;
        let name = path.last().map_or("", String::as_str);
        let folder = Dir::new(home.root.listing(&path)?).map_err(|errno| refused(errno, name))?;
        Ok(Listing { id, folder, is_root: path.is_empty() })
    }

    /// The next names in their frame, and whether those were the last.
    fn page(&mut self) -> Result<(bytes::Bytes, bool), Errno> {
        let mut named = Vec::new();
        let (mut bytes, mut is_last) = (0, false);
        while bytes < PAGE {
            let Some(entry) = self.folder.read().transpose()? else {
                is_last = true;
                break;
            };
            let name = entry.file_name();
            let is_own = self.is_root && name.to_bytes() == RESERVED.as_bytes();
            if matches!(name.to_bytes(), b"." | b"..") || is_own {
                continue;
            }
            // It may have gone since.
            let Ok(stat) = statat(self.folder.fd()?, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            bytes += name.to_bytes().len() + 48;
            named.push((name.to_bytes().to_vec(), metadata::of(&stat)));
        }
        let entries = named.iter().map(|(name, metadata)| Entry { name, metadata: *metadata }).collect();
        Ok((Report::Entries(self.id, entries).framed(), is_last))
    }
}

impl Task for Listing {
    /// Tells of the next ones.
    fn step(mut self: Box<Listing>, inputs: Vec<Input>) -> Step {
        // The only thing that can be said to it.
        if !inputs.is_empty() {
            return Step::refused(Refusal::Cancelled.into());
        }
        match self.page() {
            Err(errno) => Step::refused(refused(errno, "")),
            Ok((page, true)) => Step::new(vec![page, Report::Done(self.id, None).framed()], Next::Done),
            Ok((page, false)) => Step::new(vec![page], Next::More(self)),
        }
    }
}
