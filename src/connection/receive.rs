//! The receiving half of a connection.

use std::io;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::halves::Receiver;
use super::secure::End;
use super::{Connection, lock};
use crate::frame::Decoder;
use crate::net::Deadline;
use crate::{Error, Result, Status};

/// What one read asks for when no frame has announced more.
const READ_SIZE: usize = 64 * 1024;

/// What one read asks for when the message to come is likely to be long and has a better place than the decoder.
const HEAD_SIZE: usize = 4 * 1024;

/// Whoever offers more to one read has memory left of a long message.
const LARGE: usize = 4 * READ_SIZE;

/// How long that is kept while nothing comes.
const IDLE: Duration = Duration::from_secs(1);

/// From here on it pays to receive the rest of a message into its last place, with a system call of its own.
const LONG_MESSAGE: usize = 16 * 1024;

/// What became of a message that was to be received into a buffer.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// It is at the start of the buffer, this many bytes.
    Whole(usize),
    /// It is longer than the buffer.
    TooLong(Vec<u8>),
}

impl Connection {
    /// Receives one message.
    ///
    /// `Closed` at the end of the stream between messages, `ConnectionReset` in the middle of one. A deadline that
    /// passes loses nothing: what has come of a message stays for the next call. `WouldDeadlock` inside another call that
    /// receives on this connection: in a signal handler that has interrupted it. `ProtocolViolation` with a deadline, even
    /// before it, when the first message has not become whole, the peer has been silent for a second, and all that it has sent
    /// would be whole messages in the other order of bytes; without one only the log tells of that.
    pub fn recv<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Vec<u8>> {
        self.recv_with(deadline, <[u8]>::to_vec)
    }

