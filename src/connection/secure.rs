//! TLS between the messages of a connection and its stream: the machine, and what it owes.

use std::sync::atomic::{AtomicBool, Ordering};

use super::timed_mutex::TimedMutex;
use crate::net::forks;
use crate::tls::{Machine, Pin};
use crate::{Error, Result, Status};

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
