//! The messages of file transfer: pure, with every refusal named.
//!
//! A message is a type, the number of a request (0 is the connection) and a body, in a frame of four bytes of length. What a
//! client says is a [`Request`], what a server says a [`Report`]. Who may say what when is in
//! [`ledger`](super::ledger).

mod block;
mod entry;
mod flags;
mod path;
mod refusal;
mod report;
mod request;
mod sizes;
#[cfg(test)]
mod tests;
mod violation;

pub(crate) use block::{Block, Hash, data};
pub(crate) use entry::Entry;
pub use entry::{FileKind, FileTime, Metadata};
pub(crate) use flags::Flags;
pub use refusal::Refusal;
pub(crate) use refusal::Refused;
pub(crate) use report::{Report, ServerHello};
pub(crate) use request::{Get, Put, Request};
pub(crate) use sizes::{BLOCK, MESSAGE_LIMIT, PAGE, WINDOW};
pub use violation::Violation;

pub(crate) use crate::wire::Farewell;
use crate::wire::{self, Fields};

/// The version of the protocol.
pub(crate) const VERSION: u8 = 1;

/// The feature of a server that takes and sends blocks without their hashes.
pub(crate) const BARE_BLOCKS: u32 = 1;

/// The feature of a server that hears BEGIN before it has said READY: then with the first block.
pub(crate) const EAGER: u32 = 2;

/// The feature of a client that hears in HELLO how many transfers it may have under way.
pub(crate) const HEARS_TRANSFERS: u32 = 1;

/// The numbers of the types.
mod kind {
    pub(super) const CLIENT_HELLO: u8 = 0x01;
    pub(super) const STAT: u8 = 0x10;
    pub(super) const LIST: u8 = 0x11;
    pub(super) const MKDIR: u8 = 0x12;
    pub(super) const REMOVE: u8 = 0x13;
    pub(super) const RMDIR: u8 = 0x14;
    pub(super) const RENAME: u8 = 0x15;
    pub(super) const PUT: u8 = 0x20;
    pub(super) const GET: u8 = 0x21;
    pub(super) const BEGIN: u8 = 0x22;
    pub(super) const FINISH: u8 = 0x23;
    pub(super) const CANCEL: u8 = 0x24;
    pub(super) const BEGIN_BARE: u8 = 0x25;
    pub(super) const DATA: u8 = 0x30;
    pub(super) const AGAIN: u8 = 0x31;
    pub(super) const BARE: u8 = 0x32;
    pub(super) const PING: u8 = 0x7d;
    pub(super) const PONG: u8 = 0x7e;
    pub(super) const GOAWAY: u8 = 0x7f;
    pub(super) const SERVER_HELLO: u8 = 0x81;
    pub(super) const ENTRIES: u8 = 0x90;
    pub(super) const DONE: u8 = 0x91;
    pub(super) const HASHES: u8 = 0x92;
    pub(super) const READY: u8 = 0x93;
    pub(super) const TAKEN: u8 = 0x94;
    pub(super) const END: u8 = 0x95;
    pub(super) const REFUSED: u8 = 0x96;
}

/// Type, request and body.
fn split(message: &[u8]) -> Result<(u8, u32, &[u8]), Violation> {
    wire::split(message).ok_or(Violation::Headless)
}

/// A message about the connection.
fn of_connection(id: u32, name: &'static str) -> Result<(), Violation> {
    if id == 0 { Ok(()) } else { Err(Violation::IdNotZero(name)) }
}

/// The number of the request that a message is about.
fn of_request(id: u32, name: &'static str) -> Result<u32, Violation> {
    if id == 0 { Err(Violation::IdZero(name)) } else { Ok(id) }
}

/// A block's number and nothing else.
fn index(mut fields: Fields<'_>) -> Result<u32, Violation> {
    let index = fields.u32()?;
    fields.end()?;
    Ok(index)
}
