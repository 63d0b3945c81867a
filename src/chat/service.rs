//! The chat as a service: what a worker does for its members.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;

use super::call::{Batch, Call};
use super::clock::Clock;
use super::hold::AdaptiveHold;
use super::hub::Hub;
use super::item::Item;
use super::member::{Member, MemberId};
use super::presence::GREETING;
use super::reading::Reading;
use super::seat::Seat;
use super::session::Session;
use super::wire::{Draft, LOBBY};
use crate::auth::Identity;
use crate::frame::Framing;
use crate::net::Address;
use crate::opening::{Opening, TLS_REFUSED, http_answer};
use crate::peer::LeaveReason;
use crate::reactor::{Flow, PeerRef, Service, Traffic, Turn};
use crate::{Error, Status};

/// What one worker has of the chat.
pub(crate) struct Chat {
    pub(super) hub: Arc<Hub>,
    /// `None` once nobody is read any more.
    reading: Option<Reading>,
    /// The members of this worker.
    pub(super) seats: Vec<PeerRef>,
    /// What this turn has for them.
    pub(super) batches: Vec<Arc<Batch>>,
    /// What becomes of numbered messages; goes out behind the batches.
    pub(super) acks: Vec<(PeerRef, Bytes)>,
    /// Those of the members that number what they say.
    pub(super) sessions: HashMap<MemberId, Arc<Session>>,
    pub(super) hold: AdaptiveHold,
    /// What was said in this turn.
    pub(super) draft: Draft,
    batch_size: usize,
    pub(super) clock: Clock,
    /// Reserved bytes of the embedder's that this turn has taken.
    reserved: usize,
    /// When this turn began.
    begun: Instant,
}

impl Service for Chat {
    type Call = Call;
    type State = Seat;
    type Shared = Hub;

    fn greet(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, address: &Address) -> Seat {
        let member = Member::new(peer.serial(), self.hub.address_of(address), self.hub.options.tls.is_some());
        let signature = self.hub.wire.sign(&member);
        Seat::new(Arc::new(member), signature, turn.now())
    }

    fn opened(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, who: Option<Identity>) {
        let Some(seat) = turn.state(peer) else { return };
        if let Some(identity) = who {
            seat.member.prove(&identity);
        }
        if let Some(ban) = self.hub.bans.of_member(&seat.member) {
            return self.turn_away(turn, peer, &ban.refusal());
        }
        let Some(seat) = turn.state(peer) else { return };
        if self.hub.options.authorize {
            self.hub.events.push_question(Item::Authorize(Arc::clone(&seat.member), peer));
        } else {
            self.join(turn, peer);
        }
    }

    fn message(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, bytes: &[u8]) -> Flow {
        self.request(turn, peer, bytes)
    }

    fn may_go_on(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) -> Flow {
        let now = turn.now();
        let Some(seat) = turn.state(peer) else { return Flow::Hold };
        if self.is_full() || self.hub.events.is_full() || seat.member.is_silenced() {
            return Flow::Hold;
        }
        match seat.burst.ends(now, self.hub.options.outbox_limit) {
            // Who floods a room in which somebody is behind waits for it.
            Some(end) if self.hub.somebody_is_behind() => Flow::Pause(end),
            _ => Flow::Continue,
        }
    }

    fn refused(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, error: &Error) {
        let words = self.complaint(turn, peer, error);
        turn.push(peer, words);
    }

    /// It is told where it is, in its own language if that is HTTP.
    fn stranger(
        &mut self,
        turn: &mut Turn<Chat>,
        peer: PeerRef,
        opening: Opening,
        error: Option<Error>,
    ) -> Option<Bytes> {
        let here = self.here();
        if opening == Opening::Tls {
            // It understands nothing else.
            turn.tell_of_stranger(peer, format!("sent {opening}, and no TLS is set here; {here}"));
            return Some(Bytes::from_static(TLS_REFUSED));
        }
        turn.tell_of_stranger(peer, format!("sent {opening}; {here}"));
        if opening == Opening::HttpRequest && self.hub.wire.is_line() {
            return Some(http_answer(&here).into());
        }
        let error = match error {
            None => Error::new(Status::ProtocolViolation, format!("you sent {opening}; {here}")),
            Some(error) => Error::new(error.status(), format!("{error}; you sent {opening}, and {here}")),
        };
        Some(self.complaint(turn, peer, &error))
    }

    fn ping(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        self.tell(turn, peer, &json!({"type": "ping"}));
    }

