//! The chat server, plain or with a secret in TLS.

use rustchat::chat::{ChatServer, ServerOptions};
use rustchat::net::{Deadline, Endpoint};

use crate::{Result, Way, report};

pub(crate) fn serve(way: Way, workers: usize, framing: &str) -> Result {
    let mut options = ServerOptions::new("127.0.0.1:0".parse::<Endpoint>()?);
    (options.workers, options.framing) = (workers, framing.parse()?);
    if way.tls {
        (options.auth, options.tls) = (Some(report::server_auth()?), Some(Default::default()));
        // Hundreds knock at once, and none of them is to be given up.
        options.handshake_limit = 1024;
    }
    let server = ChatServer::start(options)?;
    println!("listening on {}", server.address());
    Ok(server.join(Deadline::never())?)
}
