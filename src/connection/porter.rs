//! The thread that shakes hands with newcomers, so that accepting never waits for a silent one.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use super::{AcceptOptions, Connection};
use crate::auth::{Handshake, MAX_HANDSHAKE_BYTES, ServerAuth};
use crate::net::{AdaptivePolling, Listener, Queue, Stream};
use crate::{Error, Result, Status, error};

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// Longer than any handshake.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// How long to leave the listener alone when the system is out of descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Porter {
    poll: Poll,
    waker: Arc<Waker>,
    listener: Arc<Listener>,
    auth: ServerAuth,
    options: AcceptOptions,
    newcomers: Slab<Newcomer>,
    /// Newcomers in the order of their deadlines; the serial tells whether the token is still the same one's.
    queue: VecDeque<(Instant, usize, u64)>,
    ready: Arc<Queue<Connection>>,
    failure: Arc<OnceLock<Error>>,
    serial: u64,
    polling: AdaptivePolling,
}

struct Newcomer {
    stream: Stream,
    handshake: Handshake,
    serial: u64,
}

impl Porter {
    pub(super) fn new(
        listener: Arc<Listener>,
        auth: ServerAuth,
        options: AcceptOptions,
        ready: Arc<Queue<Connection>>,
        failure: Arc<OnceLock<Error>>,
    ) -> Result<Porter> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        poll.registry().register(&mut SourceFd(&listener.as_raw_fd()), LISTENER, Interest::READABLE)?;
        let (newcomers, queue) = (Slab::new(), VecDeque::new());
        let polling = AdaptivePolling::new(options.polling);
        Ok(Porter { poll, waker, listener, auth, options, newcomers, queue, ready, failure, serial: 0, polling })
    }

    pub(super) fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// Runs until the listener is closed; if it fails it closes the listener itself.
    pub(super) fn run(mut self) {
        if let Err(failure) = error::caught("rustchat-porter", || self.serve()) {
            log::error!("{}: {}; the listener is closed", self.listener.address(), failure.message());
            let _ = self.failure.set(failure);
            self.listener.close();
        }
        self.ready.close();
    }

    fn serve(&mut self) {
        let mut events = Events::with_capacity(256);
        let mut pause = None;
        while !self.listener.is_closed() {
            let next = self.queue.front().map(|(at, ..)| at.saturating_duration_since(Instant::now()));
            let timeout = match (next, pause) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            if let Err(error) = self.polling.wait(&mut self.poll, &mut events, timeout) {
                log::debug!("porter: poll: {error}");
                events.clear();
            }
            for event in &events {
                if self.newcomers.contains(event.token().0) {
                    self.progress(event.token().0);
                }
            }
            pause = self.accept_all().err().map(|error| {
                if error.status() != Status::Closed && pause.is_none() {
                    log::error!("{error}; new connections wait");
                }
                PAUSE
            });
            self.expire();
        }
    }

    fn accept_all(&mut self) -> Result<()> {
        // While nobody takes what is ready, newcomers wait in the kernel's backlog.
        while self.ready.lock(|items| items.len()) < self.options.backlog as usize {
            let Some(stream) = self.listener.try_accept()? else { break };
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once("rustchat-porter ", self.listener.address());
            if let Err(error) = self.welcome(stream) {
                log::warn!("{error}");
            }
        }
        Ok(())
    }

    fn welcome(&mut self, stream: Stream) -> Result<()> {
        while self.newcomers.len() >= self.options.handshake_limit {
            // An honest peer is done within a few round trips: the oldest is the least likely to be one.
            match self.queue.pop_front() {
                Some((_, token, serial)) => self.give_up(token, serial, "too many handshakes"),
                None => break,
            }
        }
        self.serial += 1;
        let handshake = self.auth.begin()?;
        let entry = self.newcomers.vacant_entry();
        let token = entry.key();
        self.poll.registry().register(&mut SourceFd(&stream.as_raw_fd()), Token(token), Interest::READABLE)?;
        entry.insert(Newcomer { stream, handshake, serial: self.serial });
        self.queue.push_back((Instant::now() + self.options.handshake_timeout.min(FOREVER), token, self.serial));
        self.progress(token);
        Ok(())
    }

    /// Goes on with a handshake as far as the bytes that are there allow.
    fn progress(&mut self, token: usize) {
        let mut buffer = [0; MAX_HANDSHAKE_BYTES];
        loop {
            let newcomer = &mut self.newcomers[token];
            let output = newcomer.handshake.output();
            // A fresh socket has room for a handshake; one that has not is no honest peer's.
            if !output.is_empty() && !matches!(newcomer.stream.try_send(&output), Ok(count) if count == output.len()) {
                return self.refuse(token, "could not send");
            }
            let count = match newcomer.stream.try_recv(&mut buffer) {
                Ok(0) => return self.refuse(token, "closed the connection"),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => return self.refuse(token, "connection lost"),
            };
            match newcomer.handshake.receive(&buffer[..count]) {
                Ok(used) if newcomer.handshake.is_complete() => return self.admit(token, &buffer[used..count]),
                Ok(_) => {}
                Err(_) => {
                    let _ = newcomer.stream.try_send(&newcomer.handshake.output());
                    return self.refuse(token, "wrong proof");
                }
            }
        }
    }

    fn admit(&mut self, token: usize, rest: &[u8]) {
        let mut newcomer = self.newcomers.remove(token);
        let output = newcomer.handshake.output();
        let peer = newcomer.stream.peer().clone();
        let sent = newcomer.stream.try_send(&output).is_ok_and(|count| count == output.len());
        // From here on the embedder's thread waits for this descriptor.
        let _ = self.poll.registry().deregister(&mut SourceFd(&newcomer.stream.as_raw_fd()));
        let identity = newcomer.handshake.identity().cloned();
        match Connection::accepted(newcomer.stream, &self.options, identity, rest) {
            Ok(connection) if sent => self.ready.lock(|items| items.push_back(connection)),
            Ok(_) => log::warn!("{peer}: authentication failed: could not send"),
            Err(error) => log::warn!("{peer}: {error}"),
        }
    }

    fn refuse(&mut self, token: usize, why: &str) {
        let newcomer = self.newcomers.remove(token);
        log::warn!("{}: authentication failed: {why}", newcomer.stream.peer());
        newcomer.stream.shutdown_send();
    }

    fn give_up(&mut self, token: usize, serial: u64, why: &str) {
        if self.newcomers.get(token).is_some_and(|newcomer| newcomer.serial == serial) {
            self.refuse(token, why);
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some(&(at, token, serial)) = self.queue.front() {
            let current = self.newcomers.get(token).is_some_and(|newcomer| newcomer.serial == serial);
            if current && at > now {
                return;
            }
            self.queue.pop_front();
            self.give_up(token, serial, "the handshake took too long");
        }
    }
}
