//! What members ask for.

use std::sync::Arc;

use serde_json::json;

use super::Worker;
use crate::chat::event::{LeaveReason, Message};
use crate::chat::events::Item;
use crate::chat::session::Flow;
use crate::chat::telnet::Telnet;
use crate::chat::text;
use crate::chat::wire::{Kind, LOBBY, Request};
use crate::{Error, Result, Status};

impl Worker {
    /// One whole message of a member's.
    pub(super) fn request(&mut self, token: usize, payload: &[u8]) -> Flow {
        let done = if self.room.wire.is_line() { self.line(token, payload) } else { self.object(token, payload) };
        done.unwrap_or_else(|error| {
            self.complain(token, &error);
            Flow::Continue
        })
    }

    fn line(&mut self, token: usize, payload: &[u8]) -> Result<Flow> {
        let word = payload.trim_ascii();
        if word.is_empty() {
            return Ok(Flow::Continue);
        }
        if word == b"quit" {
            return Ok(Flow::Close(LeaveReason::Quit));
        }
        if !self.within_rate(token) {
            return Ok(Flow::Throttle);
        }
        match text::check(payload, false) {
            Ok(text) => self.say(token, text),
            Err(_) if self.sessions[token].telnet.is_none() && Telnet::is_met(payload) => return Ok(Flow::Telnet),
            Err(error) => return Err(error),
        }
        Ok(Flow::Continue)
    }

    fn object(&mut self, token: usize, payload: &[u8]) -> Result<Flow> {
        if !self.within_rate(token) {
            return Ok(Flow::Throttle);
        }
        let request = Request::parse(payload)?;
        match request.kind.as_ref() {
            "message" => {
                let text = request.text.ok_or_else(|| missing("message", "text"))?;
                text::check_text(&text, true)?;
                self.say(token, &text);
            }
            "hello" => {
                let name = request.name.ok_or_else(|| missing("hello", "name"))?;
                self.rename(token, &name)?;
            }
            "quit" => return Ok(Flow::Close(LeaveReason::Quit)),
            "ping" => self.tell(token, "", &json!({"type": "pong"})),
            "pong" => {}
            other => {
                return Err(Error::new(
                    Status::ProtocolViolation,
                    format!("unknown type '{}'; expected message, hello, quit, ping or pong", text::escape(other)),
                ));
            }
        }
        Ok(Flow::Continue)
    }

    fn rename(&mut self, token: usize, name: &str) -> Result<()> {
        let member = Arc::clone(&self.sessions[token].member);
        self.room.name(&member, name)?;
        self.sessions[token].signature = self.room.wire.sign(&member);
        let place = json!({"type": "name", "room": LOBBY, "name": name, "id": member.id()});
        self.tell(token, "", &place);
        Ok(())
    }

    /// A member says something to the room, or to the filter before it.
    fn say(&mut self, token: usize, text: &str) {
        let session = &mut self.sessions[token];
        session.member.counters.messages_in.add(1);
        session.last_message = self.now;
        let filter = self.room.options.filter;
        if filter || self.room.events.wants_messages() {
            let from = Arc::clone(&session.member);
            let message = Message { seq: 0, time: self.clock.now(), from, text: text.into() };
            if filter {
                // The room gets a little more than that, unless the filter lets less pass.
                session.burst.add(text.len(), self.now);
                self.room.events.push_for_dispatcher(Item::Submitted(message));
                return;
            }
            self.draft.messages.push(message);
        }
        let before = self.draft.len();
        self.room.wire.append(&mut self.draft, Kind::Message, &self.clock, &session.signature, text);
        session.burst.add(self.draft.len() - before, self.now);
    }

    /// Tells one member what was wrong with what it sent.
    pub(super) fn complain(&mut self, token: usize, error: &Error) {
        log::debug!("{}: {error}", self.sessions[token].member.label());
        let chunk = self.room.wire.refusal(&self.clock, &self.room.signature, error);
        self.say_privately(token, chunk);
    }

    /// Sends `line` in line chat, `fields` in message chat; an empty line is for message chat alone.
    pub(super) fn tell(&mut self, token: usize, line: &str, fields: &serde_json::Value) {
        if self.room.wire.is_line() && line.is_empty() {
            return;
        }
        let chunk = self.room.wire.private(&self.clock, &self.room.signature, line, fields);
        self.say_privately(token, chunk);
    }
}

fn missing(kind: &str, field: &str) -> Error {
    Error::new(Status::ProtocolViolation, format!("a '{kind}' without '{field}'"))
}
