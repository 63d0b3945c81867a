//! What waits for one member because its connection is full.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::Bytes;

use crate::net::Stream;

/// Chunks written with one system call; the kernel's own bound is 1024.
const CHUNKS_PER_WRITE: usize = 64;

/// What a waiting chunk costs besides its bytes, which members may share.
const CHUNK_COST: usize = 64;

/// References to shared chunks, and how much of the first one is already sent.
#[derive(Default)]
pub(super) struct Outbox {
    chunks: VecDeque<Bytes>,
    sent: usize,
    bytes: usize,
    /// The kernel took less than it was offered; it will say when there is room.
    pub(super) blocked: bool,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// What counts against the member's limit.
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

    /// Sends until the outbox is empty or the kernel is full; returns the number of bytes sent.
    pub(super) fn flush(&mut self, stream: &Stream) -> io::Result<usize> {
        let mut total = 0;
        while !self.chunks.is_empty() {
            match self.write(stream) {
                Ok(count) => {
                    total += count;
                    self.advance(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.blocked = true;
                    return Ok(total);
                }
                Err(error) => return Err(error),
            }
        }
        self.blocked = false;
        // A member that was slow once does not keep the memory of it.
        self.chunks = VecDeque::new();
        Ok(total)
    }

    fn write(&self, stream: &Stream) -> io::Result<usize> {
        let first = &self.chunks[0][self.sent..];
        if self.chunks.len() == 1 {
            return stream.try_send(first);
        }
        let mut slices = [IoSlice::new(&[]); CHUNKS_PER_WRITE];
        let count = self.chunks.len().min(CHUNKS_PER_WRITE);
        slices[0] = IoSlice::new(first);
        for (slice, chunk) in slices[1..count].iter_mut().zip(self.chunks.range(1..)) {
            *slice = IoSlice::new(chunk);
        }
        stream.try_send_vectored(&slices[..count])
    }

    fn advance(&mut self, mut count: usize) {
        self.bytes -= count;
        while count > 0 {
            let left = self.chunks[0].len() - self.sent;
            if count < left {
                self.sent += count;
                return;
            }
            count -= left;
            self.sent = 0;
            self.chunks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn every_byte_comes_out_once_and_in_order_however_the_kernel_cuts_it() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let stream = Stream::from_fd(ours.into()).unwrap();
        let mut outbox = Outbox::default();
        let mut expected = Vec::new();
        for number in 0..3000_u32 {
            let chunk = vec![number as u8; (number % 700) as usize];
            expected.extend_from_slice(&chunk);
            outbox.push(chunk.into());
        }
        assert_eq!(outbox.bytes(), expected.len());
        let (mut got, mut buffer) = (Vec::new(), vec![0; 50_001]);
        let mut sent = outbox.flush(&stream).unwrap();
        assert!(outbox.blocked);
        while got.len() < expected.len() {
            let count = theirs.read(&mut buffer).unwrap();
            got.extend_from_slice(&buffer[..count]);
            sent += outbox.flush(&stream).unwrap();
        }
        assert!(got == expected && sent == expected.len());
        assert!(outbox.is_empty() && !outbox.blocked && outbox.cost() == 0);
    }
}