    fn parting(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, reason: LeaveReason) {
        // With a filter, what it said before may have yet to pass.
        if !self.hub.options.filter || self.hub.events.push_behind(Item::Parting(peer, reason)).is_some() {
            turn.dismiss_later(peer, reason);
        }
    }

    /// It leaves the room now, and its connection ends once it has read its farewell.
    fn dismiss(&mut self, turn: &mut Turn<Chat>, peer: PeerRef, reason: LeaveReason) {
        let Some(mut door) = turn.door(peer).filter(|door| !door.is_doomed()) else { return };
        if door.is_asking() {
            // A newcomer meets a server that stops: neither a member who could leave nor one who could join.
            self.hub.commons.totals.refused.add(1);
        } else if door.is_open() {
            let seat = door.state();
            let (member, index) = (Arc::clone(&seat.member), seat.leave());
            self.note_caught_up(seat);
            self.leave_room(turn, &member, index, reason);
        } else {
            return;
        }
        let words = self.goodbye(reason);
        turn.farewell(peer, words);
    }

    fn ended(&mut self, turn: &mut Turn<Chat>, mut seat: Seat, reason: LeaveReason) {
        self.note_caught_up(&mut seat);
        let index = seat.leave();
        if index.is_some() {
            self.leave_room(turn, &seat.member, index, reason);
        }
    }

    fn call(&mut self, turn: &mut Turn<Chat>, call: Call) {
        match call {
            Call::Publish(batch) => {
                self.reserved += batch.reserved;
                self.batches.push(batch);
            }
            Call::Send { to, chunk, reserved } => {
                self.reserved += reserved;
                // What was published before it goes first.
                self.deliver(turn);
                turn.push(to, chunk);
            }
            Call::Disconnect(peer, reason) => {
                self.deliver(turn);
                if turn.door(peer).is_some_and(|door| door.is_open()) {
                    self.dismiss(turn, peer, reason);
                }
            }
            Call::Acknowledge(to, chunk) => self.acks.push((to, chunk)),
            // What was read from it is said: its connection may have broken as well.
            Call::Supersede(peer) => turn.doom(peer, LeaveReason::Lost),
            Call::Sign(peer) => {
                // What it has said in this turn was said under the name that it had.
                self.publish();
                self.sign(turn, peer);
            }
            Call::Admit(peer, admitted) => self.admit(turn, peer, admitted),
        }
    }

    fn alarm(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        self.check_pace(turn, peer);
    }

    fn pressed(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        self.note_behind(turn, peer);
    }

    fn begin(&mut self, turn: &mut Turn<Chat>) {
        self.begun = turn.instant();
        self.clock.set(self.hub.commons.clock.wall());
    }

    fn hold(&mut self, _turn: &mut Turn<Chat>) -> Option<Duration> {
        if self.is_full() { None } else { self.hold.before(self.draft.count()) }
    }

    fn held(&mut self, _turn: &mut Turn<Chat>) {
        self.hold.after(self.draft.count());
    }

    fn is_full(&self) -> bool {
        self.draft.len() >= self.batch_size
    }

    fn gathered(&mut self, _turn: &mut Turn<Chat>) {
        self.publish();
    }

    fn round(&mut self, turn: &mut Turn<Chat>) {
        self.deliver(turn);
        for (to, chunk) in self.acks.drain(..) {
            turn.push(to, chunk);
        }
    }

    /// Lets the embedder go on: what it has said is written or queued, and who is behind is counted.
    fn settled(&mut self, turn: &mut Turn<Chat>) {
        let reserved = std::mem::take(&mut self.reserved);
        if reserved > 0 {
            self.hub.relieve(&self.hub.commons.inboxes()[turn.worker()], reserved);
        }
    }

    fn stopping(&mut self, _turn: &mut Turn<Chat>) {
        self.reading = None;
    }

    /// Browsers send their request with the connection. Where nobody hears of a newcomer there is time until its first line.
    fn hears_early(&self) -> bool {
        let options = &self.hub.options;
        let is_told = options.announce || options.authorize || self.hub.events.are_wanted();
        self.hub.wire.is_line() && is_told
    }

    fn address(seat: &Seat) -> &Address {
        seat.member.address()
    }

    fn traffic(seat: &Seat) -> Option<&Traffic> {
        Some(&seat.member.traffic)
    }
}

impl Chat {
    pub(super) fn new(hub: &Arc<Hub>, reading: Reading) -> Chat {
        Chat {
            reading: Some(reading),
            seats: Vec::new(),
            batches: Vec::new(),
            acks: Vec::new(),
            sessions: HashMap::new(),
            hold: AdaptiveHold::default(),
            draft: Draft::default(),
            batch_size: hub.options.batch_size(),
            clock: hub.new_clock(),
            reserved: 0,
            begun: Instant::now(),
            hub: Arc::clone(hub),
        }
    }

