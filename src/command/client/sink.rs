//! What has come of an output, and waits for its reader.

use std::time::Instant;

use crate::command::mux::{Budget, Window};

pub(super) struct Sink {
    bytes: Vec<u8>,
    /// How many of them were read.
    read: usize,
    window: Window,
    /// Credit to be given.
    due: u32,
    /// All that comes is kept until the end, and gives credit at once.
    gathers: bool,
    ended: bool,
}

impl Sink {
    pub(super) fn new(window: Window, gathers: bool) -> Sink {
        Sink { bytes: Vec::new(), read: 0, window, due: 0, gathers, ended: false }
    }

    /// Adds what has come; whether somebody has to know of it: what is gathered only interests when credit is due.
    pub(super) fn take(&mut self, bytes: &[u8], budget: &mut Budget, now: Instant) -> bool {
        self.bytes.extend_from_slice(bytes);
        if self.gathers {
            self.credit(bytes.len(), budget, now);
        }
        !self.gathers || self.due > 0
    }

    fn credit(&mut self, count: usize, budget: &mut Budget, now: Instant) {
        self.due += self.window.read(count, budget, now).unwrap_or(0);
    }

    /// From now on all that comes is kept: nobody reads before the end.
    pub(super) fn gather(&mut self, budget: &mut Budget) {
        if !std::mem::replace(&mut self.gathers, true) {
            self.credit(self.bytes.len() - self.read, budget, Instant::now());
        }
    }

    /// Bytes that nobody has read.
    pub(super) fn unread(&self) -> usize {
        self.bytes.len() - self.read
    }

    /// Moves what there is to `buffer`; `None` while there is nothing and may be more, 0 at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8], budget: &mut Budget) -> Option<usize> {
        let rest = &self.bytes[self.read..];
        if rest.is_empty() && !self.ended && !buffer.is_empty() {
            return None;
        }
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        if self.read == self.bytes.len() {
            self.bytes.clear();
            self.read = 0;
        }
        if !self.gathers {
            self.credit(count, budget, Instant::now());
        }
        Some(count)
    }

    /// All that has come and was not read.
    pub(super) fn take_all(&mut self) -> Vec<u8> {
        self.bytes.drain(..std::mem::take(&mut self.read));
        std::mem::take(&mut self.bytes)
    }

    pub(super) fn take_due(&mut self) -> u32 {
        std::mem::take(&mut self.due)
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn close(&mut self, budget: &mut Budget) {
        self.window.close(budget);
    }
}
