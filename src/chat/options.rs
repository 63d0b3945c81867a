//! How a chat server behaves; every limit of its memory and patience.

use std::time::Duration;

use crate::auth::ServerAuth;
use crate::frame::Framing;
use crate::net::{Endpoint, ListenOptions, POLLING};
use crate::peer::{Rate, Rules};
use crate::reactor::HostOptions;
use crate::{Error, Result, Status};

/// Options of a [`ChatServer`](super::ChatServer). Make them with [`ServerOptions::new`], set fields, start.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerOptions {
    /// Where to listen.
    pub endpoint: Endpoint,
    /// `Line` for line chat, any other for message chat. Default `Line`.
    pub framing: Framing,
    /// Who may join; `None` lets everybody in. Default `None`.
    pub auth: Option<ServerAuth>,
    /// Without `auth`, listen beyond this machine all the same. Default off: strangers would get in.
    pub allow_anonymous: bool,
    /// The time zone of the stamps in line chat, as the variable `TZ` has it: empty for UTC, the name or path of a zone's
    /// file, or rules. One that cannot be read is UTC. Default `None`: the system's, `/etc/localtime`. The environment is not
    /// read, since the program may be changing it: who wants its `TZ` gives it here.
    pub time_zone: Option<String>,
    /// Tell the room who joins and leaves. Default off.
    pub announce: bool,
    /// Ask [`Handler::authorize`](super::Handler::authorize) before a connection joins. Default off.
    pub authorize: bool,
    /// Ask [`Handler::filter`](super::Handler::filter) before a message is published. Default off: messages then
    /// never wait for the embedder.
    pub filter: bool,
    /// What becomes of a message whose filter fails. Default: nobody gets it.
    pub filter_failure: FilterFailure,
    /// I/O threads; 0 (default) is one for each core.
    pub workers: usize,
    /// Connections the kernel keeps for accept. Default 4096.
    pub backlog: u32,
    /// Who may connect to a Unix socket: the permissions of its file, whatever the process's mask. To connect takes the
    /// right to write. Default `None`: 0o600, this user alone, or 0o660 with a group. Not for a port.
    pub mode: Option<u32>,
    /// The group of a Unix socket's file: a name, or a number. Default `None`: as the system has it. Not for a port.
    pub group: Option<String>,
    /// Longest message in bytes. Default 8 KiB for lines, 64 KiB otherwise; 0 is the default. It counts a member's line
    /// without its end, and in message chat the whole frame with its JSON and escapes; of what the embedder or a filter
    /// says it counts the text alone.
    pub message_limit: usize,
    /// Bytes that may wait for a member that does not read; past it the member is disconnected. Default 1 MiB.
    pub outbox_limit: usize,
    /// Members at a time. Default 10,240; more are told so and closed.
    pub member_limit: usize,
    /// Members for one IP address. Default `None`: 256, peers on this machine exempt. `Some(0)` is no limit.
    pub members_per_ip: Option<usize>,
    /// Messages from one member. Default `None`: 20 at once and 10 a second, peers on this machine exempt.
    /// A member over its rate is read more slowly; nothing is lost.
    pub rate: Option<Rate>,
    /// Handshakes under way at a time; past it the oldest one fails, so that silence cannot lock others out. Default 128.
    pub handshake_limit: usize,
    /// For a whole handshake, from accept. Default 5 s.
    pub handshake_timeout: Duration,
    /// Without any progress of a blocked write. Default 10 s.
    pub write_timeout: Duration,
    /// How long [`ChatServer::broadcast`](super::ChatServer::broadcast) and `send` wait for members that read to take what
    /// was said before. Default 10 s; zero answers `Overflow` at once.
    pub send_timeout: Duration,
    /// Silence before a ping (message chat). Default 25 s; zero never pings.
    pub ping_interval: Duration,
    /// For the answer to a ping. Default 10 s.
    pub ping_timeout: Duration,
    /// Without a message, after which a member is disconnected. Default zero: never.
    pub idle_timeout: Duration,
    /// How long a worker may wait awake, yielding its core, while its last waits were shorter than this. Default 100 µs, 10 ms at most;
    /// zero always sleeps. An idle or irregular room is never polled.
    pub polling: Duration,
    /// Events that may wait for the embedder. Default 8192.
    pub event_limit: usize,
    /// What happens past that limit.
    pub event_overflow: Overflow,
    /// Which events are queued for [`ChatServer::poll`](super::ChatServer::poll) or the handler. Default none: a server
    /// nobody asks keeps nothing.
    pub events: Events,
}

/// What becomes of a message whose filter panics or answers [`Verdict::Failed`](super::Verdict::Failed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterFailure {
    /// Nobody gets it, and who said it is told so: a filter that keeps words or people out must not open by a bug.
    #[default]
    Drop,
    /// The room gets it as it is: a filter that only decorates must not silence anybody.
    Pass,
}

/// What happens when the embedder does not take its events in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// Members are not read until there is room: nothing is lost, and the room waits for the embedder.
    #[default]
    Block,
    /// The oldest message event is lost, and counted.
    DropOldest,
    /// The new message event is lost, and counted.
    DropNewest,
    /// The member whose message does not fit is disconnected.
    Disconnect,
}

