//! rustchat: threaded group chat, framed transport and HMAC authentication.
//!
//! The crate is one core with three faces: this Rust API, a C ABI (feature `capi`) and a Python module.
//!
//! | module | what |
//! |---|---|
//! | [`chat`] | [`ChatServer`](chat::ChatServer) and [`ChatClient`](chat::ChatClient) |
//! | [`command`] | [`CommandServer`](command::CommandServer) and [`CommandClient`](command::CommandClient): remote commands |
//! | [`transfer`] | [`FileServer`](transfer::FileServer) and [`FileClient`](transfer::FileClient): files |
//! | [`connection`] | [`Connection`](connection::Connection): whole messages over a stream |
//! | [`auth`] | the handshakes, alone |
//! | [`frame`] | the framings, alone |
//! | [`tls`] | TLS 1.3 without certificate work, and the machine of it alone |
//! | [`net`] | addresses, streams, listeners, deadlines |
//! | [`options`] | what options there are, as rows |
//! | [`testing`] | a chat server in the hands of a test, which moves its time |

#[cfg(target_os = "linux")] // for the services that are
mod audit;
pub mod auth;
#[cfg(feature = "capi")]
#[allow(unsafe_code)]
mod capi;
pub mod chat;
#[cfg(target_os = "linux")] // pidfds, and children that share memory up to exec
pub mod command;
pub mod connection;
mod error;
// For the Python face, which shakes hands on sockets of its own.
#[doc(hidden)]
pub mod exposure;
pub mod frame;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gather;
#[cfg(any(test, feature = "panic-injection"))]
mod inject;
mod memory;
pub mod net;
mod opening;
pub mod options;
mod peer;
#[cfg(all(test, shuttle))]
mod races;
mod reactor;
mod sync;
pub mod testing;
mod tidy;
pub mod tls;
#[cfg(target_os = "linux")] // openat2, renameat2
pub mod transfer;
#[cfg(target_os = "linux")] // for the services that are
mod wire;

pub use error::{Error, Result, Status};
