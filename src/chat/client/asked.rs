//! A question of a client's to its server.

use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;

use super::options;
use super::questions::{About, ClientAnswer, Inbox, who};
use super::shared::Shared;
use crate::net::Deadline;
use crate::{Error, Result, Status};

const WAITING: &str = "waiting for the server's answer";

/// A question to the server, for who must never wait: made, [offered](ClientQuestion::offer), then [taken](ClientQuestion::take). Whoever drops
/// it hears nothing of the answer, but for what the client's events tell.
pub struct ClientQuestion {
    shared: Arc<Shared>,
    number: u64,
    request: String,
    inbox: Inbox,
}

impl ClientQuestion {
    pub(super) fn who(shared: &Arc<Shared>) -> Result<ClientQuestion> {
        if shared.is_line() {
            let what = "line chat tells who is there in words, by /who: ask a server of message chat";
            return Err(Error::new(Status::NotSupported, what));
        }
        Ok(ClientQuestion::new(shared, About::Who(Vec::new()), |number| who(number, 0)))
    }

    pub(super) fn rename(shared: &Arc<Shared>, name: Option<&str>) -> Result<ClientQuestion> {
        name.map_or(Ok(()), crate::chat::name::check)?;
        let line = match name {
            _ if !shared.is_line() => None,
            Some(name) => Some(options::request(name)),
            None => return Err(Error::new(Status::NotSupported, "nobody gives a name up in line chat")),
        };
        let request = |number| json!({"type": "name", "name": name, "ref": number}).to_string();
        let about = About::Name(name.map(str::to_owned));
        Ok(ClientQuestion::new(shared, about, |number| line.unwrap_or_else(|| request(number))))
    }

    fn new(shared: &Arc<Shared>, about: About, request: impl FnOnce(u64) -> String) -> ClientQuestion {
        let (number, inbox) = shared.questions.add(about);
        ClientQuestion { shared: Arc::clone(shared), number, request: request(number), inbox }
    }

    /// Asks, waiting while the system takes nothing.
    pub(super) fn send(&self, deadline: &Deadline<'_>) -> Result<()> {
        self.check()?;
        if let Some(steady) = self.shared.steady() {
            return steady.ask(self.number, &self.request).map_err(|error| self.shared.end.explain(error));
        }
        let sent = self.shared.connection().send(self.request.as_bytes(), *deadline);
        sent.map_err(|error| self.shared.end.explain(error))
    }

    /// Asks, whole or not at all, as [`ChatClient::offer`](super::ChatClient::offer) says something: once, unless it gives `None`.
    ///
    /// # Errors
    /// `Closed` when the connection has ended, or we have left; `ConnectionReset` while a client that comes back is away; `Overflow`
    /// when [as many events wait](super::ClientOptions::event_limit) as may. What keeps an answer from coming later is told by
    /// [`ClientQuestion::wait`].
    pub fn offer(&self) -> Result<Option<usize>> {
        self.check()?;
        if let Some(steady) = self.shared.steady() {
            steady.ask(self.number, &self.request).map_err(|error| self.shared.end.explain(error))?;
            return Ok(Some(steady.waiting().1));
        }
        self.shared.connection().offer(self.request.as_bytes()).map_err(|error| self.shared.end.explain(error))
    }

    fn check(&self) -> Result<()> {
        self.shared.has_room_for_answers()?;
        if self.shared.left.load(Ordering::Relaxed) {
            return Err(Error::new(Status::Closed, "we have left the room: nothing more is answered"));
        }
        if self.shared.is_away() && !self.shared.is_closed() {
            return Err(Error::new(
                Status::ConnectionReset,
                "there is no connection to ask on; the client is about to come back",
            ));
        }
        Ok(())
    }

    /// Waits for the answer, which is given once.
    ///
    /// # Errors
    /// What the server refuses, as the error that stands for it; `ConnectionReset` or `Closed` when the connection has ended
    /// before, and once the answer was taken; `Overflow` when [as many events wait](super::ClientOptions::event_limit) as may, since
    /// whatever comes behind them is not read.
    pub fn wait<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<ClientAnswer> {
        let taken = self.inbox.wait(&deadline.into(), WAITING, VecDeque::pop_front);
        let closed = || Err(Status::Closed.into());
        taken.and_then(|answer| answer.unwrap_or_else(closed)).map_err(|error| self.shared.end.explain(error))
    }

    /// The answer, if it is there. Never waits.
    pub fn take(&self) -> Result<Option<ClientAnswer>> {
        match self.wait(Duration::ZERO) {
            Err(error) if error.status() == Status::TimedOut => Ok(None),
            result => result.map(Some),
        }
    }

    /// A descriptor that is readable when [`ClientQuestion::take`] has something. It belongs to the question.
    pub fn poll_fd(&self) -> Result<RawFd> {
        self.inbox.poll_fd()
    }
}

impl Drop for ClientQuestion {
    fn drop(&mut self) {
        self.shared.questions.forget(self.number);
        if let Some(steady) = self.shared.steady() {
            steady.forget(self.number);
        }
    }
}