    /// Hands what was said in this turn to the room.
    pub(super) fn publish(&mut self) {
        if self.draft.is_empty() {
            return;
        }
        self.draft.said = Some(self.begun);
        let (_, punished) = self.hub.publish(&mut self.draft, 0);
        for id in punished {
            // It may have left meanwhile.
            let _ = self.hub.disconnect(id, LeaveReason::EventsOverflow);
        }
    }

    pub(super) fn join(&mut self, turn: &mut Turn<Chat>, peer: PeerRef) {
        let Some(seat) = turn.state(peer) else { return };
        let (place, present) = match self.hub.join(&seat.member, peer) {
            Ok(joined) => joined,
            Err(reason) => {
                let ban = self.hub.bans.of_member(&seat.member).filter(|_| reason == LeaveReason::Banned);
                return match ban {
                    Some(ban) => self.turn_away(turn, peer, &ban.refusal()),
                    None => self.dismiss(turn, peer, reason),
                };
            }
        };
        seat.take_place(place.position, self.seats.len());
        self.seats.push(peer);
        let member = Arc::clone(&seat.member);
        turn.admit(peer, Some(self.rate_of(&member)));
        if !self.hub.wire.is_line() {
            let welcome = json!({
                "type": "welcome", "room": LOBBY, "epoch": self.hub.wire.epoch, "seq": place.seq,
                "time": self.clock.message(), "limit": self.hub.options.message_limit(),
                "session": self.hub.sessions.name(member.id()),
                "you": {"id": member.id(), "address": member.label(), "name": member.name()},
            });
            self.tell(turn, peer, &welcome);
        }
        if let Some(present) = present {
            self.notify(turn, peer, &self.hub.present(&present, &GREETING));
        }
    }

    /// A member whose place was given up leaves.
    fn leave_room(&mut self, turn: &mut Turn<Chat>, member: &Arc<Member>, index: Option<usize>, reason: LeaveReason) {
        // What it said in this turn comes before its leave.
        self.publish();
        if !self.sessions.is_empty()
            && let Some(session) = self.sessions.remove(&member.id())
        {
            self.hub.sessions.leave(&session, member.id(), turn.instant());
        }
        // A connection that breaks takes no words back.
        let may_follow = reason == LeaveReason::Lost && self.hub.options.filter && !turn.is_stopping();
        if !may_follow || self.hub.events.push_behind(Item::Departed(Arc::clone(member), reason)).is_some() {
            self.hub.leave(member, reason);
        }
        let Some(index) = index else { return };
        self.seats.swap_remove(index);
        if let Some(&moved) = self.seats.get(index)
            && let Some(seat) = turn.state(moved)
        {
            seat.move_to(index);
        }
    }

    /// What listens here, in a few words.
    fn here(&self) -> String {
        let secret = if self.hub.options.auth.is_some() { "" } else { ", without a secret" };
        match self.hub.options.framing {
            Framing::Line => format!("this is line chat: lines of UTF-8 text{secret}"),
            framing => format!("this is message chat: JSON objects in frames (framing {framing}){secret}"),
        }
    }

    /// What tells a peer what was wrong with what it sent.
    pub(super) fn complaint(&self, turn: &mut Turn<Chat>, peer: PeerRef, error: &Error) -> Bytes {
        if let Some(seat) = turn.state(peer) {
            log::debug!("{}: {error}", seat.member.label());
        }
        self.hub.wire.refusal(&self.clock, &self.hub.signature, error)
    }

    fn goodbye(&self, reason: LeaveReason) -> Bytes {
        let fields = json!({"type": "bye", "reason": reason.as_str()});
        let is_silent = matches!(
            reason,
            LeaveReason::Quit | LeaveReason::Closed | LeaveReason::MessageTooLong | LeaveReason::ProtocolViolation
        );
        if self.hub.wire.is_line() && is_silent {
            return Bytes::new();
        }
        self.hub.wire.private(&self.clock, &self.hub.signature, &format!("* {reason}"), &fields)
    }

    /// Sends an object to one member of message chat.
    pub(super) fn tell(&self, turn: &mut Turn<Chat>, peer: PeerRef, fields: &serde_json::Value) {
        if !self.hub.wire.is_line() {
            turn.push(peer, self.hub.wire.private(&self.clock, &self.hub.signature, "", fields));
        }
    }
}
