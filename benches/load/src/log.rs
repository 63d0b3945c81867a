//! The room as it must look to everyone: the bytes of all deliveries in the one order, as the fastest member saw them.
//!
//! A server that encodes a message once sends every member the same bytes, so a member is checked by comparing its
//! stream with this log: the whole of it, at the speed of memcmp, which is what makes checking every delivery affordable.
//! Only the member who is ahead of all others has its messages taken apart.

use std::collections::VecDeque;
use std::ops::Range;

use crate::fault::{Fault, Kind};
use crate::histogram::Histogram;
use crate::text::{self, Mark};

mod per_sender;

pub(crate) use per_sender::PerSender;

/// Bytes kept before those which all members have passed are thrown away.
const COMPACT_AT: usize = 8 << 20;
/// A log this long means that a member does not read on: the room is not in order.
const MAX_BYTES: usize = 2 << 30;

struct Entry {
    end: u64,
    sent: u64,
    mark: Mark,
    missing: u32,
}

/// What was counted while the window was open.
pub(crate) struct Meter {
    /// The sending times that count for the latencies.
    pub(crate) window: Range<u64>,
    pub(crate) to_sender: Histogram,
    pub(crate) to_room: Histogram,
}

/// The reference stream.
pub(crate) struct Log {
    members: u32,
    size: usize,
    bytes: Vec<u8>,
    base: u64,
    entries: VecDeque<Entry>,
    first: u64,
    sent: Vec<VecDeque<u64>>,
    expected: Vec<u64>,
    deliveries: u64,
    complete: u64,
    /// What is on the way from each sender, where each has an order of its own.
    tracks: Vec<per_sender::Track>,
    /// Messages and bytes seen under that rule, at least by one member.
    apart: (u64, u64),
    pub(crate) meter: Meter,
}

impl Log {
    /// An empty log for a room of `members`, `senders` of whom send texts of `size` bytes.
    pub(crate) fn new(members: usize, senders: usize, size: usize) -> Log {
        Log {
            members: members as u32,
            size,
            bytes: Vec::new(),
            base: 0,
            entries: VecDeque::new(),
            first: 0,
            sent: vec![VecDeque::new(); senders],
            expected: vec![0; senders],
            deliveries: 0,
            complete: 0,
            tracks: std::iter::repeat_with(Default::default).take(senders).collect(),
            apart: (0, 0),
            meter: Meter { window: 0..0, to_sender: Histogram::new(), to_room: Histogram::new() },
        }
    }

    /// Deliveries seen, over all members.
    pub(crate) fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Messages which every member has.
    pub(crate) fn complete(&self) -> u64 {
        self.complete
    }

    /// Messages which at least one member has.
    pub(crate) fn messages(&self) -> u64 {
        self.first + self.entries.len() as u64 + self.apart.0
    }

    /// The length of the whole stream.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64 + self.apart.1
    }

    /// The stream between two offsets that are not compacted away.
    pub(crate) fn bytes(&self, from: u64, to: u64) -> &[u8] {
        &self.bytes[(from - self.base) as usize..(to - self.base) as usize]
    }

    /// Where message `index` begins.
    pub(crate) fn start_of(&self, index: u64) -> u64 {
        if index == self.first { self.base } else { self.entries[(index - 1 - self.first) as usize].end }
    }

    /// Which message has this index.
    pub(crate) fn mark_of(&self, index: u64) -> Mark {
        self.entries[(index - self.first) as usize].mark
    }

    /// The index of a message, if it is still kept.
    pub(crate) fn index_of(&self, mark: Mark) -> Option<u64> {
        self.entries.iter().position(|entry| entry.mark == mark).map(|at| self.first + at as u64)
    }

    /// The message that is due from a sender.
    pub(crate) fn due(&self, sender: u32) -> Option<Mark> {
        self.expected.get(sender as usize).map(|&counter| Mark { kind: text::Kind::Data, sender, counter })
    }

    /// A sender has sent its next message.
    pub(crate) fn note_sent(&mut self, sender: u32, now: u64) {
        self.sent[sender as usize].push_back(now);
    }

    /// A text as one that this load has sent.
    pub(crate) fn read(&self, text: &[u8]) -> Result<Mark, Fault> {
        let mark = text::read(text, self.size).map_err(|detail| Fault::new(Kind::Cut, detail))?;
        if mark.kind != text::Kind::Data || mark.sender as usize >= self.expected.len() {
            return Err(Fault::new(Kind::Foreign, format!("{mark}, which was not sent in this load")));
        }
        Ok(mark)
    }

    /// The first member to see a message brings it here; `mark` must be the next of its sender.
    pub(crate) fn append(&mut self, mark: Mark, delivery: &[u8]) -> Result<(), Fault> {
        let sender = mark.sender as usize;
        debug_assert_eq!(mark.counter, self.expected[sender]);
        let Some(sent) = self.sent[sender].pop_front() else {
            return Err(Fault::new(Kind::Foreign, format!("{mark}, which was not sent yet")));
        };
        if self.bytes.len() > MAX_BYTES {
            return Err(Fault::new(Kind::Stalled, format!("a member is {} messages behind", self.entries.len())));
        }
        self.expected[sender] += 1;
        self.bytes.extend_from_slice(delivery);
        self.entries.push_back(Entry { end: self.end(), sent, mark, missing: self.members });
        Ok(())
    }

    /// Counts what a member at `next` has when its stream reaches `position`; returns how many messages that is and how
    /// many of them are `sender`'s own.
    pub(crate) fn pass(&mut self, next: u64, position: u64, sender: Option<u32>, now: u64) -> (u64, u32) {
        let (mut passed, mut own) = (0, 0);
        for entry in self.entries.range_mut((next - self.first) as usize..) {
            if entry.end > position {
                break;
            }
            passed += 1;
            entry.missing -= 1;
            let to_sender = sender == Some(entry.mark.sender);
            own += u32::from(to_sender);
            self.complete += u64::from(entry.missing == 0);
            if self.meter.window.contains(&entry.sent) {
                if to_sender {
                    self.meter.to_sender.record(now.saturating_sub(entry.sent));
                }
                if entry.missing == 0 {
                    self.meter.to_room.record(now.saturating_sub(entry.sent));
                }
            }
        }
        self.deliveries += passed;
        (passed, own)
    }

    /// Whether `compact` is worth its while.
    pub(crate) fn is_long(&self) -> bool {
        self.bytes.len() > COMPACT_AT && self.entries.front().is_some_and(|entry| entry.missing == 0)
    }

    /// Throws away the messages that every member has passed.
    pub(crate) fn compact(&mut self) {
        let done = self.entries.iter().take_while(|entry| entry.missing == 0).count();
        let Some(last) = done.checked_sub(1) else { return };
        let end = self.entries[last].end;
        self.entries.drain(..done);
        self.first += done as u64;
        self.bytes.drain(..(end - self.base) as usize);
        self.base = end;
    }
}
