//! How long a server may be silent at the beginning.

use std::time::{Duration, Instant};

use super::ConnectOptions;
use crate::auth::Profile;
use crate::net::{AdaptivePolling, Address, Deadline};
use crate::{Error, Result, Status};

/// How long any server may be silent, whatever the timeout. The log tells of it then if the connection waits on.
const LEAST_SILENCE: Duration = Duration::from_secs(1);

/// How many times as long as connecting took a server may be silent: connecting is one way there and back, and so is this.
const ROUND_TRIPS: u32 = 20;

/// The part of the whole timeout that it may be silent at least: who has more patience has it here, too.
const PART_OF_TIMEOUT: u32 = 10;

/// How long a server may say nothing at all after connecting has taken so long.
pub(super) fn allowed_silence(options: &ConnectOptions, connecting: Duration) -> Duration {
    let part = options.timeout / PART_OF_TIMEOUT;
    LEAST_SILENCE.max(connecting.saturating_mul(ROUND_TRIPS)).max(part)
}

/// The patience that the beginning of a connection takes.
pub(super) struct Greeting<'d> {
    pub(super) deadline: &'d Deadline<'d>,
    /// How long the server may say nothing at all; `None` is as long as all of it may take.
    pub(super) silence: Option<Duration>,
    pub(super) waits: AdaptivePolling,
}

impl Greeting<'_> {
    /// Receives with `receive`. What the server says first may be awaited in vain: whoever is set to something else may be silent
    /// for ever. That is told in the log soon, and the server is given up when it has been silent for longer than it may. An
    /// honest one answers TLS and a handshake, that of `profile`, beside its other work, so only a busy machine takes longer.
    pub(super) fn hear(
        &mut self,
        peer: &Address,
        profile: Option<Profile>,
        has_heard: bool,
        mut receive: impl FnMut(&mut AdaptivePolling, &Deadline<'_>) -> Result<usize>,
    ) -> Result<usize> {
        let Greeting { deadline, silence, waits } = self;
        if has_heard {
            return receive(waits, deadline);
        }
        let is_silent = |error: &Error| error.status() == Status::TimedOut;
        let last = silence.map_or(**deadline, |silence| deadline.at_most(silence));
        if silence.is_some_and(|silence| silence > LEAST_SILENCE) {
            match receive(waits, &last.at_most(LEAST_SILENCE)) {
                Err(error) if is_silent(&error) && !last.has_passed() => {
                    log::warn!("{peer}: {}", silence_sentence(profile));
                }
                Err(error) if is_silent(&error) => return Err(silent(profile)),
                result => return result,
            }
        }
        receive(waits, &last).map_err(|error| if is_silent(&error) { silent(profile) } else { error })
    }
}

/// The same patience for who waits elsewhere and looks from time to time.
#[derive(Debug)]
pub(super) struct Watch {
    /// `None` is for ever.
    deadline: Option<Instant>,
    /// How long the server may say nothing at all.
    silence: Duration,
    /// When it was last heard, or began to be awaited.
    since: Instant,
    told: bool,
}

impl Watch {
    /// Connecting began at `began`, and has just been done.
    pub(super) fn new(options: &ConnectOptions, began: Instant) -> Watch {
        let silence = allowed_silence(options, began.elapsed());
        Watch { deadline: began.checked_add(options.timeout), silence, since: Instant::now(), told: false }
    }

    pub(super) fn heard(&mut self) {
        (self.since, self.told) = (Instant::now(), false);
    }

    /// Whether a server that has said nothing of what is awaited may be silent for longer; the log is told what that may mean.
    pub(super) fn check(&mut self, peer: &Address, profile: Option<Profile>) -> Result<()> {
        let silence = self.since.elapsed();
        if silence >= self.silence {
            return Err(silent(profile));
        }
        if silence >= LEAST_SILENCE && !std::mem::replace(&mut self.told, true) {
            log::warn!("{peer}: {}", silence_sentence(profile));
        }
        Ok(())
    }

    /// How long until the next look; with a server that is silent that may be before the deadline.
    pub(super) fn left(&self, is_silent: bool) -> Duration {
        let left = self.deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
        if !is_silent {
            return left;
        }
        let next = if self.told { self.silence } else { LEAST_SILENCE.min(self.silence) };
        left.min(next.saturating_sub(self.since.elapsed()))
    }
}

fn silence_sentence(profile: Option<Profile>) -> String {
    let (speaks, may) = match profile {
        Some(profile) => (format!("one of the profile {profile}"), "ask for no secret, or for one in another profile"),
        None => ("one that speaks TLS".to_owned(), "be plain"),
    };
    format!("the server has said nothing, though {speaks} speaks at once; it may {may}")
}

/// Short enough for a message in C, with the peer's address in front of it.
fn silent(profile: Option<Profile>) -> Error {
    let sentence = silence_sentence(profile);
    Error::new(Status::TimedOut, format!("timed out: {sentence}, or be busy: that takes a larger timeout"))
}
