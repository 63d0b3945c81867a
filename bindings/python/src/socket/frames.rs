//! Whole messages on a socket: the core's framing, without a byte read ahead.

use std::io::IoSlice;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rustchat::connection::{TimedGuard, TimedMutex};
use rustchat::frame::{Decoder, Framing};
use rustchat::net::socket::{self, Direction, Room};
use rustchat::{Error, Status};

use super::buffer::Source;
use super::call::{Kind, perform};
use super::error::timed_out;
use super::object::Socket;
use super::timeout::{Patience, Timeout};
use crate::arguments::{self, choice, wrong_kind};
use crate::error::{OrRaise, exception, invalid};
use crate::lifetime;

/// How often a thread that waits for another one's message to pass looks for signals.
const LOOK_UP: Duration = Duration::from_millis(50);

/// The memory of a longer message is given back with it; that of a shorter one serves the next.
const KEPT: usize = 1 << 20;

/// What a socket has for frames, from its first one on.
pub(crate) struct Frames {
    sender: TimedMutex<()>,
    receiver: TimedMutex<Option<Decoder>>,
    /// A thread that had its turn when this process was forked has none here.
    generation: u32,
}

impl Socket {
    fn own_frames(&self) -> Arc<Frames> {
        let generation = lifetime::generation();
        let mut place = self.frames().lock();
        match &*place {
            Some(frames) if frames.generation == generation => Arc::clone(frames),
            inherited => {
                // What has come of a message is in every process that shares the stream, unless it was being received.
                let kept = inherited.as_ref().and_then(|frames| frames.receiver.try_lock()?.take());
                let frames = Frames { sender: TimedMutex::new(()), receiver: TimedMutex::new(kept), generation };
                Arc::clone(place.insert(Arc::new(frames)))
            }
        }
    }

    pub(crate) fn send_message_whole(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        framing: &str,
        limit: Option<usize>,
    ) -> PyResult<()> {
        let framing: Framing = choice(py, "framing", framing)?;
        let source = Source::of(data).map_err(|error| match error.is_instance_of::<PyTypeError>(py) {
            true => wrong_kind("data", "a bytes-like object", data),
            false => error,
        })?;
        // What is looked at must not change before it is sent; of other framings only the length matters.
        let copy = match &source {
            Source::Other(_) if framing == Framing::Line => Some(source.bytes().to_vec()),
            _ => None,
        };
        let bytes = copy.as_deref().unwrap_or(source.bytes());
        let envelope = framing.envelope(bytes, arguments::limit(framing, limit)).or_raise(py)?;
        if self.timeout() == Timeout::NONE {
            return Err(PyValueError::new_err("non-blocking sockets are not supported: they would cut messages"));
        }
        let frames = self.own_frames();
        let mut patience = Patience::of(self.timeout());
        let _turn = take_turn(py, &frames.sender, &mut patience)?;
        let mut parts = [envelope.header(), bytes, envelope.trailer()].map(IoSlice::new);
        self.send_parts(py, &mut parts, &mut patience)
    }

    fn send_parts(&self, py: Python<'_>, mut left: &mut [IoSlice<'_>], patience: &mut Patience) -> PyResult<()> {
        let total: usize = left.iter().map(|part| part.len()).sum();
        let mut sent = 0;
        while sent < total {
            let attempt = |fd, extra| socket::send_message(fd, left, &[], extra, None);
            match perform(py, self.handle(), Direction::Send, Kind::Flags, patience, attempt) {
                Ok(count) => {
                    sent += count;
                    IoSlice::advance_slices(&mut left, count);
                }
                Err(error) => {
                    if sent > 0 {
                        let _ = socket::shutdown(self.handle().number(), libc::SHUT_WR);
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn receive_message_whole<'py>(
        &self,
        py: Python<'py>,
        framing: &str,
        limit: Option<usize>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let framing: Framing = choice(py, "framing", framing)?;
        let limit = arguments::limit(framing, limit);
        let frames = self.own_frames();
        let mut patience = Patience::of(self.timeout());
        let mut turn = take_turn(py, &frames.receiver, &mut patience)?;
        let decoder = match &mut *turn {
            Some(decoder) if decoder.framing() == framing && decoder.limit() == limit => decoder,
            Some(decoder) if !decoder.is_empty() => {
                let text = format!("a message in the framing {} has begun to come", decoder.framing());
                return Err(invalid(py, text));
            }
            place => place.insert(Decoder::new(framing, limit)),
        };
        loop {
            if let Some(message) = decoder.next().or_raise(py)? {
                let (length, message) = (message.len(), PyBytes::new(py, message));
                if length > KEPT {
                    decoder.release_if_empty();
                }
                return Ok(message);
            }
            self.receive_piece(py, decoder, &mut patience)?;
        }
    }

    /// Receives bytes that belong to the message for sure.
    fn receive_piece(&self, py: Python<'_>, decoder: &mut Decoder, patience: &mut Patience) -> PyResult<()> {
        let wanted = missing(decoder);
        let space = decoder.space(wanted.min(1));
        let length = space.len().min(wanted);
        let space = &mut space[..length];
        let attempt = |fd, extra| socket::recv(fd, Room::from(&mut *space), extra);
        let count = perform(py, self.handle(), Direction::Receive, Kind::Flags, patience, attempt)?;
        if count == 0 {
            return Err(exception(py, &end_of_stream(decoder)));
        }
        decoder.commit(count);
        Ok(())
    }
}

/// How many bytes the frame lacks, as far as its header is known.
fn missing(decoder: &Decoder) -> usize {
    /// What every header has, and what the long form of one has.
    const HEADER: usize = 4;
    const LONG_HEADER: usize = 12;
    match (decoder.expected(), decoder.framing()) {
        (Some((have, total)), _) => total - have,
        (None, Framing::Line) => 1,
        (None, _) if decoder.buffered() < HEADER => HEADER - decoder.buffered(),
        (None, _) => LONG_HEADER - decoder.buffered(),
    }
}

fn end_of_stream(decoder: &Decoder) -> Error {
    let (status, text) = match decoder.expected() {
        Some((have, total)) => {
            (Status::ConnectionReset, format!("connection lost after {have} of {total} bytes of a message"))
        }
        None if decoder.is_empty() => (Status::Closed, "the peer closed the connection".to_owned()),
        None => {
            let count = decoder.buffered();
            (Status::ConnectionReset, format!("connection lost after {count} bytes of a message"))
        }
    };
    Error::new(status, text)
}

/// Waits for the turn, within what is left of a timeout; but not for a call of this very thread, which a signal's handler
/// has interrupted.
fn take_turn<'t, T: Send>(
    py: Python<'_>,
    turn: &'t TimedMutex<T>,
    patience: &mut Patience,
) -> PyResult<TimedGuard<'t, T>> {
    loop {
        if let Some(guard) = turn.try_lock() {
            return Ok(guard);
        }
        if turn.is_mine() {
            let text = "this thread is inside a call on the same socket, which would wait for itself";
            return Err(exception(py, &Error::new(Status::WouldDeadlock, text)));
        }
        let left = patience.remaining();
        if left.is_some_and(|left| left.is_zero()) {
            return Err(timed_out());
        }
        let pause = left.map_or(LOOK_UP, |left| left.min(LOOK_UP));
        py.detach(|| drop(turn.try_lock_until(Instant::now() + pause)));
        py.check_signals()?;
    }
}
