//! The way to one connection.

use std::io::{self, IoSlice};

use bytes::Bytes;

use super::kind::Kind;
use super::link::Written;
use super::table::Slot;
use crate::peer::{LeaveReason, Moment, Rules, Unsent};

/// Chunks written with one system call; the kernel's own bound is 1024.
const CHUNKS_PER_WRITE: usize = 64;

/// One connection, as a service deals with it when many are served in a row. Where something waits for it afterwards,
/// [`Turn::press`](super::Turn::press) has to be called, which sets its time for that.
pub(crate) struct Door<'t, S: Kind> {
    pub(super) slot: &'t mut Slot<S::State>,
    pub(super) rules: &'t Rules,
    pub(super) now: Moment,
    pub(super) sent: &'t mut u64,
    /// What is sealed with.
    pub(super) scratch: &'t mut Vec<u8>,
}

impl<S: Kind> Door<'_, S> {
    pub(crate) fn state(&mut self) -> &mut S::State {
        &mut self.slot.state
    }

    /// Whether it takes part, and nothing waits for it.
    pub(crate) fn is_clear(&self) -> bool {
        self.slot.peer.is_clear()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.slot.peer.is_open()
    }

    /// Whether its connection is about to be dropped.
    pub(crate) fn is_doomed(&self) -> bool {
        self.slot.doomed
    }

    pub(crate) fn is_asking(&self) -> bool {
        self.slot.peer.is_asking()
    }

    /// Whether something waits for it.
    pub(crate) fn has_output(&self) -> bool {
        self.slot.peer.has_output()
    }

    /// What waits for it, with what it costs to keep that, in bytes.
    pub(crate) fn outbox_cost(&self) -> usize {
        self.slot.peer.outbox_cost()
    }

    /// Bytes that it has sent and its side has not taken yet.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.slot.link.unacknowledged()
    }

    /// The common case of a peer that is [clear](Door::is_clear): the kernel is offered the shared buffer itself. What it
    /// does not take waits.
    pub(crate) fn offer(&mut self, chunk: &Bytes) -> Result<(), LeaveReason> {
        let sent = match self.slot.link.write(chunk, self.scratch).map_err(|_| LeaveReason::Lost)? {
            Written::All => chunk.len(),
            Written::Full(sent) => {
                self.slot.peer.keep_rest(chunk, sent, self.now);
                sent
            }
        };
        self.count(sent);
        Ok(())
    }

    /// The same of bytes that are nobody's to keep: what the kernel does not take is copied.
    pub(crate) fn offer_copy(&mut self, bytes: &[u8]) -> Result<(), LeaveReason> {
        let sent = match self.slot.link.write(bytes, self.scratch).map_err(|_| LeaveReason::Lost)? {
            Written::All => bytes.len(),
            Written::Full(sent) => {
                self.slot.peer.keep_rest(&Bytes::copy_from_slice(&bytes[sent..]), 0, self.now);
                sent
            }
        };
        self.count(sent);
        Ok(())
    }

    /// Puts these into the outbox, and sends what the kernel takes of it.
    pub(crate) fn push(&mut self, chunks: impl IntoIterator<Item = Bytes>) -> Result<(), LeaveReason> {
        match self.slot.peer.push(chunks, self.rules) {
            Ok(()) if self.slot.peer.is_blocked() => Ok(()),
            Ok(()) => {
                let sent = self.slot.flush(self.now, self.scratch).map_err(|_| LeaveReason::Lost)?;
                self.count(sent);
                Ok(())
            }
            Err(Unsent::Full) => Err(LeaveReason::TooSlow),
            Err(Unsent::Refused) => Ok(()),
        }
    }

    fn count(&mut self, sent: usize) {
        *self.sent += sent as u64;
        if let Some(traffic) = S::traffic(&self.slot.state) {
            traffic.bytes_out.add(sent as u64);
        }
    }
}

impl<T> Slot<T> {
    /// Sends what waits until the outbox is empty or the kernel is full; returns the number of bytes sent.
    ///
    /// With TLS it is sealed in `scratch`, and what the channel itself has to say goes before it.
    pub(super) fn flush(&mut self, now: Moment, scratch: &mut Vec<u8>) -> io::Result<usize> {
        self.link.settle()?;
        let mut total = 0;
        while self.peer.has_output() {
            let mut places = [IoSlice::new(&[]); CHUNKS_PER_WRITE];
            let count = self.peer.waiting(&mut places);
            let offered = places[..count].iter().map(|place| place.len()).sum();
            let (sent, full) = match self.link.write_vectored(&places[..count], scratch)? {
                Written::All => (offered, false),
                Written::Full(sent) => (sent, true),
            };
            self.peer.sent(sent, full, now);
            total += sent;
            if full {
                break;
            }
        }
        Ok(total)
    }
}
