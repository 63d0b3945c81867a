//! Any life of a peer, and what has to be true of it at every moment.

use std::io::IoSlice;
use std::time::Duration;

use bytes::Bytes;

use crate::frame::Framing;
use crate::peer::{Due, Heard, LINGER, Moment, Peer, Piece, Rate, Reading, Rules};

const LIMIT: usize = 2048;
const FAREWELL: &[u8] = b"bye";

/// More things than can be due at one moment.
const ENDLESS: usize = 16;

/// Lives the life that `input` tells: each step begins with two bytes, what happens and how much.
pub fn peer_life(input: &[u8]) {
    let Some(([first, second], mut input)) = input.split_first_chunk() else { return };
    let mut life = Life::new(Framing::ALL[usize::from(first % 4)], *second);
    while let Some(([kind, amount], rest)) = input.split_first_chunk::<2>() {
        let length = usize::from(*amount).min(rest.len());
        let (bytes, rest) = rest.split_at(if kind.is_multiple_of(8) { length } else { 0 });
        input = rest;
        life.step(*kind, *amount, bytes);
        if !life.look() {
            return;
        }
    }
    life.end();
}

struct Life {
    peer: Peer,
    rules: Rules,
    now: Moment,
    owed: Vec<u8>,
    sent: usize,
    has_left: bool,
}

impl Life {
    fn new(framing: Framing, times: u8) -> Life {
        let seconds = |number: u8| (!number.is_multiple_of(4)).then(|| Duration::from_secs(u64::from(number % 4)));
        let rules = Rules {
            framing,
            is_raw: false,
            message_limit: 256,
            long: None,
            outbox_limit: LIMIT,
            profile: None,
            handshake_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(2),
            ping_interval: seconds(times),
            ping_timeout: Duration::from_secs(1),
            idle_timeout: seconds(times / 4),
        };
        let now = Moment::BEGINNING;
        Life { peer: Peer::new(now), rules, now, owed: Vec::new(), sent: 0, has_left: false }
    }

    fn step(&mut self, kind: u8, amount: u8, bytes: &[u8]) {
        let time = Duration::from_millis(u64::from(amount) * 20);
        match kind % 8 {
            0 => self.hear(bytes),
            1 => self.now = self.now + time,
            2 => self.now = self.peer.next_timeout(&self.rules).unwrap_or(self.now),
            3 => self.push(usize::from(amount) * 4),
            4 => self.take(usize::from(amount) * 8),
            5 => self
                .peer
                .admit(amount.is_multiple_of(2).then_some(Rate { burst: 2, per_second: f64::from(amount) }), self.now),
            6 if amount.is_multiple_of(4) => self.leave(),
            6 => self.peer.set_alarm(amount.is_multiple_of(2).then(|| self.now + time)),
            _ if amount.is_multiple_of(8) => self.close(amount.is_multiple_of(16).then(|| self.now + time)),
            _ => self.peer.throttle(self.now + time),
        }
        assert_eq!(self.peer.outbox_bytes(), self.owed.len() - self.sent, "bytes are lost, or made up");
        assert!(self.peer.outbox_cost() <= LIMIT + 4 * 256 + 256, "more waits than may");
    }

    fn hear(&mut self, bytes: &[u8]) {
        match self.peer.hear(bytes, &self.rules, self.now) {
            Heard::Messages(reading) => self.converse(reading),
            Heard::Nothing => {}
            Heard::Proved(_) | Heard::Refused(_) => unreachable!("nobody asks for a proof"),
        }
    }

    fn converse(&mut self, mut reading: Reading<'_>) {
        let paused = loop {
            if !self.peer.may_be_read(&self.rules) {
                break true;
            }
            match self.peer.next(&mut reading, &self.rules, self.now) {
                Piece::Nothing => break false,
                Piece::Throttled => break true,
                Piece::Message(range) => {
                    assert!(!self.has_left, "heard after it has left");
                    assert!(reading.bytes(range).len() <= self.rules.message_limit, "too long");
                    if !self.peer.reads_anew(&mut reading, &self.rules) {
                        reading.take();
                    }
                }
                Piece::Refused(_, None) => {}
                Piece::Refused(_, Some(_)) | Piece::Stranger(..) | Piece::Endless => {
                    reading.drop_rest();
                    self.leave();
                    break false;
                }
            }
        };
        self.peer.finish(reading, paused, &self.rules);
    }

    fn push(&mut self, length: usize) {
        let chunk: Bytes = (0..length).map(|index| ((self.owed.len() + index) % 251) as u8).collect();
        let takes = self.peer.is_open();
        match self.peer.push([chunk.clone()], &self.rules) {
            Ok(()) => self.owed.extend_from_slice(&chunk),
            Err(_) => assert!(!takes || self.peer.outbox_cost() > LIMIT, "refused without need"),
        }
        if !self.peer.is_blocked() {
            self.take(length / 2);
        }
    }

    fn take(&mut self, most: usize) {
        let mut places = [IoSlice::new(&[]); 4];
        let count = self.peer.waiting(&mut places);
        let mut bytes: Vec<u8> = places[..count].iter().flat_map(|place| place.to_vec()).collect();
        let full = most < bytes.len();
        bytes.truncate(most);
        self.peer.sent(bytes.len(), full, self.now);
        assert!(self.owed[self.sent..].starts_with(&bytes), "out of order");
        self.sent += bytes.len();
    }

    fn leave(&mut self) {
        self.has_left |= self.peer.is_open();
        self.peer.leave();
    }

    fn close(&mut self, until: Option<Moment>) {
        if !self.peer.is_closing() {
            self.has_left = true;
            self.owed.extend_from_slice(FAREWELL);
            self.peer.close([Bytes::from_static(FAREWELL)], until);
        }
    }

    /// Does what is due; false when the peer is gone.
    fn look(&mut self) -> bool {
        let is_early = self.peer.next_timeout(&self.rules).is_none_or(|next| next > self.now);
        for count in 0.. {
            assert!(count < ENDLESS, "without end");
            let Some(due) = self.peer.timeout(self.now, &self.rules, false) else { break };
            assert!(!is_early, "too early: {due:?}");
            match due {
                Due::Gone(_) => return false,
                Due::Dismiss(_) => self.close(Some(self.now + LINGER)),
                _ => {}
            }
        }
        assert!(self.peer.next_timeout(&self.rules).is_none_or(|next| next > self.now), "passed unnoticed");
        if self.peer.may_be_read(&self.rules)
            && let Some(reading) = self.peer.resume()
        {
            self.converse(reading);
        }
        true
    }

    /// It is sent away, and reads everything.
    fn end(&mut self) {
        let has_time = self.peer.is_closing();
        self.close(None);
        while self.peer.has_output() {
            self.take(usize::MAX);
        }
        assert!(self.sent == self.owed.len() && self.owed.ends_with(FAREWELL), "the farewell is the last word");
        assert!(has_time || self.peer.next_timeout(&self.rules).is_none(), "a timer is left");
    }
}
