//! A connection to the server, without a meaning yet.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use nix::sys::socket::{setsockopt, sockopt};

use crate::arrival;
use crate::fault::{Fault, Kind};
use crate::secure::{Keys, Secure};

/// More than that no record is.
const LONGEST_RECORD: usize = 20 << 10;

/// A stream, and what it has not taken yet.
pub(crate) struct Wire {
    stream: TcpStream,
    pub(crate) out: Vec<u8>,
    /// Between the two, with TLS.
    secure: Option<Box<Secure>>,
    drained: bool,
}

impl Wire {
    /// Connects, waiting, so that the server's backlog is never the question. Events carry `number`.
    pub(crate) fn connect(address: SocketAddr, registry: &Registry, number: usize) -> io::Result<Wire> {
        let stream = connect(address)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Wire { stream, out: Vec::new(), secure: None, drained: false })
    }

    /// Has everything go through TLS and behind a proof of the secret, and sends the first of that.
    pub(crate) fn secure(&mut self, keys: &Keys) -> Result<(), Fault> {
        self.secure = Some(Box::new(Secure::new(keys)?));
        self.flush()
    }

    /// Whether what is written is sent: at once, or behind a proof.
    pub(crate) fn is_open(&self) -> bool {
        self.secure.as_ref().is_none_or(|secure| secure.is_open())
    }

    /// Whether this end has proved what it has to, with TLS.
    pub(crate) fn has_proved(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.has_proved())
    }

    /// Has no more events.
    pub(crate) fn unwatch(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.stream)
    }

    /// Lets the kernel say when bytes arrived.
    pub(crate) fn note_arrivals(&self) -> io::Result<()> {
        Ok(setsockopt(&self.stream, sockopt::ReceiveTimestampns, &true)?)
    }

    /// Whether the last read has taken all that was there: readiness will tell of more.
    pub(crate) fn is_drained(&self) -> bool {
        self.drained
    }

    /// Reads what is there; `None` when that is nothing.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, Fault> {
        let room = self.room(buffer);
        let length = accept(|| self.stream.read(&mut buffer[..room]))?;
        self.conclude(buffer, length)
    }

    /// The same, with the time at which the last of it arrived, in nanoseconds since 1970.
    pub(crate) fn read_with_arrival(&mut self, buffer: &mut [u8]) -> Result<Option<(usize, u64)>, Fault> {
        let (mut arrived, room) = (0, self.room(buffer));
        let length = accept(|| {
            let (length, time) = arrival::read(&self.stream, &mut buffer[..room])?;
            arrived = time;
            Ok(length)
        })?;
        Ok(self.conclude(buffer, length)?.map(|length| (length, arrived)))
    }

    /// How much of a buffer may be read into: with TLS a record of which the beginning has come before is decrypted with it.
    fn room(&self, buffer: &[u8]) -> usize {
        if self.secure.is_some() { buffer.len() - LONGEST_RECORD } else { buffer.len() }
    }

    fn conclude(&mut self, buffer: &mut [u8], length: Option<usize>) -> Result<Option<usize>, Fault> {
        self.drained = length.is_none_or(|length| length < self.room(buffer));
        let (Some(secure), Some(length)) = (&mut self.secure, length) else { return Ok(length) };
        let length = secure.unseal(buffer, length)?;
        self.flush()?;
        Ok(Some(length))
    }

    /// Writes as much of `out` as the socket takes; readiness brings the rest.
    pub(crate) fn flush(&mut self) -> Result<(), Fault> {
        let out = match &mut self.secure {
            None => &mut self.out,
            Some(secure) => {
                secure.seal(&mut self.out)?;
                &mut secure.sealed
            }
        };
        let mut written = 0;
        while written < out.len() {
            match self.stream.write(&out[written..]) {
                Ok(length) => written += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::new(Kind::Closed, error.to_string())),
            }
        }
        out.drain(..written);
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
