//! How a server's bytes are read and written. A further protocol is one more file in `formats`.

use std::borrow::Cow;

use crate::formats::{Json, Nats, Plain, Resp, Stamp2, Zmtp};

/// What stands at the beginning of a stream.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame<'a> {
    /// Not all of it is there yet.
    Partial,
    /// A delivery of `len` bytes which carries `text`.
    Message { len: usize, text: Cow<'a, [u8]> },
    /// Something of the protocol's own, `len` bytes, for this member alone; `reply` goes back.
    Control { len: usize, reply: &'static [u8] },
    /// Nothing that belongs into a chat under way: allowed while joining, a fault afterwards.
    Foreign { len: usize },
}

/// A chat protocol, seen from a client.
pub(crate) trait Format {
    /// What a client sends first, if anything.
    fn hello(&self, _out: &mut Vec<u8>) {}
    /// The same protocol on a connection that only publishes, if it knows such connections.
    fn publisher(&self) -> Option<Box<dyn Format>> {
        None
    }
    /// Appends what a client sends so that `text` reaches the room.
    fn encode(&self, text: &[u8], out: &mut Vec<u8>);
    /// Reads the first frame of `stream`, which is not empty.
    fn first<'a>(&self, stream: &'a [u8]) -> Frame<'a>;
}

/// Finds a format by the name it has on the command line.
pub(crate) fn by_name(name: &str) -> Result<Box<dyn Format>, String> {
    match name {
        "stamp2" => Ok(Box::new(Stamp2)),
        "plain" => Ok(Box::new(Plain)),
        "json" => Ok(Box::new(Json)),
        "resp" => Ok(Box::new(Resp)),
        "nats" => Ok(Box::new(Nats)),
        "zmtp" => Ok(Box::new(Zmtp::default())),
        _ => Err(format!("no format {name:?}: there are stamp2, plain, json, resp, nats, zmtp")),
    }
}
