//! What a turn has to know of a service to keep its connections.

use super::shared::Shared;
use super::totals::Traffic;
use crate::net::Address;

/// What a [`Service`](super::Service) hangs on connections and sends to workers. Every service is one: the trait stands
/// below [`Turn`](super::Turn), which services are written with.
pub(crate) trait Kind: Sized {
    /// What other threads ask of a worker.
    type Call;
    /// What it hangs on a connection.
    type State;
    /// What all of its threads share.
    type Shared: Shared;

    /// By what name a connection stands in the log.
    fn address(state: &Self::State) -> &Address;

    /// Where its bytes are counted.
    fn traffic(state: &Self::State) -> Option<&Traffic>;
}
