//! A peer that may count the bytes of its messages in the other order: what to us is the beginning of a long message would to
//! it be a whole one, and then both ends wait.

use std::time::{Duration, Instant};

use crate::frame::{Decoder, Framing};
use crate::net::Deadline;
use crate::opening::are_whole_frames;

/// How long the peer is silent behind a whole message.
const SILENCE: Duration = Duration::from_secs(1);

/// A peer that has sent more than this before its first message was whole does not wait for an answer.
const MOST: usize = 64 * 1024;

/// What is thought of a peer whose first message has not become whole.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    /// The first message was whole, or can be no other: nobody looks any more.
    settled: bool,
    /// When all that had come was whole messages in the other order.
    since: Option<Instant>,
    pub(super) told: bool,
}

impl Doubt {
    /// Whether what comes next is to be looked at.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Looks at what has come.
    #[cold]
    pub(super) fn look(&mut self, decoder: &Decoder, framing: Framing) {
        let bytes = decoder.pending();
        let Some(other) = other_order(framing) else {
            self.settled = true;
            return;
        };
        self.settled = bytes.len() > MOST || framing.split(bytes, decoder.limit(), 0) != Ok(None);
        let fits = !self.settled && are_whole_frames(bytes, other);
        self.since = fits.then(Instant::now);
    }

    /// The deadline of a read that ends early enough to judge.
    #[inline]
    pub(super) fn deadline<'a>(&self, deadline: Deadline<'a>) -> Deadline<'a> {
        match self.since {
            Some(since) if !self.told || deadline.instant().is_some() => {
                deadline.at_most(SILENCE.saturating_sub(since.elapsed()))
            }
            _ => deadline,
        }
    }

    /// Whether the silence has lasted.
    pub(super) fn is_ripe(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= SILENCE)
    }
}

/// The framing that counts the same bytes from the other end.
pub(super) fn other_order(framing: Framing) -> Option<Framing> {
    match framing {
        Framing::U32Le => Some(Framing::U32Be),
        Framing::U32Be | Framing::Multiprocessing => Some(Framing::U32Le),
        Framing::Line => None,
    }
}
