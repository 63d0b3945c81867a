//! The connecting side: a stream, and the handshake over it.

use std::cell::Cell;
use std::io::IoSlice;
use std::time::{Duration, Instant};

use super::{ConnectOptions, Connection};
use crate::auth::{ChannelBinding, ClientAuth, Handshake, MAX_HANDSHAKE_BYTES, Profile};
use crate::net::{AdaptivePolling, Deadline, Endpoint, Stream};
use crate::{Error, Result, Status, exposure};

/// How long any server may be silent, whatever the timeout. The log tells of it then if the connection waits on.
const LEAST_SILENCE: Duration = Duration::from_secs(1);

/// How many times as long as connecting took a server may be silent: connecting is one way there and back, and so is this.
const ROUND_TRIPS: u32 = 20;

/// The part of the whole timeout that it may be silent at least: who has more patience has it here, too.
const PART_OF_TIMEOUT: u32 = 10;

thread_local! {
    /// How long this thread's last handshakes took to be answered: a connection of its own has no past to judge by.
    static WAITS: Cell<Option<AdaptivePolling>> = const { Cell::new(None) };
}

/// Connects to `endpoint`, shakes hands if the options hold a secret, and returns the connection.
///
/// The options' timeout is for all of it: name, connect and handshake; `deadline` may end it earlier. With a secret, a server
/// that has not said a byte is given up before that (`TimedOut`), whatever the profile: after a second, twenty times what
/// connecting has taken or a tenth of the timeout, whichever is the longest. The log tells after a second of silence what
/// that may mean. A server that may be busy for longer, such as a `multiprocessing` listener of the standard library, which
/// is silent until its program accepts, takes a larger timeout.
pub fn connect<'a>(
    endpoint: impl Into<Endpoint>,
    options: &ConnectOptions,
    deadline: impl Into<Deadline<'a>>,
) -> Result<Connection> {
    let deadline = deadline.into().at_most(options.timeout);
    let begin = Instant::now();
    let stream = Stream::connect(&endpoint.into(), deadline)?;
    exposure::warn_of_weak_secret(stream.peer(), options.auth.as_ref());
    let silence = allowed_silence(options, begin.elapsed());
    Connection::begin(stream, options, Some(silence), &deadline)
}

/// How long a server may say nothing at all after connecting has taken so long.
fn allowed_silence(options: &ConnectOptions, connecting: Duration) -> Duration {
    let part = options.timeout / PART_OF_TIMEOUT;
    LEAST_SILENCE.max(connecting.saturating_mul(ROUND_TRIPS)).max(part)
}

impl Connection {
    /// Makes a connection of a stream that is already there, on the connecting side of the handshake.
    pub fn over<'a>(stream: Stream, options: &ConnectOptions, deadline: impl Into<Deadline<'a>>) -> Result<Connection> {
        // How fast the other end is nobody knows: it may be silent as long as all of it may take.
        Connection::begin(stream, options, None, &deadline.into().at_most(options.timeout))
    }

    fn begin(
        stream: Stream,
        options: &ConnectOptions,
        silence: Option<Duration>,
        deadline: &Deadline<'_>,
    ) -> Result<Connection> {
        let mut connection = Connection::new(stream, options.framing, options.frame_limit(), options.polling);
        if let Some(auth) = &options.auth {
            connection.shake_hands(auth, options.polling, silence, deadline)?;
        }
        Ok(connection)
    }

    /// Shakes hands over a stream that nothing was sent on, and remembers whom the peer has shown to be.
    fn shake_hands(
        &mut self,
        auth: &ClientAuth,
        polling: Duration,
        silence: Option<Duration>,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        let mut handshake = auth.begin(&ChannelBinding::NONE)?;
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
    /// soon, and the server is given up when it has been silent for longer than `silence`, in every profile. An honest
    /// server answers a handshake beside its other work, so only a busy machine takes longer.
    fn first_words(
        &self,
        buffer: &mut [u8],
        profile: Profile,
        waits: &mut AdaptivePolling,
        silence: Option<Duration>,
        deadline: &Deadline<'_>,
    ) -> Result<usize> {
        let mut receive = |deadline: Deadline<'_>| self.stream.recv_polling(buffer, waits, &deadline);
        let is_silent = |error: &Error| error.status() == Status::TimedOut;
        let last = silence.map_or(*deadline, |silence| deadline.at_most(silence));
        if silence.is_some_and(|silence| silence > LEAST_SILENCE) {
            match receive(last.at_most(LEAST_SILENCE)) {
                Err(error) if is_silent(&error) && !last.has_passed() => {
                    log::warn!("{}: {}", self.stream.peer(), silence_sentence(profile));
                }
                Err(error) if is_silent(&error) => return Err(silent(profile)),
                result => return result,
            }
        }
        receive(last).map_err(|error| if is_silent(&error) { silent(profile) } else { error })
    }
}

fn silence_sentence(profile: Profile) -> String {
    format!(
        "the server has said nothing, though one of the profile {profile} speaks at once; \
         it may ask for no secret, or for one in another profile"
    )
}

/// Short enough for a message in C, with the peer's address in front of it.
fn silent(profile: Profile) -> Error {
    let sentence = silence_sentence(profile);
    Error::new(Status::TimedOut, format!("timed out: {sentence}, or be busy: that takes a larger timeout"))
}
