//! Clocks, connections and what a caller prints.

use std::time::{Duration, Instant};

use rustchat::connection::{AcceptOptions, ConnectOptions, Connection, MessageListener, connect};
use rustchat::net::{Deadline, Endpoint};

use crate::{Result, Way};

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
        let (seconds, cpu) = (self.begin.elapsed().as_secs_f64(), cpu_seconds() - self.cpu);
        println!("{{\"{what}\": {count}, \"seconds\": {seconds}, \"cpu_seconds\": {cpu}}}");
    }
}

/// CPU time of the one thread that calls, from the kernel's account.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|field| field.parse::<f64>().ok()).map_or(0.0, |value| value / 1e9)
}

/// Listens at a port of the system's choice, and says so.
pub(crate) fn listen(way: Way, mut options: AcceptOptions) -> Result<MessageListener> {
    if way.no_polling {
        options.polling = Duration::ZERO;
    }
    let listener = MessageListener::bind("127.0.0.1:0".parse::<Endpoint>()?, options)?;
    println!("listening on {}", listener.address());
    Ok(listener)
}

/// Connects without a handshake.
pub(crate) fn call(way: Way, address: &str) -> Result<Connection> {
    let mut options = ConnectOptions::default();
    if way.no_polling {
        options.polling = Duration::ZERO;
    }
    Ok(connect(address.parse::<Endpoint>()?, &options, Deadline::never())?)
}
