//! The thread that shakes hands with newcomers, so that accepting never waits for a silent one.

use std::io;
use std::os::fd::AsRawFd;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use super::order::{Due, Order};
use super::{AcceptOptions, Connection};
use crate::auth::{self, Handshake, MAX_HANDSHAKE_BYTES, REMIND_AFTER, ServerAuth};
use crate::error::sentence;
use crate::gather::{Gatherer, others};
use crate::net::{AdaptivePolling, Listener, Queue, Stream};
use crate::opening::Opening;
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
    queue: Order,
    /// Those of them that may have to be reminded of the secret, in the order in which they came.
    silent: Order,
    ready: Arc<Queue<Connection>>,
    failure: Arc<OnceLock<Error>>,
    serial: u64,
    polling: AdaptivePolling,
    /// What the log is told of those who do not get in.
    strangers: Gatherer<String>,
}

struct Newcomer {
    stream: Stream,
    handshake: Handshake,
    serial: u64,
    /// Not a byte of it has come.
    silent: bool,
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
        let (newcomers, queue, silent) = (Slab::new(), Order::default(), Order::default());
        let polling = AdaptivePolling::new(options.polling);
        Ok(Porter {
            poll,
            waker,
            listener,
            auth,
            options,
            newcomers,
            queue,
            silent,
            ready,
            failure,
            serial: 0,
            polling,
            strangers: Gatherer::default(),
        })
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
            let now = Instant::now();
            let next = [self.queue.first(), self.silent.first()].into_iter().flatten().map(|due| due.at);
            let next = next.chain(self.strangers.due()).min();
            let next = next.map(|at| at.saturating_duration_since(now));
            let timeout = next.into_iter().chain(pause).min();
            if let Err(error) = self.polling.wait(&mut self.poll, &mut events, timeout) {
                log::debug!("porter: poll: {}", sentence(&error));
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
            self.remind();
            if let Some((count, last)) = self.strangers.collect(Instant::now()) {
                log::warn!("{last}{}", others(count));
            }
        }
        if let Some((count, last)) = self.strangers.collect_all() {
            log::warn!("{last}{}", others(count));
        }
    }

    fn accept_all(&mut self) -> Result<()> {
        // While nobody takes what is ready, newcomers wait in the kernel's backlog.
        while self.ready.lock(|items| items.len()) < self.options.backlog as usize {
            let Some(stream) = self.listener.try_accept()? else { break };
            #[cfg(any(test, feature = "panic-injection"))]
            crate::inject::point_once("rustchat-porter ", self.listener.address());
            if let Err(error) = self.welcome(stream) {
                self.tell(error.to_string());
            }
        }
        Ok(())
    }

    fn welcome(&mut self, stream: Stream) -> Result<()> {
        while self.newcomers.len() >= self.options.handshake_limit {
            // An honest peer is done within a few round trips: the oldest is the least likely to be one.
            match self.queue.pop() {
                Some(due) => self.give_up(due, "too many handshakes"),
                None => break,
            }
        }
        self.serial += 1;
        // Until somebody accepts it.
        stream.keep_from_children();
        let handshake = self.auth.begin()?;
        let entry = self.newcomers.vacant_entry();
        let token = entry.key();
        self.poll.registry().register(&mut SourceFd(&stream.as_raw_fd()), Token(token), Interest::READABLE)?;
        entry.insert(Newcomer { stream, handshake, serial: self.serial, silent: true });
        let now = Instant::now();
        let end = now + self.options.handshake_timeout.min(FOREVER);
        let (newcomers, serial) = (&self.newcomers, self.serial);
        self.queue.push(Due { at: end, token, serial }, |due| is_open(newcomers, due));
        if !self.newcomers[token].handshake.reminder().is_empty() {
            self.silent.push(Due { at: now + REMIND_AFTER, token, serial }, |due| is_open(newcomers, due));
        }
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
            let first = std::mem::take(&mut newcomer.silent);
            match newcomer.handshake.receive(&buffer[..count]) {
                Ok(used) if newcomer.handshake.is_complete() => return self.admit(token, &buffer[used..count]),
                Ok(_) => {}
                Err(_) => return self.refuse_words(token, first.then_some(&buffer[..count])),
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
            Ok(_) => self.tell(format!("{peer}: authentication failed: could not send")),
            Err(error) => self.tell(format!("{peer}: {error}")),
        }
    }

    /// Refuses somebody whose words are no proof, or, where they are its first ones, perhaps no handshake at all.
    fn refuse_words(&mut self, token: usize, first: Option<&[u8]>) {
        let newcomer = &mut self.newcomers[token];
        let opening = first.and_then(|bytes| auth::stranger(self.auth.profile(), bytes));
        let reminder = if opening.is_some_and(Opening::may_be_ours) { newcomer.handshake.reminder() } else { &[] };
        let _ = newcomer.stream.try_send(&[reminder, &newcomer.handshake.output()].concat());
        match opening {
            None => self.refuse(token, "wrong proof"),
            Some(opening) => self.refuse(token, &format!("it sent {opening}")),
        }
    }

    fn refuse(&mut self, token: usize, why: &str) {
        let newcomer = self.newcomers.remove(token);
        self.tell(format!("{}: authentication failed: {why}", newcomer.stream.peer()));
        newcomer.stream.shutdown_send();
    }

    /// Writes to the log what strangers can bring about as often as they like.
    fn tell(&self, what: String) {
        if let Some(what) = self.strangers.note(Instant::now(), what) {
            log::warn!("{what}");
        }
    }

    /// Lets those know who are silent that it is theirs to begin: they may not know that there is a secret.
    fn remind(&mut self) {
        let now = Instant::now();
        while let Some(due) = self.silent.first() {
            let current = self.newcomers.get(due.token);
            let current = current.filter(|newcomer| newcomer.serial == due.serial && newcomer.silent);
            if current.is_some() && due.at > now {
                return;
            }
            if let Some(newcomer) = current {
                let _ = newcomer.stream.try_send(newcomer.handshake.reminder());
            }
            self.silent.pop();
        }
    }

    fn give_up(&mut self, due: Due, why: &str) {
        if is_open(&self.newcomers, &due) {
            self.refuse(due.token, why);
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some(due) = self.queue.first() {
            if is_open(&self.newcomers, &due) && due.at > now {
                return;
            }
            self.queue.pop();
            self.give_up(due, "the handshake took too long");
        }
    }
}

/// Whether that newcomer's handshake goes on.
fn is_open(newcomers: &Slab<Newcomer>, due: &Due) -> bool {
    newcomers.get(due.token).is_some_and(|newcomer| newcomer.serial == due.serial)
}
