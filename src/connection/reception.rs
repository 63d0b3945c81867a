//! Listening with a secret or TLS, as a service: it hands over whoever has done what it had to.

use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{AcceptOptions, Connection};
use crate::auth::Identity;
use crate::net::{Address, Deadline, Endpoint, Listener, Queue, Stream};
use crate::peer::LeaveReason;
use crate::reactor::{Berth, Flow, Host, PeerRef, Released, Service, Shared, Turn};
use crate::tls::ServerTls;
use crate::{Error, Result, Status};

/// A listener that shakes hands with all newcomers at once, on a thread of its own, and hands them over as `G`.
pub(super) struct Reception<G: Guest> {
    lobby: Arc<Lobby<G>>,
    host: Host<Porter<G>>,
}

/// Somebody who has done what it had to, as who accepts gets them.
pub(super) trait Guest: Sized + Send + 'static {
    /// Whether what they have sent behind the handshake stays in their stream.
    const LEAVES_REST: bool;

    /// `given` has nothing behind the handshake where that is left.
    fn arrive(given: Released, who: Option<Identity>, options: &AcceptOptions) -> Result<Self>;
}

impl Guest for Connection {
    const LEAVES_REST: bool = false;

    fn arrive(given: Released, who: Option<Identity>, options: &AcceptOptions) -> Result<Connection> {
        Connection::accepted(given, who, options)
    }
}

impl Guest for (Stream, Identity) {
    const LEAVES_REST: bool = true;

    fn arrive(given: Released, who: Option<Identity>, _options: &AcceptOptions) -> Result<(Stream, Identity)> {
        // There is a secret: nobody is opened without having proved it.
        who.map(|who| (given.stream, who)).ok_or_else(|| Status::AuthenticationFailed.into())
    }
}

impl<G: Guest> Reception<G> {
    /// Binds and listens.
    pub(super) fn bind(endpoint: &Endpoint, options: &AcceptOptions) -> Result<Reception<G>> {
        let host = options.listening().host(endpoint, options.framing, options.frame_limit())?;
        Reception::open(Berth::new(host)?, options)
    }

    /// With a listener that is there already.
    pub(super) fn with(listener: Listener, options: &AcceptOptions) -> Result<Reception<G>> {
        let endpoint = Endpoint::from(listener.address());
        let host = options.listening().host(&endpoint, options.framing, options.frame_limit())?;
        Reception::open(Berth::at(Some(listener), host)?, options)
    }

    fn open(berth: Berth<()>, options: &AcceptOptions) -> Result<Reception<G>> {
        let lobby = Arc::new(Lobby { ready: Queue::new(), options: options.clone() });
        let host = berth.start(&lobby, |_| Porter(Arc::clone(&lobby)), |_| Vec::new())?;
        Ok(Reception { lobby, host })
    }

    pub(super) fn address(&self) -> &Address {
        &self.host.commons().address
    }

    /// Waits for a guest. `Closed` after [`Reception::close`]; what the thread has failed with, if it has.
    pub(super) fn accept(&self, deadline: &Deadline<'_>) -> Result<G> {
        let taken = self.lobby.ready.wait(deadline, "accept", |guests| {
            let was_full = self.lobby.is_full(guests.len());
            (guests.pop_front(), was_full)
        });
        let (guest, was_full) = taken.map_err(|error| match self.host.commons().failure() {
            Some(failure) if error.status() == Status::Closed => failure,
            _ => error,
        })?;
        if was_full {
            // Newcomers are not accepted while nobody takes those that are ready.
            self.host.commons().wake_all();
        }
        guest.ok_or_else(|| Status::WouldBlock.into())
    }

    /// What secures its connections; `BadState` if they are plain.
    pub(super) fn tls(&self) -> Result<&ServerTls> {
        self.host.commons().tls()
    }

    /// A descriptor that is readable while [`Reception::accept`] would not wait. It belongs to the reception.
    pub(super) fn poll_fd(&self) -> Result<RawFd> {
        self.lobby.ready.poll_fd()
    }

    /// Lets nobody in any more, and ends the handshakes under way. Never blocks.
    pub(super) fn close(&self) {
        self.host.close_within(Duration::ZERO);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.host.is_closed()
    }
}

/// Guests that wait for whoever accepts.
struct Lobby<G> {
    ready: Queue<G>,
    options: AcceptOptions,
}

impl<G> Lobby<G> {
    /// Whether so many guests wait that nobody else is let in.
    fn is_full(&self, waiting: usize) -> bool {
        waiting >= self.options.backlog as usize
    }
}

impl<G: Guest> Shared for Lobby<G> {
    fn refusal(&self, _why: Error) -> Option<Bytes> {
        None
    }

    fn trouble(&self, _error: Error) {}

    fn unproved(&self, _count: u64, _last: Address) {}

    fn may_accept(&self) -> bool {
        !self.is_full(self.ready.lock(|guests| guests.len()))
    }

    fn closing(&self) {
        self.ready.close();
    }

    fn ended(&self) {
        self.ready.close();
    }
}

/// The thread that shakes hands.
struct Porter<G>(Arc<Lobby<G>>);

impl<G: Guest> Service for Porter<G> {
    type Call = ();
    type State = Address;
    type Shared = Lobby<G>;
    const LEAVES_REST: bool = G::LEAVES_REST;

    fn greet(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef, address: &Address) -> Address {
        address.clone()
    }

    fn opened(&mut self, turn: &mut Turn<Self>, peer: PeerRef, who: Option<Identity>) {
        let Some((given, address)) = turn.release(peer) else { return };
        match G::arrive(given, who, &self.0.options) {
            Ok(guest) => self.0.ready.lock(|guests| guests.push_back(guest)),
            Err(error) => log::warn!("{address}: {error}"),
        }
    }

    /// Nobody who was opened is still here.
    fn message(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef, _bytes: &[u8]) -> Flow {
        Flow::Close(LeaveReason::ProtocolViolation)
    }

    fn call(&mut self, _turn: &mut Turn<Self>, (): ()) {}

    fn address(address: &Address) -> &Address {
        address
    }
}
