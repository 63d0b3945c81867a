//! Who has done what, in the log. Whatever a client sent stands in it as text that can neither end a line nor reach a
//! terminal.

use super::wire::{Refused, Request};
use crate::audit::{Client, TARGET, quoted};

const STORES: &str = "stores";
const FETCHES: &str = "fetches";
const LISTS: &str = "lists";

/// A request in the log.
#[derive(Debug)]
pub(super) struct Record {
    what: &'static str,
    path: String,
    bytes: u64,
    /// Whether it changes anything, or moves a file.
    counts: bool,
}

impl Record {
    pub(super) fn new(request: &Request<'_>) -> Record {
        let (what, path, counts) = match request {
            Request::Stat(_, path) => ("looks at", shown(path), false),
            Request::List(_, path) => (LISTS, shown(path), false),
            Request::MakeFolder(_, _, path) => ("makes folder", shown(path), true),
            Request::Remove(_, _, path) => ("removes", shown(path), true),
            Request::RemoveFolder(_, _, path) => ("removes folder", shown(path), true),
            Request::Rename(_, _, from, to) => ("renames", format!("{} to {}", shown(from), shown(to)), true),
            Request::Put(_, put) => (STORES, shown(&put.path), true),
            Request::Get(_, get) => (FETCHES, shown(&get.path), true),
            _ => ("says", String::new(), false),
        };
        Record { what, path, bytes: 0, counts }
    }

    /// So many bytes of the file have moved.
    pub(super) fn moved(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Whether a file is stored.
    pub(super) fn stores(&self) -> bool {
        self.what == STORES
    }

    /// Whether a file is fetched.
    pub(super) fn fetches(&self) -> bool {
        self.what == FETCHES
    }

    /// Whether a folder is listed.
    pub(super) fn lists(&self) -> bool {
        self.what == LISTS
    }

    /// A transfer is about to begin.
    pub(super) fn begin(&self, client: &Client) {
        log::info!(target: TARGET, "{client} begins: {} {}", self.what, self.path);
    }

    pub(super) fn done(&self, client: &Client) {
        if self.counts {
            log::info!(target: TARGET, "{client} {} {}{}", self.what, self.path, self.size());
        }
    }

    pub(super) fn refused(&self, client: &Client, (refusal, text): &Refused) {
        let text = quoted(text.as_bytes());
        log::warn!(target: TARGET, "{client} {} {}: refused: {refusal}: {text}{}", self.what, self.path, self.size());
    }

    /// Its client has gone before its end.
    pub(super) fn gone(&self, client: &Client) {
        if self.counts {
            log::info!(target: TARGET, "{client} {} {}: its client has gone{}", self.what, self.path, self.size());
        }
    }

    fn size(&self) -> String {
        if self.bytes > 0 { format!(", {} bytes", self.bytes) } else { String::new() }
    }
}

fn shown(path: &[&[u8]]) -> String {
    quoted(&path.join(&b'/'))
}
