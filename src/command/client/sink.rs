//! What has come of an output, and waits for its reader.

use std::collections::VecDeque;
use std::io::Read;
use std::time::Instant;

use crate::command::mux::{Budget, Window};

/// Room that is kept for what comes next once all was read: more was needed by somebody who gathered.
const KEPT: usize = 2 * 1024 * 1024;

pub(super) struct Sink {
    bytes: VecDeque<u8>,
    /// How many of them, from the first on, have given credit already.
    settled: usize,
    window: Window,
    /// Credit to be given.
    due: u32,
    /// All that comes is kept, and gives credit at once.
    gathers: bool,
    end: Option<End>,
}

/// The end of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    /// There was more than the command may write.
    Cut,
}

impl Sink {
    pub(super) fn new(window: Window, gathers: bool) -> Sink {
        Sink { bytes: VecDeque::new(), settled: 0, window, due: 0, gathers, end: None }
    }

    /// Adds what has come; whether somebody has to know of it: what is gathered only interests when credit is due.
    pub(super) fn take(&mut self, bytes: &[u8], budget: &mut Budget, now: Instant) -> bool {
        self.bytes.extend(bytes);
        if self.gathers {
            self.settle(budget, now);
        }
        !self.gathers || self.due > 0
    }

    /// Gives credit for all that is here.
    fn settle(&mut self, budget: &mut Budget, now: Instant) {
        self.credit(self.bytes.len() - self.settled, budget, now);
        self.settled = self.bytes.len();
    }

    fn credit(&mut self, count: usize, budget: &mut Budget, now: Instant) {
        if self.end.is_none() {
            self.due += self.window.read(count, budget, now).unwrap_or(0);
        }
    }

    /// From now on all that comes is kept: somebody waits for the end, and nobody need read before it.
    pub(super) fn gather(&mut self, budget: &mut Budget) {
        self.gathers = true;
        self.settle(budget, Instant::now());
    }

    /// From now on no more comes than the window, until it is read.
    pub(super) fn stop_gathering(&mut self) {
        self.gathers = false;
    }

    /// Bytes that nobody has read.
    pub(super) fn unread(&self) -> usize {
        self.bytes.len()
    }

    /// How it has ended, once all of it was read.
    pub(super) fn end_of_reading(&self) -> Option<End> {
        self.end.filter(|_| self.bytes.is_empty())
    }

    /// Moves what there is to `buffer`; returns how much.
    pub(super) fn read(&mut self, buffer: &mut [u8], budget: &mut Budget) -> usize {
        let count = self.bytes.len().min(buffer.len());
        // Never fails: so many are there.
        let _ = self.bytes.read_exact(&mut buffer[..count]);
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT {
            self.bytes = VecDeque::new();
        }
        let settled = count.min(self.settled);
        self.settled -= settled;
        self.credit(count - settled, budget, Instant::now());
        count
    }

    /// All that has come and was not read.
    pub(super) fn take_all(&mut self) -> Vec<u8> {
        self.settled = 0;
        std::mem::take(&mut self.bytes).into()
    }

    pub(super) fn take_due(&mut self) -> u32 {
        std::mem::take(&mut self.due)
    }

    /// Nothing more comes: its window is for others.
    pub(super) fn finish(&mut self, end: End, budget: &mut Budget) {
        self.end = Some(end);
        self.close(budget);
    }

    pub(super) fn close(&mut self, budget: &mut Budget) {
        self.window.close(budget);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sink whose sender uses all of its credit at once, and how much it has sent.
    struct Pair {
        sink: Sink,
        budget: Budget,
        credit: usize,
        sent: usize,
    }

    impl Pair {
        fn new() -> Pair {
            let mut budget = Budget::default();
            let window = Window::new(0, &mut budget, Instant::now());
            let credit = window.size() as usize;
            Pair { sink: Sink::new(window, false), budget, credit, sent: 0 }
        }

        fn send(&mut self, most: usize) {
            let count = self.credit.min(most);
            self.sink.take(&vec![7; count], &mut self.budget, Instant::now());
            self.credit -= count;
            self.sent += count;
            self.credit += self.sink.take_due() as usize;
        }

        fn read(&mut self, count: usize) {
            assert_eq!(self.sink.read(&mut vec![0; count], &mut self.budget), count);
            self.credit += self.sink.take_due() as usize;
        }
    }

    #[test]
    fn a_reader_that_never_catches_up_costs_no_more_than_its_window() {
        let mut pair = Pair::new();
        while pair.sent < 50_000_000 {
            pair.send(usize::MAX);
            pair.read(10_000);
        }
        let unread = pair.sink.unread();
        assert!(unread > 0 && unread <= 1 << 20, "{unread} bytes wait");
        let kept = pair.sink.bytes.capacity();
        assert!(kept <= 2 << 20, "{kept} bytes are kept");
    }

    #[test]
    fn what_was_gathered_gives_credit_once() {
        let mut pair = Pair::new();
        pair.sink.gather(&mut pair.budget);
        while pair.sent < 10_000_000 {
            pair.send(30_000);
        }
        pair.sink.stop_gathering();
        pair.send(usize::MAX);
        let (before, unread) = (pair.sent, pair.sink.unread());
        while pair.sink.unread() >= 1 << 20 {
            pair.read(1000);
            pair.send(usize::MAX);
        }
        assert!(unread >= 10_000_000 && pair.sent - before <= 1 << 20, "{} more bytes came", pair.sent - before);
        // All that is left is read, and the window is as wide as it was.
        while pair.sent < before + 20_000_000 {
            pair.read(pair.sink.unread().min(50_000));
            pair.send(usize::MAX);
        }
        pair.read(pair.sink.unread());
        assert!(pair.sink.bytes.capacity() <= KEPT);
    }

    #[test]
    fn a_window_is_given_back_at_the_end_of_its_output() {
        let mut budget = Budget::default();
        for _ in 0..1000 {
            let window = Window::new(1 << 20, &mut budget, Instant::now());
            assert_eq!(window.size(), 1 << 20);
            let mut sink = Sink::new(window, false);
            sink.take(&[7; 1000], &mut budget, Instant::now());
            sink.finish(End::Whole, &mut budget);
            assert_eq!((sink.read(&mut [0; 2000], &mut budget), sink.take_due()), (1000, 0));
            assert_eq!(sink.end_of_reading(), Some(End::Whole));
        }
    }
}
