//! Peers that speak something else than the room does. What a session says first shows it; after that nobody looks.

use super::Worker;
use crate::auth;
use crate::chat::event::LeaveReason;
use crate::chat::session::Stage;
use crate::chat::stats::Totals;
use crate::chat::telnet::Telnet;
use crate::frame::Framing;
use crate::net::{Address, Stream};
use crate::opening::{Opening, begins_http_request, http_answer};
use crate::{Error, Status};

/// What Windows' programs write before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What the beginning of a session shows.
pub(super) enum Meeting {
    /// It speaks as the room does, from this byte on.
    Known(usize),
    /// There is not enough of it yet.
    Unknown,
    /// It does not, and was shown out.
    Stranger,
}

impl Worker {
    /// Looks at the first bytes of a session, all that have come of them.
    pub(super) fn meet(&mut self, token: usize, bytes: &[u8]) -> Meeting {
        let is_line = self.room.wire.is_line();
        let opening = Opening::of(bytes);
        // Servers of HTTP put up with blank lines before a request.
        let behind_blanks = || Opening::of(bytes.trim_ascii_start()).filter(|_| is_line);
        if let Some(opening) = [opening, behind_blanks()].into_iter().flatten().find(|found| self.is_strange(*found)) {
            self.show_out(token, opening);
            return Meeting::Stranger;
        }
        if !is_line {
            return self.meet_frames(token, bytes, opening);
        }
        let mark = common_prefix(bytes, BYTE_ORDER_MARK);
        if mark == bytes.len() {
            return Meeting::Unknown;
        }
        let start = if mark == BYTE_ORDER_MARK.len() { mark } else { 0 };
        let first = bytes[start..].iter().position(|byte| !byte.is_ascii_whitespace());
        self.sessions[token].fresh = first.is_none_or(|first| !bytes[start + first..].contains(&b'\n'));
        Meeting::Known(start)
    }

    fn meet_frames(&mut self, token: usize, bytes: &[u8], opening: Option<Opening>) -> Meeting {
        let options = &self.room.options;
        let Err(error) = options.framing.split(bytes, options.message_limit(), 0) else {
            self.sessions[token].fresh = bytes.len() < SHORTEST_HANDSHAKE;
            return Meeting::Known(0);
        };
        let own = Opening::Frames(if options.framing == Framing::U32Le { Framing::U32Le } else { Framing::U32Be });
        let Some(opening) = opening.filter(|opening| *opening != own) else { return Meeting::Known(0) };
        let text = format!("{error}; you sent {opening}, and {}", self.here());
        self.complain(token, &Error::new(error.status(), text));
        self.tell_of_stranger(token, opening);
        self.part(token, LeaveReason::ProtocolViolation);
        Meeting::Stranger
    }

    /// Reads what has come with the connection itself; browsers are that quick. Returns how much is in the buffer.
    pub(super) fn hear_early(&mut self, stream: &Stream) -> usize {
        let options = &self.room.options;
        // Where nobody hears of a newcomer there is time until its first line.
        let is_told = options.announce || options.authorize || self.room.events.are_wanted();
        if !self.room.wire.is_line() || options.auth.is_some() || !is_told {
            return 0;
        }
        // An error or the end is met again by who reads on.
        stream.try_recv(&mut self.buffer).unwrap_or(0)
    }

    /// Whether a newcomer to whom those first bytes of the buffer belong is a stranger, and was shown out before it joined:
    /// then no hook ever hears of it. Otherwise they are its own.
    pub(super) fn meet_early(&mut self, token: usize, early: usize) -> bool {
        let bytes = &self.buffer[..early];
        let opening = Opening::of(bytes).filter(|opening| self.is_strange(*opening));
        let session = &mut self.sessions[token];
        session.readable = early == self.buffer.len();
        session.member.counters.bytes_in.add(early as u64);
        Totals::add(&self.room.totals.bytes_in, early as u64);
        let Some(opening) = opening else {
            session.carry.extend_from_slice(bytes);
            return false;
        };
        session.stage = Stage::Closing { ended: false };
        self.tell_stranger(token, opening);
        self.bid_farewell(token);
        true
    }

