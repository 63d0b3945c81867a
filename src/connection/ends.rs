//! The ends of a stream, which TLS tells apart from a cut.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Connection;
use super::farewell::send_later;
use super::halves::Sender;

/// Longer than anybody works with the machine.
const PATIENCE: Duration = Duration::from_millis(100);

impl Connection {
    /// Takes note of an end of TLS that came with what was received before there was a connection.
    pub(super) fn note_end(&mut self) {
        if let Some(secure) = &self.secure {
            self.receiver.get_mut().end = secure.receive(&[], &mut Vec::new());
        }
    }

    /// Ends both directions of the stream; by TLS the peer is told that this is the end.
    pub(super) fn end_stream(&self) {
        if self.say_goodbye() {
            self.stream.shutdown();
        } else {
            self.stream.shutdown_receive();
        }
    }

    /// Ends the sending direction of the stream in the same way.
    pub(super) fn end_sending(&self) {
        if self.say_goodbye() {
            self.stream.shutdown_send();
        }
    }

    /// Ends the receiving direction of the stream.
    pub(super) fn end_receiving(&self) {
        if let Some(secure) = &self.secure {
            secure.deaf.store(true, Ordering::Relaxed);
        }
        self.stream.shutdown_receive();
    }

    /// What was offered, and `close_notify` behind it; whether nothing of it is left, so that the direction may end. Otherwise a
    /// thread ends it. While somebody sends, the stream cuts its message off, which is no end in good order.
    fn say_goodbye(&self) -> bool {
        if self.secure.as_ref().is_some_and(|secure| !secure.is_ours()) {
            return true;
        }
        let Some(mut sender) = self.sender.try_lock() else { return true };
        let Sender { tail, .. } = &mut *sender;
        if tail.is_given_away() {
            return false;
        }
        if let Some(secure) = &self.secure {
            // Whoever has it for long is this thread, interrupted by a signal.
            let Some(mut machine) = secure.machine.try_lock_until(Instant::now() + PATIENCE) else { return true };
            machine.close(&mut tail.bytes);
        }
        tail.offer(&self.stream) || !send_later(&self.stream, tail)
    }
}
