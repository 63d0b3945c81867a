//! A listener that asks for a secret or speaks TLS, as a service: it hands over whoever has done what it had to.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::{AcceptOptions, Connection};
use crate::auth::Identity;
use crate::net::{Address, Endpoint, Queue};
use crate::peer::LeaveReason;
use crate::reactor::{Berth, Flow, Host, PeerRef, Released, Service, Shared, Turn};
use crate::{Error, Result};

/// Connections that wait for whoever accepts.
pub(super) struct Reception {
    pub(super) ready: Queue<Connection>,
    /// What its thread has failed with.
    failure: OnceLock<Error>,
    options: AcceptOptions,
}

impl Reception {
    /// Listens at `endpoint`, and shakes hands with all newcomers at once on a thread of its own.
    pub(super) fn open(endpoint: &Endpoint, options: &AcceptOptions) -> Result<(Arc<Reception>, Host<Porter>)> {
        let berth = Berth::new(options.listening().host(endpoint, options.framing, options.frame_limit())?)?;
        let (ready, failure, options) = (Queue::new(), OnceLock::new(), options.clone());
        let reception = Arc::new(Reception { ready, failure, options });
        let host = berth.start(&reception, |_| Porter(Arc::clone(&reception)), |_| Vec::new())?;
        Ok((reception, host))
    }

    pub(super) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    /// Whether so many connections wait that nobody else is let in.
    pub(super) fn is_full(&self, waiting: usize) -> bool {
        waiting >= self.options.backlog as usize
    }
}

impl Shared for Reception {
    fn refusal(&self, _why: Error) -> Option<Bytes> {
        None
    }

    fn trouble(&self, _error: Error) {}

    fn unproved(&self, _count: u64, _last: Address) {}

    fn may_accept(&self) -> bool {
        !self.is_full(self.ready.lock(|items| items.len()))
    }

    fn closing(&self) {
        self.ready.close();
    }

    fn failed(&self, failure: Error) {
        let _ = self.failure.set(failure);
    }

    fn ended(&self) {
        self.ready.close();
    }
}

/// The thread that shakes hands.
pub(super) struct Porter(Arc<Reception>);

impl Service for Porter {
    type Call = ();
    type State = Address;
    type Shared = Reception;

    fn greet(&mut self, _turn: &mut Turn<Porter>, _peer: PeerRef, address: &Address) -> Address {
        address.clone()
    }

    fn opened(&mut self, turn: &mut Turn<Porter>, peer: PeerRef, who: Option<Identity>) {
        let Some(Released { stream, machine, rest, state: address }) = turn.release(peer) else { return };
        match Connection::accepted(stream, &self.0.options, machine, who, &rest) {
            Ok(connection) => self.0.ready.lock(|items| items.push_back(connection)),
            Err(error) => log::warn!("{address}: {error}"),
        }
    }

    /// Nobody who was opened is still here.
    fn message(&mut self, _turn: &mut Turn<Porter>, _peer: PeerRef, _bytes: &[u8]) -> Flow {
        Flow::Close(LeaveReason::ProtocolViolation)
    }

    fn call(&mut self, _turn: &mut Turn<Porter>, (): ()) {}

    fn address(address: &Address) -> &Address {
        address
    }
}
