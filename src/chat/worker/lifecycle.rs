//! How sessions begin, join and end.

use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mio::unix::SourceFd;
use mio::{Interest, Token};
use serde_json::json;

use super::Worker;
use crate::auth::REMIND_AFTER;
use crate::chat::admission::Permit;
use crate::chat::event::LeaveReason;
use crate::chat::events::Item;
use crate::chat::inbox::SessionRef;
use crate::chat::member::Member;
use crate::chat::options::Rate;
use crate::chat::session::{Bucket, Session, Stage};
use crate::chat::stats::Totals;
use crate::chat::timers::Alarm;
use crate::chat::wire::LOBBY;
use crate::error::sentence;
use crate::net::Stream;
use crate::{Error, Status};

/// How long a farewell may take to be read. Closing at once would let the kernel throw it away when the peer has
/// sent something that nobody reads any more.
const LINGER: Duration = Duration::from_secs(1);

impl Worker {
    pub(super) fn adopt(&mut self, stream: Stream, member: Arc<Member>, permit: Permit) {
        let stage = match &self.room.options.auth {
            _ if self.stop.is_some() => Stage::Closing { ended: false },
            None => Stage::Joined,
            Some(auth) => match auth.begin() {
                Ok(handshake) => Stage::Handshake(Box::new(handshake)),
                Err(error) => {
                    log::error!("{}: cannot begin a handshake: {error}", member.label());
                    return;
                }
            },
        };
        let early = self.hear_early(&stream);
        let entry = self.sessions.vacant_entry();
        let token = entry.key();
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut SourceFd(&stream.as_raw_fd()), Token(token), interest) {
            log::error!("{}: cannot watch the connection: {}", member.label(), sentence(&error));
            return;
        }
        let signature = self.room.wire.sign(&member);
        entry.insert(Session::new(stream, member, signature, permit, stage, self.now));
        match self.sessions[token].stage {
            Stage::Closing { .. } => self.turn_away(token, self.room.options.auth.is_none()),
            Stage::Handshake(_) => self.begin_handshake(token),
            _ => {
                if !self.meet_early(token, early) {
                    self.admit_or_ask(token);
                }
            }
        }
    }

    fn begin_handshake(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        let reference = session.reference(self.index, token);
        if let Stage::Handshake(handshake) = &mut session.stage {
            let greeting = handshake.output();
            self.say_privately(token, greeting.into());
        }
        let patience = self.room.options.handshake_timeout.min(REMIND_AFTER);
        self.timers.set(self.now + patience, reference, Alarm::Handshake);
        let mut handshakes = std::mem::take(&mut self.handshakes);
        handshakes.begin(reference, |session| self.is_shaking_hands(session));
        self.handshakes = handshakes;
        let limit = self.room.options.handshake_limit.div_ceil(self.room.inboxes.len());
        while self.handshakes.count() > limit {
            // An honest peer is done within a few round trips: the oldest is the least likely to be one.
            match self.handshakes.pop() {
                Some(oldest) if self.is_shaking_hands(oldest) => self.fail_handshake(oldest.token, ": others wait"),
                Some(_) => {}
                None => break,
            }
        }
    }

    fn is_shaking_hands(&self, session: SessionRef) -> bool {
        self.is_current(session) && matches!(self.sessions[session.token].stage, Stage::Handshake(_))
    }

    pub(super) fn authenticated(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        if let Stage::Handshake(handshake) = &session.stage
            && let Some(identity) = handshake.identity()
        {
            session.member.set_key_id(&identity.key_id);
        }
        self.handshakes.end();
        self.admit_or_ask(token);
    }

    pub(super) fn fail_handshake(&mut self, token: usize, why: &str) {
        let session = &mut self.sessions[token];
        session.stage = Stage::Closing { ended: false };
        let address = session.member.address().clone();
        self.handshakes.end();
        self.tell_of_failure(&address, why);
        self.bid_farewell(token);
    }

    fn admit_or_ask(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        if self.room.options.authorize {
            session.stage = Stage::Authorizing;
            let question = Item::Authorize(Arc::clone(&session.member), session.reference(self.index, token));
            self.room.events.push_for_dispatcher(question);
        } else {
            self.join(token);
        }
    }

    /// The embedder's answer.
    pub(super) fn admit(&mut self, session: SessionRef, admitted: bool) {
        if !self.is_current(session) || !matches!(self.sessions[session.token].stage, Stage::Authorizing) {
            return;
        }
        if self.has_gone(session.token) {
            // Nobody joins who would leave at once.
            self.doomed.push((session.token, LeaveReason::Closed));
        } else if admitted {
            self.join(session.token);
            self.queue_read(session.token);
        } else {
            self.sessions[session.token].stage = Stage::Closing { ended: false };
            log::info!("{}: not admitted", self.sessions[session.token].member.label());
            Totals::add(&self.room.totals.refused, 1);
            self.complain(session.token, &Error::new(Status::AuthenticationFailed, "not admitted"));
            self.bid_farewell(session.token);
        }
    }

    /// Whether a newcomer has ended its connection, with nothing left to hear.
    fn has_gone(&mut self, token: usize) -> bool {
        let session = &mut self.sessions[token];
        if !session.hung_up || !session.carry.is_empty() {
            return false;
        }
        match session.stream.try_recv(&mut self.buffer) {
            Ok(0) => true,
            Ok(count) => {
                session.carry.extend_from_slice(&self.buffer[..count]);
                session.member.counters.bytes_in.add(count as u64);
                Totals::add(&self.room.totals.bytes_in, count as u64);
                false
            }
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }

    /// A newcomer meets a server that stops: neither a member who could leave nor one who could join.
    ///
    /// Before its handshake is over a peer expects none of our messages: it sees the end of the stream.
    pub(super) fn turn_away(&mut self, token: usize, may_be_told: bool) {
        self.sessions[token].stage = Stage::Closing { ended: false };
        Totals::add(&self.room.totals.refused, 1);
        if may_be_told {
            self.say_goodbye(token, LeaveReason::ServerStopped);
        }
        self.bid_farewell(token);
    }

    fn join(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        let reference = session.reference(self.index, token);
        let Some(place) = self.room.join(&session.member, reference) else {
            return self.turn_away(token, true);
        };
        session.stage = Stage::Joined;
        session.start = place.position;
        session.joined_index = self.joined.len();
        session.bucket = rate_of(&self.room.options.rate, &session.member).map(|rate| Bucket::new(rate, self.now));
        self.joined.push(token);
        self.set_life_alarms(reference);
        if !self.room.wire.is_line() {
            let member = &self.sessions[token].member;
            let welcome = json!({
                "type": "welcome", "room": LOBBY, "epoch": self.room.wire.epoch, "seq": place.seq,
                "time": self.clock.message(), "limit": self.room.options.message_limit(),
                "you": {"id": member.id(), "address": member.label(), "name": member.name()},
            });
            self.tell(token, "", &welcome);
        }
        let session = &mut self.sessions[token];
        session.unparsed = !session.carry.is_empty();
        self.queue_read(token);
    }

    fn set_life_alarms(&mut self, session: SessionRef) {
        let options = &self.room.options;
        if !self.room.wire.is_line() && !options.ping_interval.is_zero() {
            self.timers.set(self.now + options.ping_interval, session, Alarm::Ping);
        }
        if !options.idle_timeout.is_zero() {
            self.timers.set(self.now + options.idle_timeout, session, Alarm::Idle);
        }
    }

    /// Ends a session in good order: it leaves the room now and the connection once it has read its farewell.
    pub(super) fn close(&mut self, token: usize, reason: LeaveReason) {
        let session = &mut self.sessions[token];
        if !session.is_joined() {
            return;
        }
        session.stage = Stage::Closing { ended: false };
        session.leaving = false;
        session.forget_input();
        self.leave_room(token, reason);
        self.say_goodbye(token, reason);
        self.bid_farewell(token);
    }

    fn say_goodbye(&mut self, token: usize, reason: LeaveReason) {
        let line = match reason {
            LeaveReason::Quit | LeaveReason::Closed | LeaveReason::MessageTooLong | LeaveReason::ProtocolViolation => {
                String::new()
            }
            reason => format!("* {reason}"),
        };
        self.tell(token, &line, &json!({"type": "bye", "reason": reason.as_str()}));
    }

    pub(super) fn bid_farewell(&mut self, token: usize) {
        // When the server stops, its own deadline is the only one.
        if !self.finished {
            let reference = self.sessions[token].reference(self.index, token);
            self.timers.set(self.now + LINGER, reference, Alarm::Linger);
        }
        // Flushed at the end of the turn even when there is nothing to say, so that the end is sent.
        self.say_privately(token, Bytes::new());
    }

    /// Everything is sent: end our direction, and wait for the peer's end unless the server stops.
    pub(super) fn end_sending(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        session.stage = Stage::Closing { ended: true };
        session.stream.shutdown_send();
        if self.finished {
            // What came meanwhile is read, lest the kernel answers it by cutting the farewell off.
            while matches!(session.stream.try_recv(&mut self.buffer), Ok(1..)) {}
            self.doomed.push((token, LeaveReason::ServerStopped));
        } else if session.ended {
            self.doomed.push((token, LeaveReason::Closed));
        } else {
            self.queue_read(token);
        }
    }

    fn leave_room(&mut self, token: usize, reason: LeaveReason) {
        // What it said in this turn comes before its leave.
        self.publish();
        let session = &mut self.sessions[token];
        if std::mem::take(&mut session.behind) {
            self.room.note_behind(false);
        }
        if std::mem::take(&mut session.pace.awaited) {
            self.room.note_awaited(&session.member, false);
        }
        let index = session.joined_index;
        session.joined_index = usize::MAX;
        if reason == LeaveReason::Lost && self.room.options.filter && self.stop.is_none() {
            // A connection that breaks takes no words back.
            self.room.events.push_for_dispatcher(Item::Departed(Arc::clone(&session.member), reason));
        } else {
            self.room.leave(&session.member, reason);
        }
        self.joined.swap_remove(index);
        if let Some(&moved) = self.joined.get(index) {
            self.sessions[moved].joined_index = index;
        }
    }

    /// The end of a session, whatever it was at.
    pub(super) fn remove(&mut self, token: usize, reason: LeaveReason) {
        let Some(session) = self.sessions.get(token) else { return };
        match session.stage {
            Stage::Joined => self.leave_room(token, reason),
            Stage::Handshake(_) => {
                let address = session.member.address().clone();
                self.handshakes.end();
                if reason != LeaveReason::ServerStopped {
                    self.tell_of_failure(&address, ": it broke off");
                }
            }
            Stage::Authorizing | Stage::Closing { .. } => {}
        }
        self.sessions.remove(token);
    }

    pub(super) fn sound_alarms(&mut self) {
        while let Some((session, alarm)) = self.timers.expired(self.now) {
            if !self.is_current(session) {
                continue;
            }
            match alarm {
                Alarm::Handshake if self.is_shaking_hands(session) => self.check_handshake(session),
                Alarm::Handshake => {}
                Alarm::Write => self.check_progress(session.token),
                Alarm::Pace => self.check_pace(session.token),
                Alarm::Ping => self.check_pulse(session),
                Alarm::Idle => self.check_idle(session),
                Alarm::Throttle => self.unthrottle(session.token),
                Alarm::Linger => self.doomed.push((session.token, LeaveReason::Closed)),
            }
        }
        if self.timers.is_crowded() {
            let mut timers = std::mem::take(&mut self.timers);
            timers.tidy(|session| self.is_current(session));
            self.timers = timers;
        }
        self.tell_of_strangers();
        self.publish();
        self.flush_dirty();
    }

    /// Half a second after it came, and when its time is up.
    fn check_handshake(&mut self, session: SessionRef) {
        let current = &mut self.sessions[session.token];
        // It has said nothing since it came.
        let end = current.last_message + self.room.options.handshake_timeout;
        if end <= self.now {
            return self.fail_handshake(session.token, ": it took too long");
        }
        let silent = current.member.counters.bytes_in.get() == 0;
        if let Stage::Handshake(handshake) = &current.stage
            && silent
        {
            let reminder = handshake.reminder();
            self.say_privately(session.token, Bytes::from_static(reminder));
        }
        self.timers.set(end, session, Alarm::Handshake);
    }

    fn check_pulse(&mut self, session: SessionRef) {
        let (interval, timeout) = (self.room.options.ping_interval, self.room.options.ping_timeout);
        let current = &mut self.sessions[session.token];
        if !current.is_joined() {
            return;
        }
        if current.pinged && !current.has_more_to_say() {
            return self.close(session.token, LeaveReason::Unresponsive);
        }
        if current.has_more_to_say() {
            current.last_heard = self.now;
        }
        let due = current.last_heard + interval;
        if due > self.now {
            return self.timers.set(due, session, Alarm::Ping);
        }
        current.pinged = true;
        self.tell(session.token, "", &json!({"type": "ping"}));
        self.timers.set(self.now + timeout, session, Alarm::Ping);
    }

    fn check_idle(&mut self, session: SessionRef) {
        let current = &self.sessions[session.token];
        if !current.is_joined() {
            return;
        }
        let due: Instant = current.last_message + self.room.options.idle_timeout;
        if due > self.now {
            return self.timers.set(due, session, Alarm::Idle);
        }
        self.close(session.token, LeaveReason::Idle);
    }
}

/// The rate that applies to this member, if any.
fn rate_of(rate: &Option<Rate>, member: &Member) -> Option<Rate> {
    let rate = match rate {
        Some(rate) => *rate,
        None if member.address().is_local() => Rate::UNLIMITED,
        None => Rate::STRANGERS,
    };
    (rate.per_second > 0.0).then_some(rate)
}
