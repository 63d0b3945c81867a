//! Group chat: a server whose members all see the same messages in the same order, and a client for it.
//!
//! Bytes walk one way: service (a member's message) → hub (number, order, encode once) → every worker's service (one write a
//! member).

mod acks;
mod admission;
mod answers;
mod bans;
mod call;
mod client;
mod clock;
mod commands;
mod deliver;
mod dispatcher;
mod event;
mod events;
mod hold;
mod hub;
mod item;
mod member;
mod moderation;
mod name;
mod naming;
mod observer;
mod options;
mod pace;
mod passed;
mod presence;
mod private;
mod publish;
mod questions;
mod reading;
mod requests;
mod room;
mod said;
mod seat;
mod server;
mod service;
mod session;
mod slash;
mod speech;
mod stats;
#[cfg(test)]
mod tests;
mod text;
mod wire;
mod zone;

pub use crate::net::Backoff;
pub use crate::peer::{LeaveReason, Rate};
pub use crate::reactor::Histogram;
pub use bans::{Ban, BanSubject, Net};
pub use client::{
    ChatClient, ClientAnswer, ClientEvent, ClientOptions, ClientQuestion, Incoming, IncomingKind, Sender, WallTime,
};
pub use event::{Event, Handler, Message, Observer, Question, QuestionId, Verdict};
pub use member::{Member, MemberId};
pub use options::{Events, FilterFailure, Overflow, ServerOptions};
pub use server::{ChatServer, DRAIN};
pub(crate) use service::Chat;
pub use speech::Delivery;
pub use stats::{ClientStats, ServerStats};
