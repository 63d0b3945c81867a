//! Bytes that go to the kernel before everything else: records of TLS, and messages that were taken when it had no room.

use std::io::{self, IoSlice};

use crate::net::Stream;

/// What a connection keeps of the memory for them.
const KEPT: usize = 128 * 1024;

/// Bytes on their way to the kernel, in the order in which they were made: nothing of them may be left out, and nothing may
/// come between. They belong to whoever sends.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Where more is put behind.
    pub(super) bytes: Vec<u8>,
    sent: usize,
    /// The last of them is on its way by another hand.
    given_away: bool,
}

impl Tail {
    /// What the kernel has not taken yet.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        if self.given_away { &[] } else { &self.bytes[self.sent..] }
    }

    /// Whether nothing stands before what is to be sent next.
    #[inline]
    pub(super) fn is_clear(&self) -> bool {
        self.sent == self.bytes.len() && !self.given_away
    }

    /// All that is left, behind which nothing may be sent.
    pub(super) fn give_away(&mut self) -> Vec<u8> {
        self.given_away = true;
        self.bytes.split_off(self.sent)
    }

    pub(super) fn is_given_away(&self) -> bool {
        self.given_away
    }

    /// Whether none of it is with the kernel.
    pub(super) fn is_untouched(&self) -> bool {
        self.sent == 0
    }

    /// Forgets what was sent, if that is the greater part: for who puts more behind what may never be sent to its end.
    pub(super) fn make_room(&mut self) {
        if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Puts `parts` behind, but for their first `skipped` bytes.
    pub(super) fn append(&mut self, parts: &[IoSlice<'_>], mut skipped: usize) {
        self.make_room();
        for part in parts {
            let from = skipped.min(part.len());
            skipped -= from;
            self.bytes.extend_from_slice(&part[from..]);
        }
    }

    /// The kernel has taken so much.
    pub(super) fn advance(&mut self, count: usize) {
        self.sent += count;
        if self.sent == self.bytes.len() {
            self.sent = 0;
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
        }
    }

    /// Sends what the kernel takes without waiting.
    pub(super) fn push(&mut self, stream: &Stream) -> io::Result<()> {
        while !self.rest().is_empty() {
            match stream.try_send(self.rest()) {
                Ok(count) => self.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The same; whether nothing is left that the kernel may take later.
    pub(super) fn offer(&mut self, stream: &Stream) -> bool {
        self.push(stream).is_err() || self.rest().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_does_not_pile_up_before_what_never_ends() {
        let mut tail = Tail::default();
        for round in 0..10_000 {
            tail.append(&[IoSlice::new(b"skipped"), IoSlice::new(&[7; 100])], 7);
            if round > 10 {
                tail.advance(100);
            }
        }
        assert_eq!(tail.rest().len(), 1100);
        assert!(tail.bytes.capacity() < 8 * 1024, "{}", tail.bytes.capacity());
        assert!(!tail.is_clear());
        tail.advance(1100);
        assert!(tail.is_clear() && tail.is_untouched());
    }
}
