//! The connecting side of the handshake.

use std::cell::Cell;
use std::io::IoSlice;
use std::time::Duration;

use super::{ConnectOptions, Connection};
use crate::auth::{ClientAuth, Handshake, MAX_HANDSHAKE_BYTES, Profile};
use crate::net::{AdaptivePolling, Deadline};
use crate::{Error, Result, Status};

/// The least that a server may be silent.
const LEAST_SILENCE: Duration = Duration::from_secs(1);

/// How many times as long as connecting took it may be silent: connecting is one way there and back, and so is this.
const ROUND_TRIPS: u32 = 20;

/// The part of the whole timeout that it may be silent at least: who has more patience has it here, too.
const PART_OF_TIMEOUT: u32 = 10;

thread_local! {
    /// How long this thread's last handshakes took to be answered: a connection of its own has no past to judge by.
    static WAITS: Cell<Option<AdaptivePolling>> = const { Cell::new(None) };
}

/// How long a server may say nothing after connecting has taken so long. In every profile it is its turn then.
pub(super) fn allowed_silence(options: &ConnectOptions, connecting: Duration) -> Duration {
    LEAST_SILENCE.max(connecting.saturating_mul(ROUND_TRIPS)).max(options.timeout / PART_OF_TIMEOUT)
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
        let mut first = Some(silence.map_or(*deadline, |silence| deadline.at_most(silence)));
        loop {
            self.send_all(&mut [IoSlice::new(&handshake.output())], deadline)?;
            if handshake.is_complete() {
                return Ok(());
            }
            let received = match first.take() {
                Some(deadline) => {
                    self.stream.recv_polling(&mut buffer, waits, &deadline).map_err(|error| silent(error, profile))
                }
                None => self.stream.recv_polling(&mut buffer, waits, deadline),
            };
            let count = received?;
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
}

/// What the silence of a server means.
fn silent(error: Error, profile: Profile) -> Error {
    if error.status() != Status::TimedOut {
        return error;
    }
    let sentence = format!(
        "timed out: the server has said nothing, though one of the profile {profile} speaks at once; \
         it may ask for no secret, or for one in another profile"
    );
    Error::new(Status::TimedOut, sentence)
}
