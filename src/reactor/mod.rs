//! Threads, pollers and tokens: what carries the connections of a server, whatever its service.
//!
//! An acceptor deals connections out to workers; each has its own poller and its own share of them, and one value of a
//! [`Service`] that is never touched by another thread. [`Host`] starts and ends all of it. What a connection may do is not
//! decided here but in [`peer`](crate::peer).

mod acceptor;
mod admission;
mod adoption;
mod ahead;
mod clock;
mod commons;
mod crowd;
mod door;
mod doorstep;
mod ending;
mod entrance;
mod hand;
mod handshakes;
mod histogram;
mod host;
mod inbox;
mod kind;
mod link;
mod listening;
mod newcomers;
mod options;
#[cfg(all(test, shuttle))]
mod races;
mod revocation;
mod secure;
mod securing;
mod service;
mod serving;
mod shared;
mod shutdown;
mod signing;
mod strangers;
mod table;
#[cfg(test)]
mod tests;
mod timers;
mod totals;
mod turn;
mod watches;
mod watching;
mod worker;
mod writing;

pub(crate) use commons::Commons;
pub(crate) use door::Door;
pub(crate) use ending::Ending;
pub(crate) use hand::Hand;
pub use histogram::Histogram;
pub(crate) use host::{Berth, Body, Host};
pub(crate) use inbox::Inbox;
pub(crate) use options::{HostOptions, Hosting, Listening, hosting, listening};
pub(crate) use service::{Flow, Service};
pub(crate) use serving::serving;
pub(crate) use shared::Shared;
pub(crate) use shutdown::{DRAIN, Shutdown};
pub(crate) use table::PeerRef;
pub(crate) use totals::{Counter, Total, Traffic};
pub(crate) use turn::{Released, Turn};
pub(crate) use watches::{Readiness, WatchRef};
