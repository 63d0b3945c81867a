//! For who must never wait: an event loop, which waits for the descriptor instead.

use std::io::IoSlice;

use super::halves::Sender;
use super::send::COPIED_PAYLOAD;
use super::tail::Tail;
use super::{Connection, would_deadlock};
use crate::net::Deadline;
use crate::{Error, Result, Status};

impl Connection {
    /// Past so many [pending](Connection::pending) bytes [`Connection::offer`] takes no message.
    pub const HIGH_WATER: usize = 64 * 1024;

    /// Takes a message whole, or not at all, and never waits: what the kernel has no room for is kept, and goes before
    /// whatever is sent next. Returns how many bytes are kept afterwards; `None` when [`Connection::HIGH_WATER`] bytes or more were
    /// kept already, or another thread is sending: then nothing was taken, and it is time to wait until the descriptor is
    /// writable and to call [`Connection::flush_nowait`].
    ///
    /// What is kept is sent by `flush_nowait`, by the next call that sends, and by [`Connection::close`].
    ///
    /// # Errors
    /// Those of [`Connection::send`] but `TimedOut`: before the message is taken.
    pub fn offer(&self, message: &[u8]) -> Result<Option<usize>> {
        let result = self.offer_one(message);
        self.settle();
        result
    }

    fn offer_one(&self, message: &[u8]) -> Result<Option<usize>> {
        let Some(mut sender) = self.sender.try_lock() else { return self.unless_mine("offer", None) };
        let Sender { copy, coalescing, tail } = &mut *sender;
        self.check_way(tail)?;
        if tail.rest().len() >= Connection::HIGH_WATER {
            return Ok(None);
        }
        self.flow.before_send(coalescing, &self.stream);
        if message.len() <= COPIED_PAYLOAD {
            copy.clear();
            self.framing.encode_into(message, self.limit, copy)?;
            self.put(&[IoSlice::new(copy)], tail)?;
        } else {
            let envelope = self.framing.envelope(message, self.limit)?;
            self.put(&[envelope.header(), message, envelope.trailer()].map(IoSlice::new), tail)?;
        }
        Ok(Some(tail.rest().len()))
    }

    /// Puts a message behind what is kept, and sends as much of it as the kernel takes.
    fn put(&self, parts: &[IoSlice<'_>], tail: &mut Tail) -> Result<()> {
        let is_clear = tail.is_clear();
        if let Some(secure) = &self.secure {
            secure.check_process()?;
            tail.make_room();
            secure.machine.lock().seal(parts, &mut tail.bytes)?;
            // Who is full will say when there is room.
            return if is_clear { self.push_tail(tail) } else { Ok(()) };
        }
        let sent = if is_clear { self.stream.send_now(parts).map_err(|error| self.or_closed(error))? } else { 0 };
        if sent < parts.iter().map(|part| part.len()).sum() {
            tail.append(parts, sent);
        }
        Ok(())
    }

    /// Sends what the kernel takes of the bytes that [`Connection::offer`] has kept, and returns how many are left; 0 as well
    /// while another thread sends, which sends them first. Never waits.
    ///
    /// # Errors
    /// `Closed`, and `ConnectionReset` when the connection broke: whole messages were taken and are lost.
    pub fn flush_nowait(&self) -> Result<usize> {
        let Some(mut sender) = self.sender.try_lock() else { return self.unless_mine("flush", 0) };
        self.check_way(&sender.tail)?;
        self.push_tail(&mut sender.tail)?;
        let left = sender.tail.rest().len();
        drop(sender);
        self.settle();
        Ok(left)
    }

    /// Bytes that [`Connection::offer`] has taken and the kernel has not, with what TLS makes of them. Never waits; 0 while
    /// another thread sends, which sends them first.
    pub fn pending(&self) -> usize {
        self.sender.try_lock().map_or(0, |sender| sender.tail.rest().len())
    }

    /// Receives one message if it is there, whole; `None` if not, or while another thread receives. Never waits.
    ///
    /// After the descriptor was readable, call it until it gives `None`: several messages may have come at once.
    ///
    /// # Errors
    /// Those of [`Connection::recv`] but `TimedOut`.
    pub fn recv_nowait(&self) -> Result<Option<Vec<u8>>> {
        self.recv_nowait_with(<[u8]>::to_vec)
    }

    /// The same, and shows the message to `take` where it lies, without a copy.
    pub fn recv_nowait_with<R>(&self, take: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        self.take_nowait(true, take)
    }

    /// The same for who knows that nothing more has come: shows a message that has come with an earlier one, and asks the system
    /// nothing.
    pub fn recv_buffered_with<R>(&self, take: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        self.take_nowait(false, take)
    }

    fn take_nowait<R>(&self, mut may_read: bool, take: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        let Some(mut receiver) = self.receiver.try_lock() else {
            return if self.receiver.is_mine() { Err(would_deadlock("receive")) } else { Ok(None) };
        };
        loop {
            if let Some(message) = self.whole_message(&mut receiver.decoder)? {
                return Ok(Some(take(message)));
            }
            if !may_read {
                return Ok(None);
            }
            may_read = self.read_nowait(&mut receiver)?;
        }
    }

    fn unless_mine<T>(&self, what: &str, otherwise: T) -> Result<T> {
        if self.sender.is_mine() { Err(would_deadlock(what)) } else { Ok(otherwise) }
    }

    /// Sends what stands before the next message.
    pub(super) fn clear_way(&self, tail: &mut Tail, deadline: &Deadline<'_>) -> Result<()> {
        self.check_way(tail)?;
        self.flush_tail(tail, deadline)
    }

    /// Whether more may be sent.
    fn check_way(&self, tail: &Tail) -> Result<()> {
        self.check_open()?;
        if tail.is_given_away() {
            return Err(Error::new(Status::Closed, "this end has said that it sends nothing more"));
        }
        Ok(())
    }

    /// Sends what stands before the next message, as the deadline allows.
    pub(super) fn flush_tail(&self, tail: &mut Tail, deadline: &Deadline<'_>) -> Result<()> {
        while !tail.rest().is_empty() {
            let count = self.stream.send_some(&[IoSlice::new(tail.rest())], deadline);
            tail.advance(count.map_err(|error| self.or_closed(error))?);
            if !tail.rest().is_empty() && !deadline.has_waiter() {
                deadline.interrupted()?;
            }
        }
        Ok(())
    }

    fn push_tail(&self, tail: &mut Tail) -> Result<()> {
        tail.push(&self.stream).map_err(|error| {
            let error = self.or_closed(self.stream.send_error(&error));
            // Of what is left nothing will ever be sent.
            self.close();
            error
        })
    }

    pub(super) fn or_closed(&self, error: Error) -> Error {
        if self.is_closed() || self.stranger.get().is_some() { self.closed_error() } else { error }
    }
}
