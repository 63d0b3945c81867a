//! TLS between the messages of a connection and its stream: what belongs to whom.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::timed_mutex::TimedMutex;
use crate::net::{Stream, forks};
use crate::tls::{Machine, Pin};
use crate::{Error, Result, Status};

/// What a connection keeps of the memory for records.
const KEPT: usize = 128 * 1024;

/// The channel of a connection. Its lock is taken last, and held for work in memory alone.
#[derive(Debug)]
pub(super) struct Secure {
    pub(super) machine: TimedMutex<Machine>,
    /// The server's public key, at the client's end.
    pub(super) pin: Option<Pin>,
    /// Whose machine it is, as the forks that led there: a copy in a child would seal with numbers that its parent uses, too.
    forks: u32,
    /// The machine has something to send of its own accord. Whoever receives finds it out, and whoever may send sends it.
    pub(super) owes: AtomicBool,
    /// This end has said that it receives no more: the end of the stream is its own.
    pub(super) deaf: AtomicBool,
}

/// Records on their way to the kernel, in the order in which the machine has made them: nothing of them may be left out, and
/// nothing may come between. They belong to whoever sends.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    pub(super) records: Vec<u8>,
    sent: usize,
    /// The last of them is on its way by another hand.
    given_away: bool,
}

/// How what the peer sends has ended.
#[derive(Debug)]
pub(super) enum End {
    /// It has said so.
    Closed,
    /// The channel is broken.
    Failed(Error),
}

impl Secure {
    pub(super) fn new(machine: Machine) -> Secure {
        let no = || AtomicBool::new(false);
        let pin = machine.peer_pin();
        let (machine, forks) = (TimedMutex::new(machine), forks());
        Secure { machine, pin, forks, owes: no(), deaf: no() }
    }

    /// Whether this is the process in which it was made.
    pub(super) fn is_ours(&self) -> bool {
        self.forks == forks()
    }

    /// `BadState` in any other.
    pub(super) fn check_process(&self) -> Result<()> {
        if self.is_ours() {
            return Ok(());
        }
        let message =
            "this connection has TLS and belongs to the process that has made it: its keys are not for a forked copy";
        Err(Error::new(Status::BadState, message))
    }

    /// Decrypts all of `wire`, and says whether that was the end.
    pub(super) fn receive(&self, wire: &[u8], plain: &mut Vec<u8>) -> Option<End> {
        let mut machine = self.machine.lock();
        let result = machine.receive(wire, plain);
        if machine.owes() {
            self.owes.store(true, Ordering::SeqCst);
        }
        match result {
            Err(error) => Some(End::Failed(error)),
            Ok(()) => machine.has_ended().then_some(End::Closed),
        }
    }
}

impl Sealed {
    /// What the kernel has not taken yet.
    pub(super) fn rest(&self) -> &[u8] {
        if self.given_away { &[] } else { &self.records[self.sent..] }
    }

    /// All of that, behind which nothing may be sent.
    pub(super) fn give_away(&mut self) -> Vec<u8> {
        self.given_away = true;
        self.records.split_off(self.sent)
    }

    pub(super) fn is_given_away(&self) -> bool {
        self.given_away
    }

    /// Whether none of it is with the kernel.
    pub(super) fn is_untouched(&self) -> bool {
        self.sent == 0
    }

    /// The kernel has taken so much.
    pub(super) fn advance(&mut self, count: usize) {
        self.sent += count;
        if self.sent == self.records.len() {
            self.sent = 0;
            self.records.clear();
            self.records.shrink_to(KEPT);
        }
    }

    /// Sends what the kernel takes without waiting; whether nothing is left that it may take later.
    pub(super) fn offer(&mut self, stream: &Stream) -> bool {
        while !self.rest().is_empty() {
            match stream.try_send(self.rest()) {
                Ok(count) => self.advance(count),
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
        true
    }
}
