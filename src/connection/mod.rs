//! Connections that carry whole messages: a stream, a framing and, if wanted, a handshake before the first message.

mod listener;
mod options;
mod porter;

use std::io::IoSlice;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::auth::{ClientAuth, Handshake, Identity, MAX_HANDSHAKE_BYTES};
use crate::frame::{Decoder, Framing};
use crate::net::{AdaptivePolling, Address, Deadline, Endpoint, Stream};
use crate::{Error, Result, Status};

pub use listener::MessageListener;
pub use options::{AcceptOptions, ConnectOptions};

/// What one read asks for when no frame has announced more.
const READ_SIZE: usize = 64 * 1024;

/// How often a call that waits for another one's end on the same connection asks whether it is to be interrupted.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Up to here a copy next to its header is cheaper than a vectored write.
const COPIED_PAYLOAD: usize = 16 * 1024;

/// A connection of whole messages. All methods take `&self`: any thread may send, receive and close at any time.
///
/// Messages of concurrent senders do not mix, and each message goes to one of several receivers.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    framing: Framing,
    limit: usize,
    receiver: Mutex<Receiver>,
    sender: Mutex<Vec<u8>>,
    closed: AtomicBool,
    identity: Option<Identity>,
}

#[derive(Debug)]
struct Receiver {
    decoder: Decoder,
    polling: AdaptivePolling,
}

/// Connects to `endpoint`, shakes hands if the options hold a secret, and returns the connection.
///
/// The options' timeout is for all of it: name, connect and handshake; `deadline` may end it earlier.
pub fn connect<'a>(
    endpoint: impl Into<Endpoint>,
    options: &ConnectOptions,
    deadline: impl Into<Deadline<'a>>,
) -> Result<Connection> {
    let deadline = deadline.into().at_most(options.timeout);
    let stream = Stream::connect(&endpoint.into(), deadline)?;
    Connection::over(stream, options, deadline)
}

