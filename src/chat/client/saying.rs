//! What a member says.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::ChatClient;
use super::steady::Steady;
use crate::chat::{name, text};
use crate::net::Deadline;
use crate::{Error, Result, Status};

impl ChatClient {
    /// Says `text` to the room. White space at its end is not sent; of nothing but white space nothing is sent.
    ///
    /// In line chat, the word `quit` alone leaves.
    ///
    /// # Errors
    /// Before anything is sent: `MessageTooLong` over the server's limit, `InvalidText` for control characters, `Closed` when
    /// the connection has ended (with the server's reason if it gave one), and after `quit` and [`ChatClient::leave`], since
    /// nobody would hear it. In message chat the first message waits for the server's welcome, which has the limit in it, a
    /// second at most.
    pub fn send<'a>(&self, text: &str, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.say(text, None, deadline.into())
    }

    /// Says `text` to the member called `to` alone, who gets it as [`Direct`](super::IncomingKind::Direct); message chat only. Apart from that it is
    /// as [`ChatClient::send`]: a client that [comes back](super::ClientOptions::reconnect) says it again once where it was not acknowledged.
    ///
    /// That nobody has that name is told as whatever else the server refuses: by [`ChatClient::recv`], as `NoSuchPeer`.
    ///
    /// # Errors
    /// Those of [`ChatClient::send`]; `InvalidText` for what cannot be a name; `NotSupported` in line chat, where a server without
    /// commands would say it to everybody: there `/msg NAME TEXT` is for who knows that it has them.
    pub fn send_to<'a>(&self, to: &str, text: &str, deadline: impl Into<Deadline<'a>>) -> Result<()> {
        self.say(text, Some(to), deadline.into())
    }

    fn say(&self, text: &str, to: Option<&str>, deadline: Deadline<'_>) -> Result<()> {
        let may_wait = !self.owner.threads.is_current();
        let Some(request) = self.request(text, to, may_wait, &deadline)? else { return Ok(()) };
        let shared = &self.owner.shared;
        if let Some(steady) = self.steady() {
            if shared.is_quit(&request) {
                return self.leave(deadline);
            }
            steady.say(&request, to, &deadline, may_wait).map_err(|error| shared.end.explain(error))?;
            shared.said(&request);
            return Ok(());
        }
        self.connection().send(request.as_bytes(), deadline).map_err(|error| shared.end.explain(error))?;
        shared.said(&request);
        Ok(())
    }

    /// What is sent for `text`, or of a client that comes back the text itself; `None` when there is nothing to say.
    pub(super) fn request<'t>(
        &self,
        text: &'t str,
        to: Option<&str>,
        may_wait: bool,
        deadline: &Deadline<'_>,
    ) -> Result<Option<Cow<'t, str>>> {
        let text = text.trim_end();
        if text.trim_start().is_empty() {
            return Ok(None);
        }
        let shared = &self.owner.shared;
        if shared.left.load(Ordering::Relaxed) {
            return Err(Error::new(Status::Closed, "we have left the room: nothing more is heard of us"));
        }
        let is_line = shared.is_line();
        to.map_or(Ok(()), |to| check_recipient(to, is_line))?;
        text::check_text(text, !is_line)?;
        let (request, length) = if is_line {
            (Cow::Borrowed(text), text.len())
        } else if self.steady().is_some() {
            (Cow::Borrowed(text), Steady::frame_length(text, to))
        } else {
            let mut fields = json!({"type": "message", "text": text});
            if let Some(to) = to {
                fields["to"] = to.into();
            }
            let request = fields.to_string();
            let length = request.len();
            (Cow::Owned(request), length)
        };
        shared.limit.check(length, text.len(), deadline, may_wait)?;
        Ok(Some(request))
    }
}

fn check_recipient(to: &str, is_line: bool) -> Result<()> {
    if is_line {
        let what =
            "line chat has no private words that are sure to be private: join a server of message chat, or say /msg";
        return Err(Error::new(Status::NotSupported, what));
    }
    name::check(to)
}
