//! One connection to the server.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::cursor::Cursor;
use crate::fault::{Fault, Kind};
use crate::joining::Joining;

/// A client in the room or on its way there.
pub(crate) struct Member {
    stream: TcpStream,
    pub(crate) cursor: Cursor,
    /// `None` once the checks have begun.
    pub(crate) joining: Option<Joining>,
    /// The place in the list of senders.
    pub(crate) sender: Option<usize>,
    /// What the socket has not taken yet.
    pub(crate) out: Vec<u8>,
}

impl Member {
    /// Connects, waiting, so that the server's backlog is never the question.
    pub(crate) fn connect(
        address: SocketAddr,
        registry: &Registry,
        number: usize,
        sender: Option<usize>,
    ) -> io::Result<Member> {
        let stream = std::net::TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        let cursor = Cursor::new(sender.map(|sender| sender as u32));
        Ok(Member { stream, cursor, joining: Some(Joining::default()), sender, out: Vec::new() })
    }

    /// Reads what is there; `None` when that is nothing.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, Fault> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(Fault::new(Kind::Closed, "the server closed the connection")),
                Ok(length) => return Ok(Some(length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::new(Kind::Closed, error.to_string())),
            }
        }
    }

    /// Writes as much of `out` as the socket takes; readiness brings the rest.
    pub(crate) fn flush(&mut self) -> Result<(), Fault> {
        let mut written = 0;
        while written < self.out.len() {
            match self.stream.write(&self.out[written..]) {
                Ok(length) => written += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::new(Kind::Closed, error.to_string())),
            }
        }
        self.out.drain(..written);
        Ok(())
    }
}
