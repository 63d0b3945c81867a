//! `rustchat.socket`: what the interpreter's own C module is for its `socket`, on this core.
//!
//! The class has every method of the interpreter's own, with the same arguments, errors and texts. Addresses of families
//! other than IPv4, IPv6 and Unix are left to the interpreter's own class (`foreign.rs`). The rest of the module is the
//! interpreter's own Python code: see `python/rustchat/socket.py`.

mod address;
mod arguments;
mod audit;
mod authenticate;
#[allow(unsafe_code)]
mod buffer;
mod call;
mod connect;
mod create;
mod error;
mod foreign;
mod frames;
mod functions;
#[allow(unsafe_code)]
mod message;
mod methods;
mod object;
mod options;
#[allow(unsafe_code)]
mod receive;
mod scratch;
mod send;
mod timeout;

pub(crate) use address::of_peer as address_of_peer;
pub(crate) use functions::{close, dup, getdefaulttimeout, setdefaulttimeout, socketpair};
pub(crate) use object::Socket;
