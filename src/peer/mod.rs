//! The life of one connection of a server, as a machine without a socket, a clock or a thread: bytes and the time in;
//! messages, bytes to send and the next deadline out.
//!
//! What a connection may do is written here and nowhere else, so that it can be tried with a made-up clock.

mod answers;
mod carry;
mod fault;
mod liveness;
mod moment;
mod outbox;
#[allow(clippy::module_inception)]
mod peer;
mod rate;
mod reason;
mod rules;
mod stage;
mod telnet;
#[cfg(test)]
mod tests;

pub(crate) use answers::{Due, Heard, Unsent};
pub(crate) use carry::{Piece, Reading};
pub(crate) use fault::Fault;
pub(crate) use moment::Moment;
pub(crate) use peer::{LINGER, Peer};
pub use rate::Rate;
pub(crate) use rate::{Bucket, Burst};
pub use reason::LeaveReason;
pub(crate) use rules::Rules;
