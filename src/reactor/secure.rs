//! The TLS of one connection, and what of its bytes the kernel has yet to take.

use std::io::{self, IoSlice};

use crate::Error;
use crate::auth::Channel;
use crate::net::{Place, Stream};
use crate::tls::Machine;

/// How much plaintext is sealed at a time: what the kernel does not take of it waits as ciphertext, and nobody shares that.
const SEALED_AT_ONCE: usize = 64 * 1024;

/// Parts of one sealing; more wait for the next.
const MOST_PARTS: usize = 64;

/// Between plaintext and the stream.
pub(super) struct Secure {
    machine: Machine,
    /// Ciphertext that the kernel has not taken, and how much of the front of it it has.
    pending: Vec<u8>,
    taken: usize,
    /// How many bytes of plaintext in `pending` count as not sent: they are the first ones of the outbox, so that whoever
    /// waits for that waits for them, too.
    unsent: usize,
    /// Our direction ends behind `pending`.
    ending: bool,
    /// What the machine has failed with, until it is told.
    failure: Option<Error>,
    /// That was told, or there was no channel when our direction ended: what comes is thrown away.
    dead: bool,
}

/// How a channel stands after some bytes of the peer.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing has changed.
    Same,
    /// There is a channel from here on.
    Secured,
}

/// How the peer's direction has ended.
#[derive(Debug, PartialEq)]
pub(super) enum Over {
    Ended,
    Failed(Error),
}

impl Secure {
    pub(super) fn new(machine: Machine) -> Secure {
        Secure { machine, pending: Vec::new(), taken: 0, unsent: 0, ending: false, failure: None, dead: false }
    }

    /// Takes what has come; what it holds is appended to `plain`.
    pub(super) fn receive(&mut self, wire: &[u8], plain: &mut Vec<u8>) -> Step {
        let was_secured = self.machine.is_secured();
        let result = self.machine.receive(wire, plain);
        self.machine.owed(&mut self.pending);
        self.failure = self.failure.take().or(result.err());
        if self.machine.is_secured() == was_secured { Step::Same } else { Step::Secured }
    }

    /// Whether the peer's direction has ended, one way or the other, and that was not told yet.
    pub(super) fn is_over(&self) -> bool {
        self.failure.is_some() || (self.machine.has_ended() && !self.dead)
    }

    /// How it has ended, if it has. A failure is told once.
    pub(super) fn over(&mut self) -> Option<Over> {
        if let Some(failure) = self.failure.take() {
            self.dead = true;
            return Some(Over::Failed(failure));
        }
        self.machine.has_ended().then_some(Over::Ended)
    }

    /// Whether what comes is of no interest any more.
    pub(super) fn is_dead(&self) -> bool {
        self.dead
    }

