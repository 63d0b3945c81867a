//! The ends of a stream, which TLS tells apart from a cut.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Connection;
use super::secure::Secure;
use crate::Result;
use crate::net::Deadline;

/// How long the end may wait for room in the kernel, which a peer that reads makes at once.
const PATIENCE: Duration = Duration::from_millis(100);

impl Connection {
    /// Takes note of an end of TLS that came with what was received before there was a connection.
    pub(super) fn note_end(&mut self) {
        if let Some(secure) = &self.secure {
            self.receiver.get_mut().end = secure.receive(&[], &mut Vec::new());
        }
    }

    /// Ends both directions of the stream; the peer is told that this is the end, if it can be told without waiting.
    pub(super) fn end_stream(&self) {
        self.say_goodbye();
        self.stream.shutdown();
    }

    /// Ends the sending direction of the stream. With TLS, where the kernel has no room for the end, whoever receives does
    /// it later.
    pub(super) fn end_sending(&self) {
        let is_said = self.say_goodbye();
        if let Some(secure) = &self.secure {
            secure.ending.store(!is_said, Ordering::Relaxed);
        }
        if is_said {
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

    /// `close_notify`; whether there is nothing left to be sent of it. While somebody sends, the stream cuts its message off,
    /// which is no end in good order.
    fn say_goodbye(&self) -> bool {
        let Some(secure) = self.secure.as_ref().filter(|secure| secure.is_ours()) else { return true };
        let Some(mut sender) = self.sender.try_lock() else { return true };
        // Whoever has it is this thread, interrupted by a signal, or was never copied by a fork, if it has it for long.
        let Some(mut machine) = secure.machine.try_lock_until(Instant::now() + PATIENCE) else { return true };
        machine.close(&mut sender.sealed.records);
        drop(machine);
        let room = Deadline::after(PATIENCE);
        sender.sealed.offer(&self.stream)
            || (self.stream.await_room(&room).is_ok() && sender.sealed.offer(&self.stream))
    }

    /// Before a wait for what comes: sends the end of the other direction that was left over, as long as nothing comes.
    #[inline]
    pub(super) fn finish_sending(&self, secure: &Secure, deadline: &Deadline<'_>) -> Result<()> {
        while secure.ending.load(Ordering::Relaxed) && self.stream.await_either(deadline)? {
            self.end_sending();
        }
        Ok(())
    }
}
