//! Making a connection without ever waiting.

use std::io;
use std::time::{Duration, Instant};

use super::greeter::Greeter;
use super::greeting::client_side;
use super::patience::Watch;
use super::tail::Tail;
use super::{ConnectOptions, Connection};
use crate::auth::MAX_HANDSHAKE_BYTES;
use crate::net::{Deadline, Stream};
use crate::{Error, Result, exposure};

/// A connection in the making over a stream that is there, for who must never wait, such as an event loop: TLS and the
/// handshake of the connecting side, a step at a time.
///
/// ```
/// # use std::time::Instant;
/// # use rustchat::connection::{AcceptOptions, ConnectOptions, Introduction, MessageListener, Step};
/// # use rustchat::net::{Endpoint, Stream};
/// # let listener = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), AcceptOptions::default())?;
/// # let endpoint = Endpoint::from(listener.address());
/// let stream = Stream::connect(&endpoint, None)?;
/// let mut introduction = Introduction::begin(stream, &ConnectOptions::default(), "127.0.0.1", Instant::now())?;
/// loop {
///     match introduction.step()? {
///         Step::Receive => {} // wait for the descriptor to be readable, for introduction.patience() at most
///         Step::Send => {}    // the same for writable
///         Step::Done => break,
///     }
/// }
/// let connection = introduction.finish()?;
/// # drop(connection);
/// # Ok::<(), rustchat::Error>(())
/// ```
#[derive(Debug)]
pub struct Introduction {
    stream: Stream,
    greeter: Greeter,
    output: Tail,
    options: ConnectOptions,
    watch: Watch,
}

/// What an [`Introduction`] waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Something of the peer's: until the descriptor is readable.
    Receive,
    /// Room for what is to be sent: until the descriptor is writable.
    Send,
    /// Nothing: it is time for [`Introduction::finish`].
    Done,
}

impl Introduction {
    /// Begins over a stream that nothing was sent on. `host` is the name by which the server was looked up, if it was. The options'
    /// timeout counts from `since`, when connecting began.
    pub fn begin(stream: Stream, options: &ConnectOptions, host: &str, since: Instant) -> Result<Introduction> {
        let machine = client_side(options)?.map(|tls| tls.begin(host)).transpose()?;
        exposure::warn_of_weak_secret(stream.peer(), options.auth.as_ref());
        let (greeter, watch) = (Greeter::begin(options.auth.as_ref(), machine)?, Watch::new(options, since));
        Ok(Introduction { stream, greeter, output: Tail::default(), options: options.clone(), watch })
    }

    /// Goes on as far as that takes no waiting.
    ///
    /// # Errors
    /// Those of [`connect`](super::connect): it has failed, and the peer was told why as far as it took no waiting.
    pub fn step(&mut self) -> Result<Step> {
        self.advance().map_err(|error| {
            // The peer is told that it is refused, if it can still be told.
            self.output.bytes.extend(self.greeter.output());
            self.output.offer(&self.stream);
            self.greeter.explain(self.stream.peer(), error)
        })
    }

    fn advance(&mut self) -> Result<Step> {
        let mut buffer = [0; MAX_HANDSHAKE_BYTES];
        loop {
            self.output.bytes.extend(self.greeter.output());
            self.output.push(&self.stream).map_err(|error| self.stream.send_error(&error))?;
            if !self.output.is_clear() {
                return self.wait(Step::Send);
            }
            if self.greeter.is_complete() {
                return Ok(Step::Done);
            }
            match self.stream.try_recv(&mut buffer) {
                Ok(count) => {
                    self.watch.heard();
                    self.greeter.receive(&buffer[..count])?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return self.wait(Step::Receive),
                Err(error) => return Err(Error::from_io(&error, "receive")),
            }
        }
    }

    fn wait(&mut self, step: Step) -> Result<Step> {
        let is_silent = step == Step::Receive && !self.greeter.has_heard();
        if is_silent {
            self.watch.check(self.stream.peer(), self.greeter.awaits())?;
        }
        if self.watch.left(false).is_zero() { Err(Deadline::timed_out("connecting")) } else { Ok(step) }
    }

    /// How long to wait for the step at most; then it is time for the next one, which may say that the time is up.
    pub fn patience(&self) -> Duration {
        self.watch.left(!self.greeter.has_heard())
    }

    /// The connection.
    ///
    /// # Errors
    /// `BadState` before [`Step::Done`]; a peer whose first message shows that it speaks something else, as
    /// [`connect`](super::connect) has it.
    pub fn finish(self) -> Result<Connection> {
        if !self.greeter.is_complete() || !self.output.is_clear() {
            return Err(Error::new(crate::Status::BadState, "the connection is not made yet"));
        }
        self.greeter.finish(self.stream, &self.options)
    }
}

impl std::os::fd::AsRawFd for Introduction {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.stream.as_raw_fd()
    }
}