    fn is_strange(&self, opening: Opening) -> bool {
        if self.room.wire.is_line() { opening.is_no_line() } else { opening.is_handshake() }
    }

    fn show_out(&mut self, token: usize, opening: Opening) {
        self.tell_stranger(token, opening);
        self.part(token, LeaveReason::ProtocolViolation);
    }

    /// Tells a stranger where it is, in its own language if that is HTTP.
    fn tell_stranger(&mut self, token: usize, opening: Opening) {
        let here = self.here();
        if opening == Opening::HttpRequest && self.room.wire.is_line() {
            self.say_privately(token, http_answer(&here).into());
        } else {
            let text = format!("you sent {opening}; {here}");
            self.complain(token, &Error::new(Status::ProtocolViolation, text));
        }
        self.tell_of_stranger(token, opening);
    }

    /// Whether the first line, of which too much has come without an end, is a request; then it is answered.
    pub(super) fn meet_endless_request(&mut self, token: usize, bytes: &[u8]) -> bool {
        let fresh = std::mem::take(&mut self.sessions[token].fresh);
        let met = fresh && self.room.wire.is_line() && begins_http_request(bytes);
        if met {
            self.tell_stranger(token, Opening::HttpRequest);
        }
        met
    }

    /// What listens here, in a few words.
    fn here(&self) -> String {
        let secret = if self.room.options.auth.is_some() { "" } else { ", without a secret" };
        match self.room.options.framing {
            Framing::Line => format!("this is line chat: lines of UTF-8 text{secret}"),
            framing => format!("this is message chat: JSON objects in frames (framing {framing}){secret}"),
        }
    }

    fn tell_of_stranger(&mut self, token: usize, opening: Opening) {
        let address = self.sessions[token].member.address();
        let due = self.room.strangers.met(self.now, address, format!("sent {opening}; {}", self.here()));
        self.gathering = due.or(self.gathering);
    }

    /// What else than a handshake of the server's profile those first bytes of a newcomer are.
    pub(super) fn stranger(&self, bytes: &[u8]) -> Option<Opening> {
        let profile = self.room.options.auth.as_ref()?.profile();
        auth::stranger(profile, bytes)
    }

    /// Counts and tells a handshake that has failed.
    pub(super) fn tell_of_failure(&mut self, address: &Address, why: &str) {
        Totals::add(&self.room.totals.authentication_failed, 1);
        let due = self.room.strangers.failed(self.now, address, why, &self.room.events);
        self.gathering = due.or(self.gathering);
    }

    /// Tells what was held back of strangers, once its time has come.
    pub(super) fn tell_of_strangers(&mut self) {
        if self.gathering.is_some_and(|due| due <= self.now) {
            self.gathering = None;
            self.room.strangers.collect(self.now, &self.room.events);
        }
    }

    /// Whether a line without an end ends as telnet's lines may.
    pub(super) fn ends_as_in_telnet(&self, token: usize, bytes: &[u8]) -> bool {
        bytes.last() == Some(&0) && self.sessions[token].telnet.is_none() && Telnet::is_met(bytes)
    }

    /// There is telnet from this byte on; what has come is to be read again without its commands.
    pub(super) fn begin_telnet(&mut self, token: usize, used: usize) -> usize {
        let session = &mut self.sessions[token];
        (session.telnet, session.reread, session.scanned) = (Some(Telnet::default()), true, 0);
        used
    }

    pub(super) fn take_telnet_out(&mut self, token: usize) {
        let session = &mut self.sessions[token];
        session.reread = false;
        if !matches!(session.stage, Stage::Joined) {
            return;
        }
        let carry = std::mem::take(&mut session.carry);
        // The filter sees it as if it had just come.
        self.parse(token, &carry);
    }
}

/// As many bytes show a handshake.
const SHORTEST_HANDSHAKE: usize = 16;

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
