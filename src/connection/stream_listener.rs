//! Handshakes at a socket that somebody else has made, for who then speaks whatever they like.

use std::os::fd::RawFd;

use super::AcceptOptions;
use super::reception::Reception;
use crate::auth::Identity;
use crate::net::{Address, Deadline, Listener, Stream};
use crate::options::check;
use crate::{Error, Result, Status};

/// Shakes hands with the newcomers of a listening socket, and hands out the streams of those that have proved a secret.
///
/// Exactly the handshake is taken from a stream: what came behind it is read by whoever gets it. A thread of the listener's own
/// shakes hands with all newcomers at once, as in a [`MessageListener`](super::MessageListener).
pub struct StreamListener {
    reception: Reception<(Stream, Identity)>,
}

impl StreamListener {
    /// Accepts at a stream socket that is bound and listens already; `listening` is the number of its descriptor, of which the
    /// listener makes one of its own.
    ///
    /// The socket stays whose it is, whose business are its address and its exposure; it is non-blocking from here on. Of the
    /// options those of the handshake count, and `backlog`: past so many that nobody has accepted, newcomers wait in the
    /// system's own.
    ///
    /// # Errors
    /// `InvalidArgument` without a secret, for options that are out of range, and for a descriptor of anything else.
    pub fn new(listening: RawFd, options: &AcceptOptions) -> Result<StreamListener> {
        check(options)?;
        if options.auth.is_none() {
            return Err(Error::new(Status::InvalidArgument, "there is no secret to shake hands with"));
        }
        let reception = Reception::with(Listener::borrow(listening)?, options)?;
        Ok(StreamListener { reception })
    }

    /// Where the socket is bound.
    pub fn address(&self) -> &Address {
        self.reception.address()
    }

    /// Waits for somebody who has proved a secret; any number of threads may. `Closed` when the listener is closed; `Panicked`
    /// when its thread has failed, which is a bug of this library, and closes it.
    pub fn accept<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<(Stream, Identity)> {
        let (stream, who) = self.reception.accept(&deadline.into())?;
        stream.share_with_children();
        Ok((stream, who))
    }

    /// A descriptor that is readable while [`StreamListener::accept`] would not wait. It belongs to the listener.
    pub fn poll_fd(&self) -> Result<RawFd> {
        self.reception.poll_fd()
    }

    /// Lets nobody in any more, ends the handshakes under way, and wakes every thread that waits in
    /// [`StreamListener::accept`]. Never blocks.
    pub fn close(&self) {
        self.reception.close();
    }
}

#[cfg(test)]
mod tests;
