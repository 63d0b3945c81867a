//! A small server of several peers and its clients, with a clock that jumps to whatever happens next.

use std::io::IoSlice;
use std::ops::Range;

use bytes::Bytes;

use super::pipe::Pipe;
use super::*;
use crate::peer::{Rate, Unsent};

/// More rounds than can be of use at one moment.
const ENDLESS_ROUNDS: usize = 10_000;

/// How a client and its connection behave.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    pub(super) latency: Duration,
    /// Bytes that are on the way in one direction.
    pub(super) capacity: usize,
    /// How much of it the server reads at a time.
    pub(super) piece: usize,
    /// What it says, and when: milliseconds.
    pub(super) says: Vec<(u64, String)>,
    /// When it reads nothing: milliseconds.
    pub(super) deaf: Range<u64>,
    pub(super) answers_pings: bool,
    pub(super) rate: Option<Rate>,
}

/// One connection, with both of its ends.
pub(super) struct Line {
    habits: Habits,
    peer: Peer,
    inward: Pipe,
    outward: Pipe,
    /// What the client has yet to send.
    unsent: Vec<u8>,
    /// What the client has read.
    pub(super) read: String,
    /// When its connection went, and why.
    pub(super) gone: Option<(Moment, LeaveReason)>,
    /// What the room had said when it left.
    pub(super) left_at: Option<usize>,
}

/// A room in which every line is said to all, the speaker included.
pub(super) struct World {
    pub(super) rules: Rules,
    pub(super) now: Moment,
    pub(super) lines: Vec<Line>,
    /// Everything that was said.
    pub(super) said: String,
}

impl Line {
    fn new(habits: Habits) -> Line {
        let mut peer = Peer::new(at(0));
        peer.admit(habits.rate, at(0));
        let (inward, outward) =
            (Pipe::new(habits.capacity, habits.latency), Pipe::new(habits.capacity, habits.latency));
        Line { habits, peer, inward, outward, unsent: Vec::new(), read: String::new(), gone: None, left_at: None }
    }

    fn is_deaf(&self, now: Moment) -> bool {
        at(self.habits.deaf.start) <= now && now < at(self.habits.deaf.end)
    }

    /// The client's side: sends and reads; whether anything has moved.
    fn live(&mut self, now: Moment) -> bool {
        let due = self.habits.says.iter().take_while(|(time, _)| at(*time) <= now).count();
        for (_, text) in self.habits.says.drain(..due) {
            self.unsent.extend_from_slice(text.as_bytes());
        }
        let sent = self.inward.offer(&self.unsent, now);
        self.unsent.drain(..sent);
        let heard = if self.is_deaf(now) { Vec::new() } else { self.outward.take(usize::MAX, now) };
        if self.habits.answers_pings && heard.windows(5).any(|bytes| bytes == b"PING\n") {
            self.unsent.extend_from_slice(b"\n");
        }
        self.read.push_str(std::str::from_utf8(&heard).unwrap());
        sent > 0 || !heard.is_empty()
    }

    /// Sends what waits; whether anything has moved.
    fn flush(&mut self, now: Moment) -> bool {
        let mut has_moved = false;
        while self.peer.has_output() && self.outward.room() > 0 {
            let mut places = [IoSlice::new(&[]); 3];
            let count = self.peer.waiting(&mut places);
            let bytes: Vec<u8> = places[..count].iter().flat_map(|place| place.to_vec()).collect();
            let sent = self.outward.offer(&bytes, now);
            self.peer.sent(sent, sent < bytes.len(), now);
            has_moved |= sent > 0;
        }
        if self.peer.has_output() && !self.peer.is_blocked() {
            self.peer.sent(0, true, now);
        }
        if self.peer.must_end_sending() {
            self.peer.end_sending();
            has_moved = true;
        }
        if self.peer.is_closing() && !self.peer.has_output() && self.outward.is_empty() {
            self.go(now, LeaveReason::Closed);
        }
        has_moved
    }

    fn go(&mut self, now: Moment, reason: LeaveReason) {
        self.gone.get_or_insert((now, reason));
    }

    /// When something happens to it next.
    fn next(&self, now: Moment, rules: &Rules) -> Option<Moment> {
        let words = self.habits.says.first().map(|(time, _)| at(*time));
        let wake = self.is_deaf(now).then(|| at(self.habits.deaf.end));
        let read = wake.or_else(|| self.outward.next());
        let (heard, timeout) = match self.gone {
            None => (self.inward.next().filter(|_| self.peer.may_be_read(rules)), self.peer.next_timeout(rules)),
            Some(_) => (None, None),
        };
        [words, read, heard, timeout].into_iter().flatten().min()
    }
}

