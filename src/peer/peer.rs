//! One connection.

use std::io::IoSlice;
use std::time::Duration;

use bytes::Bytes;

use super::answers::{Due, Heard, Unsent};
use super::carry::{Carry, Piece, Reading, strange};
use super::fault::Fault;
use super::liveness::{Liveness, Passed};
use super::outbox::Outbox;
use super::rate::Bucket;
use super::stage::{Newcomer, Stage};
use super::{LeaveReason, Moment, Rate, Rules};
use crate::auth::{self, Handshake, REMIND_AFTER};
use crate::opening::{Opening, TLS_REFUSED};

/// How long a farewell may take to be read. Closing at once would let the kernel throw it away when the peer has
/// sent something that nobody reads any more.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// A connection from accept to close, whatever the service. Whoever has it moves the bytes and tells the time.
pub(crate) struct Peer {
    outbox: Outbox,
    stage: Stage,
    carry: Carry,
    liveness: Liveness,
    bucket: Option<Bucket>,
    /// A byte of it has come.
    heard: bool,
    /// It has sent its last byte.
    ended: bool,
}

impl Peer {
    /// Somebody who has to prove nothing. It waits to be admitted.
    pub(crate) fn new(now: Moment) -> Peer {
        Peer {
            stage: Stage::Asking,
            outbox: Outbox::default(),
            carry: Carry::default(),
            liveness: Liveness::new(now),
            bucket: None,
            heard: false,
            ended: false,
        }
    }

    /// Somebody who has to prove a secret. What the server says first is in the outbox.
    pub(crate) fn shaking_hands(handshake: Handshake, rules: &Rules, now: Moment) -> Peer {
        let mut peer = Peer::new(now);
        peer.shake(handshake, now + rules.handshake_timeout, now);
        peer
    }

    /// Somebody whose channel has to be secured before anything of it is heard.
    pub(crate) fn securing(rules: &Rules, now: Moment) -> Peer {
        Peer { stage: Stage::Securing { until: now + rules.handshake_timeout }, ..Peer::new(now) }
    }

    /// Its channel is secured. With a handshake it has to prove a secret, in what is left of the time for both; without one
    /// it waits to be admitted.
    pub(crate) fn secured(&mut self, handshake: Option<Handshake>, now: Moment) {
        let Stage::Securing { until } = self.stage else { return };
        match handshake {
            Some(handshake) => self.shake(handshake, until, now),
            None => self.stage = Stage::Asking,
        }
    }

    fn shake(&mut self, mut handshake: Handshake, until: Moment, now: Moment) {
        self.outbox.push(handshake.output().into());
        let remind = (!handshake.reminder().is_empty()).then(|| now + REMIND_AFTER);
        self.stage = Stage::Handshake(Box::new(Newcomer { handshake, until, remind }));
    }

