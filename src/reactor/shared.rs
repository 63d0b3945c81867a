//! What a host's threads ask of a service, and tell it, on whatever thread they are.

use bytes::Bytes;

use crate::Error;
use crate::net::Address;

/// What the threads of a host tell the service's.
pub(crate) trait Shared: Send + Sync + 'static {
    /// What a newcomer is told for whom there is no place.
    fn refusal(&self, why: Error) -> Option<Bytes>;

    /// No connection can be accepted for the moment.
    fn trouble(&self, error: Error);

    /// So many peers have not proved a secret, the last of them from there.
    fn unproved(&self, count: u64, last: Address);

    /// Whether peers may be read: not while the embedder is behind.
    fn may_read(&self) -> bool {
        true
    }

    /// Whether newcomers are let in, or wait in the kernel's backlog. Whoever makes it true again wakes the workers, one of
    /// which has to be who accepts.
    fn may_accept(&self) -> bool {
        true
    }

    /// Why nobody gets in who comes from there, as the peer may be told: asked first of all, of every newcomer.
    fn turns_away(&self, _address: &Address) -> Option<Error> {
        None
    }

    /// The host begins to stop: nobody gets in any more.
    fn closing(&self) {}

    /// Whether the service itself says when nothing more will come, see [`Commons::finish`](super::Commons::finish).
    fn finishes_itself(&self) -> bool {
        false
    }

    /// That worker is gone with all of its connections.
    fn lost_worker(&self, _index: usize) {}

    /// The last worker is gone.
    fn ended(&self);
}