impl World {
    pub(super) fn new(rules: Rules, habits: impl IntoIterator<Item = Habits>) -> World {
        World { rules, now: at(0), lines: habits.into_iter().map(Line::new).collect(), said: String::new() }
    }

    /// Lives until nothing more happens, or until then.
    pub(super) fn run(&mut self, end: Moment) {
        while self.now <= end {
            let rounds = (0..ENDLESS_ROUNDS).take_while(|_| self.turn()).count();
            assert!(rounds < ENDLESS_ROUNDS, "without end at {:?}", self.now);
            let Some(next) = self.lines.iter().filter_map(|line| line.next(self.now, &self.rules)).min() else {
                return;
            };
            assert!(next > self.now, "{next:?} passed unnoticed at {:?}", self.now);
            self.now = next;
        }
    }

    /// One turn of everybody; whether anything has happened in it.
    fn turn(&mut self) -> bool {
        let now = self.now;
        let mut has_moved = false;
        for index in 0..self.lines.len() {
            has_moved |= self.lines[index].live(now);
            if self.lines[index].gone.is_none() {
                has_moved |= self.listen(index);
            }
        }
        for line in self.lines.iter_mut().filter(|line| line.gone.is_none()) {
            has_moved |= line.flush(now);
        }
        for index in 0..self.lines.len() {
            has_moved |= self.lines[index].gone.is_none() && self.look_at(index);
        }
        has_moved
    }

    fn listen(&mut self, index: usize) -> bool {
        let (now, line) = (self.now, &mut self.lines[index]);
        if !line.peer.may_be_read(&self.rules) {
            return false;
        }
        let bytes = if line.peer.has_more() { Vec::new() } else { line.inward.take(line.habits.piece, now) };
        let events = match bytes.is_empty() {
            true => resume(&mut line.peer, &self.rules, now),
            false => hear(&mut line.peer, &bytes, &self.rules, now),
        };
        let has_moved = !bytes.is_empty() || !events.is_empty();
        for event in events {
            match event {
                Event::Message(text) if text.is_empty() => {}
                Event::Message(text) if text == b"quit" => self.dismiss(index, LeaveReason::Quit),
                Event::Message(text) => self.say(index, &text),
                event => panic!("{event:?}"),
            }
        }
        has_moved
    }

    fn say(&mut self, speaker: usize, text: &[u8]) {
        assert!(self.lines[speaker].left_at.is_none(), "heard after it had left");
        let text = format!("{}\n", String::from_utf8_lossy(text));
        self.said.push_str(&text);
        self.lines[speaker].peer.speak(self.now);
        let chunk = Bytes::from(text);
        for line in self.lines.iter_mut().filter(|line| line.gone.is_none()) {
            if line.peer.push([chunk.clone()], &self.rules) == Err(Unsent::Full) {
                line.go(self.now, LeaveReason::TooSlow);
            }
        }
    }

    fn dismiss(&mut self, index: usize, reason: LeaveReason) {
        let (said, line) = (self.said.len(), &mut self.lines[index]);
        line.left_at.get_or_insert(said);
        line.peer.leave();
        line.peer.close([Bytes::from(format!("bye: {reason}\n"))], Some(self.now + LINGER));
    }

    /// Does what is due for one of them; whether that was anything.
    fn look_at(&mut self, index: usize) -> bool {
        let (now, line) = (self.now, &mut self.lines[index]);
        let unread = line.inward.next().is_some_and(|arrival| arrival <= now);
        let Some(due) = line.peer.timeout(now, &self.rules, unread) else { return false };
        match due {
            Due::Ping => line.peer.push([Bytes::from("PING\n")], &self.rules).unwrap(),
            Due::Dismiss(reason) => self.dismiss(index, reason),
            Due::Gone(reason) => line.go(now, reason),
            Due::Resume | Due::Alarm | Due::Reminder | Due::HandshakeOver => {}
        }
        true
    }

    /// The most that waits for anybody, in bytes with what it costs to keep them.
    pub(super) fn greatest_outbox(&self) -> usize {
        self.lines.iter().map(|line| line.peer.outbox_cost()).max().unwrap_or(0)
    }
}
