//! One connection of a server, from accept to close.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::admission::Permit;
use super::event::LeaveReason;
use super::inbox::SessionRef;
use super::member::Member;
use super::options::Rate;
use super::outbox::Outbox;
use super::telnet::Telnet;
use super::wire::Signature;
use crate::auth::Handshake;
use crate::frame::Skip;
use crate::net::Stream;

/// How far a connection has come.
pub(super) enum Stage {
    Handshake(Box<Handshake>),
    /// The embedder is being asked whether it may join.
    Authorizing,
    Joined,
    /// Its farewell is on the way; what it still sends is thrown away.
    Closing {
        /// The sending direction is ended; only the peer's end is awaited.
        ended: bool,
    },
}

pub(super) struct Session {
    pub(super) stream: Stream,
    pub(super) member: Arc<Member>,
    pub(super) stage: Stage,
    pub(super) signature: Signature,
    /// The beginning of a message whose end has not come yet.
    pub(super) carry: Vec<u8>,
    /// Bytes of `carry` known to hold no end of line.
    pub(super) scanned: usize,
    /// The rest of a message over the limit is being thrown away.
    pub(super) skip: Option<Skip>,
    /// What waits for it; filled by [`Session::enqueue`] alone.
    pub(super) outbox: Outbox,
    /// The place in the log at which it joined.
    pub(super) start: u64,
    /// Its index in the worker's list of joined sessions.
    pub(super) joined_index: usize,
    /// The kernel may have bytes for us.
    pub(super) readable: bool,
    /// `carry` may hold whole messages.
    pub(super) unparsed: bool,
    /// It has said nothing yet that shows what it speaks.
    pub(super) fresh: bool,
    /// There is telnet at the other end.
    pub(super) telnet: Option<Telnet>,
    /// What is in `carry` was read before that showed.
    pub(super) reread: bool,
    /// The peer has sent its last byte.
    pub(super) ended: bool,
    /// Stands in the worker's list of sessions to read.
    pub(super) queued_to_read: bool,
    /// The peer has ended its direction, so a short read is no sign that everything was read.
    pub(super) hung_up: bool,
    pub(super) throttled: bool,
    /// It has said its last word; it leaves when it has got what was said before.
    pub(super) leaving: bool,
    /// Has private output, and stands in the worker's list of sessions to flush.
    pub(super) dirty: bool,
    pub(super) write_alarm: bool,
    pub(super) pinged: bool,
    pub(super) bucket: Option<Bucket>,
    pub(super) burst: Burst,
    /// Much waits in its outbox; counted by the room.
    pub(super) behind: bool,
    pub(super) pace: ReadingPace,
    pub(super) last_heard: Instant,
    pub(super) last_message: Instant,
    /// When its connection last took something, or came to be full; of use while it is full.
    pub(super) last_progress: Instant,
    /// Held for its drop: the place at the door is free again.
    _permit: Permit,
}

impl Session {
    pub(super) fn new(
        stream: Stream,
        member: Arc<Member>,
        signature: Signature,
        permit: Permit,
        stage: Stage,
        now: Instant,
    ) -> Session {
        Session {
            signature,
            stream,
            member,
            stage,
            carry: Vec::new(),
            scanned: 0,
            skip: None,
            outbox: Outbox::default(),
            start: 0,
            joined_index: usize::MAX,
            readable: false,
            unparsed: false,
            fresh: true,
            telnet: None,
            reread: false,
            ended: false,
            queued_to_read: false,
            hung_up: false,
            throttled: false,
            leaving: false,
            dirty: false,
            write_alarm: false,
            pinged: false,
            bucket: None,
            burst: Burst::new(now),
            behind: false,
            pace: ReadingPace::default(),
            last_heard: now,
            last_message: now,
            last_progress: now,
            _permit: permit,
        }
    }

    pub(super) fn is_joined(&self) -> bool {
        matches!(self.stage, Stage::Joined)
    }

    pub(super) fn reference(&self, worker: usize, token: usize) -> SessionRef {
        SessionRef { worker, token, id: self.member.id() }
    }

    /// Throws away what it has sent and what was not heard yet.
    pub(super) fn forget_input(&mut self) {
        self.carry = Vec::new();
        (self.scanned, self.unparsed, self.throttled) = (0, false, false);
    }

    /// Keeps when its connection last took something: who comes to be blocked has all of its time from then on.
    pub(super) fn note_progress(&mut self, was_blocked: bool, moved: usize, now: Instant) {
        if self.outbox.blocked && (moved > 0 || !was_blocked) {
            self.last_progress = now;
        }
    }

    /// The only door to its outbox. Who is full there is too slow, and must go. What comes in one piece is judged by what
    /// waits before it: everybody gets a chance to read, even if one turn brings more than `limit`.
    pub(super) fn enqueue(&mut self, chunks: impl IntoIterator<Item = Bytes>, limit: usize) -> Result<(), Full> {
        // A handshake and a farewell are short, and end by themselves.
        if self.outbox.blocked && self.outbox.cost() > limit && self.is_joined() {
            return Err(Full);
        }
        chunks.into_iter().for_each(|chunk| self.outbox.push(chunk));
        Ok(())
    }

    /// Bytes that the peer's side has taken since the beginning.
    fn taken(&self) -> u64 {
        self.member.bytes_out().saturating_sub(self.stream.unacknowledged() as u64)
    }

