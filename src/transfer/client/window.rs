//! Small files that are on their way at the same time, so that nobody waits for each answer.

use super::FileError;
use super::line::{Heard, Line};
use crate::net::Deadline;
use crate::transfer::wire::{BLOCK, Report, WINDOW};

/// Files that are moved before another call has its turn.
pub(super) const AT_ONCE: usize = 512;

/// Bytes that are on their way, of files of no more than a block each: so much of a server's memory one large file may take,
/// too.
const MOST_BYTES: u64 = WINDOW as u64 * BLOCK as u64;

/// Files on their way: those whose requests are open, and what is known of each.
pub(super) struct Window<T> {
    on_way: Vec<OnWay<T>>,
}

struct OnWay<T> {
    id: u32,
    size: u64,
    file: T,
}

impl<T> Window<T> {
    pub(super) fn new() -> Window<T> {
        Window { on_way: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.on_way.is_empty()
    }

    /// Whether one more of that size may be on its way: one may always be, and as many as the server has places for.
    pub(super) fn has_room(&self, size: u64, line: &Line) -> bool {
        let bytes: u64 = self.on_way.iter().map(|one| one.size).sum();
        self.is_empty() || self.on_way.len() < line.transfers && bytes + size <= MOST_BYTES
    }

    /// A file of that size has gone on its way, by the request of that number.
    pub(super) fn add(&mut self, id: u32, size: u64, file: T) {
        self.on_way.push(OnWay { id, size, file });
    }

    /// The one with that number is not on its way any more: what is known of it.
    pub(super) fn take(&mut self, id: u32) -> Option<T> {
        let at = self.on_way.iter().position(|one| one.id == id)?;
        Some(self.on_way.swap_remove(at).file)
    }

    /// Waits until `take` finds what it looks for in what is said of one of them; its number, and what was found.
    pub(super) fn hear<D>(
        &mut self,
        line: &mut Line,
        deadline: &Deadline<'_>,
        mut take: impl FnMut(&mut T, &Report<'_>) -> Result<Heard<D>, FileError>,
    ) -> Result<(u32, D), FileError> {
        line.wait_for_any(deadline, |report| {
            let one = report.request().and_then(|id| self.on_way.iter_mut().find(|one| one.id == id));
            let Some(OnWay { id, file, .. }) = one else { return Ok(Heard::Wrong("what was not asked for")) };
            Ok(match take(file, report)? {
                Heard::Found(found) => Heard::Found((*id, found)),
                Heard::GoOn => Heard::GoOn,
                Heard::Wrong(name) => Heard::Wrong(name),
            })
        })
    }
}
