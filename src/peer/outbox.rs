//! What waits for one peer because its connection is full.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// What a waiting chunk costs besides its bytes, which peers may share.
const CHUNK_COST: usize = 64;

/// References to shared chunks, without what of the first one is already sent.
#[derive(Default)]
pub(super) struct Outbox {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    /// The kernel took less than it was offered; it will say when there is room.
    blocked: bool,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// What counts against the peer's limit.
    pub(super) fn cost(&self) -> usize {
        self.bytes + self.chunks.len() * CHUNK_COST
    }

    /// Bytes not yet taken by the kernel.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() {
            self.bytes += chunk.len();
            self.chunks.push_back(chunk);
        }
    }

    /// The first chunks, as far as there are places for them; how many there are.
    pub(super) fn first<'o>(&'o self, places: &mut [IoSlice<'o>]) -> usize {
        let count = self.chunks.len().min(places.len());
        for (place, chunk) in places.iter_mut().zip(&self.chunks) {
            *place = IoSlice::new(chunk);
        }
        count
    }

    /// So many bytes were sent; `full` when the kernel takes no more for the moment.
    pub(super) fn advance(&mut self, mut count: usize, full: bool) {
        self.bytes -= count;
        while count > 0 {
            let first = &mut self.chunks[0];
            if count < first.len() {
                first.advance(count);
                break;
            }
            count -= first.len();
            self.chunks.pop_front();
        }
        self.blocked = full && !self.chunks.is_empty();
        if self.chunks.is_empty() {
            // Who was slow once does not keep the memory of it.
            self.chunks = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_out_once_and_in_order_however_the_kernel_cuts_it() {
        let mut outbox = Outbox::default();
        let mut expected = Vec::new();
        for number in 0..3000_u32 {
            let chunk = vec![number as u8; (number % 700) as usize];
            expected.extend_from_slice(&chunk);
            outbox.push(chunk.into());
        }
        assert_eq!(outbox.bytes(), expected.len());
        let (mut got, mut take) = (Vec::new(), 1);
        while !outbox.is_empty() {
            let mut places = [IoSlice::new(&[]); 16];
            let count = outbox.first(&mut places);
            let offered: Vec<u8> = places[..count].iter().flat_map(|place| place.to_vec()).collect();
            // What a kernel takes: sometimes nothing.
            take = take * 31 % 50_021;
            let taken = take.min(offered.len()) * usize::from(take % 7 != 0);
            got.extend_from_slice(&offered[..taken]);
            outbox.advance(taken, taken < offered.len());
            assert_eq!(outbox.is_blocked(), taken < offered.len());
        }
        assert!(got == expected);
        assert!(!outbox.is_blocked() && outbox.cost() == 0);
    }
}