    /// Looks, once in [`ReadingPace::PERIOD`] while it is watched, at what the peer has taken.
    pub(super) fn judge_pace(&mut self, outbox_limit: usize) {
        let taken = self.taken();
        self.pace.judge(taken, outbox_limit);
    }

    pub(super) fn watch_pace(&mut self) {
        self.pace.watched = true;
        self.pace.taken = self.taken();
    }

    /// Whether it has sent something that was left for later, which shows that it lives.
    pub(super) fn has_more_to_say(&self) -> bool {
        self.readable || self.unparsed || self.throttled
    }

    /// Who does not read is not read either: a sender that ignores the room must not drown in its own echo.
    pub(super) fn may_be_read(&self, outbox_limit: usize) -> bool {
        !self.throttled
            && !self.leaving
            && !matches!(self.stage, Stage::Authorizing)
            && self.outbox.cost() <= outbox_limit / 2
    }
}

/// More waits for a member than may.
#[derive(Debug)]
pub(super) struct Full;

/// Whether a member that is behind reads on, so that an embedder in haste waits for it.
#[derive(Default)]
pub(super) struct ReadingPace {
    /// The embedder waits for it; counted by the room.
    pub(super) awaited: bool,
    /// An alarm is set for the next look.
    pub(super) watched: bool,
    /// It did not read when it was waited for; nobody waits for it until it has read everything.
    pub(super) lapsed: bool,
    taken: u64,
    misses: u32,
}

impl ReadingPace {
    pub(super) const PERIOD: Duration = Duration::from_secs(1);

    /// A process that was stopped for a while finds one period over before anybody could read.
    const MISSES: u32 = 2;

    /// What must be taken in a period, whatever the limit of the outbox.
    const ENOUGH: usize = 64 * 1024;

    fn judge(&mut self, taken: u64, outbox_limit: usize) {
        let enough = ReadingPace::ENOUGH.min(outbox_limit / 4) as u64;
        self.misses = if taken >= self.taken + enough { 0 } else { self.misses + 1 };
        self.taken = taken;
        self.lapsed = self.misses >= ReadingPace::MISSES;
    }

    /// It has read everything.
    pub(super) fn clear(&mut self) {
        (self.misses, self.lapsed) = (0, false);
    }
}

/// How a piece of work with a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Continue,
    /// Stop reading for now: the member is over its rate.
    Throttle,
    /// There is telnet in it: take that out and read it again.
    Telnet,
    /// The session ends in good order, with a farewell.
    Close(LeaveReason),
}

/// The token bucket of one member.
pub(super) struct Bucket {
    rate: Rate,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn new(rate: Rate, now: Instant) -> Bucket {
        Bucket { rate, tokens: f64::from(rate.burst), filled: now }
    }

    /// Takes a token, or says when there will be one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let earned = now.saturating_duration_since(self.filled).as_secs_f64() * self.rate.per_second;
        self.tokens = (self.tokens + earned).min(f64::from(self.rate.burst));
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - self.tokens) / self.rate.per_second;
        Err(now + Duration::from_secs_f64(wait.min(3600.0)))
    }
}

/// How much one member says in a moment. It matters only while another one is behind: who floods the room then waits
/// for it, at a rate that no person and few programs reach, so that members that do read are not cut off for it.
pub(super) struct Burst {
    start: Instant,
    bytes: usize,
}

impl Burst {
    const MOMENT: Duration = Duration::from_millis(10);
    const SHARE: usize = 64 * 1024;

    pub(super) fn new(now: Instant) -> Burst {
        Burst { start: now, bytes: 0 }
    }

    /// Counts what was said, as the room gets it.
    pub(super) fn add(&mut self, bytes: usize, now: Instant) {
        if now.saturating_duration_since(self.start) >= Burst::MOMENT {
            *self = Burst::new(now);
        }
        self.bytes += bytes;
    }

    /// When the member may go on, if it has said its share of this moment: less where outboxes are small.
    pub(super) fn ends(&self, now: Instant, outbox_limit: usize) -> Option<Instant> {
        let end = self.start + Burst::MOMENT;
        (self.bytes > Burst::SHARE.min(outbox_limit / 16) && end > now).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_a_burst_pass_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate { burst: 3, per_second: 10.0 }, start);
        assert!((0..3).all(|_| bucket.take(start).is_ok()));
        let again = bucket.take(start).unwrap_err();
        assert!(again > start && again <= start + Duration::from_millis(101));
        assert!(bucket.take(again + Duration::from_millis(1)).is_ok());
        let much_later = start + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| bucket.take(much_later).is_ok()).count(), 3);
    }

    #[test]
    fn a_share_of_a_moment_is_less_where_outboxes_are_small() {
        let now = Instant::now();
        let mut burst = Burst::new(now);
        burst.add(10_000, now);
        assert_eq!(burst.ends(now, 1 << 20), None);
        assert_eq!(burst.ends(now, 64 * 1024), Some(now + Burst::MOMENT));
    }

    #[test]
    fn who_takes_too_little_twice_is_not_waited_for_until_it_has_read_all() {
        let (mut pace, limit) = (ReadingPace::default(), 64 * 1024);
        let mut judge = |taken| {
            pace.judge(taken, limit);
            pace.lapsed
        };
        assert!(!judge(16_384) && !judge(16_385) && !judge(32_769));
        assert!(!judge(32_770) && judge(32_771) && judge(32_772));
        pace.clear();
        assert!(!pace.lapsed);
    }
}
