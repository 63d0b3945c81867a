//! What a host needs to know.

use std::sync::Arc;
use std::time::Duration;

use crate::Result;
use crate::auth::{Profile, ServerAuth};
use crate::frame::Framing;
use crate::net::{Endpoint, ListenOptions};
use crate::peer::Rules;
use crate::tls::ServerTls;

/// What everything that listens has in common.
macro_rules! listening {
    ($($for:tt)*) => { $crate::options::options! { @set listening Listening {
        /// What peers must prove to hold before they get in.
        ///
        /// `None` lets everybody in.
        auth: ServerAuth = None;
        /// TLS for all that peers say and are told. With a secret in the profile mutual that alone is enough: the server makes its
        /// own certificate, and the proof of the secret is bound to this very channel. Without one it needs a certificate.
        ///
        /// `None`: plain.
        tls: Tls = None;
        /// Without a secret, listen beyond this machine all the same: strangers get in.
        allow_anonymous: Flag = false;
        /// Who may connect to a Unix socket: the permissions of its file, whatever the process's mask. To connect takes the
        /// right to write. Without it 0o600, this user alone, or 0o660 with a group. Not for a port.
        mode: Mode = None;
        /// The group of a Unix socket's file: a name, or a number. Without it as the system has it. Not for a port.
        group: Group = None;
        /// Connections that the system keeps until they are accepted.
        backlog: Number = 4096, at least 1;
        /// Handshakes under way at a time; past it newcomers wait in the backlog, and who keeps the server waiting for longest
        /// fails, so that silence cannot lock others out.
        handshake_limit: Count = 128, at least 1;
        /// How long a whole handshake may take, from accept.
        handshake_timeout: Seconds = 5.0, more than 0, or else "peers that never move would stay for ever";
        /// How long a thread may wait awake for its peers, yielding its core, while its last waits were shorter than this,
        /// which saves its wake-ups; 10 ms at most. In a quiet or irregular dialogue nothing is polled.
        ///
        /// The default is longer than the wake-up of a sleeping core, which a dialogue must get through once before both ends
        /// are awake.
        polling: Seconds = 0.0001, zero is "to sleep always";
    } $($for)* } };
}
pub(crate) use listening;

listening! { @define }

/// What services have in common that keep their peers.
macro_rules! hosting {
    ($($for:tt)*) => { $crate::options::options! { @set hosting Hosting {
        /// I/O threads.
        workers: Count = 0, zero is "one for each core", at most 1024;
        /// Bytes that may wait for a member that does not read; past it the member is disconnected.
        outbox_limit: Count = 1_048_576;
        /// Members at a time; more are told so and closed.
        member_limit: Count = 10_240, at least 1;
        /// Members for one IP address; 0 is no limit. Without it 256, peers on this machine exempt.
        members_per_ip: Ceiling = None;
        /// How long a blocked write may go without any progress.
        write_timeout: Seconds = 10.0, more than 0, or else "peers that never move would stay for ever";
        /// How long a member may say nothing before it is disconnected.
        idle_timeout: Seconds = 0.0, zero is "never";
    } $($for)* } };
}
pub(crate) use hosting;

hosting! { @define }

/// How a service is hosted, whichever it is.
#[derive(Debug, Clone)]
pub(crate) struct HostOptions {
    pub(crate) endpoint: Endpoint,
    pub(crate) listening: ListenOptions,
    /// What newcomers prove; `None` lets everybody in.
    pub(crate) auth: Option<ServerAuth>,
    /// What secures the channel first; `None` leaves it plain.
    pub(crate) tls: Option<Arc<ServerTls>>,
    pub(crate) rules: Rules,
    /// I/O threads.
    pub(crate) workers: usize,
    /// Whether connections are accepted on a thread of their own. Without it the first worker accepts.
    pub(crate) acceptor: bool,
    /// Connections at a time.
    pub(crate) limit: usize,
    /// For one IP address. `None`: 256, peers on this machine exempt. `Some(0)` is no limit.
    pub(crate) per_ip: Option<usize>,
    /// Handshakes under way at a time; past it newcomers wait, and the oldest that does not wait for this end fails.
    pub(crate) handshake_limit: usize,
    /// How long a worker may wait awake.
    pub(crate) polling: Duration,
    /// What the threads are called: `rustchat-<name>-0` and so on.
    pub(crate) name: &'static str,
}

/// What a handshake may leave in an outbox is far below this.
const HANDSHAKE_OUTBOX: usize = 64 * 1024;

/// What the kernel may keep for a peer before its outbox does: the kernel's own limit is megabytes, for each one.
const UNSENT_LIMIT: u32 = 128 * 1024;

impl Listening {
    /// Whether strangers are kept out, or meant to get in.
    pub(crate) fn check_exposure(&self, endpoint: &Endpoint) -> Result<()> {
        endpoint.check_exposure(self.auth.is_some() || self.allow_anonymous)
    }

    /// How to make the socket.
    pub(crate) fn socket(&self) -> ListenOptions {
        let (backlog, mode, group) = (self.backlog, self.mode, self.group.clone());
        ListenOptions { backlog, mode, group, ..ListenOptions::default() }
    }

    /// For a service with one thread, which lets go of its peers when they have shaken hands.
    ///
    /// # Errors
    /// `InvalidArgument` for TLS that nobody could verify, `NotSupported` where there is none.
    pub(crate) fn host(self, endpoint: &Endpoint, framing: Framing, message_limit: usize) -> Result<HostOptions> {
        let has_secret = self.auth.as_ref().is_some_and(|auth| auth.profile() == Profile::Mutual);
        let tls = self.tls.as_ref().map(|tls| tls.server(has_secret)).transpose()?;
        Ok(HostOptions {
            endpoint: endpoint.clone(),
            listening: self.socket(),
            rules: Rules {
                framing,
                is_raw: false,
                message_limit,
                long: None,
                outbox_limit: HANDSHAKE_OUTBOX,
                profile: self.auth.as_ref().map(ServerAuth::profile),
                handshake_timeout: self.handshake_timeout,
                write_timeout: self.handshake_timeout,
                ping_interval: None,
                ping_timeout: self.handshake_timeout,
                idle_timeout: None,
            },
            auth: self.auth,
            tls: tls.map(Arc::new),
            workers: 1,
            acceptor: false,
            limit: usize::MAX,
            per_ip: Some(0),
            handshake_limit: self.handshake_limit,
            polling: self.polling,
            name: "porter",
        })
    }
}

impl HostOptions {
    /// Whether newcomers have to do something before they are opened: until then they expect none of our messages.
    pub(crate) fn is_guarded(&self) -> bool {
        self.auth.is_some() || self.tls.is_some()
    }

    /// The same for a service that keeps its peers.
    pub(crate) fn keep(mut self, hosting: &Hosting) -> HostOptions {
        self.listening.unsent_limit = Some(UNSENT_LIMIT);
        self.rules.outbox_limit = hosting.outbox_limit;
        self.rules.write_timeout = hosting.write_timeout;
        self.rules.idle_timeout = unless_zero(hosting.idle_timeout);
        self.workers = match hosting.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        (self.acceptor, self.name) = (true, "io");
        (self.limit, self.per_ip) = (hosting.member_limit, hosting.members_per_ip);
        self
    }

    /// With pings after so much silence, and so long for the answer.
    pub(crate) fn ping(mut self, interval: Duration, timeout: Duration) -> HostOptions {
        (self.rules.ping_interval, self.rules.ping_timeout) = (unless_zero(interval), timeout);
        self
    }
}

fn unless_zero(time: Duration) -> Option<Duration> {
    (!time.is_zero()).then_some(time)
}
