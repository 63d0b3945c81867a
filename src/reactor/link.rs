//! The stream of one connection, and what its poller has said of it.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};

use super::secure::{Over, Secure, Step};
use crate::Error;
use crate::auth::Channel;
use crate::net::{Address, Place, Stream};
use crate::tls::{self, Machine};

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
    /// What is between the stream and the plaintext, with TLS.
    secure: Option<Box<Secure>>,
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

/// What a read with TLS brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsealed<'b> {
    Bytes(&'b [u8]),
    /// The channel is secured from here on, and this came behind.
    Secured(&'b [u8]),
    /// What came was for the channel alone, or there is nothing for the moment.
    Nothing,
    /// The peer sends no more.
    End,
    /// The stream has ended, and the channel has not: anybody on the way may have made that end.
    Cut,
    /// The channel is broken. What the peer is told of that waits to be sent; what else comes of it is thrown away.
    Broken(Error),
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
        Link { stream, readable: false, hung_up: false, secure: None }
    }

    /// With TLS.
    pub(super) fn secure(stream: Stream, machine: Machine) -> Link {
        Link { secure: Some(Box::new(Secure::new(machine))), ..Link::new(stream) }
    }

    /// Reads what the stream has, as it is.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Read> {
        let result = self.stream.try_recv(buffer);
        self.conclude(result, buffer.len())
    }

    /// The same, but that everything stays in the stream until it is [passed over](Link::pass_over). For streams without TLS.
    pub(super) fn peek(&mut self, buffer: &mut [u8]) -> io::Result<Read> {
        let result = self.stream.try_peek(buffer);
        self.conclude(result, buffer.len())
    }

    /// Reads at most so many bytes behind those in `place`, which has room for them. For streams without TLS.
    pub(super) fn append(&mut self, place: &mut Vec<u8>, most: usize) -> io::Result<Read> {
        let result = self.stream.try_recv_behind(place, most);
        self.conclude(result, most)
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

    /// Reads with TLS into `buffer`, and decrypts that into `plain`: all of it, so that nothing waits where the poller cannot
    /// tell of it.
    pub(super) fn unseal<'b>(&mut self, buffer: &mut [u8], plain: &'b mut Vec<u8>) -> io::Result<Unsealed<'b>> {
        if let Some(end) = self.over() {
            return Ok(end);
        }
        let received = self.read(buffer)?;
        let Some(secure) = &mut self.secure else { return Ok(Unsealed::Nothing) };
        let count = match received {
            Read::Drained => return Ok(Unsealed::Nothing),
            Read::End if secure.may_end() => return Ok(Unsealed::End),
            Read::End => return Ok(Unsealed::Cut),
            Read::Bytes(_) if secure.is_dead() => return Ok(Unsealed::Nothing),
            Read::Bytes(count) => count,
        };
        plain.clear();
        let step = secure.receive(&buffer[..count], plain);
        let is_over = secure.is_over();
        self.readable |= is_over;
        Ok(match step {
            Step::Secured => Unsealed::Secured(plain),
            Step::Same if !plain.is_empty() => Unsealed::Bytes(plain),
            Step::Same => self.over().unwrap_or(Unsealed::Nothing),
        })
    }

    /// What has come of somebody who is not heard, perhaps nothing; `None` if it has gone.
    pub(super) fn glance<'b>(&mut self, buffer: &'b mut [u8], plain: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        if self.has_tls() {
            return match self.unseal(buffer, plain) {
                Ok(Unsealed::Bytes(bytes) | Unsealed::Secured(bytes)) => Some(bytes),
                Ok(Unsealed::Nothing) => Some(&[]),
                Ok(Unsealed::End | Unsealed::Cut | Unsealed::Broken(_)) | Err(_) => None,
            };
        }
        match self.read(buffer) {
            Ok(Read::Bytes(count)) => Some(&buffer[..count]),
            Ok(Read::Drained) => Some(&[]),
            Ok(Read::End) | Err(_) => None,
        }
    }

    /// What is to be said of a peer's direction that has ended in the channel.
    fn over<'b>(&mut self) -> Option<Unsealed<'b>> {
        let secure = self.secure.as_mut().filter(|secure| secure.is_over())?;
        let over = secure.over()?;
        if over == Over::Ended {
            // Whatever else comes is no part of the session.
            self.readable = false;
        }
        Some(match over {
            Over::Ended => Unsealed::End,
            Over::Failed(error) => Unsealed::Broken(error),
        })
    }

    /// Offers the kernel these bytes; with TLS sealed in `scratch`. What it does not take has to come again, at the front.
    pub(super) fn write(&mut self, bytes: &[u8], scratch: &mut Vec<u8>) -> io::Result<Written> {
        if self.secure.is_some() {
            return self.write_sealed(&[IoSlice::new(bytes)], scratch);
        }
        written(self.stream.try_send(bytes), bytes.len())
    }

    /// The same of several pieces.
    pub(super) fn write_vectored(&mut self, buffers: &[IoSlice<'_>], scratch: &mut Vec<u8>) -> io::Result<Written> {
        if self.secure.is_some() {
            return self.write_sealed(buffers, scratch);
        }
        if let [one] = buffers {
            return self.write(one, scratch);
        }
        written(self.stream.try_send_vectored(buffers), buffers.iter().map(|buffer| buffer.len()).sum())
    }

    fn write_sealed(&mut self, buffers: &[IoSlice<'_>], scratch: &mut Vec<u8>) -> io::Result<Written> {
        let Some(secure) = &mut self.secure else { return Ok(Written::All) };
        let (sent, is_full) = secure.write(&self.stream, buffers, scratch)?;
        Ok(if is_full { Written::Full(sent) } else { Written::All })
    }

    /// Sends what the channel itself has to say.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        match &mut self.secure {
            Some(secure) => secure.settle(&self.stream),
            None => Ok(()),
        }
    }

    /// Whether the kernel has yet to take something that no outbox knows of, or not as such.
    pub(super) fn owes(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.owes())
    }

    /// Tells the peer that no more comes. With TLS that may have to wait, see [`Link::owes`].
    pub(super) fn end(&mut self) -> io::Result<()> {
        match &mut self.secure {
            Some(secure) => secure.end(&self.stream),
            None => {
                self.stream.shutdown_send();
                Ok(())
            }
        }
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

    /// Whether there is nothing yet that messages could be sent in.
    pub(super) fn is_securing(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| !secure.is_secured())
    }

    pub(super) fn has_tls(&self) -> bool {
        self.secure.is_some()
    }

    /// Whether the next read may cost the use of a private key.
    pub(super) fn may_sign(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.may_sign())
    }

    /// Whether a peer has begun a handshake of TLS and ended its direction, without which there is none: what it has sent is
    /// not worth the use of a private key.
    pub(super) fn has_begun_in_vain(&mut self) -> bool {
        let mut first = [0];
        self.hung_up && self.may_sign() && self.stream.try_peek(&mut first).is_ok() && first[0] == tls::HANDSHAKE
    }

    /// Whether what has come is no TLS, though it should be.
    pub(super) fn is_foreign(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.is_foreign())
    }

    /// Whether a private key was used for it.
    pub(super) fn has_signed(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.has_signed())
    }

    /// What a handshake in the channel is to be bound to; `None` without TLS.
    pub(super) fn channel(&self) -> Option<crate::Result<Channel>> {
        self.secure.as_ref().map(|secure| secure.channel())
    }

    /// Where that lies which a write with TLS needs, but for the keys.
    pub(super) fn channel_places(&self) -> [Place; 2] {
        self.secure.as_ref().map(|secure| secure.places()).unwrap_or_default()
    }

    /// Where the keys lie that a write with TLS needs.
    pub(super) fn keys_place(&self) -> Place {
        self.secure.as_ref().map(|secure| secure.keys_place()).unwrap_or_default()
    }

    /// The stream, and what secures it.
    pub(super) fn into_parts(self) -> (Stream, Option<Machine>) {
        (self.stream, self.secure.map(|secure| secure.into_machine()))
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
