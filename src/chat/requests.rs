//! What members ask for.

use std::sync::Arc;

use serde_json::json;

use super::event::Message;
use super::item::Item;
use super::member::Member;
use super::service::Chat;
use super::text;
use super::wire::{Kind, LOBBY, Request};
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Turn};
use crate::{Error, Result, Status};

impl Chat {
    /// One whole message of a member's.
    pub(super) fn request(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, payload: &[u8]) -> Flow {
        let done =
            if self.hub.wire.is_line() { self.line(turn, peer, payload) } else { self.object(turn, peer, payload) };
        done.unwrap_or_else(Flow::Refuse)
    }

    fn line(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, payload: &[u8]) -> Result<Flow> {
        let word = payload.trim_ascii();
        if word.is_empty() {
            return Ok(Flow::Continue);
        }
        let commands = self.hub.wire.commands;
        if word == b"quit" || (commands && word == b"/quit") {
            return Ok(Flow::Close(LeaveReason::Quit));
        }
        if !turn.within_rate(peer) {
            return Ok(Flow::Throttled);
        }
        let text = text::check(payload, false)?;
        match text.strip_prefix('/') {
            Some(command) if commands => return Ok(self.command(turn, peer, command)),
            _ => self.say(turn, peer, text),
        }
        Ok(Flow::Continue)
    }

    fn object(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, payload: &[u8]) -> Result<Flow> {
        if !turn.within_rate(peer) {
            return Ok(Flow::Throttled);
        }
        let request = Request::parse(payload)?;
        match request.kind.as_ref() {
            "message" => {
                let text = request.text.ok_or_else(|| missing("message", "text"))?;
                text::check_text(&text, true)?;
                self.say(turn, peer, &text);
            }
            "hello" => {
                let name = request.name.ok_or_else(|| missing("hello", "name"))?;
                return self.rename(turn, peer, &name);
            }
            "quit" => return Ok(Flow::Close(LeaveReason::Quit)),
            "ping" => self.tell(turn, peer, &json!({"type": "pong"})),
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

    fn rename(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, name: &str) -> Result<Flow> {
        let Some(seat) = turn.state(peer) else { return Ok(Flow::Continue) };
        let member = Arc::clone(&seat.member);
        if self.is_banned(name, |hub| hub.room.name(&member, name))? {
            return Ok(Flow::Close(LeaveReason::Banned));
        }
        self.sign(turn, peer);
        self.tell(turn, peer, &json!({"type": "name", "room": LOBBY, "name": name, "id": member.id()}));
        Ok(Flow::Continue)
    }

    /// A member says something to one other, or to the filter before.
    pub(super) fn say_to(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, to: Arc<Member>, text: &str) {
        let now = turn.now();
        turn.spoke(peer);
        let Some(seat) = turn.state(peer) else { return };
        seat.member.said.add(1);
        seat.burst.add(text.len(), now);
        let from = Arc::clone(&seat.member);
        let message = Message { seq: 0, time: self.clock.now(), from, to: Some(to), text: text.into() };
        if self.hub.options.filter {
            return self.hub.events.push_question(Item::Submitted(message));
        }
        // What it has said before comes before.
        self.publish();
        self.hub.pass_on(&message, &message.text);
    }

    /// A member says something to the room, or to the filter before it.
    pub(super) fn say(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, text: &str) {
        let now = turn.now();
        turn.spoke(peer);
        let Some(seat) = turn.state(peer) else { return };
        seat.member.said.add(1);
        let filter = self.hub.options.filter;
        if filter || self.hub.wants_messages() {
            let from = Arc::clone(&seat.member);
            let message = Message { seq: 0, time: self.clock.now(), from, to: None, text: text.into() };
            if filter {
                // The room gets a little more than that, unless the filter lets less pass.
                seat.burst.add(text.len(), now);
                self.hub.events.push_question(Item::Submitted(message));
                return;
            }
            self.draft.messages.push(message);
        }
        let before = self.draft.len();
        self.hub.wire.append(&mut self.draft, Kind::Message, &self.clock, &seat.signature, text);
        seat.burst.add(self.draft.len() - before, now);
    }
}

fn missing(kind: &str, field: &str) -> Error {
    Error::new(Status::ProtocolViolation, format!("a '{kind}' without '{field}'"))
}
