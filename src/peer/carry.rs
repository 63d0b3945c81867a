//! From bytes as they come to whole messages.

use std::borrow::Cow;
use std::mem;
use std::ops::{Deref, Range};

use bytes::Bytes;

use super::telnet::Telnet;
use super::{LeaveReason, Rules};
use crate::frame::{Framing, Skip, Skipped};
use crate::memory::Loan;
use crate::opening::{Opening, begins_http_request};
use crate::{Error, Status};

/// How many bytes over its limit a message may have to be passed over; past it the connection ends. As much as any
/// framing allows a message of by default: what claims more is most likely no length at all.
const MOST_SKIPPED: usize = 16 << 20;

/// What Windows' programs write before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// As many bytes show a handshake.
const SHORTEST_HANDSHAKE: usize = 16;

/// What of a peer's bytes is no whole message yet, and what is known of how it speaks.
pub(super) struct Carry {
    bytes: Loan,
    /// How many more of them a long message needs that has begun, in memory of its own.
    missing: usize,
    /// How many of them are known to hold no end of line.
    scanned: usize,
    /// The rest of a message over the limit is being thrown away.
    skip: Option<Skip>,
    /// There is telnet at the other end.
    telnet: Option<Telnet>,
    /// Nothing has come yet that shows what it speaks.
    fresh: bool,
    /// There may be whole messages among the bytes.
    paused: bool,
}

/// Bytes of one peer that are being taken apart.
pub(crate) struct Reading<'b> {
    bytes: Source<'b>,
    used: usize,
    /// The length of the frame in hand.
    frame: usize,
    /// Its beginning was looked at.
    met: bool,
}

/// Where they lie.
enum Source<'b> {
    Fresh(&'b [u8]),
    Kept(Loan),
}

/// What comes next of a peer.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    /// Nothing whole.
    Nothing,
    /// A message: these bytes of the [`Reading`]. It comes again until it is [taken](Reading::take).
    Message(Range<usize>),
    /// Something that cannot be taken, which it is to be told; and why the connection ends, if it does.
    Refused(Error, Option<LeaveReason>),
    /// It speaks something else than this server, for whose framing this is the error.
    Stranger(Opening, Option<Error>),
    /// It is over its rate.
    Throttled,
    /// A message without an end.
    Endless,
}

/// What the beginning of a connection shows.
enum Meeting {
    /// It speaks as the server does, from this byte on.
    Known(usize),
    /// There is not enough of it yet.
    Unknown,
    Stranger(Opening, Option<Error>),
}

impl Reading<'_> {
    /// What is left.
    fn rest(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    /// The bytes of a message.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// The message in hand together with its memory, if that is its own: then it does not come again.
    pub(crate) fn take_whole(&mut self, range: &Range<usize>) -> Option<Bytes> {
        match &mut self.bytes {
            Source::Kept(bytes) if bytes.is_pooled() && self.used == 0 && self.frame == bytes.len() => {
                self.frame = 0;
                Some(mem::take(bytes).freeze().slice(range.clone()))
            }
            _ => None,
        }
    }

    /// The message in hand is dealt with.
    pub(crate) fn take(&mut self) {
        self.used += mem::take(&mut self.frame);
    }

    /// Nothing of the rest is wanted.
    pub(crate) fn drop_rest(&mut self) {
        self.used = self.bytes.len();
    }
}

impl Deref for Source<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Source::Fresh(bytes) => bytes,
            Source::Kept(bytes) => bytes,
        }
    }
}

impl<'b> From<Cow<'b, [u8]>> for Source<'b> {
    fn from(bytes: Cow<'b, [u8]>) -> Source<'b> {
        match bytes {
            Cow::Borrowed(bytes) => Source::Fresh(bytes),
            Cow::Owned(bytes) => Source::Kept(bytes.into()),
        }
    }
}

impl Default for Carry {
    fn default() -> Carry {
        Carry { bytes: Loan::default(), missing: 0, scanned: 0, skip: None, telnet: None, fresh: true, paused: false }
    }
}

