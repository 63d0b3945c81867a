//! Through TLS: when to encrypt, since a record that is made must be sent, and what the machine sends of its own accord.

use std::io::IoSlice;
use std::sync::atomic::Ordering;

use super::Connection;
use super::secure::{End, Secure};
use super::tail::Tail;
use crate::net::Deadline;
use crate::{Result, Status};

/// So much plaintext is sealed at once: four records of full length.
const PIECE: usize = 64 * 1024;

impl Connection {
    /// Sends all of `left` in records; of nothing, what is owed. Nothing is sealed before the kernel has room for some of it, so
    /// that whoever gives up before that leaves the connection as it was.
    #[inline(never)]
    pub(super) fn send_sealed(
        &self,
        secure: &Secure,
        mut left: &mut [IoSlice<'_>],
        tail: &mut Tail,
        deadline: &Deadline<'_>,
    ) -> Result<()> {
        secure.check_process()?;
        let total: usize = left.iter().map(|slice| slice.len()).sum();
        if total == 0 {
            secure.machine.lock().owed(&mut tail.bytes);
            return self.flush_tail(tail, deadline);
        }
        self.clear_way(tail, deadline)?;
        self.stream.await_room(deadline).map_err(|error| self.or_closed(error))?;
        let mut done = 0;
        while done < total {
            let piece = PIECE.min(total - done);
            let result = if piece == total {
                secure.machine.lock().seal(left, &mut tail.bytes)
            } else {
                secure.machine.lock().seal(&first(left, piece), &mut tail.bytes)
            };
            IoSlice::advance_slices(&mut left, piece);
            result.and_then(|()| self.flush_tail(tail, deadline)).map_err(|error| {
                let is_as_before = match error.status() {
                    // Of a record nothing is with the kernel, which will never take any.
                    Status::ConnectionReset | Status::Closed => tail.is_untouched(),
                    _ => tail.rest().is_empty(),
                };
                if (done == 0 && is_as_before) || self.is_closed() { error } else { self.cut_off(error, done, total) }
            })?;
            done += piece;
        }
        Ok(())
    }

    /// Sends what the machine owes, as far as nobody else is sending: who is comes here when it is done.
    #[inline]
    pub(super) fn settle(&self) {
        if let Some(secure) = &self.secure {
            self.settle_with(secure);
        }
    }

    #[inline(never)]
    fn settle_with(&self, secure: &Secure) {
        while secure.owes.load(Ordering::SeqCst) && secure.is_ours() {
            let Some(mut sender) = self.sender.try_lock() else { return };
            secure.owes.store(false, Ordering::SeqCst);
            secure.machine.lock().owed(&mut sender.tail.bytes);
            // What is left goes before the next message.
            sender.tail.offer(&self.stream);
        }
    }

    /// Says something that is no message, as far as it takes no waiting.
    pub(super) fn mention(&self, bytes: &[u8]) {
        let Some(mut sender) = self.sender.try_lock() else { return };
        match &self.secure {
            Some(secure) => {
                // A channel that is broken says nothing any more.
                let _ = secure.machine.lock().seal(&[IoSlice::new(bytes)], &mut sender.tail.bytes);
                sender.tail.offer(&self.stream);
            }
            None if sender.tail.is_clear() => drop(self.stream.try_send(bytes)),
            // In the midst of a message it would be taken for a part of it.
            None => {}
        }
    }

    /// Decrypts what has come.
    pub(super) fn unseal(&self, secure: &Secure, wire: &[u8], plain: &mut Vec<u8>) -> Option<End> {
        let end = secure.receive(wire, plain);
        if matches!(end, Some(End::Closed)) {
            // Whoever polls the descriptor is told, though the peer may leave the stream open.
            self.stream.shutdown_receive();
        }
        self.settle_with(secure);
        end
    }
}

/// The first so many bytes of `parts`.
fn first<'s>(parts: &'s [IoSlice<'_>], mut count: usize) -> Vec<IoSlice<'s>> {
    let taken = parts.iter().map(|part| {
        let part = &part[..part.len().min(count)];
        count -= part.len();
        IoSlice::new(part)
    });
    taken.collect()
}
