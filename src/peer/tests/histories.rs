//! What holds at every moment of any life of a peer.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::peer::{Rate, Unsent};

const LIMIT: usize = 1024;

/// What the greatest piece costs that is pushed here.
const PIECE: usize = 3 * (300 + 64);

/// Of which peers say parts.
const TEXT: &str = "one\ntwo words\n\nthree\na longer line than those\nx\n\n\nand the end\n";

const FAREWELL: &[u8] = b"bye";

/// Something that happens to a peer.
#[derive(Debug, Clone)]
enum Step {
    /// These bytes come of it.
    Bytes(&'static str),
    /// So many milliseconds pass.
    Pass(u64),
    /// Time passes up to its next deadline.
    Wait,
    /// Chunks of these lengths are pushed, and the kernel takes so much.
    Push(Vec<usize>, usize),
    /// A shared buffer of that length is offered to the kernel, which takes so much.
    Offer(usize, usize),
    /// The kernel takes so much.
    Take(usize),
    Throttle(u64),
    Alarm(Option<u64>),
    Admit(Option<Rate>),
    Leave,
    Close(Option<u64>),
    End,
}

/// Numbers that are cheap to draw, as a step: thousands of lives are lived in a second.
fn step((kind, a, b): (u8, u16, u16)) -> Step {
    let (x, y) = (usize::from(a), usize::from(b));
    let time = u64::from(a % 3000);
    let amount = [0, usize::MAX, y % 50, y % 800][y % 4];
    match kind % 32 {
        0..6 => Step::Bytes(&TEXT[x % TEXT.len()..][..y % (TEXT.len() - x % TEXT.len())]),
        6..10 => Step::Pass(u64::from(a % 5000)),
        10..13 => Step::Wait,
        13..17 => Step::Push((0..1 + x % 3).map(|index| (x >> index) % 300).collect(), amount),
        17..19 => Step::Offer(1 + x % 300, amount),
        19..23 => Step::Take(amount),
        23..25 => Step::Throttle(time),
        25..27 => Step::Alarm((b % 2 == 0).then_some(time)),
        27 => Step::Admit(
            (b % 2 == 0).then(|| Rate { burst: 1 + u32::from(b % 3), per_second: 0.5 + f64::from(a % 100) }),
        ),
        28 => Step::Admit(None),
        29 => Step::Leave,
        30 => Step::Close((b % 2 == 0).then_some(time)),
        _ => Step::End,
    }
}

fn lives() -> impl Strategy<Value = (Rules, Vec<Step>)> {
    let seconds = |number: u8| (number < 128).then(|| Duration::from_secs(1 + u64::from(number) / 4));
    (any::<u8>(), any::<u8>(), vec(any::<(u8, u16, u16)>(), 0..60)).prop_map(move |(ping, idle, numbers)| {
        let (ping_interval, idle_timeout) = (seconds(ping), seconds(idle));
        let rules = Rules { ping_interval, idle_timeout, message_limit: usize::MAX / 2, ..rules(Framing::Line) };
        let admitted = (idle % 2 == 0).then_some(Step::Admit(None));
        (rules, admitted.into_iter().chain(numbers.into_iter().map(step)).collect())
    })
}

/// A peer, and what has to be true of it.
struct Life {
    peer: Peer,
    rules: Rules,
    now: Moment,
    /// All that was to be sent, and how much of it is.
    owed: Vec<u8>,
    sent: usize,
    /// All that has come before it left.
    came: String,
    heard: String,
    has_left: bool,
    /// It was dropped.
    is_over: bool,
}

impl Life {
    fn new(rules: Rules) -> Life {
        let (owed, came, heard) = (Vec::new(), String::new(), String::new());
        let (has_left, is_over) = (false, false);
        Life { peer: Peer::new(at(0)), rules, now: at(0), owed, sent: 0, came, heard, has_left, is_over }
    }

    fn may_be_heard(&self) -> bool {
        self.peer.is_asking() || (self.peer.is_open() && !self.has_left)
    }

    fn step(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Bytes(text) => self.hear(text),
            Step::Pass(time) => self.now = now + Duration::from_millis(time),
            Step::Wait => self.now = self.peer.next_timeout(&self.rules).unwrap_or(now),
            Step::Push(lengths, most) => self.push(&lengths, most),
            Step::Offer(length, most) if self.peer.is_clear() => {
                let chunk = self.chunk(length);
                self.owed.extend_from_slice(&chunk);
                let taken = most.min(length);
                self.sent += taken;
                if taken < length {
                    self.peer.keep_rest(&chunk, taken, now);
                }
            }
            Step::Offer(..) => {}
            Step::Take(most) => self.take(most),
            Step::Throttle(time) if !self.may_be_heard() => self.now = now + Duration::from_millis(time),
            Step::Throttle(time) => self.peer.throttle(now + Duration::from_millis(time)),
            Step::Alarm(time) => self.peer.set_alarm(time.map(|time| now + Duration::from_millis(time))),
            Step::Admit(rate) => self.peer.admit(rate, now),
            Step::Leave => {
                self.has_left |= self.peer.is_open();
                self.peer.leave();
            }
            Step::Close(time) => self.close(time.map(|time| now + Duration::from_millis(time))),
            Step::End => self.peer.end(),
        }
    }

