//! The bytes that have come and not yet gone.

use std::fmt;

/// A queue of bytes in one piece of memory.
///
/// All of the storage is initialised once, when it is acquired, so that it can be handed to a read
/// again and again without being zeroed each time.
#[derive(Default)]
pub(super) struct Buffer {
    storage: Vec<u8>,
    start: usize,
    end: usize,
}

impl Buffer {
    #[inline]
    pub(super) fn filled(&self) -> &[u8] {
        &self.storage[self.start..self.end]
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Takes `count` bytes off the front and gives the part `payload` of them.
    #[inline]
    pub(super) fn consume(&mut self, payload: std::ops::Range<usize>, count: usize) -> &[u8] {
        let start = self.start;
        self.start += count;
        &self.storage[start + payload.start..start + payload.end]
    }

    /// At least `wanted` bytes of free space behind the filled part; all that there is.
    ///
    /// New memory comes in steps of twice the size, so that filling byte by byte stays linear, but no
    /// step goes over `ceiling` unless `wanted` needs it.
    #[inline]
    pub(super) fn space(&mut self, wanted: usize, ceiling: usize) -> &mut [u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        if self.storage.len() - self.end < wanted {
            self.make_room(wanted, ceiling);
        }
        &mut self.storage[self.end..]
    }

    #[cold]
    fn make_room(&mut self, wanted: usize, ceiling: usize) {
        let length = self.len();
        self.storage.copy_within(self.start..self.end, 0);
        self.start = 0;
        self.end = length;
        let needed = length + wanted;
        if needed > self.storage.len() {
            let target = needed.max(ceiling.min(self.storage.len().saturating_mul(2)));
            self.storage.reserve_exact(target - self.storage.len());
            self.storage.resize(target, 0);
        }
    }

    /// Says that the first `count` bytes of the space were written.
    #[inline]
    pub(super) fn commit(&mut self, count: usize) {
        assert!(count <= self.storage.len() - self.end, "more bytes committed than there was space for");
        self.end += count;
    }

    /// Keeps only the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(self.start + length);
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.storage.capacity()
    }

    /// Gives the memory back if no byte is in it.
    pub(super) fn release_if_empty(&mut self) {
        if self.start == self.end {
            *self = Buffer::default();
        }
    }
}

impl fmt::Debug for Buffer {
    /// Lengths only: the bytes may be private to the users.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.len(), self.storage.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_reused_and_grows_only_when_it_must() {
        let mut buffer = Buffer::default();
        assert_eq!(buffer.space(8, 64).len(), 8);
        buffer.commit(8);
        assert_eq!(buffer.consume(1..3, 6).len(), 2);
        assert_eq!(buffer.space(6, 64).len(), 6);
        assert_eq!(buffer.space(7, 10).len(), 8, "twice the size, but not over the ceiling");
        assert_eq!(buffer.len(), 2);
        buffer.release_if_empty();
        assert_eq!(buffer.storage.len(), 10);
        buffer.truncate(0);
        buffer.release_if_empty();
        assert_eq!(buffer.storage.capacity(), 0);
    }
}
