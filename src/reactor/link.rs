//! The stream of one connection, and what its poller has said of it.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};

use crate::net::{Address, Stream};

/// How many reads are thrown away at the end of somebody who goes on sending.
const MOST_DISCARDED: usize = 16;

/// What is passed over goes here: as much as any handshake.
const SCRATCH: usize = 4096;

/// What carries the bytes of a connection: nothing above it draws conclusions from a count.
pub(crate) struct Link {
    stream: Stream,
    /// There may be something to read.
    readable: bool,
    /// The peer has ended its direction, so that a short read is no sign that everything was read.
    hung_up: bool,
}

/// What a read brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Bytes(usize),
    /// There is nothing for the moment; the poller will say when there is.
    Drained,
    /// The peer sends no more.
    End,
}

/// What became of something that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it is taken.
    All,
    /// So many bytes are, and no more for the moment; the poller will say when there is room.
    Full(usize),
}

impl Link {
    pub(super) fn new(stream: Stream) -> Link {
        Link { stream, readable: false, hung_up: false }
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Read> {
        let result = self.stream.try_recv(buffer);
        self.conclude(result, buffer.len())
    }

    /// The same, but that everything stays in the stream until it is [passed over](Link::pass_over).
    pub(super) fn peek(&mut self, buffer: &mut [u8]) -> io::Result<Read> {
        let result = self.stream.try_peek(buffer);
        self.conclude(result, buffer.len())
    }

    /// Takes so many bytes out of the stream that were peeked at. What is behind them stays.
    pub(super) fn pass_over(&mut self, mut count: usize) {
        let mut scratch = [0; SCRATCH];
        while count > 0 {
            match self.stream.try_recv(&mut scratch[..count.min(SCRATCH)]) {
                Ok(passed @ 1..) => count -= passed,
                // An error is met again by who reads on.
                _ => return,
            }
        }
    }

    #[inline]
    fn conclude(&mut self, result: io::Result<usize>, asked: usize) -> io::Result<Read> {
        match result {
            Ok(0) => {
                self.readable = false;
                Ok(Read::End)
            }
            Ok(count) => {
                // A stream that gave less than it was asked for is empty (epoll(7)), unless its end comes next.
                self.readable = count == asked || self.hung_up;
                Ok(Read::Bytes(count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                Ok(Read::Drained)
            }
            Err(error) => {
                self.readable = false;
                Err(error)
            }
        }
    }

    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<Written> {
        written(self.stream.try_send(bytes), bytes.len())
    }

    pub(super) fn write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<Written> {
        if let [one] = buffers {
            return self.write(one);
        }
        written(self.stream.try_send_vectored(buffers), buffers.iter().map(|buffer| buffer.len()).sum())
    }

    /// Tells the peer that no more comes.
    pub(super) fn end(&self) {
        self.stream.shutdown_send();
    }

    /// Throws away what has come, lest the kernel answers it by cutting off what was sent last.
    pub(super) fn discard(&mut self, buffer: &mut [u8]) {
        for _ in 0..MOST_DISCARDED {
            if !matches!(self.read(buffer), Ok(Read::Bytes(_))) {
                return;
            }
        }
    }

    /// Takes note of what the poller has said.
    pub(super) fn note(&mut self, readable: bool, hung_up: bool) {
        self.hung_up |= hung_up;
        self.readable |= readable || self.hung_up;
    }

    pub(super) fn is_readable(&self) -> bool {
        self.readable
    }

    pub(super) fn has_hung_up(&self) -> bool {
        self.hung_up
    }

    /// Bytes that the peer's side has not taken yet; 0 where the system does not say.
    pub(super) fn unacknowledged(&self) -> usize {
        self.stream.unacknowledged()
    }

    pub(super) fn address(&self) -> &Address {
        self.stream.peer()
    }

    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }
}

impl AsRawFd for Link {
    fn as_raw_fd(&self) -> RawFd {
        self.stream.as_raw_fd()
    }
}

fn written(result: io::Result<usize>, offered: usize) -> io::Result<Written> {
    match result {
        Ok(count) if count == offered => Ok(Written::All),
        Ok(count) => Ok(Written::Full(count)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Written::Full(0)),
        Err(error) => Err(error),
    }
}
