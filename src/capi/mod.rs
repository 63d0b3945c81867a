//! The C ABI: one noun a file, calling only the public Rust API. `include/rustchat.h` is made of it, see `tests/header.rs`.
//!
//! A call walks through `guard` (error record, panics), `handle` and `slots` (numbers to objects) and the noun's own file. What the
//! header asks of pointers is what every `SAFETY` comment here relies on.

#![allow(non_camel_case_types, reason = "the names are those of the header")]
#![allow(unreachable_pub, reason = "cbindgen takes what is public")]
#![cfg_attr(
    feature = "fuzzing",
    allow(
        clippy::missing_safety_doc,
        rustdoc::broken_intra_doc_links,
        reason = "the documents are those of the header"
    )
)]

mod auth;
mod bytes;
mod callbacks;
mod choices;
mod client;
mod client_options;
mod client_receive;
mod connection;
mod connection_many;
mod connection_options;
mod content;
mod credentials;
mod decoder;
mod error;
mod event;
mod fork;
mod guard;
mod handle;
#[cfg(feature = "panic-injection")]
mod inject;
#[cfg(test)]
mod layout;
mod library;
mod listener;
mod log;
mod message;
mod options;
mod out;
mod peer_info;
mod pending;
mod server;
mod server_options;
mod server_room;
mod slots;
mod stats;
mod status;

/// The functions and their structures, for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub mod exports {
    pub use super::auth::*;
    pub use super::bytes::*;
    pub use super::client::*;
    pub use super::client_options::*;
    pub use super::client_receive::*;
    pub use super::connection::*;
    pub use super::connection_many::*;
    pub use super::connection_options::*;
    pub use super::decoder::*;
    pub use super::error::*;
    pub use super::event::*;
    pub use super::library::*;
    pub use super::listener::*;
    pub use super::message::*;
    pub use super::peer_info::*;
    pub use super::server::*;
    pub use super::server_options::*;
    pub use super::server_room::*;
    pub use super::stats::*;
    pub use super::status::*;
}