    /// Receives one message and shows it to `take` where it lies, without a copy.
    pub fn recv_with<'a, R>(&self, deadline: impl Into<Deadline<'a>>, take: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let deadline = deadline.into();
        let mut receiver = lock(&self.receiver, &deadline, "receive")?;
        loop {
            let Receiver { decoder, gathering, .. } = &mut *receiver;
            if let Some(message) = self.whole_message(decoder)? {
                gathering.count();
                return Ok(take(message));
            }
            self.read(&mut receiver, usize::MAX, &deadline)?;
        }
    }

    /// Receives one message into `buffer`, the greater part of a long one without a copy.
    ///
    /// What lies in the buffer behind the message, and after an error, is not defined.
    pub fn recv_into<'a>(&self, buffer: &mut [u8], deadline: impl Into<Deadline<'a>>) -> Result<Received> {
        let deadline = deadline.into();
        let mut receiver = lock(&self.receiver, &deadline, "receive")?;
        loop {
            let Receiver { decoder, gathering, .. } = &mut *receiver;
            if let Some(message) = self.whole_message(decoder)? {
                gathering.count();
                let length = message.len();
                let Some(place) = buffer.get_mut(..length) else { return Ok(Received::TooLong(message.to_vec())) };
                place.copy_from_slice(message);
                receiver.long = length >= LONG_MESSAGE;
                return Ok(Received::Whole(length));
            }
            // What comes by TLS has to be decrypted, which is a copy.
            let roomy = buffer.len() >= LONG_MESSAGE && self.secure.is_none();
            match receiver.decoder.expected() {
                Some((have, total))
                    if roomy
                        && total - have >= LONG_MESSAGE
                        && total <= buffer.len()
                        && receiver.doubt.is_settled() =>
                {
                    self.read_rest(&mut receiver, &mut buffer[..total], &deadline)?;
                    return Ok(Received::Whole(total));
                }
                None if receiver.long && roomy => self.read(&mut receiver, HEAD_SIZE, &deadline)?,
                _ => self.read(&mut receiver, usize::MAX, &deadline)?,
            }
        }
    }

    /// Receives the rest of the unfinished message of that many bytes, past the decoder. If that fails in the middle, the
    /// decoder has what came.
    fn read_rest(&self, receiver: &mut Receiver, message: &mut [u8], deadline: &Deadline<'_>) -> Result<()> {
        let Receiver { decoder, polling, long, .. } = receiver;
        let have = decoder.unfinished().len();
        message[..have].copy_from_slice(decoder.unfinished());
        let mut end = have;
        let result = loop {
            if end == message.len() {
                decoder.forget_unfinished();
                *long = true;
                return Ok(());
            }
            match self.stream.recv_polling(&mut message[end..], polling, deadline) {
                Ok(0) => break Ok(()),
                Ok(count) => end += count,
                Err(error) => break Err(error),
            }
        };
        decoder.push(&message[have..end])?;
        Err(match result {
            Err(_) if self.is_closed() => self.closed_error(),
            Err(error) => error,
            Ok(()) => self.end_of_stream(decoder),
        })
    }

    /// Waits for one message, then takes it and those that came with it, up to `most` of them; returns how many.
    pub fn recv_many<'a>(
        &self,
        most: usize,
        deadline: impl Into<Deadline<'a>>,
        mut take: impl FnMut(&[u8]),
    ) -> Result<usize> {
        self.recv_while(most, deadline, |message| {
            take(message);
            true
        })
    }

    /// Like [`Connection::recv_many`], but a message for which `take` says `false` ends the call and stays: it is the next
    /// one that is received. The number is 0 when that was the first.
    pub fn recv_while<'a>(
        &self,
        most: usize,
        deadline: impl Into<Deadline<'a>>,
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Result<usize> {
        let deadline = deadline.into();
        let mut receiver = lock(&self.receiver, &deadline, "receive")?;
        let mut count = 0;
        while count < most {
            let offered = self
                .check_open()
                .and_then(|()| receiver.decoder.offer(&mut take).map_err(|error| self.out_of_step(error)));
            match offered {
                Ok(Some(true)) => {
                    receiver.gathering.count();
                    count += 1;
                }
                Ok(Some(false)) => break,
                Ok(None) if count == 0 => self.read(&mut receiver, usize::MAX, &deadline)?,
                Err(error) if count == 0 => return Err(error),
                // An error behind whole messages is met again by the next call.
                Ok(None) | Err(_) => break,
            }
        }
        Ok(count)
    }

    /// Bytes that have come and that nobody has received yet: parts of a message, or whole ones behind the last.
    ///
    /// Never waits; 0 while another thread receives.
    pub fn buffered(&self) -> usize {
        self.receiver.try_lock().map_or(0, |receiver| receiver.decoder.buffered())
    }

    pub(super) fn whole_message<'d>(&self, decoder: &'d mut Decoder) -> Result<Option<&'d [u8]>> {
        self.check_open()?;
        decoder.next().map_err(|error| self.out_of_step(error))
    }

    /// Where the next message would begin is unknown from here on; the peer need not send more.
    #[cold]
    fn out_of_step(&self, error: Error) -> Error {
        self.end_stream();
        error.context(self.stream.peer())
    }

    /// Brings at least one byte and at most `most` to the decoder, or none after a while.
    fn read(&self, receiver: &mut Receiver, most: usize, deadline: &Deadline<'_>) -> Result<()> {
        let most = self.check_read(receiver)?.unwrap_or(most);
        let answered = self.flow.before_read(&self.stream);
        if let Some(pause) = receiver.gathering.before_read(answered, receiver.drained) {
            let pause = deadline.remaining().map_or(pause, |left| left.min(pause));
            deadline.waiting(|_| thread::sleep(pause));
        }
        let Receiver { decoder, polling, doubt, .. } = receiver;
        let space = decoder.space(READ_SIZE.min(most));
        let length = space.len().min(most);
        // A long message has come and gone: the memory for another one is kept for a moment.
        let is_large = space.len() > LARGE && most >= READ_SIZE;
        let patience = doubt.deadline(if is_large { deadline.at_most(IDLE) } else { *deadline });
        match self.stream.recv_polling(&mut space[..length], polling, &patience) {
            Err(error) => self.nothing_came(error, receiver, deadline),
            Ok(count) => self.came(receiver, length, count),
        }
    }

    /// Brings what is there to the decoder, without waiting; whether there may be more.
    pub(super) fn read_nowait(&self, receiver: &mut Receiver) -> Result<bool> {
        self.check_read(receiver)?;
        self.flow.before_read(&self.stream);
        // Who has little to say costs little; an idle connection costs nothing.
        let wanted = if receiver.drained || receiver.fresh { HEAD_SIZE } else { READ_SIZE };
        let space = receiver.decoder.space(wanted);
        let length = space.len();
        match self.stream.try_recv(space) {
            Ok(count) => self.came(receiver, length, count).map(|()| !receiver.drained),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                receiver.drained = true;
                receiver.decoder.release_if_empty();
                receiver.plain = Vec::new();
                if self.is_closed() { Err(self.closed_error()) } else { Ok(false) }
            }
            Err(_) if self.is_closed() => Err(self.closed_error()),
            Err(error) => Err(Error::from_io(&error, format_args!("receive from {}", self.stream.peer()))),
        }
    }

    /// What a read may ask for at most, if not as much as there is place for; an error where there is nothing to be read.
    #[inline]
    fn check_read(&self, receiver: &Receiver) -> Result<Option<usize>> {
        let Some(secure) = &self.secure else { return Ok(None) };
        secure.check_process()?;
        self.check_end(receiver)?;
        Ok(Some(READ_SIZE))
    }

    /// Takes in the `count` bytes that a read of `length` has put into the decoder's space; none are the end.
    #[inline]
    fn came(&self, receiver: &mut Receiver, length: usize, mut count: usize) -> Result<()> {
        let Receiver { decoder, drained, fresh, doubt, plain, end, .. } = receiver;
        if count == 0 {
            return Err(self.cut_short(decoder).unwrap_or_else(|| self.end_of_stream(decoder)));
        }
        self.flow.heard(&self.stream);
        *drained = count < length;
        if let Some(secure) = &self.secure {
            *end = self.unseal(secure, &decoder.space(count)[..count], plain);
            count = plain.len();
            decoder.space(count)[..count].copy_from_slice(plain);
            plain.clear();
            if count == 0 {
                return Ok(());
            }
        }
        // What a stranger says is no message.
        if std::mem::take(fresh)
            && let Some(error) = self.meet(&decoder.space(count)[..count])
        {
            return Err(error);
        }
        decoder.commit(count);
        if !doubt.is_settled() {
            doubt.look(decoder, self.framing);
        }
        Ok(())
    }

    /// What to do when a read has ended with an error, and perhaps before the caller's deadline.
    #[cold]
    fn nothing_came(&self, error: Error, receiver: &mut Receiver, deadline: &Deadline<'_>) -> Result<()> {
        if self.is_closed() {
            return Err(self.closed_error());
        }
        let is_early = error.status() == Status::TimedOut && !deadline.has_passed();
        if error.status() == Status::TimedOut
            && let Some(error) = self.judge(&mut receiver.doubt, deadline)
        {
            return Err(error);
        }
        // Nothing comes for the time being: an idle connection costs no buffer.
        receiver.decoder.release_if_empty();
        receiver.plain = Vec::new();
        if is_early { Ok(()) } else { Err(error) }
    }

    /// Whether what comes by TLS has ended already.
    fn check_end(&self, receiver: &Receiver) -> Result<()> {
        match &receiver.end {
            None => Ok(()),
            Some(End::Closed) => Err(self.end_of_stream(&receiver.decoder)),
            Some(End::Failed(_)) if self.is_closed() => Err(self.closed_error()),
            Some(End::Failed(error)) => Err(self.out_of_step(error.clone())),
        }
    }

    /// What to say of the end of a stream between two messages that anybody on the way may have made.
    #[cold]
    fn cut_short(&self, decoder: &Decoder) -> Option<Error> {
        let secure = self.secure.as_ref()?;
        if secure.deaf.load(Ordering::Relaxed)
            || self.is_closed()
            || self.stranger.get().is_some()
            || !decoder.is_empty()
        {
            return None;
        }
        let sentence = "connection lost: the stream has ended, and TLS has not";
        Some(Error::new(Status::ConnectionReset, format!("{}: {sentence}", self.stream.peer())))
    }

    fn end_of_stream(&self, decoder: &Decoder) -> Error {
        let peer = self.stream.peer();
        if self.is_closed() || self.stranger.get().is_some() {
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
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::connection::ConnectOptions;
    use crate::net::Stream;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A receiver that waits for ever, after a long message of `near`'s, gives the memory of it back.
    fn gives_memory_back(near: &Connection, far: &Connection) {
        thread::scope(|scope| {
            scope.spawn(|| near.send(&vec![1; 8 << 20], PATIENCE).unwrap());
            assert_eq!(far.recv(PATIENCE).unwrap().len(), 8 << 20);
        });
        let mut receiver = far.receiver.try_lock().unwrap();
        assert!(receiver.decoder.memory() > 4 * READ_SIZE);
        assert!(receiver.plain.capacity() <= 2 * READ_SIZE);
        let begin = Instant::now();
        // It returns without a byte when it has given the memory back.
        far.read(&mut receiver, usize::MAX, &Deadline::after(PATIENCE)).unwrap();
        assert!(receiver.decoder.memory() == 0 && receiver.plain.capacity() == 0 && begin.elapsed() < PATIENCE);
        drop(receiver);
        near.send(b"still here", PATIENCE).unwrap();
        assert_eq!(far.recv(None).unwrap(), b"still here");
    }

    #[test]
    fn who_waits_for_ever_gives_the_memory_of_a_long_message_back() {
        let (one, other) = UnixStream::pair().unwrap();
        let [near, far] = [one, other].map(|stream| {
            let stream = Stream::from_fd(stream.into()).unwrap();
            Connection::over(stream, &ConnectOptions::default(), PATIENCE).unwrap()
        });
        gives_memory_back(&near, &far);
    }

    #[cfg(feature = "tls")]
    #[test]
    fn who_waits_for_ever_by_tls_gives_it_back_too() {
        use crate::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
        use crate::connection::{AcceptOptions, MessageListener, connect};
        let secret = Secret::new("sixteen bytes or more").unwrap();
        let tls = || Some(crate::tls::Tls::new());
        let auth = Some(ServerAuth::new(Profile::Mutual, KeyRing::single(secret.clone())));
        let options = AcceptOptions { auth, tls: tls(), ..AcceptOptions::default() };
        let listener = MessageListener::bind(crate::net::Endpoint::tcp("127.0.0.1", 0), options).unwrap();
        let auth = Some(ClientAuth::new(Profile::Mutual, secret));
        let options = ConnectOptions { auth, tls: tls(), ..ConnectOptions::default() };
        let near = connect(listener.address(), &options, PATIENCE).unwrap();
        gives_memory_back(&near, &listener.accept(PATIENCE).unwrap());
    }
}