    /// Whether the kernel has yet to take something.
    pub(super) fn owes(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether the peer's end of the stream is in good order: announced, or of no interest.
    pub(super) fn may_end(&self) -> bool {
        self.dead || self.machine.has_ended()
    }

    /// Seals `parts` and sends them, and before them what waits. Returns how many bytes of them count as sent, and whether
    /// the kernel takes no more for the moment.
    ///
    /// Bytes of plaintext count as sent when their ciphertext has gone. Those that are sealed and have not gone come again at
    /// the front of the next call, as they would without TLS.
    pub(super) fn write(
        &mut self,
        stream: &Stream,
        parts: &[IoSlice<'_>],
        scratch: &mut Vec<u8>,
    ) -> io::Result<(usize, bool)> {
        let offered: usize = parts.iter().map(|part| part.len()).sum();
        let mut sent = 0;
        loop {
            sent += self.send_pending(stream)?;
            if self.owes() {
                return Ok((sent, true));
            }
            if sent >= offered {
                return Ok((sent, false));
            }
            scratch.clear();
            let length = if sent == 0 && offered <= SEALED_AT_ONCE && parts.len() <= MOST_PARTS {
                self.machine.seal(parts, scratch).map_err(io::Error::other)?;
                offered
            } else {
                self.seal_next(parts, sent, scratch)?
            };
            let taken = try_send(stream, scratch)?;
            if taken < scratch.len() {
                self.pending.extend_from_slice(&scratch[taken..]);
                self.unsent = length;
                sent += self.count(taken);
                return Ok((sent, true));
            }
            sent += length;
        }
    }

    /// Seals what comes behind the first `skipped` bytes of `parts`, as much as is sealed at a time; how much that is.
    fn seal_next(&mut self, parts: &[IoSlice<'_>], mut skipped: usize, out: &mut Vec<u8>) -> io::Result<usize> {
        let mut places = [IoSlice::new(&[]); MOST_PARTS];
        let (mut count, mut length) = (0, 0);
        for part in parts {
            let rest = &part[skipped.min(part.len())..];
            skipped -= part.len() - rest.len();
            let rest = &rest[..rest.len().min(SEALED_AT_ONCE - length)];
            if count == MOST_PARTS || length == SEALED_AT_ONCE {
                break;
            }
            if !rest.is_empty() {
                places[count] = IoSlice::new(rest);
                (count, length) = (count + 1, length + rest.len());
            }
        }
        self.machine.seal(&places[..count], out).map_err(io::Error::other)?;
        Ok(length)
    }

    /// Sends what waits; how many bytes of plaintext count as sent by that.
    fn send_pending(&mut self, stream: &Stream) -> io::Result<usize> {
        if self.pending.is_empty() {
            return Ok(0);
        }
        let taken = try_send(stream, &self.pending[self.taken..])?;
        self.taken += taken;
        if self.taken < self.pending.len() {
            return Ok(self.count(taken));
        }
        (self.pending, self.taken) = (Vec::new(), 0);
        Ok(std::mem::take(&mut self.unsent))
    }

    /// Of so much ciphertext that went while more waits: one byte at least counts as not sent as long as that is so.
    fn count(&mut self, taken: usize) -> usize {
        let count = taken.min(self.unsent.saturating_sub(1));
        self.unsent -= count;
        count
    }

    /// Sends what waits and belongs to no message. Behind it our direction ends, if it is to.
    pub(super) fn settle(&mut self, stream: &Stream) -> io::Result<()> {
        // What belongs to messages is sent where it is counted.
        if self.unsent == 0 {
            self.send_pending(stream)?;
            if self.ending && !self.owes() {
                stream.shutdown_send();
            }
        }
        Ok(())
    }

    /// Ends our direction: in good order, if there is a channel. If there is none, there will be none.
    pub(super) fn end(&mut self, stream: &Stream) -> io::Result<()> {
        self.ending = true;
        self.dead |= !self.machine.is_secured();
        self.machine.close(&mut self.pending);
        self.settle(stream)
    }

    pub(super) fn is_secured(&self) -> bool {
        self.machine.is_secured()
    }

    /// Whether the next bytes of the peer may cost the use of a private key.
    pub(super) fn may_sign(&self) -> bool {
        !self.has_signed() && !self.dead
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.machine.is_foreign()
    }

    pub(super) fn has_signed(&self) -> bool {
        self.machine.has_signed()
    }

    pub(super) fn channel(&self) -> crate::Result<Channel> {
        self.machine.channel()
    }

    /// Where that lies which a write needs: of the machine, and of the rest.
    pub(super) fn places(&self) -> [Place; 2] {
        [self.machine.state_place(), Place::of(&self.pending)]
    }

    pub(super) fn keys_place(&self) -> Place {
        self.machine.keys_place()
    }

    pub(super) fn into_machine(self) -> Machine {
        self.machine
    }
}

fn try_send(stream: &Stream, bytes: &[u8]) -> io::Result<usize> {
    match stream.try_send(bytes) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}