impl Carry {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Keeps bytes for later.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.paused = !self.bytes.is_empty();
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        (self.paused, self.missing) = (false, 0);
        mem::take(&mut self.bytes).into_vec()
    }

    /// How many bytes a long message needs that has begun, and where they go.
    pub(super) fn place(&mut self) -> Option<(&mut Vec<u8>, usize)> {
        (self.missing > 0).then_some((&mut *self.bytes, self.missing))
    }

    /// Takes up what was kept, and `fresh` behind it.
    pub(super) fn begin<'b>(&mut self, fresh: &'b [u8]) -> Reading<'b> {
        (self.paused, self.missing) = (false, 0);
        let text = match &mut self.telnet {
            None => Source::Fresh(fresh),
            Some(telnet) => telnet.filter(fresh).into(),
        };
        let bytes = if self.bytes.is_empty() {
            text
        } else {
            self.bytes.extend_from_slice(&text);
            Source::Kept(mem::take(&mut self.bytes))
        };
        Reading { bytes, used: 0, frame: 0, met: false }
    }

    /// Keeps what is left; `paused` when there may be whole messages in it. An idle peer keeps no buffer.
    pub(super) fn end(&mut self, reading: Reading<'_>, paused: bool, rules: &Rules) {
        let Reading { bytes, used, .. } = reading;
        if used == bytes.len() {
            return self.paused = false;
        }
        self.paused = paused;
        self.missing = if paused { 0 } else { rules.missing(&bytes[used..]) };
        match bytes {
            Source::Kept(mut bytes) if self.missing == 0 || used == 0 && bytes.is_pooled() => {
                bytes.drain(..used);
                self.bytes = bytes;
            }
            bytes => {
                if let Some(pool) = rules.long.as_ref().filter(|_| self.missing > 0) {
                    self.bytes = pool.lend();
                }
                self.bytes.extend_from_slice(&bytes[used..]);
            }
        }
        self.bytes.reserve_exact(self.missing);
    }

    /// The next piece; `allows` tells whether the peer may say one more thing now.
    pub(super) fn next(&mut self, reading: &mut Reading<'_>, rules: &Rules, allows: impl FnOnce() -> bool) -> Piece {
        if rules.is_raw {
            reading.frame = reading.rest().len();
            let all = reading.used..reading.bytes.len();
            return if all.is_empty() { Piece::Nothing } else { Piece::Message(all) };
        }
        if self.fresh && !mem::replace(&mut reading.met, true) {
            match self.meet(reading.rest(), rules) {
                Meeting::Known(used) => reading.used += used,
                Meeting::Unknown => return Piece::Nothing,
                Meeting::Stranger(opening, error) => return Piece::Stranger(opening, error),
            }
        }
        if let Some(skip) = &mut self.skip {
            match skip.pass(reading.rest()) {
                Skipped::Done(count) => {
                    reading.used += count;
                    self.skip = None;
                }
                Skipped::More => {
                    reading.drop_rest();
                    return Piece::Nothing;
                }
                Skipped::Endless => return Piece::Endless,
            }
        }
        let scanned = mem::take(&mut self.scanned);
        match rules.framing.split(reading.rest(), rules.message_limit, scanned) {
            Ok(Some(split)) => {
                reading.frame = split.consumed;
                Piece::Message(reading.used + split.payload.start..reading.used + split.payload.end)
            }
            Ok(None) if self.ends_as_in_telnet(reading.rest(), rules) => {
                self.begin_telnet(reading);
                self.next(reading, rules, allows)
            }
            Ok(None) => {
                self.scanned = reading.rest().len();
                Piece::Nothing
            }
            Err(error) => self.refuse(reading, rules, error, allows),
        }
    }

    /// What no frame can be taken from: one too long is passed over, unless nobody knows where it ends.
    fn refuse(&mut self, reading: &Reading<'_>, rules: &Rules, error: Error, allows: impl FnOnce() -> bool) -> Piece {
        let bytes = reading.rest();
        if mem::take(&mut self.fresh) && rules.is_line() && begins_http_request(bytes) {
            return Piece::Stranger(Opening::HttpRequest, None);
        }
        if error.status() != Status::MessageTooLong {
            return Piece::Refused(error, Some(LeaveReason::ProtocolViolation));
        }
        let most = rules.message_limit.saturating_add(MOST_SKIPPED);
        let Some(skip) = Skip::begin(rules.framing, bytes, most) else {
            return Piece::Refused(error, Some(LeaveReason::MessageTooLong));
        };
        // Each of them counts as a message, so that nobody gets more answers than messages.
        if !allows() {
            return Piece::Throttled;
        }
        self.skip = Some(skip);
        Piece::Refused(error, None)
    }

    /// Whether the message in hand, which is no text, is one with telnet in it; then it comes again without that.
    pub(super) fn reads_anew(&mut self, reading: &mut Reading<'_>, rules: &Rules) -> bool {
        let frame = &reading.rest()[..reading.frame];
        if !rules.is_line() || self.telnet.is_some() || !Telnet::is_met(frame) {
            return false;
        }
        self.begin_telnet(reading);
        true
    }

    /// Whether a line without an end ends as telnet's lines may.
    fn ends_as_in_telnet(&self, bytes: &[u8], rules: &Rules) -> bool {
        rules.is_line() && bytes.last() == Some(&0) && self.telnet.is_none() && Telnet::is_met(bytes)
    }

    /// There is telnet from this byte on.
    fn begin_telnet(&mut self, reading: &mut Reading<'_>) {
        let telnet = self.telnet.insert(Telnet::default());
        let text = telnet.filter(reading.rest()).into_owned();
        *reading = Reading { bytes: Source::Kept(text.into()), used: 0, frame: 0, met: false };
    }

    /// Looks at the first bytes of a connection, all that have come of them.
    fn meet(&mut self, bytes: &[u8], rules: &Rules) -> Meeting {
        if bytes.is_empty() {
            return Meeting::Unknown;
        }
        if let Some(opening) = strange(bytes, rules) {
            return Meeting::Stranger(opening, None);
        }
        if !rules.is_line() {
            return self.meet_frames(bytes, rules);
        }
        let mark = common_prefix(bytes, BYTE_ORDER_MARK);
        if mark == bytes.len() {
            return Meeting::Unknown;
        }
        let start = if mark == BYTE_ORDER_MARK.len() { mark } else { 0 };
        let first = bytes[start..].iter().position(|byte| !byte.is_ascii_whitespace());
        self.fresh = first.is_none_or(|first| !bytes[start + first..].contains(&b'\n'));
        Meeting::Known(start)
    }

    fn meet_frames(&mut self, bytes: &[u8], rules: &Rules) -> Meeting {
        let error = match rules.framing.split(bytes, rules.message_limit, 0) {
            Err(error) => error,
            Ok(first) => {
                // A handshake is a first frame, and longer.
                self.fresh = first.is_none() && bytes.len() < SHORTEST_HANDSHAKE;
                return Meeting::Known(0);
            }
        };
        let own = Opening::Frames(if rules.framing == Framing::U32Le { Framing::U32Le } else { Framing::U32Be });
        match Opening::of(bytes).filter(|opening| *opening != own) {
            Some(opening) => Meeting::Stranger(opening, Some(error)),
            None => Meeting::Known(0),
        }
    }
}

/// Whom the first bytes of a connection come from, if nobody who speaks as the server does begins like that.
pub(super) fn strange(bytes: &[u8], rules: &Rules) -> Option<Opening> {
    let is_strange = |opening: &Opening| if rules.is_line() { opening.is_no_line() } else { opening.is_handshake() };
    // Servers of HTTP put up with blank lines before a request.
    let behind_blanks = || Opening::of(bytes.trim_ascii_start()).filter(|_| rules.is_line());
    Opening::of(bytes).filter(is_strange).or_else(|| behind_blanks().filter(is_strange))
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
