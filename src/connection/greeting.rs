//! The connecting side of the handshake.

use std::cell::Cell;
use std::io::IoSlice;
use std::time::Duration;

use super::{ConnectOptions, Connection};
use crate::auth::{ClientAuth, Handshake, MAX_HANDSHAKE_BYTES, Profile};
use crate::net::{AdaptivePolling, Deadline};
use crate::{Error, Result, Status};

/// How long a server may be silent before the log tells of it.
const NOTABLE_SILENCE: Duration = Duration::from_secs(1);

/// The least that a server may be silent which speaks first.
const LEAST_SILENCE: Duration = Duration::from_secs(3);

/// How many times as long as connecting took it may be silent: connecting is one way there and back, and so is this.
const ROUND_TRIPS: u32 = 20;

/// The part of the whole timeout that it may be silent at least, in tenths: who has more patience has it here, too.
const TENTHS_OF_TIMEOUT: u32 = 3;

thread_local! {
    /// How long this thread's last handshakes took to be answered: a connection of its own has no past to judge by.
    static WAITS: Cell<Option<AdaptivePolling>> = const { Cell::new(None) };
}

/// How long a server that speaks first may say nothing after connecting has taken so long.
pub(super) fn allowed_silence(options: &ConnectOptions, connecting: Duration) -> Duration {
    let part = (options.timeout / 10).saturating_mul(TENTHS_OF_TIMEOUT);
    LEAST_SILENCE.max(connecting.saturating_mul(ROUND_TRIPS)).max(part)
}

impl Connection {
    /// Shakes hands over a stream that nothing was sent on, and remembers whom the peer has shown to be.
    pub(super) fn shake_hands(
        &mut self,
        auth: &ClientAuth,
        polling: Duration,
        silence: Option<Duration>,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        let mut handshake = auth.begin()?;
        let mut waits = WAITS.take().unwrap_or_default().with_budget(polling);
        let result = self.exchange(&mut handshake, auth.profile(), &mut waits, silence, deadline);
        WAITS.set(Some(waits));
        result.map_err(|error| {
            // The peer is told that it is refused, if it can still be told.
            let _ = self.stream.try_send(&handshake.output());
            error.context(format_args!("handshake with {}", self.stream.peer()))
        })?;
        self.identity = handshake.identity().cloned();
        Ok(())
    }

    fn exchange(
        &mut self,
        handshake: &mut Handshake,
        profile: Profile,
        waits: &mut AdaptivePolling,
        silence: Option<Duration>,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        let mut buffer = [0; MAX_HANDSHAKE_BYTES];
        let mut heard = false;
        loop {
            self.send_all(&mut [IoSlice::new(&handshake.output())], deadline)?;
            if handshake.is_complete() {
                return Ok(());
            }
            let count = match std::mem::replace(&mut heard, true) {
                false => self.first_words(&mut buffer, profile, waits, silence, deadline)?,
                true => self.stream.recv_polling(&mut buffer, waits, deadline)?,
            };
            if count == 0 {
                return Err(Error::new(
                    Status::AuthenticationFailed,
                    "authentication failed: the peer closed the connection",
                ));
            }
            let used = handshake.receive(&buffer[..count])?;
            self.begin_with(&buffer[used..count])?;
        }
    }

    /// Receives what the server says first. Whoever is set to something else may be silent for ever: that is told in the log
    /// soon. Only a server that is to speak before anybody else is given up for it before the deadline; one of the profile
    /// `mutual` may be busy with the answer, and whoever is no such server shows it by what it answers.
    fn first_words(
        &self,
        buffer: &mut [u8],
        profile: Profile,
        waits: &mut AdaptivePolling,
        silence: Option<Duration>,
        deadline: &Deadline<'_>,
    ) -> Result<usize> {
        let mut receive = |deadline: Deadline<'_>| self.stream.recv_polling(buffer, waits, &deadline);
        let sentence = || {
            let peer = self.stream.peer();
            format!(
                "{peer} has said nothing, though a server of the profile {profile} speaks at once; \
                 it may ask for no secret, or for one in another profile"
            )
        };
        let is_silent = |error: &Error| error.status() == Status::TimedOut;
        if silence.is_some() {
            match receive(deadline.at_most(NOTABLE_SILENCE)) {
                Err(error) if is_silent(&error) && !deadline.has_passed() => log::warn!("{}", sentence()),
                Err(error) if is_silent(&error) => return Err(timed_out(sentence())),
                result => return result,
            }
        }
        let last = match silence {
            Some(silence) if profile != Profile::Mutual => deadline.at_most(silence.saturating_sub(NOTABLE_SILENCE)),
            _ => *deadline,
        };
        receive(last).map_err(|error| if is_silent(&error) { timed_out(sentence()) } else { error })
    }
}

fn timed_out(sentence: String) -> Error {
    Error::new(Status::TimedOut, format!("timed out: {sentence}"))
}
