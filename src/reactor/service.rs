//! What a kind of server does with whole messages.

use std::time::Duration;

use bytes::Bytes;

use super::kind::Kind;
use super::shared::Shared;
use super::table::PeerRef;
use super::totals::Traffic;
use super::turn::Turn;
use super::watches::{Readiness, WatchRef};
use crate::Error;
use crate::auth::Identity;
use crate::net::Address;
use crate::opening::Opening;
use crate::peer::{LeaveReason, Moment};

/// One kind of server: one value for each worker, only ever on that worker's thread.
///
/// Generic, never `dyn`, so that a message costs what it would cost without a house around it. Nothing here may wait: for
/// what may block a service has threads of its own, which come back by a [`Service::Call`].
///
/// A turn goes: [`begin`](Service::begin), calls and newcomers, messages of all peers that have sent any,
/// [`gathered`](Service::gathered), calls again, [`round`](Service::round), the writes, [`settled`](Service::settled), what
/// the time has brought.
pub(crate) trait Service: Send + Sized + 'static {
    /// What other threads ask of a worker: a batch, a chunk of output, an answer.
    type Call: Send + 'static;
    /// What it hangs on a connection, from accept to the end.
    type State: Send + 'static;
    /// What all of its threads share.
    type Shared: Shared;
    /// Whether what a peer has sent behind its handshake stays in its stream, for whoever gets that with [`Turn::release`].
    /// It is then read in another way, and a service that keeps its peers would hear nothing of them.
    const LEAVES_REST: bool = false;

    /// Somebody has connected, and nothing more is known of it.
    fn greet(&mut self, turn: &mut Turn<Self>, peer: PeerRef, address: &Address) -> Self::State;

    /// It has proved a secret, if it had to. From here on [`Turn::admit`] lets it take part, and [`Turn::farewell`] sends it
    /// away.
    fn opened(&mut self, turn: &mut Turn<Self>, peer: PeerRef, who: Option<Identity>);

    /// A whole message.
    fn message(&mut self, turn: &mut Turn<Self>, peer: PeerRef, bytes: &[u8]) -> Flow;

    /// A whole message that has memory of its own, which it keeps as long as somebody has a part of it. It does not come again:
    /// it is dealt with, or that was its peer's last word.
    fn long_message(&mut self, turn: &mut Turn<Self>, peer: PeerRef, bytes: &Bytes) -> Flow {
        self.message(turn, peer, bytes)
    }

    /// Whether it may say one more thing in this turn: `Continue`, `Hold` or `Pause`.
    fn may_go_on(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef) -> Flow {
        Flow::Continue
    }

    /// It has sent something that is not taken, and is to be told so.
    fn refused(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef, _error: &Error) {}

    /// It speaks something else, which is an error of this kind, if any; returns what it is to be told before it goes.
    fn stranger(
        &mut self,
        _turn: &mut Turn<Self>,
        _peer: PeerRef,
        _opening: Opening,
        _error: Option<Error>,
    ) -> Option<Bytes> {
        None
    }

    /// It has been silent for long: it is to be sent something that it answers.
    fn ping(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef) {}

    /// It has said its last word, and may have to be told things before it is dismissed.
    fn parting(&mut self, turn: &mut Turn<Self>, peer: PeerRef, reason: LeaveReason) {
        turn.dismiss_later(peer, reason);
    }

    /// It is to go in good order: with a [`Turn::farewell`]. It may not have been admitted.
    fn dismiss(&mut self, turn: &mut Turn<Self>, peer: PeerRef, _reason: LeaveReason) {
        turn.farewell(peer, Bytes::new());
    }

    /// Its connection is gone.
    fn ended(&mut self, _turn: &mut Turn<Self>, _state: Self::State, _reason: LeaveReason) {}

    /// Another thread asks for something.
    fn call(&mut self, turn: &mut Turn<Self>, call: Self::Call);

    /// A descriptor that it watches is ready.
    fn ready(&mut self, _turn: &mut Turn<Self>, _watch: WatchRef, _readiness: Readiness) {}

    /// A time that it has set for a watch has come.
    fn overdue(&mut self, _turn: &mut Turn<Self>, _watch: WatchRef) {}

    /// An alarm that it has set has come due.
    fn alarm(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef) {}

    /// The time has come that it has [appointed](Turn::appoint) for what is no connection.
    fn due(&mut self, _turn: &mut Turn<Self>) {}

    /// More waits for a peer, or less.
    fn pressed(&mut self, _turn: &mut Turn<Self>, _peer: PeerRef) {}

    /// A turn begins.
    fn begin(&mut self, _turn: &mut Turn<Self>) {}

    /// Whether so much more should be waited for before what was read goes on.
    fn hold(&mut self, _turn: &mut Turn<Self>) -> Option<Duration> {
        None
    }

    /// The wait that it asked for is over, and what has come in it was read.
    fn held(&mut self, _turn: &mut Turn<Self>) {}

    /// Whether nothing more is to be read in this turn.
    fn is_full(&self) -> bool {
        false
    }

    /// All that is read in this turn was read.
    fn gathered(&mut self, _turn: &mut Turn<Self>) {}

    /// Between reading and writing: what goes to many peers at once goes here.
    fn round(&mut self, _turn: &mut Turn<Self>) {}

    /// What the turn had to send is sent, or waits in outboxes.
    fn settled(&mut self, _turn: &mut Turn<Self>) {}

    /// No peer is read any more.
    fn stopping(&mut self, _turn: &mut Turn<Self>) {}

    /// Whether the first bytes of a newcomer, if they have come with it, are looked at before it is opened.
    fn hears_early(&self) -> bool {
        false
    }

    /// By what name a connection stands in the log.
    fn address(state: &Self::State) -> &Address;

    /// Where its bytes are counted.
    fn traffic(_state: &Self::State) -> Option<&Traffic> {
        None
    }
}

impl<S: Service> Kind for S {
    type Call = S::Call;
    type State = S::State;
    type Shared = S::Shared;

    fn address(state: &S::State) -> &Address {
        <S as Service>::address(state)
    }

    fn traffic(state: &S::State) -> Option<&Traffic> {
        <S as Service>::traffic(state)
    }
}

/// What a service has answered to a message.
#[derive(Debug)]
pub(crate) enum Flow {
    Continue,
    /// The message was no text, or makes no sense: the peer is told unless it can be read in another way.
    Refuse(Error),
    /// Enough for this turn; the message comes again.
    Hold,
    /// The same until then.
    Pause(Moment),
    /// The same for somebody who is over its rate, see [`Turn::within_rate`].
    Throttled,
    /// That was its last word.
    Close(LeaveReason),
}
