//! The receiving half of a connection.

use std::time::Duration;

use super::{Connection, lock};
use crate::frame::{Decoder, Framing};
use crate::net::{AdaptivePolling, Deadline};
use crate::{Error, Result, Status};

/// What one read asks for when no frame has announced more.
const READ_SIZE: usize = 64 * 1024;

/// What belongs to whoever receives.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) decoder: Decoder,
    polling: AdaptivePolling,
}

impl Receiver {
    pub(super) fn new(framing: Framing, limit: usize, polling: Duration) -> Receiver {
        Receiver { decoder: Decoder::new(framing, limit), polling: AdaptivePolling::new(polling) }
    }
}

impl Connection {
    /// Receives one message.
    ///
    /// `Closed` at the end of the stream between messages, `ConnectionReset` in the middle of one. A deadline that
    /// passes loses nothing: what has come of a message stays for the next call.
    pub fn recv<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Vec<u8>> {
        self.recv_with(deadline, <[u8]>::to_vec)
    }

    /// Receives one message and shows it to `take` where it lies, without a copy.
    pub fn recv_with<'a, R>(&self, deadline: impl Into<Deadline<'a>>, take: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let deadline = deadline.into();
        let mut receiver = lock(&self.receiver, &deadline, "receive")?;
        loop {
            if let Some(message) = self.whole_message(&mut receiver.decoder)? {
                return Ok(take(message));
            }
            self.read(&mut receiver, &deadline)?;
        }
    }

    /// Waits for one message, then takes it and those that came with it, up to `most` of them; returns how many.
    pub fn recv_many<'a>(
        &self,
        most: usize,
        deadline: impl Into<Deadline<'a>>,
        mut take: impl FnMut(&[u8]),
    ) -> Result<usize> {
        let deadline = deadline.into();
        let mut receiver = lock(&self.receiver, &deadline, "receive")?;
        let mut count = 0;
        while count < most {
            match self.whole_message(&mut receiver.decoder) {
                Ok(Some(message)) => {
                    take(message);
                    count += 1;
                }
                Ok(None) if count == 0 => self.read(&mut receiver, &deadline)?,
                Err(error) if count == 0 => return Err(error),
                // An error behind whole messages is met again by the next call.
                Ok(None) | Err(_) => break,
            }
        }
        Ok(count)
    }

    fn whole_message<'d>(&self, decoder: &'d mut Decoder) -> Result<Option<&'d [u8]>> {
        if self.is_closed() {
            return Err(self.closed_error());
        }
        decoder.next().map_err(|error| {
            // Where the next message would begin is unknown from here on; the peer need not send more.
            self.stream.shutdown();
            error.context(self.stream.peer())
        })
    }

    fn read(&self, receiver: &mut Receiver, deadline: &Deadline<'_>) -> Result<()> {
        let Receiver { decoder, polling } = receiver;
        let count = match self.stream.recv_polling(decoder.space(READ_SIZE), polling, deadline) {
            Err(_) if self.is_closed() => return Err(self.closed_error()),
            result => result?,
        };
        if count == 0 {
            return Err(self.end_of_stream(decoder));
        }
        decoder.commit(count);
        Ok(())
    }

    fn end_of_stream(&self, decoder: &Decoder) -> Error {
        let peer = self.stream.peer();
        if self.is_closed() {
            return self.closed_error();
        }
        match decoder.expected() {
            Some((have, total)) => Error::new(
                Status::ConnectionReset,
                format!("{peer}: connection lost after {have} of {total} bytes of a message"),
            ),
            None if decoder.is_empty() => Error::new(Status::Closed, format!("{peer} closed the connection")),
            None => Error::new(
                Status::ConnectionReset,
                format!("{peer}: connection lost after {} bytes of a message", decoder.buffered()),
            ),
        }
    }
}
