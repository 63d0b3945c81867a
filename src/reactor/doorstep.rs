//! Peers that were refused at the door, until they have read why.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};

use crate::net::Stream;

/// How long a refusal may take to be read.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many peers are waited for; the one that came first makes place for the next.
const MOST: usize = 64;

/// What one of them may send meanwhile, and is read with.
const MOST_BYTES: usize = 1 << 20;
const READ_SIZE: usize = 16 * 1024;

/// Tokens from here on are theirs, up to those at the very end.
const FIRST_TOKEN: usize = 1 << (usize::BITS - 1);

/// Connections whose sending direction we have ended. Closed at once, the kernel would throw away what they were told as
/// soon as they have sent anything that nobody reads.
#[derive(Default)]
pub(super) struct Doorstep {
    /// In the order of their deadlines.
    peers: VecDeque<Peer>,
    last: usize,
}

struct Peer {
    stream: Stream,
    token: Token,
    until: Instant,
    bytes: usize,
}

impl Doorstep {
    /// Waits for the peer's own end, with the poller of `registry`.
    pub(super) fn see_off(&mut self, stream: Stream, registry: &Registry, now: Instant) {
        stream.shutdown_send();
        if self.peers.len() >= MOST {
            self.peers.pop_front();
        }
        self.last = (self.last + 1) % (FIRST_TOKEN - 2);
        let token = Token(FIRST_TOKEN + self.last);
        if registry.register(&mut SourceFd(&stream.as_raw_fd()), token, Interest::READABLE).is_ok() {
            self.peers.push_back(Peer { stream, token, until: now + PATIENCE, bytes: 0 });
        }
    }

    /// When the next one has been waited for long enough.
    pub(super) fn next(&self) -> Option<Instant> {
        self.peers.front().map(|peer| peer.until)
    }

    /// Reads what the peer with that token has sent, and closes its connection if that was the end.
    pub(super) fn ready(&mut self, token: Token) {
        let Some(index) = self.peers.iter().position(|peer| peer.token == token) else { return };
        if self.peers[index].has_ended() {
            self.peers.remove(index);
        }
    }

    /// Closes the connections that have been waited for long enough.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.next().is_some_and(|until| until <= now) {
            self.peers.pop_front();
        }
    }

    /// Closes all of them.
    pub(super) fn clear(&mut self) {
        // What has come is read, lest the kernel answers it by cutting the refusal off.
        for mut peer in self.peers.drain(..) {
            peer.has_ended();
        }
    }
}

impl Peer {
    /// Throws away what has come; whether nothing more is to be waited for.
    fn has_ended(&mut self) -> bool {
        let mut buffer = [0; READ_SIZE];
        loop {
            match self.stream.try_recv(&mut buffer) {
                Ok(0) => return true,
                Ok(count) => self.bytes += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
            if self.bytes > MOST_BYTES {
                return true;
            }
        }
    }
}
