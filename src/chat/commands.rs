//! Commands of line chat, carried out.

use std::sync::Arc;

use super::hub::Hub;
use super::naming::your_name;
use super::presence::ANSWER;
use super::service::Chat;
use super::slash::{Command, HELP};
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Turn};
use crate::{Error, Result, Status};

impl Chat {
    /// A line that began with a slash, which is taken off. Whatever it is, the room gets nothing of one that is wrong.
    pub(super) fn command(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, line: &str) -> Flow {
        match self.obey(turn, peer, line) {
            Ok(flow) => flow,
            Err(error) => {
                let words = self.complaint(turn, peer, &error);
                turn.push(peer, words);
                Flow::Continue
            }
        }
    }

    fn obey(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, line: &str) -> Result<Flow> {
        match Command::parse(line)? {
            Command::Say(text) => self.say(turn, peer, text, None),
            Command::Act(what) => self.act(turn, peer, what)?,
            Command::Name(name) => return self.take_name(turn, peer, name),
            Command::Whisper(name, text) => self.whisper(turn, peer, name, text)?,
            Command::Who => {
                let present = self.hub.room.lock().present(ANSWER.members(), true);
                self.notify(turn, peer, &self.hub.present(&present, &ANSWER));
            }
            Command::Help => self.notify(turn, peer, HELP),
            Command::Quit => return Ok(Flow::Close(LeaveReason::Quit)),
        }
        Ok(Flow::Continue)
    }

    fn act(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, what: &str) -> Result<()> {
        let Some(seat) = turn.state(peer) else { return Ok(()) };
        let who = seat.member.name().unwrap_or(seat.member.label());
        let text = format!("* {who} {what}");
        // A filter may give it back as its own.
        self.hub.check_text(&text)?;
        self.say(turn, peer, &text, None);
        Ok(())
    }

    fn take_name(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, name: &str) -> Result<Flow> {
        // What it has said in this turn was said under the name that it had.
        self.publish();
        let Some(seat) = turn.state(peer) else { return Ok(Flow::Continue) };
        let member = Arc::clone(&seat.member);
        let takes = |hub: &Hub| hub.rename(&member, Some(name)).map(drop);
        if let Some(end) = self.take_unless_banned(turn, peer, name, takes)? {
            return Ok(end);
        }
        self.sign(turn, peer);
        self.notify(turn, peer, &your_name(Some(name)));
        Ok(Flow::Continue)
    }

    /// A member has another name from here on.
    pub(super) fn sign(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        if let Some(seat) = turn.state(peer) {
            seat.signature = self.hub.wire.sign(&seat.member);
        }
    }

    fn whisper(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, name: &str, text: &str) -> Result<()> {
        let Some((to, _)) = self.hub.room.named(name) else {
            let what = format!("nobody here has the name '{}'; /who tells who is here", shortened(name));
            return Err(Error::new(Status::NoSuchPeer, what));
        };
        self.say_to(turn, peer, to, text, None);
        Ok(())
    }

    /// The server says something to one member of line chat.
    pub(super) fn notify(&self, turn: &mut Turn<Chat>, peer: PeerRef, text: &str) {
        turn.push(peer, self.hub.wire.private(&self.clock, &self.hub.signature, text, &serde_json::Value::Null));
    }
}

/// As much of what may be a name as a name can have.
fn shortened(name: &str) -> String {
    name.chars().take(32).collect()
}