    /// Takes bytes as they have come.
    pub(crate) fn hear<'b>(&mut self, bytes: &'b [u8], rules: &Rules, now: Moment) -> Heard<'b> {
        let is_first = !std::mem::replace(&mut self.heard, true);
        self.liveness.hear(now);
        match &mut self.stage {
            Stage::Handshake(_) => self.shake_hands(bytes, is_first, rules, now),
            Stage::Open => Heard::Messages(self.carry.begin(bytes)),
            Stage::Asking => {
                self.carry.keep(bytes);
                Heard::Nothing
            }
            Stage::Securing { .. } | Stage::Leaving | Stage::Closing { .. } => Heard::Nothing,
        }
    }

    fn shake_hands<'b>(&mut self, bytes: &[u8], is_first: bool, rules: &Rules, now: Moment) -> Heard<'b> {
        let Stage::Handshake(newcomer) = &mut self.stage else { return Heard::Nothing };
        newcomer.remind = None;
        let handshake = &mut newcomer.handshake;
        let result = handshake.receive(bytes);
        let output = handshake.output();
        let Ok(used) = result else {
            let opening = rules.profile.filter(|_| is_first).and_then(|profile| auth::stranger(profile, bytes));
            if opening.is_some_and(Opening::may_be_ours) {
                self.outbox.push(Bytes::from_static(handshake.reminder()));
            }
            let unfit = handshake.reason().map_or(Fault::Wrong, Fault::Unfit);
            // Who speaks TLS understands nothing else.
            let is_tls = opening == Some(Opening::Tls);
            self.close([if is_tls { Bytes::from_static(TLS_REFUSED) } else { output.into() }], Some(now + LINGER));
            return Heard::Refused(opening.map_or(unfit, Fault::Opening));
        };
        self.outbox.push(output.into());
        let Some(identity) = handshake.identity().filter(|_| handshake.is_complete()).cloned() else {
            return Heard::Nothing;
        };
        self.stage = Stage::Asking;
        self.carry.keep(&bytes[used..]);
        Heard::Proved(identity)
    }

    /// What those bytes, which are the first ones, show of somebody who is asking to be admitted.
    pub(crate) fn strange(&self, bytes: &[u8], rules: &Rules) -> Option<Opening> {
        strange(bytes, rules)
    }

    /// It takes part from now on; with `rate`, at that rate.
    pub(crate) fn admit(&mut self, rate: Option<Rate>, now: Moment) {
        if matches!(self.stage, Stage::Asking) {
            self.stage = Stage::Open;
            self.bucket = rate.filter(|rate| rate.per_second > 0.0).map(|rate| Bucket::new(rate, now));
            self.liveness = Liveness::new(now);
        }
    }

    /// Takes up again what was left of its bytes, if it may be heard and there may be messages among them.
    pub(crate) fn resume(&mut self) -> Option<Reading<'static>> {
        (matches!(self.stage, Stage::Open) && self.carry.is_paused()).then(|| self.carry.begin(&[]))
    }

    /// The next message, or what else there is: nothing of who has left meanwhile.
    pub(crate) fn next(&mut self, reading: &mut Reading<'_>, rules: &Rules, now: Moment) -> Piece {
        if !matches!(self.stage, Stage::Open) {
            reading.drop_rest();
            return Piece::Nothing;
        }
        let Peer { carry, bucket, liveness, .. } = self;
        carry.next(reading, rules, || within_rate(bucket, liveness, now))
    }

    /// Whether it may say one more thing now; if not, nothing of it is heard until it may.
    pub(crate) fn within_rate(&mut self, now: Moment) -> bool {
        within_rate(&mut self.bucket, &mut self.liveness, now)
    }

    /// Whether the message in hand, which the service cannot read, comes again in another way.
    pub(crate) fn reads_anew(&mut self, reading: &mut Reading<'_>, rules: &Rules) -> bool {
        self.carry.reads_anew(reading, rules)
    }

    /// Ends a reading; `paused` when there may be messages in what is left.
    pub(crate) fn finish(&mut self, reading: Reading<'_>, paused: bool, rules: &Rules) {
        if matches!(self.stage, Stage::Open) {
            self.carry.end(reading, paused, rules);
        }
    }

    /// How many bytes a long message needs that it has begun, and where they go: behind what is there, before
    /// [`Peer::hear`] is told of nothing more.
    #[inline]
    pub(crate) fn place(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        if matches!(self.stage, Stage::Open) { self.carry.place() } else { None }
    }

    /// Leaves what it says unheard until then.
    pub(crate) fn throttle(&mut self, until: Moment) {
        self.liveness.throttle(until);
    }

    /// It has said something that counts as being there.
    pub(crate) fn speak(&mut self, now: Moment) {
        self.liveness.speak(now);
    }

    /// It sends no more.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Nothing more is heard of it; it is still sent what comes.
    pub(crate) fn leave(&mut self) {
        if matches!(self.stage, Stage::Open) {
            self.stage = Stage::Leaving;
            self.liveness.leave();
        }
    }

    /// Its connection ends once it has read what waits for it and this farewell: until that time, unless somebody else has
    /// one for all.
    pub(crate) fn close(&mut self, farewell: impl IntoIterator<Item = Bytes>, until: Option<Moment>) {
        if self.is_closing() {
            return;
        }
        farewell.into_iter().for_each(|chunk| self.outbox.push(chunk));
        self.stage = Stage::Closing { ended: false, until };
        self.carry = Carry::default();
        self.liveness.leave();
    }

    /// Everything was sent, the end of this direction as well.
    pub(crate) fn end_sending(&mut self) {
        if let Stage::Closing { ended, .. } = &mut self.stage {
            *ended = true;
        }
    }

    /// Whether this direction is to be ended now.
    pub(crate) fn must_end_sending(&self) -> bool {
        matches!(self.stage, Stage::Closing { ended: false, .. }) && self.outbox.is_empty()
    }

    /// The only door to its outbox. Who is full there is too slow, and must go. What comes in one piece is judged by what
    /// waits before it: everybody gets a chance to read, even if one turn brings more than the limit.
    pub(crate) fn push(&mut self, chunks: impl IntoIterator<Item = Bytes>, rules: &Rules) -> Result<(), Unsent> {
        if !self.is_open() {
            return Err(Unsent::Refused);
        }
        if self.outbox.is_blocked() && self.outbox.cost() > rules.outbox_limit {
            return Err(Unsent::Full);
        }
        chunks.into_iter().for_each(|chunk| self.outbox.push(chunk));
        Ok(())
    }

    /// Whether what comes may be offered to the kernel without the way through the outbox.
    pub(crate) fn is_clear(&self) -> bool {
        self.outbox.is_empty() && self.is_open()
    }

    /// The kernel has taken so much of what was offered to it by that way: the rest waits.
    pub(crate) fn keep_rest(&mut self, chunk: &Bytes, sent: usize, now: Moment) {
        debug_assert!(self.is_clear());
        self.outbox.push(chunk.slice(sent..));
        self.outbox.advance(0, true);
        self.liveness.progress(now);
    }

    /// What waits for it, as far as there are places; how many are filled.
    pub(crate) fn waiting<'p>(&'p self, places: &mut [IoSlice<'p>]) -> usize {
        self.outbox.first(places)
    }

    /// The kernel has taken so many bytes of what waits; `full` when it takes no more for the moment.
    pub(crate) fn sent(&mut self, count: usize, full: bool, now: Moment) {
        let was_blocked = self.outbox.is_blocked();
        self.outbox.advance(count, full);
        // Who comes to be blocked has all of its time from then on.
        if self.outbox.is_blocked() && (count > 0 || !was_blocked) {
            self.liveness.progress(now);
        }
    }

    /// What is in the outbox, with what it costs to keep it, in bytes.
    pub(crate) fn outbox_cost(&self) -> usize {
        self.outbox.cost()
    }

    /// Bytes in the outbox.
    pub(crate) fn outbox_bytes(&self) -> usize {
        self.outbox.bytes()
    }

    pub(crate) fn has_output(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Whether the kernel has yet to say that it takes more.
    pub(crate) fn is_blocked(&self) -> bool {
        self.outbox.is_blocked()
    }

    /// Whether it takes part: messages may be sent to it.
    pub(crate) fn is_open(&self) -> bool {
        self.stage.is_open()
    }

    /// Whether it waits to be admitted.
    pub(crate) fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asking)
    }

    /// Whether it has yet to secure its channel, or to prove a secret: it has a place among those who do.
    pub(crate) fn is_shaking_hands(&self) -> bool {
        matches!(self.stage, Stage::Securing { .. } | Stage::Handshake(_))
    }

    /// Whether it is being sent away, and all that it was sent has gone.
    pub(crate) fn has_been_sent_all(&self) -> bool {
        matches!(self.stage, Stage::Closing { ended: true, .. })
    }

    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing { .. })
    }

    /// Whether there may be messages among what was kept of its bytes.
    pub(crate) fn has_more(&self) -> bool {
        self.carry.is_paused()
    }

    /// Whether nothing was kept of its bytes.
    pub(crate) fn has_said_nothing(&self) -> bool {
        self.carry.is_empty()
    }

    /// Takes what was kept of its bytes away from it.
    pub(crate) fn take_rest(&mut self) -> Vec<u8> {
        self.carry.take()
    }

    /// Who does not read is not read either: a sender that ignores its answers must not drown in them.
    pub(crate) fn may_be_read(&self, rules: &Rules) -> bool {
        !self.liveness.is_throttled()
            && !matches!(self.stage, Stage::Asking | Stage::Leaving)
            && self.outbox.cost() <= rules.echo_limit()
    }

    /// Has the service look at it then, whatever it has set before; `None` is not at all.
    pub(crate) fn set_alarm(&mut self, at: Option<Moment>) {
        self.liveness.set_alarm(at);
    }

    /// When [`Peer::timeout`] has something to say next, unless something else happens before.
    pub(crate) fn next_timeout(&self, rules: &Rules) -> Option<Moment> {
        let leaving = matches!(self.stage, Stage::Leaving);
        match &self.stage {
            Stage::Securing { until } => Some(*until),
            Stage::Handshake(newcomer) => [Some(newcomer.until), newcomer.remind].into_iter().flatten().min(),
            Stage::Asking => None,
            Stage::Open | Stage::Leaving => self.liveness.next(rules, self.outbox.is_blocked(), leaving),
            Stage::Closing { until, .. } => *until,
        }
    }

    fn give_up(&mut self, now: Moment) -> Due {
        self.close([], Some(now + LINGER));
        Due::HandshakeOver
    }

    /// One of what is due; to be called until there is nothing. `unread` tells that the kernel has more of it.
    pub(crate) fn timeout(&mut self, now: Moment, rules: &Rules, unread: bool) -> Option<Due> {
        let leaving = matches!(self.stage, Stage::Leaving);
        match &mut self.stage {
            Stage::Securing { until } if *until <= now => Some(self.give_up(now)),
            Stage::Handshake(newcomer) if newcomer.until <= now => Some(self.give_up(now)),
            Stage::Handshake(newcomer) => {
                newcomer.remind.take_if(|at| *at <= now)?;
                self.outbox.push(Bytes::from_static(newcomer.handshake.reminder()));
                Some(Due::Reminder)
            }
            Stage::Closing { until: Some(until), .. } if *until <= now => Some(Due::Gone(LeaveReason::Closed)),
            Stage::Securing { .. } | Stage::Asking | Stage::Closing { .. } => None,
            Stage::Open | Stage::Leaving => {
                let (blocked, unheard) = (self.outbox.is_blocked(), unread || self.carry.is_paused());
                Some(match self.liveness.take(now, rules, blocked, leaving, unheard)? {
                    Passed::Throttle => Due::Resume,
                    Passed::Alarm => Due::Alarm,
                    Passed::Ping => Due::Ping,
                    Passed::Unanswered => Due::Dismiss(LeaveReason::Unresponsive),
                    Passed::Idle => Due::Dismiss(LeaveReason::Idle),
                    Passed::Stalled => Due::Gone(LeaveReason::Stalled),
                })
            }
        }
    }
}

fn within_rate(bucket: &mut Option<Bucket>, liveness: &mut Liveness, now: Moment) -> bool {
    let Some(Err(again)) = bucket.as_mut().map(|bucket| bucket.take(now)) else { return true };
    liveness.throttle(again);
    false
}
