//! Hosts of small services, with real sockets and no service of the library's own.

mod alarms;
mod congestion;
mod connections;
mod doors;
mod echo;
mod endings;
mod flows;
mod handshakes;
mod links;
mod probe;
#[cfg(feature = "tls")]
mod sealed;
mod watches;

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use super::{HostOptions, Service};
use crate::frame::Framing;
use crate::net::{Endpoint, ListenOptions};
use crate::peer::Rules;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A host of lines on one worker, which accepts as well.
fn options() -> HostOptions {
    HostOptions {
        endpoint: Endpoint::tcp("127.0.0.1", 0),
        listening: ListenOptions::default(),
        auth: None,
        tls: None,
        rules: Rules {
            framing: Framing::Line,
            is_raw: false,
            message_limit: 8192,
            long: None,
            outbox_limit: 1 << 20,
            profile: None,
            handshake_timeout: PATIENCE,
            write_timeout: PATIENCE,
            ping_interval: None,
            ping_timeout: PATIENCE,
            idle_timeout: None,
        },
        workers: 1,
        acceptor: false,
        limit: 1000,
        per_ip: Some(0),
        handshake_limit: 100,
        polling: Duration::ZERO,
        name: "test",
    }
}

fn dial<S: Service>(host: &super::Host<S>) -> TcpStream {
    let stream = TcpStream::connect(host.commons().address.to_string()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that comes up to the end.
fn hear_out(mut stream: impl Read) -> String {
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    heard
}

/// So many bytes.
fn hear(stream: &mut impl Read, length: usize) -> String {
    let mut heard = vec![0; length];
    stream.read_exact(&mut heard).unwrap();
    String::from_utf8(heard).unwrap()
}
