//! Group chat: a server whose members all see the same messages in the same order, and a client for it.
//!
//! Bytes walk one way: worker (read, decode) → room (number, order, encode once) → every worker (one write a member).

mod acceptor;
mod admission;
mod client;
mod clock;
mod dispatcher;
mod doorstep;
mod ending;
mod event;
mod events;
mod inbox;
mod member;
mod name;
mod options;
mod outbox;
mod passed;
mod room;
mod server;
mod session;
mod shutdown;
mod speech;
mod stats;
mod strangers;
mod telnet;
mod text;
mod timers;
mod wire;
mod worker;
mod zone;

pub use client::{ChatClient, ClientEvent, ClientOptions, ClientStats, Incoming, IncomingKind, Sender, WallTime};
pub use event::{Event, Handler, LeaveReason, Message, Verdict};
pub use member::{Member, MemberId};
pub use options::{Events, FilterFailure, Overflow, Rate, ServerOptions};
pub use server::{ChatServer, DRAIN, Delivery};
pub use stats::ServerStats;
