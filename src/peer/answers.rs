//! What a [`Peer`](super::Peer) answers to whoever has it.

use super::LeaveReason;
use super::carry::Reading;
use super::fault::Fault;
use crate::auth::Identity;

/// What some bytes of a peer are.
pub(crate) enum Heard<'b> {
    /// Nothing that anybody has to deal with.
    Nothing,
    /// The end of its handshake. It waits to be admitted.
    Proved(Identity),
    /// No proof. The refusal is in its outbox, and its connection ends.
    Refused(Fault),
    /// To be taken apart with [`Peer::next`](super::Peer::next).
    Messages(Reading<'b>),
}

/// Why something was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// More waits for the peer than may: it is too slow, and must go.
    Full,
    /// At this stage it is sent nothing.
    Refused,
}

/// What the time has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Its outbox has something that was not there before.
    Reminder,
    /// Its handshake took too long. Its connection ends.
    HandshakeOver,
    /// It may be heard again.
    Resume,
    /// The service wanted to look at it.
    Alarm,
    /// It is to be sent something that it answers.
    Ping,
    /// It is to be told goodbye.
    Dismiss(LeaveReason),
    /// It is to be dropped.
    Gone(LeaveReason),
}
