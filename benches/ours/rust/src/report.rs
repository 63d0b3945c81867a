//! Clocks, connections and what a caller prints.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use rustchat::auth::{ClientAuth, KeyRing, Profile, Secret, ServerAuth};
use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect};
use rustchat::net::{Deadline, Endpoint};

use crate::{Result, Way};

const SECRET: &str = "a key for the benchmark, 32 byte";

/// A measurement under way.
pub(crate) struct Stopwatch {
    begin: Instant,
    cpu: f64,
}

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Stopwatch {
        Stopwatch { begin: Instant::now(), cpu: cpu_seconds() }
    }

    /// Whether so much time has not passed yet.
    pub(crate) fn is_within(&self, seconds: f64) -> bool {
        self.begin.elapsed().as_secs_f64() < seconds
    }

    /// Prints how often something was done.
    pub(crate) fn report(&self, what: &str, count: u64) {
        self.report_seconds(what, count, self.begin.elapsed().as_secs_f64());
    }

    /// The same with the time that counts.
    pub(crate) fn report_seconds(&self, what: &str, count: u64, seconds: f64) {
        let cpu = cpu_seconds() - self.cpu;
        println!("{{\"{what}\": {count}, \"seconds\": {seconds}, \"cpu_seconds\": {cpu}}}");
    }
}

/// CPU time of this process.
fn cpu_seconds() -> f64 {
    let clock = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    clock.map_or(0.0, |time| time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

/// What the server asks for.
pub(crate) fn server_auth() -> Result<ServerAuth> {
    Ok(ServerAuth::new(Profile::Mutual, KeyRing::single(Secret::new(SECRET)?)))
}

/// The same of who calls it.
pub(crate) fn client_auth() -> Result<ClientAuth> {
    Ok(ClientAuth::new(Profile::Mutual, Secret::new(SECRET)?))
}

/// Listens at a port of the system's choice, and says so. With TLS there is a secret, too: nothing else is needed.
pub(crate) fn listen(way: Way, mut options: AcceptOptions) -> Result<MessageListener> {
    if way.tls {
        (options.auth, options.tls) = (Some(server_auth()?), Some(Default::default()));
    }
    if way.no_polling {
        options.polling = Duration::ZERO;
    }
    let listener = MessageListener::bind("127.0.0.1:0".parse::<Endpoint>()?, options)?;
    println!("listening on {}", listener.address());
    Ok(listener)
}

/// Connects, without a handshake unless there is TLS.
pub(crate) fn call(way: Way, address: &str) -> Result<Connection> {
    let mut options = ConnectOptions::default();
    if way.no_polling {
        options.polling = Duration::ZERO;
    }
    if way.tls {
        (options.auth, options.tls) = (Some(client_auth()?), Some(Default::default()));
    }
    Ok(connect(address.parse::<Endpoint>()?, &options, Deadline::never())?)
}