/// Which kinds of events are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Events {
    /// None.
    None,
    /// All but messages.
    Membership,
    /// All.
    All,
}

/// What goes to the members at once, where outboxes are large.
const BATCH_SIZE: usize = 256 * 1024;

/// What the kernel may keep for a member before its outbox does: the kernel's own limit is megabytes, for each one.
const UNSENT_LIMIT: u32 = 128 * 1024;

const MINIMUM_OUTBOX: usize = 4 * 1024;

impl ServerOptions {
    /// The defaults, for a server at `endpoint`.
    pub fn new(endpoint: impl Into<Endpoint>) -> ServerOptions {
        ServerOptions {
            endpoint: endpoint.into(),
            framing: Framing::Line,
            auth: None,
            allow_anonymous: false,
            time_zone: None,
            announce: false,
            authorize: false,
            filter: false,
            filter_failure: FilterFailure::default(),
            workers: 0,
            backlog: 4096,
            mode: None,
            group: None,
            message_limit: 0,
            outbox_limit: 1024 * 1024,
            member_limit: 10_240,
            members_per_ip: None,
            rate: None,
            handshake_limit: 128,
            handshake_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(10),
            idle_timeout: Duration::ZERO,
            polling: POLLING,
            event_limit: 8192,
            event_overflow: Overflow::default(),
            events: Events::None,
        }
    }

    /// Longest message in bytes, with the default filled in.
    pub fn message_limit(&self) -> usize {
        match (self.message_limit, self.framing) {
            (0, Framing::Line) => 8 * 1024,
            (0, _) => 64 * 1024,
            (limit, _) => limit,
        }
    }

    /// What goes to the members at once, about, at most: whoever reads must be able to follow.
    pub(super) fn batch_size(&self) -> usize {
        BATCH_SIZE.min(self.outbox_limit / 4)
    }

    fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        }
    }

    /// The part of them that is about connections, whatever they are for.
    pub(super) fn host(&self) -> HostOptions {
        let (backlog, mode, group) = (self.backlog, self.mode, self.group.clone());
        let unsent_limit = Some(UNSENT_LIMIT);
        let unless_zero = |time: Duration| (!time.is_zero()).then_some(time);
        HostOptions {
            endpoint: self.endpoint.clone(),
            listening: ListenOptions { backlog, mode, group, unsent_limit, ..ListenOptions::default() },
            auth: self.auth.clone(),
            rules: Rules {
                framing: self.framing,
                message_limit: self.message_limit(),
                outbox_limit: self.outbox_limit,
                profile: self.auth.as_ref().map(ServerAuth::profile),
                handshake_timeout: self.handshake_timeout,
                write_timeout: self.write_timeout,
                // Lines have no answer to a ping.
                ping_interval: unless_zero(self.ping_interval).filter(|_| self.framing != Framing::Line),
                ping_timeout: self.ping_timeout,
                idle_timeout: unless_zero(self.idle_timeout),
            },
            workers: self.worker_count(),
            acceptor: true,
            limit: self.member_limit,
            per_ip: self.members_per_ip,
            handshake_limit: self.handshake_limit,
            polling: self.polling,
            name: "io",
        }
    }

    /// What can be said of the options before a socket is made.
    pub(super) fn check(&self) -> Result<()> {
        self.endpoint.check_exposure(self.auth.is_some() || self.allow_anonymous)?;
        let wrong = |text: String| Err(Error::new(Status::InvalidArgument, text));
        if self.workers > 1024 {
            return wrong(format!("workers is {}, expected 0 (one for each core) to 1024", self.workers));
        }
        // Every character may need an escape, and the envelope of a message is a few hundred bytes.
        let widest = self.message_limit().saturating_mul(2).saturating_add(1024);
        if self.outbox_limit < MINIMUM_OUTBOX.max(widest) {
            return wrong(format!(
                "outbox_limit is {}, expected at least {} to hold one message of message_limit {}",
                self.outbox_limit,
                MINIMUM_OUTBOX.max(widest),
                self.message_limit()
            ));
        }
        for (name, value) in [
            ("member_limit", self.member_limit),
            ("handshake_limit", self.handshake_limit),
            ("event_limit", self.event_limit),
            ("backlog", self.backlog as usize),
        ] {
            if value == 0 {
                return wrong(format!("{name} is 0, expected at least 1"));
            }
        }
        for (name, value) in [("handshake_timeout", self.handshake_timeout), ("write_timeout", self.write_timeout)] {
            if value.is_zero() {
                return wrong(format!("{name} is 0, expected more: peers that never move would stay for ever"));
            }
        }
        match self.rate {
            Some(rate) if !rate.per_second.is_finite() || rate.per_second < 0.0 => {
                wrong(format!("rate is {} messages a second, expected 0 (no limit) or more", rate.per_second))
            }
            Some(rate) if rate.per_second > 0.0 && rate.burst == 0 => {
                wrong("rate has a burst of 0, expected at least 1: no message would ever pass".into())
            }
            _ => Ok(()),
        }
    }
}
