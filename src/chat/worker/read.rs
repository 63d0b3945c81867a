//! The reading half of a turn.

use std::borrow::Cow;
use std::io;
use std::mem;
use std::time::Instant;

use bytes::Bytes;

use super::Worker;
use super::strangers::Meeting;
use crate::chat::event::LeaveReason;
use crate::chat::events::Item;
use crate::chat::session::{Flow, Stage};
use crate::chat::stats::Totals;
use crate::chat::timers::Alarm;
use crate::frame::{Framing, Skip, Skipped};
use crate::opening::Opening;
use crate::{Error, Status};

/// How many bytes over its limit a message may have to be passed over; past it the session ends. As much as any framing
/// allows a message of by default: what claims more is most likely no length at all.
const MOST_SKIPPED: usize = 16 << 20;

impl Worker {
    /// Reads every ready session once.
    pub(super) fn read_ready(&mut self) {
        if self.stop.is_some() {
            return;
        }
        for _ in 0..self.ready.len() {
            let Some(token) = self.ready.pop_front() else { break };
            let Some(session) = self.sessions.get_mut(token) else { continue };
            session.queued_to_read = false;
            if session.may_be_read(self.room.options.outbox_limit) {
                if session.unparsed {
                    self.parse(token, &[])
                } else {
                    self.read(token)
                }
                self.queue_read(token);
            }
            if self.draft.len() >= self.batch_size {
                // Whoever has not had its turn is the first of the next one: no turn may say more than a member's
                // outbox can hold.
                break;
            }
        }
        self.bury();
    }

    /// Puts a session that may have something to read on the list for the next turn.
    pub(super) fn queue_read(&mut self, token: usize) {
        let Some(session) = self.sessions.get_mut(token) else { return };
        if (session.readable || session.unparsed) && !session.queued_to_read {
            session.queued_to_read = true;
            self.ready.push_back(token);
            // While nobody is read, sessions come and go, and leave theirs behind.
            if self.ready.len() > 2 * self.sessions.len() + 64 {
                self.tidy_ready();
            }
        }
    }

    /// Leaves one entry of each session that stands in the list.
    fn tidy_ready(&mut self) {
        let mut ready = mem::take(&mut self.ready);
        ready.retain(|token| {
            self.sessions.get_mut(*token).is_some_and(|session| mem::take(&mut session.queued_to_read))
        });
        ready.shrink_to(2 * ready.len());
        ready.iter().for_each(|token| self.sessions[*token].queued_to_read = true);
        self.ready = ready;
    }

