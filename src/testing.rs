//! For tests of programs with a chat in them: a server without threads, ports or a clock of its own.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! use rustchat::chat::{Events, ServerOptions};
//! use rustchat::net::{Address, Endpoint};
//! use rustchat::testing::World;
//!
//! # fn main() -> rustchat::Result<()> {
//! let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 60000));
//! (options.idle_timeout, options.events) = (Duration::from_secs(600), Events::All);
//! let mut world = World::start(options, UNIX_EPOCH)?;
//! let mut ann = world.connect(Address::Ip("192.0.2.1:4711".parse().unwrap()))?;
//! ann.write_all(b"hello\n").unwrap();
//! world.settle();
//! assert_eq!(world.server().stats().messages, 1);
//!
//! world.advance(Duration::from_secs(601)); // ten minutes, and no test waits for them
//! let mut heard = String::new();
//! ann.read_to_string(&mut heard).unwrap();
//! assert!(heard.ends_with("* said nothing for too long\n"), "{heard}");
//! # Ok(())
//! # }
//! ```

use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime};

use crate::chat::{Chat, ChatServer, ServerOptions};
use crate::net::{Address, Stream};
use crate::reactor::Hand;
use crate::{Error, Result};

/// A chat server, everybody's connections and the time, in one hand.
///
/// It is the server that [`ChatServer::start`] starts, with all of its limits and times, but it lives in the calls of this
/// value alone: nothing happens between them, and what happens in them happens in the same order each time. Its events and
/// questions are taken with [`ChatServer::poll`] and answered with [`ChatServer::answer`]; a handler there is none. The calls
/// of the server work as ever but never wait: what would have to wait is `Overflow` or `WouldDeadlock`. What they have said is
/// on its way with the next call of this value's.
///
/// Dropped, it ends the server, and everybody's connection with it.
pub struct World {
    server: ChatServer,
    hand: Hand<Chat>,
}

impl World {
    /// Starts a server whose time of day is `begins`. Nobody listens where its endpoint says; it is only its name. It has one
    /// worker, whatever the options say.
    ///
    /// # Errors
    /// What [`ChatServer::start`] says of options that cannot work.
    pub fn start(options: ServerOptions, begins: SystemTime) -> Result<World> {
        let (server, hand) = ChatServer::by_hand(options, begins)?;
        Ok(World { server, hand })
    }

    /// The server, whose handles work as those of any other.
    pub fn server(&self) -> &ChatServer {
        &self.server
    }

    /// Somebody connects from that address, which need not be this machine's, and is dealt with as somebody from there.
    /// Returns its end of the connection, which never waits: what it sends is heard with the next call here, and the
    /// kernel keeps some 200 KB for it in either direction. With a secret its handshake comes first.
    ///
    /// # Errors
    /// `ConnectionRefused` once the server stops; the system's where there is no descriptor left.
    pub fn connect(&mut self, from: Address) -> Result<UnixStream> {
        let failed = |error: std::io::Error| Error::from_io(&error, "a connection in memory");
        let (near, far) = UnixStream::pair().map_err(failed)?;
        near.set_nonblocking(true).map_err(failed)?;
        self.hand.connect(Stream::posing(far.into(), from))?;
        Ok(near)
    }

    /// Serves until there is nothing left to do at this time; whether there was anything.
    pub fn settle(&mut self) -> bool {
        self.hand.settle()
    }

    /// Lets time pass up to the next moment that may bring something, `most` at most, and serves what it brings; returns
    /// how much has passed. For who has something to do at each of these moments, such as to answer a ping.
    pub fn step(&mut self, most: Duration) -> Duration {
        self.hand.pass(most)
    }

    /// Lets so much time pass, moment by moment.
    pub fn advance(&mut self, time: Duration) {
        self.settle();
        let mut left = time;
        while !left.is_zero() {
            left -= self.step(left);
        }
    }

    /// How much time has passed since the start.
    pub fn passed(&self) -> Duration {
        self.hand.passed()
    }

    /// Whether the server has stopped, with every connection gone. [`ChatServer::close_within`] begins that, and time goes on
    /// with it.
    pub fn has_ended(&self) -> bool {
        self.hand.has_ended()
    }
}

#[cfg(test)]
mod tests;
