//! A connection to the server, without a meaning yet.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use nix::sys::socket::{setsockopt, sockopt};

use crate::arrival;
use crate::fault::{Fault, Kind};

/// A stream, and what it has not taken yet.
pub(crate) struct Wire {
    stream: TcpStream,
    pub(crate) out: Vec<u8>,
}

impl Wire {
    /// Connects, waiting, so that the server's backlog is never the question. Events carry `number`.
    pub(crate) fn connect(address: SocketAddr, registry: &Registry, number: usize) -> io::Result<Wire> {
        let stream = connect(address)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Wire { stream, out: Vec::new() })
    }

    /// Has no more events.
    pub(crate) fn unwatch(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.stream)
    }

    /// Lets the kernel say when bytes arrived.
    pub(crate) fn note_arrivals(&self) -> io::Result<()> {
        Ok(setsockopt(&self.stream, sockopt::ReceiveTimestampns, &true)?)
    }

    /// Reads what is there; `None` when that is nothing.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, Fault> {
        accept(|| self.stream.read(buffer))
    }

    /// The same, with the time at which the last of it arrived, in nanoseconds since 1970.
    pub(crate) fn read_with_arrival(&mut self, buffer: &mut [u8]) -> Result<Option<(usize, u64)>, Fault> {
        let mut arrived = 0;
        let length = accept(|| {
            let (length, time) = arrival::read(&self.stream, buffer)?;
            arrived = time;
            Ok(length)
        })?;
        Ok(length.map(|length| (length, arrived)))
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

/// A blocking connection.
pub(crate) fn connect(address: SocketAddr) -> io::Result<std::net::TcpStream> {
    let stream = std::net::TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn accept(mut read: impl FnMut() -> io::Result<usize>) -> Result<Option<usize>, Fault> {
    loop {
        match read() {
            Ok(0) => return Err(Fault::new(Kind::Closed, "the server closed the connection")),
            Ok(length) => return Ok(Some(length)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::new(Kind::Closed, error.to_string())),
        }
    }
}