    fn read(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        match session.stream.try_recv(&mut self.buffer) {
            Ok(0) => self.end_of_stream(token),
            Ok(count) => {
                // A stream that gave less than it was asked for is empty (epoll(7)), unless its end comes next.
                session.readable = count == self.buffer.len() || session.hung_up;
                let buffer = mem::take(&mut self.buffer);
                self.take_in(token, &buffer[..count]);
                self.buffer = buffer;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => session.readable = false,
            Err(_) => self.doom(token, LeaveReason::Lost),
        }
    }

    /// The peer sends no more. A member still gets what was said before, its own last words included.
    fn end_of_stream(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        (session.readable, session.ended) = (false, true);
        if session.is_joined() {
            self.part(token, LeaveReason::Closed);
        } else {
            self.doom(token, LeaveReason::Closed);
        }
    }

    fn doom(&mut self, token: usize, reason: LeaveReason) {
        self.sessions[token].readable = false;
        self.doomed.push((token, reason));
    }

    /// Hands received bytes to whatever the session is at.
    fn take_in(&mut self, token: usize, bytes: &[u8]) {
        Totals::add(&self.room.totals.bytes_in, bytes.len() as u64);
        let session = &mut self.sessions[token];
        let is_first = session.member.counters.bytes_in.get() == 0;
        session.member.counters.bytes_in.add(bytes.len() as u64);
        session.last_heard = self.now;
        session.pinged = false;
        match &mut session.stage {
            Stage::Handshake(handshake) => match handshake.receive(bytes) {
                Ok(used) => {
                    let output = handshake.output();
                    let complete = handshake.is_complete();
                    self.say_privately(token, output.into());
                    if complete {
                        self.sessions[token].carry.extend_from_slice(&bytes[used..]);
                        self.authenticated(token);
                    }
                }
                Err(_) => {
                    let (reminder, refusal) = (handshake.reminder(), handshake.output());
                    let opening = if is_first { self.stranger(bytes) } else { None };
                    if opening.is_some_and(Opening::may_be_ours) {
                        self.say_privately(token, Bytes::from_static(reminder));
                    }
                    self.say_privately(token, refusal.into());
                    let why = opening.map_or(String::new(), |opening| format!(": it sent {opening}"));
                    self.fail_handshake(token, &why);
                }
            },
            Stage::Joined => self.parse(token, bytes),
            Stage::Authorizing | Stage::Closing { .. } => {}
        }
    }

    /// Takes whole messages out of what was carried over and what has come.
    pub(super) fn parse(&mut self, token: usize, fresh: &[u8]) {
        let session = &mut self.sessions[token];
        session.unparsed = false;
        if !session.is_joined() || session.member.is_silenced() {
            return;
        }
        let text = match &mut session.telnet {
            None => Cow::Borrowed(fresh),
            Some(telnet) => telnet.filter(fresh),
        };
        let fresh = &*text;
        if session.carry.is_empty() {
            let used = self.parse_messages(token, fresh);
            self.sessions[token].carry.extend_from_slice(&fresh[used..]);
        } else {
            session.carry.extend_from_slice(fresh);
            let mut carry = mem::take(&mut session.carry);
            let used = self.parse_messages(token, &carry);
            if used == carry.len() {
                // An idle member keeps no buffer.
                carry = Vec::new();
            } else {
                carry.drain(..used);
            }
            self.sessions[token].carry = carry;
        }
        if self.sessions[token].reread {
            self.take_telnet_out(token);
        }
    }

    /// Whether this session has said enough for one turn: the batch is full, the embedder is behind, the session does
    /// not read what it is answered, or it floods a room in which somebody is behind.
    fn must_pause(&mut self, token: usize) -> bool {
        let session = &self.sessions[token];
        if self.draft.len() >= self.batch_size
            || session.outbox.cost() > self.room.options.outbox_limit / 2
            || self.room.events.is_full()
        {
            return true;
        }
        match session.burst.ends(self.now, self.room.options.outbox_limit) {
            Some(end) if self.room.somebody_is_behind() => {
                self.pause(token, end);
                true
            }
            _ => false,
        }
    }

    /// Leaves what the session says unread until then.
    fn pause(&mut self, token: usize, until: Instant) {
        let session = &mut self.sessions[token];
        session.throttled = true;
        let reference = session.reference(self.index, token);
        self.timers.set(until, reference, Alarm::Throttle);
    }

    /// Returns how many of `bytes` are dealt with.
    fn parse_messages(&mut self, token: usize, bytes: &[u8]) -> usize {
        let (framing, limit) = (self.room.options.framing, self.room.options.message_limit());
        let mut used = match self.sessions[token].fresh {
            false => 0,
            true => match self.meet(token, bytes) {
                Meeting::Known(used) => used,
                Meeting::Unknown => return 0,
                Meeting::Stranger => return bytes.len(),
            },
        };
        loop {
            if self.must_pause(token) {
                self.sessions[token].unparsed = used < bytes.len();
                return used;
            }
            if self.sessions[token].skip.is_some() {
                match self.skip(token, &bytes[used..]) {
                    Some(skipped) => used += skipped,
                    None => return bytes.len(),
                }
            }
            let scanned = mem::take(&mut self.sessions[token].scanned);
            let split = match framing.split(&bytes[used..], limit, scanned) {
                Ok(Some(split)) => split,
                Ok(None) if framing == Framing::Line && self.ends_as_in_telnet(token, &bytes[used..]) => {
                    return self.begin_telnet(token, used);
                }
                Ok(None) => {
                    self.sessions[token].scanned = bytes.len() - used;
                    return used;
                }
                Err(error) => match self.refuse_frame(token, &bytes[used..], &error) {
                    Flow::Continue => continue,
                    Flow::Throttle | Flow::Telnet => return used,
                    Flow::Close(reason) => {
                        self.part(token, reason);
                        return bytes.len();
                    }
                },
            };
            let payload = &bytes[used..][split.payload];
            match self.request(token, payload) {
                Flow::Continue => used += split.consumed,
                Flow::Throttle => return used,
                Flow::Telnet => return self.begin_telnet(token, used),
                Flow::Close(reason) => {
                    self.part(token, reason);
                    return bytes.len();
                }
            }
        }
    }

    /// What no frame can be taken from: one too long is answered and passed over, unless nobody knows where it ends.
    fn refuse_frame(&mut self, token: usize, bytes: &[u8], error: &Error) -> Flow {
        if self.meet_endless_request(token, bytes) {
            return Flow::Close(LeaveReason::ProtocolViolation);
        }
        let options = &self.room.options;
        let too_long = error.status() == Status::MessageTooLong;
        let most = options.message_limit().saturating_add(MOST_SKIPPED);
        let skip = too_long.then(|| Skip::begin(options.framing, bytes, most)).flatten();
        // Each of them counts as a message, so that nobody gets more answers than messages.
        if skip.is_some() && !self.within_rate(token) {
            return Flow::Throttle;
        }
        self.complain(token, error);
        self.sessions[token].skip = skip;
        match (&self.sessions[token].skip, too_long) {
            (Some(_), _) => Flow::Continue,
            (None, true) => Flow::Close(LeaveReason::MessageTooLong),
            (None, false) => Flow::Close(LeaveReason::ProtocolViolation),
        }
    }

    /// Passes over a message that was refused. Returns how many of `bytes` that takes; `None` when it has no end.
    fn skip(&mut self, token: usize, bytes: &[u8]) -> Option<usize> {
        let skip = &mut self.sessions[token].skip;
        match skip.as_mut().map_or(Skipped::Done(0), |skip| skip.pass(bytes)) {
            Skipped::Done(count) => {
                *skip = None;
                Some(count)
            }
            Skipped::More => Some(bytes.len()),
            Skipped::Endless => {
                self.part(token, LeaveReason::MessageTooLong);
                None
            }
        }
    }

    /// Nothing more is heard of this session; what it said before still goes round.
    pub(super) fn part(&mut self, token: usize, reason: LeaveReason) {
        let session = &mut self.sessions[token];
        session.leaving = true;
        let reference = session.reference(self.index, token);
        if self.room.options.filter {
            self.room.events.push_for_dispatcher(Item::Parting(reference, reason));
        } else {
            self.leavers.push((reference, reason));
        }
    }

    /// The pause of a member that was over its rate has ended.
    pub(super) fn unthrottle(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        session.throttled = false;
        session.unparsed = !session.carry.is_empty();
        self.queue_read(token);
    }

    /// Takes one message's worth out of the member's bucket.
    pub(super) fn within_rate(&mut self, token: usize) -> bool {
        let session = &mut self.sessions[token];
        let Some(bucket) = &mut session.bucket else { return true };
        match bucket.take(self.now) {
            Ok(()) => true,
            Err(again) => {
                self.pause(token, again);
                false
            }
        }
    }
}
