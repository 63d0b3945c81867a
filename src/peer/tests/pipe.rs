//! One direction of a connection, in memory: a kernel's buffer with a way that takes its time.

use std::collections::VecDeque;
use std::time::Duration;

use crate::peer::Moment;

/// Bytes that come as late as its latency, and no more of them at a time than it holds.
pub(super) struct Pipe {
    capacity: usize,
    latency: Duration,
    /// With the time of their arrival.
    pieces: VecDeque<(Moment, Vec<u8>)>,
    held: usize,
}

impl Pipe {
    pub(super) fn new(capacity: usize, latency: Duration) -> Pipe {
        Pipe { capacity, latency, pieces: VecDeque::new(), held: 0 }
    }

    /// Takes as many of these bytes as there is room for; how many that are.
    pub(super) fn offer(&mut self, bytes: &[u8], now: Moment) -> usize {
        let taken = bytes.len().min(self.room());
        if taken > 0 {
            self.pieces.push_back((now + self.latency, bytes[..taken].to_vec()));
            self.held += taken;
        }
        taken
    }

    /// What has arrived, as far as that is no more than `most` bytes.
    pub(super) fn take(&mut self, most: usize, now: Moment) -> Vec<u8> {
        let mut taken = Vec::new();
        while let Some((arrival, piece)) = self.pieces.front_mut()
            && *arrival <= now
            && taken.len() < most
        {
            let count = piece.len().min(most - taken.len());
            taken.extend(piece.drain(..count));
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
        self.held -= taken.len();
        taken
    }

    /// When the next of its bytes arrives.
    pub(super) fn next(&self) -> Option<Moment> {
        self.pieces.front().map(|(arrival, _)| *arrival)
    }

    pub(super) fn room(&self) -> usize {
        self.capacity - self.held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held == 0
    }
}
