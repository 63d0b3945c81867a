//! Group chat: a server whose members all see the same messages in the same order, and a client for it.
//!
//! Bytes walk one way: service (a member's message) → hub (number, order, encode once) → every worker's service (one write a
//! member).

mod acks;
mod answers;
mod call;
mod client;
mod clock;
mod deliver;
mod dispatcher;
mod event;
mod events;
mod hold;
mod hub;
mod item;
mod member;
mod name;
mod options;
mod pace;
mod passed;
mod publish;
mod questions;
mod reading;
mod requests;
mod room;
mod seat;
mod server;
mod service;
mod session;
mod speech;
mod stats;
#[cfg(test)]
mod tests;
mod text;
mod wire;
mod zone;

pub use crate::net::Backoff;
pub use crate::peer::{LeaveReason, Rate};
pub use client::{ChatClient, ClientEvent, ClientOptions, Incoming, IncomingKind, Sender, WallTime};
pub use event::{Event, Handler, Message, Question, QuestionId, Verdict};
pub use member::{Member, MemberId};
pub use options::{Events, FilterFailure, Overflow, ServerOptions};
pub use server::{ChatServer, DRAIN};
pub use speech::Delivery;
pub use stats::{ClientStats, ServerStats};