    /// Bytes that no other chunk has at that place.
    fn chunk(&self, length: usize) -> Bytes {
        (self.owed.len()..self.owed.len() + length).map(|number| (number % 251) as u8).collect()
    }

    fn hear(&mut self, text: &str) {
        if self.may_be_heard() {
            self.came.push_str(text);
        }
        let events = hear(&mut self.peer, text.as_bytes(), &self.rules, self.now);
        self.note(events);
    }

    fn note(&mut self, events: Vec<Event>) {
        assert!(events.is_empty() || self.may_be_heard(), "{events:?} of who has left");
        for event in events {
            let Event::Message(text) = event else { panic!("{event:?}") };
            self.heard.push_str(std::str::from_utf8(&text).unwrap());
            self.heard.push('\n');
        }
    }

    fn push(&mut self, lengths: &[usize], most: usize) {
        let before = (self.peer.is_open(), self.peer.is_blocked(), self.peer.outbox_cost());
        let owed = self.owed.len();
        let chunks: Vec<Bytes> = lengths
            .iter()
            .map(|length| {
                let chunk = self.chunk(*length);
                self.owed.extend_from_slice(&chunk);
                chunk
            })
            .collect();
        let result = self.peer.push(chunks, &self.rules);
        match before {
            (false, ..) => assert_eq!(result, Err(Unsent::Refused)),
            (true, true, cost) if cost > LIMIT => assert_eq!(result, Err(Unsent::Full)),
            _ => assert_eq!(result, Ok(())),
        }
        if result.is_err() {
            self.owed.truncate(owed);
        } else if !self.peer.is_blocked() {
            self.take(most);
        }
    }

    fn take(&mut self, most: usize) {
        let bytes = take(&mut self.peer, most, self.now);
        assert_eq!(bytes, &self.owed[self.sent..self.sent + bytes.len()]);
        self.sent += bytes.len();
    }

    fn drain(&mut self) {
        while self.peer.has_output() {
            self.take(usize::MAX);
        }
    }

    fn close(&mut self, until: Option<Moment>) {
        if !self.peer.is_closing() {
            self.owed.extend_from_slice(FAREWELL);
            self.peer.close([Bytes::from_static(FAREWELL)], until);
        }
    }

    /// Does what is due, as often as there is something.
    fn look(&mut self) {
        let is_early = self.peer.next_timeout(&self.rules).is_none_or(|next| next > self.now);
        for count in 0.. {
            assert!(count < ENDLESS, "without end");
            let Some(due) = self.peer.timeout(self.now, &self.rules, false) else { break };
            assert!(!is_early, "too early: {due:?}");
            match due {
                Due::Dismiss(_) => self.close(Some(self.now + LINGER)),
                Due::Gone(_) => return self.is_over = true,
                Due::Ping => assert!(self.may_be_heard()),
                _ => {}
            }
        }
        assert!(self.peer.next_timeout(&self.rules).is_none_or(|next| next > self.now), "passed unnoticed");
        if self.peer.may_be_read(&self.rules) {
            let events = resume(&mut self.peer, &self.rules, self.now);
            self.note(events);
        }
    }

    fn check(&self) {
        assert_eq!(self.peer.outbox_bytes(), self.owed.len() - self.sent);
        assert!(self.peer.outbox_cost() <= LIMIT + PIECE + FAREWELL.len() + 64, "{}", self.peer.outbox_cost());
        assert!(self.came.starts_with(&self.heard), "{:?} of {:?}", self.heard, self.came);
        assert!(!self.peer.is_closing() || (!self.peer.has_more() && self.peer.has_said_nothing()));
    }

    /// Reads everything and waits for everything: nothing must be left.
    fn finish(&mut self) {
        self.peer.admit(None, self.now);
        for _ in 0..10_000 {
            self.drain();
            self.look();
            let held = self.peer.next_timeout(&self.rules).filter(|_| !self.peer.may_be_read(&self.rules));
            match held {
                Some(next) if !self.is_over && self.may_be_heard() => self.now = next,
                _ => break,
            }
        }
        if !self.is_over && self.may_be_heard() {
            let end = self.came.rfind('\n').map_or(0, |end| end + 1);
            assert_eq!(self.heard, self.came[..end]);
        }
        self.close(None);
        self.drain();
        assert_eq!(self.sent, self.owed.len());
        assert!(self.owed.ends_with(FAREWELL));
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn at_every_moment_of_any_life((rules, steps) in lives()) {
        let mut life = Life::new(rules);
        for step in steps {
            life.step(step);
            life.look();
            if life.is_over {
                break;
            }
            life.check();
        }
        if !life.is_over {
            life.finish();
        }
    }
}
