//! The sending half of a connection.

use std::io::IoSlice;
use std::time::Instant;

use super::halves::Sender;
use super::tail::Tail;
use super::{Connection, lock};
use crate::net::{Deadline, LOOK_UP};
use crate::{Error, Result};

/// Up to here a copy next to its header is cheaper than a vectored write.
pub(super) const COPIED_PAYLOAD: usize = 16 * 1024;

/// Bytes of many small messages that go out with one system call.
const GATHERED: usize = 64 * 1024;

/// What a connection keeps of the memory for them.
const KEPT: usize = 2 * GATHERED;

impl Connection {
    /// Sends one message, whole: returns when the kernel has all of it.
    ///
    /// A deadline that passes, or an interrupt that ends the call, before the first byte leaves the connection as it was;
    /// in the middle it closes it, since the peer could not tell where the next message begins. `WouldDeadlock` inside
    /// another call that sends on this connection: in a signal handler that has interrupted it.
    pub fn send<'a>(&self, message: &[u8], deadline: impl Into<Deadline<'a>>) -> Result<()> {
        let result = self.send_one(message, &deadline.into());
        self.settle();
        result
    }

    fn send_one(&self, message: &[u8], deadline: &Deadline<'_>) -> Result<()> {
        let Sender { copy, coalescing, tail } = &mut *lock(&self.sender, deadline, "send")?;
        self.flow.before_send(coalescing, &self.stream);
        if message.len() <= COPIED_PAYLOAD {
            copy.clear();
            self.framing.encode_into(message, self.limit, copy)?;
            self.check_open()?;
            self.send_all(&mut [IoSlice::new(copy)], tail, deadline)
        } else {
            let envelope = self.framing.envelope(message, self.limit)?;
            self.check_open()?;
            let parts = [envelope.header(), message, envelope.trailer()];
            // To copy so much into the system takes long enough to be called waiting.
            deadline.waiting(|deadline| self.send_all(&mut parts.map(IoSlice::new), tail, deadline))
        }
    }

    /// Sends several messages, each whole, with as few system calls as they allow; returns how many there were.
    ///
    /// The error says how many whole messages went out before it.
    pub fn send_many<'a, M: AsRef<[u8]>>(
        &self,
        messages: impl IntoIterator<Item = M>,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<usize> {
        let mut sent = 0;
        self.send_counting(messages, &mut sent, deadline)?;
        Ok(sent)
    }

    /// Like [`Connection::send_many`], with the number in `sent`, also after an error: whoever goes on begins there.
    pub fn send_counting<'a, M: AsRef<[u8]>>(
        &self,
        messages: impl IntoIterator<Item = M>,
        sent: &mut usize,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<()> {
        *sent = 0;
        let result = self.send_gathered(messages, sent, &deadline.into());
        self.settle();
        result.map_err(|error| error.context(format_args!("after {sent} whole messages")))
    }

    fn send_gathered<M: AsRef<[u8]>>(
        &self,
        messages: impl IntoIterator<Item = M>,
        sent: &mut usize,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        let mut sender = lock(&self.sender, deadline, "send")?;
        let Sender { copy: gathered, tail, .. } = &mut *sender;
        gathered.clear();
        gathered.shrink_to(KEPT);
        let mut looked_up = Instant::now();
        let mut count = 0;
        for message in messages {
            let message = message.as_ref();
            let is_long = message.len() > GATHERED;
            if is_long {
                self.flush_with(gathered, message, tail, deadline)?;
            } else {
                self.framing.encode_into(message, self.limit, gathered)?;
            }
            count += 1;
            if is_long || gathered.len() >= GATHERED {
                self.flush(gathered, tail, deadline)?;
                *sent = count;
                // A peer that takes all at once never makes this wait, and a signal meets no call that it could interrupt.
                if looked_up.elapsed() >= LOOK_UP {
                    deadline.interrupted()?;
                    looked_up = Instant::now();
                }
            }
        }
        self.flush(gathered, tail, deadline)?;
        gathered.shrink_to(KEPT);
        *sent = count;
        Ok(())
    }

    /// Sends what was gathered and a message too long to be copied beside it.
    fn flush_with(
        &self,
        gathered: &mut Vec<u8>,
        message: &[u8],
        tail: &mut Tail,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        let envelope = self.framing.envelope(message, self.limit)?;
        self.check_open()?;
        let parts = [gathered, envelope.header(), message, envelope.trailer()];
        self.send_all(&mut parts.map(IoSlice::new), tail, deadline)?;
        gathered.clear();
        Ok(())
    }

    fn flush(&self, gathered: &mut Vec<u8>, tail: &mut Tail, deadline: &Deadline<'_>) -> Result<()> {
        self.check_open()?;
        self.send_all(&mut [IoSlice::new(gathered)], tail, deadline)?;
        gathered.clear();
        Ok(())
    }

    pub(super) fn check_open(&self) -> Result<()> {
        if self.is_closed() { Err(self.closed_error()) } else { Ok(()) }
    }

    /// Sends all of `left`, and before it what waits in `tail`, in which TLS leaves its records until the kernel has them.
    #[inline]
    pub(super) fn send_all(&self, left: &mut [IoSlice<'_>], tail: &mut Tail, deadline: &Deadline<'_>) -> Result<()> {
        match &self.secure {
            None => {
                if !tail.is_clear() {
                    self.clear_way(tail, deadline)?;
                }
                self.send_plain(left, deadline)
            }
            Some(secure) => self.send_sealed(secure, left, tail, deadline),
        }
    }

    pub(super) fn send_plain(&self, mut left: &mut [IoSlice<'_>], deadline: &Deadline<'_>) -> Result<()> {
        let total: usize = left.iter().map(|slice| slice.len()).sum();
        let mut sent = 0;
        while sent < total {
            match self.stream.send_some(left, deadline) {
                Ok(count) if sent + count == total => break,
                Ok(count) => {
                    sent += count;
                    IoSlice::advance_slices(&mut left, count);
                    // A signal ends a call that has sent something with what it has sent, not with an error.
                    if !deadline.has_waiter()
                        && let Err(error) = deadline.interrupted()
                    {
                        return Err(self.cut_off(error, sent, total));
                    }
                }
                Err(_) if self.is_closed() || self.stranger.get().is_some() => return Err(self.closed_error()),
                Err(error) if sent == 0 => return Err(error),
                Err(error) => return Err(self.cut_off(error, sent, total)),
            }
        }
        Ok(())
    }

    /// Closes a connection whose peer could not tell where the next message begins.
    #[cold]
    pub(super) fn cut_off(&self, error: Error, sent: usize, total: usize) -> Error {
        self.close();
        error.context(format_args!("connection closed after {sent} of {total} bytes"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::connection::ConnectOptions;
    use crate::net::Stream;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn pair() -> [Connection; 2] {
        let (one, other) = UnixStream::pair().unwrap();
        [one, other].map(|stream| {
            let stream = Stream::from_fd(stream.into()).unwrap();
            Connection::over(stream, &ConnectOptions::default(), PATIENCE).unwrap()
        })
    }

    #[test]
    fn a_connection_keeps_no_more_memory_than_small_messages_need() {
        let [near, far] = pair();
        let lengths = [10, 5_000_000, GATHERED, 70_000, 20, GATHERED - 1, GATHERED - 1, 30, 1_000_000];
        let messages: Vec<Vec<u8>> = lengths.iter().map(|&length| vec![length as u8; length]).collect();
        thread::scope(|scope| {
            scope.spawn(|| assert_eq!(near.send_many(&messages, PATIENCE), Ok(messages.len())));
            messages.iter().for_each(|message| assert!(far.recv(PATIENCE).unwrap() == *message));
        });
        let kept = near.sender.try_lock().unwrap().copy.capacity();
        assert!(kept <= KEPT, "{kept} bytes are kept");
    }
}
