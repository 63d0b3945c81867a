//! A member's side for who must never wait.

use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use super::{ChatClient, ClientEvent, Incoming};
use crate::net::Deadline;
use crate::{Error, Result, Status};

impl ChatClient {
    /// Says `text` to the room, whole or not at all, and never waits: [`offer`](crate::connection::Connection::offer) with the errors of
    /// [`ChatClient::send`]. A server of message chat whose welcome has not come has told no limit yet; it may refuse what is longer.
    pub fn offer(&self, text: &str) -> Result<Option<usize>> {
        self.offer_words(text, None)
    }

    /// Says `text` to the member called `to` alone, as [`ChatClient::send_to`] does, and never waits, as [`ChatClient::offer`].
    pub fn offer_to(&self, to: &str, text: &str) -> Result<Option<usize>> {
        self.offer_words(text, Some(to))
    }

    fn offer_words(&self, text: &str, to: Option<&str>) -> Result<Option<usize>> {
        let Some(request) = self.request(text, to, false, &Deadline::never())? else { return Ok(Some(self.pending())) };
        let shared = &self.owner.shared;
        if let Some(steady) = self.steady() {
            if shared.is_quit(&request) {
                return self.offer_leave();
            }
            let taken = steady.offer(&request, to).map_err(|error| shared.end.explain(error))?;
            if taken.is_some() {
                shared.said(&request);
            }
            return Ok(taken);
        }
        let taken = self.connection().offer(request.as_bytes()).map_err(|error| shared.end.explain(error))?;
        if taken.is_some() {
            shared.said(&request);
        }
        Ok(taken)
    }

    /// [`flush_nowait`](crate::connection::Connection::flush_nowait) of what was offered. A client that comes back sends by
    /// itself: there it is what [`ChatClient::pending`] is.
    pub fn flush_nowait(&self) -> Result<usize> {
        if let Some(steady) = self.steady() {
            return steady.left().map_err(|error| self.owner.shared.end.explain(error));
        }
        self.connection().flush_nowait().map_err(|error| self.owner.shared.end.explain(error))
    }

    /// [`pending`](crate::connection::Connection::pending) of what was offered; of a client that comes back the bytes that were
    /// not acknowledged.
    pub fn pending(&self) -> usize {
        self.steady().map_or_else(|| self.connection().pending(), |steady| steady.waiting().1)
    }

    /// A descriptor that is writable while [`ChatClient::flush_nowait`] has something to do. It belongs to the client: nothing but
    /// that may be waited for. Of a client that comes back it is another one with each connection, and nobody's business: see
    /// [`ChatClient::drained_fd`].
    pub fn send_fd(&self) -> RawFd {
        self.connection().as_raw_fd()
    }

    /// Of a client that [comes back](super::ClientOptions::reconnect), a descriptor that is readable while everything is
    /// acknowledged; it stays the same. `BadState` of any other.
    pub fn drained_fd(&self) -> Result<RawFd> {
        let not = || Error::new(Status::BadState, "the client does not come back: there is send_fd");
        self.steady().ok_or_else(not)?.empty_fd()
    }

    /// What [`ChatClient::recv`] gives, if it is there; `None` if not. Never waits.
    pub fn recv_nowait(&self) -> Result<Option<Incoming>> {
        match self.recv(Duration::ZERO) {
            Err(error) if error.status() == Status::TimedOut => Ok(None),
            result => result.map(Some),
        }
    }

    /// The same for whatever the server has sent, if it is there: refusals, too, are no errors.
    ///
    /// # Errors
    /// Those of [`ChatClient::recv`] at the end of the connection.
    pub fn recv_any_nowait(&self) -> Result<Option<Incoming>> {
        let mut events = Vec::new();
        loop {
            match self.poll(&mut events, 1, Duration::ZERO) {
                Err(error) if error.status() == Status::TimedOut => return Ok(None),
                result => result.map_err(|error| self.owner.shared.end.explain(error))?,
            }
            match events.pop() {
                Some(ClientEvent::Incoming(incoming)) => return Ok(Some(incoming)),
                Some(ClientEvent::Closed(Some(reason))) => return Err(reason),
                _ => {}
            }
        }
    }

    /// Says `quit` as [`ChatClient::leave`] does, whole or not at all, as [`ChatClient::offer`] has it.
    pub fn offer_leave(&self) -> Result<Option<usize>> {
        let shared = &self.owner.shared;
        if self.steady().is_some() {
            shared.leave();
            return Ok(Some(self.pending()));
        }
        let quit = shared.quit();
        let taken = self.connection().offer(quit).map_err(|error| shared.end.explain(error))?;
        if taken.is_some() {
            shared.leave();
        }
        Ok(taken)
    }
}
