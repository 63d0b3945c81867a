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

mod attached;
mod attachments;
mod auth;
mod block;
mod bytes;
mod callbacks;
mod choices;
mod client;
mod client_asking;
mod client_options;
mod client_receive;
mod command;
mod command_client;
mod command_client_options;
mod command_exit;
mod command_options;
mod command_result;
mod command_server;
mod command_server_options;
mod command_template;
mod connection;
mod connection_many;
mod connection_options;
mod content;
mod contents;
mod credentials;
mod decoder;
mod error;
mod event;
#[cfg(feature = "fuzzing")]
pub mod exports;
mod file_client;
mod file_client_options;
mod file_entry;
mod file_names;
mod file_server;
mod file_server_options;
mod file_transfer;
mod file_transfer_options;
mod fork;
mod guard;
mod handle;
mod handshake;
#[cfg(feature = "panic-injection")]
mod inject;
mod key_ring;
#[cfg(test)]
mod layout;
mod library;
mod listener;
mod log;
mod member_listing;
mod message;
mod options;
mod out;
mod peer_info;
mod pending;
mod rows;
mod server;
mod server_bans;
mod server_data;
mod server_names;
mod server_options;
mod server_room;
mod service_tls;
mod serving;
mod slots;
mod sole;
mod source;
mod stats;
mod status;
mod structures;
mod tls;
mod tls_options;
