//! A connection over which a sender only publishes, where the protocol wants one of its own for that.

use std::io;
use std::net::SocketAddr;

use mio::Registry;

use crate::fault::Fault;
use crate::format::{Format, Frame};
use crate::wire::Wire;

/// A sender's second connection.
pub(crate) struct Publisher {
    pub(crate) wire: Wire,
    /// Whether the protocol's greetings are over: only then may it publish.
    pub(crate) is_ready: bool,
    tail: Vec<u8>,
}

impl Publisher {
    /// Connects; events carry `number`.
    pub(crate) fn connect(
        address: SocketAddr,
        registry: &Registry,
        number: usize,
        format: &dyn Format,
    ) -> io::Result<Publisher> {
        let mut wire = Wire::connect(address, registry, number)?;
        format.hello(&mut wire.out);
        Ok(Publisher { wire, is_ready: false, tail: Vec::new() })
    }

    /// Reads what the protocol has to say for itself, and answers it.
    pub(crate) fn attend(&mut self, format: &dyn Format, buffer: &mut [u8]) -> Result<(), Fault> {
        while let Some(length) = self.wire.read(buffer)? {
            self.tail.extend_from_slice(&buffer[..length]);
        }
        let mut at = 0;
        while at < self.tail.len() {
            at += match format.first(&self.tail[at..]) {
                Frame::Partial => break,
                Frame::Control { len, reply } => {
                    self.wire.out.extend_from_slice(reply);
                    self.is_ready = true;
                    len
                }
                Frame::Message { len, .. } | Frame::Foreign { len } => len,
            };
        }
        self.tail.drain(..at);
        self.wire.flush()
    }
}