impl Connection {
    /// Makes a connection of a stream that is already there, on the connecting side of the handshake.
    pub fn over<'a>(stream: Stream, options: &ConnectOptions, deadline: impl Into<Deadline<'a>>) -> Result<Connection> {
        let deadline = deadline.into().at_most(options.timeout);
        let mut connection = Connection::new(stream, options.framing, options.frame_limit(), options.polling);
        if let Some(auth) = &options.auth {
            connection.shake_hands(auth, &deadline)?;
        }
        Ok(connection)
    }

    fn new(stream: Stream, framing: Framing, limit: usize, polling: Duration) -> Connection {
        Connection {
            stream,
            framing,
            limit,
            receiver: Mutex::new(Receiver {
                decoder: Decoder::new(framing, limit),
                polling: AdaptivePolling::new(polling),
            }),
            sender: Mutex::default(),
            closed: AtomicBool::new(false),
            identity: None,
        }
    }

    /// The accepting side, after its handshake: `rest` came behind it and belongs to the first message.
    fn accepted(
        stream: Stream,
        options: &AcceptOptions,
        identity: Option<Identity>,
        rest: &[u8],
    ) -> Result<Connection> {
        let mut connection = Connection::new(stream, options.framing, options.frame_limit(), options.polling);
        connection.identity = identity;
        connection.receiver.get_mut().decoder.push(rest)?;
        Ok(connection)
    }

    fn shake_hands(&mut self, auth: &ClientAuth, deadline: &Deadline<'_>) -> Result<()> {
        let context = |error: Error, peer: &Address| error.context(format_args!("handshake with {peer}"));
        let mut handshake = auth.begin()?;
        let mut buffer = [0; MAX_HANDSHAKE_BYTES];
        let result = loop {
            if let Err(error) = self.send_all(&mut [IoSlice::new(&handshake.output())], deadline) {
                break Err(error);
            }
            if handshake.is_complete() {
                break Ok(());
            }
            match self.receive_handshake(&mut handshake, &mut buffer, deadline) {
                Ok(rest) => self.receiver.get_mut().decoder.push(rest)?,
                Err(error) => break Err(error),
            }
        };
        result.map_err(|error| {
            // The peer is told that it is refused, if it can still be told.
            let _ = self.stream.try_send(&handshake.output());
            context(error, self.stream.peer())
        })?;
        self.identity = handshake.identity().cloned();
        Ok(())
    }

    fn receive_handshake<'b>(
        &self,
        handshake: &mut Handshake,
        buffer: &'b mut [u8],
        deadline: &Deadline<'_>,
    ) -> Result<&'b [u8]> {
        let count = self.stream.recv(buffer, deadline)?;
        if count == 0 {
            return Err(Error::new(
                Status::AuthenticationFailed,
                "authentication failed: the peer closed the connection",
            ));
        }
        let used = handshake.receive(&buffer[..count])?;
        Ok(&buffer[used..count])
    }

    /// The other end.
    pub fn peer(&self) -> &Address {
        self.stream.peer()
    }

    /// This end.
    pub fn local(&self) -> Result<Address> {
        self.stream.local()
    }

    /// Whom the handshake has shown the peer to be; `None` without one.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The framing of both directions.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Sends one message, whole: returns when the kernel has all of it.
    ///
    /// A deadline that passes before the first byte leaves the connection as it was; one that passes in the middle
    /// closes it, since the peer could not tell where the next message begins.
    pub fn send<'a>(&self, message: &[u8], deadline: impl Into<Deadline<'a>>) -> Result<()> {
        let deadline = deadline.into();
        let envelope = self.framing.envelope(message, self.limit)?;
        let mut copy = self.lock_sender(&deadline)?;
        if self.is_closed() {
            return Err(self.closed_error());
        }
        if message.len() <= COPIED_PAYLOAD {
            copy.clear();
            for part in [envelope.header(), message, envelope.trailer()] {
                copy.extend_from_slice(part);
            }
            self.send_all(&mut [IoSlice::new(&copy)], &deadline)
        } else {
            let parts = [envelope.header(), message, envelope.trailer()];
            self.send_all(&mut parts.map(IoSlice::new), &deadline)
        }
    }

    fn lock_sender(&self, deadline: &Deadline<'_>) -> Result<MutexGuard<'_, Vec<u8>>> {
        lock(&self.sender, deadline, "send")
    }

    fn send_all(&self, mut left: &mut [IoSlice<'_>], deadline: &Deadline<'_>) -> Result<()> {
        let total: usize = left.iter().map(|slice| slice.len()).sum();
        let mut sent = 0;
        while sent < total {
            match self.stream.send_some(left, deadline) {
                Ok(count) => {
                    sent += count;
                    IoSlice::advance_slices(&mut left, count);
                }
                Err(_) if self.is_closed() => return Err(self.closed_error()),
                Err(error) if sent == 0 => return Err(error),
                Err(error) => {
                    self.close();
                    return Err(error.context(format_args!("connection closed after {sent} of {total} bytes")));
                }
            }
        }
        Ok(())
    }

    /// Receives one message.
    ///
    /// `Closed` at the end of the stream between messages, `ConnectionReset` in the middle of one. A deadline that
    /// passes loses nothing: what has come of a message stays for the next call.
    pub fn recv<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Vec<u8>> {
        self.recv_with(deadline, <[u8]>::to_vec)
    }

    /// Receives one message and shows it to `take` where it lies, without a copy.
    pub fn recv_with<'a, R>(&self, deadline: impl Into<Deadline<'a>>, take: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let deadline = deadline.into();
        let mut receiver = lock(&self.receiver, &deadline, "receive")?;
        let Receiver { decoder, polling } = &mut *receiver;
        loop {
            if self.is_closed() {
                return Err(self.closed_error());
            }
            match decoder.next() {
                Ok(Some(message)) => return Ok(take(message)),
                Ok(None) => {}
                Err(error) => {
                    // Where the next message would begin is unknown from here on.
                    self.close();
                    return Err(error.context(self.stream.peer()));
                }
            }
            let count = match self.stream.recv_polling(decoder.space(READ_SIZE), polling, &deadline) {
                Err(_) if self.is_closed() => return Err(self.closed_error()),
                result => result?,
            };
            if count == 0 {
                return Err(self.end_of_stream(decoder));
            }
            decoder.commit(count);
        }
    }

    fn end_of_stream(&self, decoder: &Decoder) -> Error {
        let peer = self.stream.peer();
        if self.is_closed() {
            return self.closed_error();
        }
        match decoder.expected() {
            Some((have, total)) => Error::new(
                Status::ConnectionReset,
                format!("{peer}: connection lost after {have} of {total} bytes of a message"),
            ),
            None if decoder.is_empty() => Error::new(Status::Closed, format!("{peer} closed the connection")),
            None => Error::new(
                Status::ConnectionReset,
                format!("{peer}: connection lost after {} bytes of a message", decoder.buffered()),
            ),
        }
    }

    /// Ends the connection in both directions and wakes every call that waits in it with `Closed`. Never blocks;
    /// may be repeated. The peer gets what was sent before.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.stream.shutdown();
        }
    }

    /// Closes this process's descriptor and nothing else: for a connection that `fork` has copied and the other
    /// process goes on with.
    pub fn release(self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Whether this side has closed.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn closed_error(&self) -> Error {
        Error::new(Status::Closed, format!("the connection with {} is closed", self.stream.peer()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl AsRawFd for Connection {
    fn as_raw_fd(&self) -> RawFd {
        self.stream.as_raw_fd()
    }
}

fn lock<'m, T>(mutex: &'m Mutex<T>, deadline: &Deadline<'_>, what: &str) -> Result<MutexGuard<'m, T>> {
    if let Some(guard) = mutex.try_lock() {
        return Ok(guard);
    }
    loop {
        // A mutex does not notice signals: whoever may be interrupted looks up from time to time.
        let pause = if deadline.can_be_interrupted() { LOOK_UP } else { Duration::MAX };
        let guard = match deadline.at_most(pause).instant() {
            None => Some(mutex.lock()),
            Some(at) => mutex.try_lock_until(at),
        };
        match guard {
            Some(guard) => return Ok(guard),
            None if deadline.has_passed() => return Err(Deadline::timed_out(what)),
            None => deadline.interrupted()?,
        }
    }
}
