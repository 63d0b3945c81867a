//! What a member asks its server.

use super::ChatClient;
use super::asked::ClientQuestion;
use super::questions::ClientAnswer;
use super::sender::Sender;
use crate::net::Deadline;
use crate::{Result, Status};

impl ChatClient {
    /// Asks who is there, in the order in which they came; we are among them. Message chat only.
    ///
    /// # Errors
    /// `NotSupported` in line chat, where `/who` is answered in words; `WouldDeadlock` in the handler, which the answer would have to
    /// come by; `Overflow` when as many events wait to be taken as may; `Closed` when the connection has ended; of a client that [comes back](super::ClientOptions::reconnect)
    /// `ConnectionReset` while it is away, or when the connection has broken before the answer.
    pub fn who<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Vec<Sender>> {
        let deadline = deadline.into();
        let question = self.question_who()?;
        self.owner.threads.check_wait()?;
        question.send(&deadline)?;
        match question.wait(deadline)? {
            ClientAnswer::Who(members) => Ok(members),
            ClientAnswer::Named => Err(Status::ProtocolViolation.into()),
        }
    }

    /// Takes another name, or with `None` none any more, and waits until the server has said yes. Only message chat knows the latter. In line
    /// chat the server must know commands: one that does not says `/name` to the room, and never answers.
    ///
    /// A client that comes back takes the new name again. In the handler it asks and returns: the events tell of what comes of it.
    ///
    /// # Errors
    /// `InvalidText` for what may not be a name; `InvalidArgument` when somebody else has it, or one that looks like it; `BadState` when
    /// we have had very many names; `NotSupported` for `None` in line chat; `Overflow`, `Closed` and `ConnectionReset` as [`ChatClient::who`].
    pub fn rename<'a>(&self, name: Option<&str>, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        let deadline = deadline.into();
        let question = self.question_rename(name)?;
        question.send(&deadline)?;
        if self.owner.threads.is_current() {
            return Ok(());
        }
        question.wait(deadline).map(drop)
    }

    /// The name that the server has said we have.
    pub fn name(&self) -> Option<String> {
        self.owner.shared.name.lock().clone()
    }

    /// What [`ChatClient::who`] asks, for who must never wait.
    pub fn question_who(&self) -> Result<ClientQuestion> {
        ClientQuestion::who(&self.owner.shared)
    }

    /// What [`ChatClient::rename`] asks, for who must never wait.
    pub fn question_rename(&self, name: Option<&str>) -> Result<ClientQuestion> {
        ClientQuestion::rename(&self.owner.shared, name)
    }
}
