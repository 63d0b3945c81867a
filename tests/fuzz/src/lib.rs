//! What is fuzzed: a function for each target, which takes any bytes and panics where rustchat does not keep a promise.
//!
//! A function must find the same in the same bytes, as far as threads and the operating system's randomness let it, and
//! leave nothing behind: no thread, no descriptor, no memory.

pub mod capi;
pub mod client;
pub mod command;
pub mod frame;
pub mod handshake;
mod input;
mod model;
pub mod opening;
pub mod peer;
pub mod server;
pub mod tls;
pub mod transfer;

/// A target: it takes any bytes, and returns.
pub type Target = fn(&[u8]);

/// All targets by name. Those of libFuzzer and the folders of `corpus` have the same names.
pub const TARGETS: [(&str, Target); 10] = [
    ("capi", capi::run),
    ("client", client::run),
    ("command", command::run),
    ("frame", frame::run),
    ("handshake", handshake::run),
    ("opening", opening::run),
    ("peer", peer::run),
    ("server", server::run),
    ("tls", tls::run),
    ("transfer", transfer::run),
];
