//! What members ask for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::acks::{known, refusal};
use super::event::Message;
use super::hub::Hub;
use super::item::Item;
use super::member::Member;
use super::name;
use super::room::no_such_peer;
use super::service::Chat;
use super::session::{Fate, Known, Receipt, Session};
use super::text;
use super::wire::{LOBBY, Recipient, Request};
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Turn};
use crate::{Error, Result, Status};

/// Members in one answer to `who`, at most.
const ROLL: usize = 256;

/// What each of them takes there, at most: a name, and the path of a Unix socket, every character of which needs an escape.
const ENTRY: usize = 1024;

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
            _ => self.say(turn, peer, text, None),
        }
        Ok(Flow::Continue)
    }

    fn object(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, payload: &[u8]) -> Result<Flow> {
        if !turn.within_rate(peer) {
            return Ok(Flow::Throttled);
        }
        let request = Request::parse(payload)?;
        match request.number {
            None => self.ask(turn, peer, &request),
            Some(number) => self.ask(turn, peer, &request).or_else(|error| {
                // Whoever numbers its requests is told which one it was.
                self.tell(turn, peer, &refusal(number, &error));
                Ok(Flow::Continue)
            }),
        }
    }

    fn ask(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, request: &Request<'_>) -> Result<Flow> {
        match request.kind.as_ref() {
            "message" => self.message_of(turn, peer, request)?,
            "hello" => {
                let name = request.name.as_deref().ok_or_else(|| missing("hello", "name"))?;
                return self.rename(turn, peer, request, |hub, member| hub.name(member, name));
            }
            "name" => {
                let name = request.name.as_deref();
                return self.rename(turn, peer, request, |hub, member| hub.rename(member, name).map(drop));
            }
            "who" => self.tell_who(turn, peer, request),
            "resume" => {
                let session = request.session.as_ref().ok_or_else(|| missing("resume", "session"))?;
                self.resume(turn, peer, session);
            }
            "quit" => return Ok(Flow::Close(LeaveReason::Quit)),
            "ping" => self.tell(turn, peer, &json!({"type": "pong"})),
            "pong" => {}
            other => {
                return Err(Error::new(
                    Status::ProtocolViolation,
                    format!(
                        "unknown type '{}'; expected message, hello, name, who, resume, quit, ping or pong",
                        text::escape(other)
                    ),
                ));
            }
        }
        Ok(Flow::Continue)
    }

    fn message_of(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, request: &Request<'_>) -> Result<()> {
        let text = request.text.as_ref().ok_or_else(|| missing("message", "text"))?;
        text::check_text(text, true)?;
        let receipt = match request.number {
            None => None,
            Some(number) => match self.receipt(turn, peer, number, request.again) {
                Some(receipt) => Some(receipt),
                None => return Ok(()),
            },
        };
        match (request.to.as_ref().map(|to| self.addressee(to)), receipt) {
            (None, receipt) => self.say(turn, peer, text, receipt),
            (Some(Ok(to)), receipt) => self.say_to(turn, peer, to, text, receipt),
            (Some(Err(why)), Some(receipt)) => self.hub.conclude(&receipt, Fate::Refused(why)),
            (Some(Err(why)), None) => return Err(why),
        }
        Ok(())
    }

    /// Whom a message is for that the room does not get.
    fn addressee(&self, to: &Recipient) -> Result<Arc<Member>> {
        let (member, _) = match to {
            Recipient::Id(id) => self.hub.find(*id)?,
            Recipient::Name(name) => {
                name::check(name)?;
                let nobody = || Error::new(Status::NoSuchPeer, format!("nobody here is called '{name}'"));
                self.hub.room.named(name).ok_or_else(nobody)?
            }
        };
        if member.is_silenced() { Err(no_such_peer(member.id())) } else { Ok(member) }
    }

    /// Takes the number of a message; `None` if it was taken before, of which the sender is told what there is to tell.
    fn receipt(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, number: u64, again: bool) -> Option<Arc<Receipt>> {
        let session = self.session(turn, peer)?;
        match session.begin(number) {
            Known::New => {
                let again = again && !session.is_resumed();
                Some(Arc::new(Receipt::new(session, number, again)))
            }
            other => {
                if let Some(fate) = known(other) {
                    let mut words = Vec::new();
                    self.hub.put_fate(number, &fate, true, &mut words);
                    turn.push(peer, words.into());
                }
                None
            }
        }
    }

    /// The session of a member that numbers what it says.
    fn session(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) -> Option<Arc<Session>> {
        let member = &turn.state(peer)?.member;
        let session = self.sessions.entry(member.id());
        Some(Arc::clone(session.or_insert_with(|| self.hub.sessions.begin(member.id(), member.key_id(), peer))))
    }

    /// The member goes on with what it has numbered on an earlier connection, if that is known here.
    fn resume(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, name: &str) {
        let Some(seat) = turn.state(peer) else { return };
        let member = Arc::clone(&seat.member);
        let session = self.hub.resume(&member, peer, name);
        let is_known = session.is_some();
        if let Some(session) = session
            && let Some(other) = self.sessions.insert(member.id(), Arc::clone(&session))
            && !Arc::ptr_eq(&session, &other)
        {
            self.hub.sessions.leave(&other, member.id(), turn.instant());
        }
        self.tell(turn, peer, &json!({"type": "resumed", "session": name, "known": is_known}));
    }

    /// The member `takes` the name of its request, or gives up the one that it has.
    fn rename(
        &mut self,
        turn: &mut Turn<Chat>,
        peer: PeerRef,
        request: &Request<'_>,
        takes: impl FnOnce(&Hub, &Arc<Member>) -> Result<()>,
    ) -> Result<Flow> {
        // What it has said in this turn was said under the name that it had.
        self.publish();
        let Some(seat) = turn.state(peer) else { return Ok(Flow::Continue) };
        let member = Arc::clone(&seat.member);
        match &request.name {
            None => takes(&self.hub, &member)?,
            Some(name) => {
                if let Some(end) = self.take_unless_banned(turn, peer, name, |hub| takes(hub, &member))? {
                    return Ok(end);
                }
            }
        }
        self.sign(turn, peer);
        let fields = json!({"type": "name", "room": LOBBY, "name": request.name, "id": member.id()});
        self.tell(turn, peer, &answer(request, fields));
        Ok(Flow::Continue)
    }

    /// A member says something to one other, or to the filter before.
    pub(super) fn say_to(
        &mut self,
        turn: &mut Turn<Chat>,
        peer: PeerRef,
        to: Arc<Member>,
        text: &str,
        receipt: Option<Arc<Receipt>>,
    ) {
        let now = turn.now();
        turn.spoke(peer);
        let Some(seat) = turn.state(peer) else { return };
        seat.member.said.add(1);
        seat.burst.add(text.len(), now);
        let from = Arc::clone(&seat.member);
        let message = Message { seq: 0, time: self.clock.now(), from, to: Some(to), text: text.into(), receipt };
        if self.hub.options.filter {
            return self.hub.events.push_question(Item::Submitted(message));
        }
        // What it has said before comes before.
        self.publish();
        self.hub.pass_on(&message, &message.text);
    }

    /// Who is there, in the order in which they came.
    fn tell_who(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, request: &Request<'_>) {
        // Within the longest frame that clients are told to take.
        let roll = self.hub.room.roll(request.after, (self.hub.options.message_limit() * 2 / ENTRY).clamp(1, ROLL));
        let joined: Vec<_> = roll
            .members
            .iter()
            .map(|member| json!({"id": member.id(), "address": member.label(), "name": member.name()}))
            .collect();
        let presence = json!({
            "type": "presence", "room": LOBBY, "version": roll.version, "count": roll.count,
            "joined": joined, "left": [], "more": roll.more,
        });
        self.tell(turn, peer, &answer(request, presence));
    }

    /// A member says something to the room, or to the filter before it.
    pub(super) fn say(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, text: &str, receipt: Option<Arc<Receipt>>) {
        let now = turn.now();
        turn.spoke(peer);
        let Some(seat) = turn.state(peer) else { return };
        seat.member.said.add(1);
        let filter = self.hub.options.filter;
        if filter || self.hub.wants_messages() {
            let from = Arc::clone(&seat.member);
            // What passes no filter is in the draft with its receipt.
            let (receipt, time) = (receipt.clone().filter(|_| filter), self.clock.now());
            let message = Message { seq: 0, time, from, to: None, text: text.into(), receipt };
            if filter {
                // The room gets a little more than that, unless the filter lets less pass.
                seat.burst.add(text.len(), now);
                self.hub.events.push_question(Item::Submitted(message));
                return;
            }
            self.draft.messages.push(message);
        }
        let before = self.draft.len();
        self.hub.wire.append_said(&mut self.draft, &self.clock, &seat.signature, text, receipt.as_ref());
        seat.burst.add(self.draft.len() - before, now);
    }
}

/// What answers a request, with its number if it has one.
fn answer(request: &Request<'_>, mut fields: Value) -> Value {
    if let Some(number) = request.number {
        fields["ref"] = number.into();
    }
    fields
}

fn missing(kind: &str, field: &str) -> Error {
    Error::new(Status::ProtocolViolation, format!("a '{kind}' without '{field}'"))
}
