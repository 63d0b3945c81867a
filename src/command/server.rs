//! The command server as its embedder sees it.

use std::sync::Arc;

use super::catalogue::Catalogue;
use super::hub::Hub;
use super::options::CommandServerOptions;
use super::service::Commander;
use super::spawner;
use super::sys;
use crate::reactor::{Berth, Host, serving};
use crate::{Error, Result, Status};

/// A running server of remote commands.
///
/// Clones are handles of the same server; all methods may be called from any thread. When the last handle goes, the server is
/// stopped, and its commands with it.
///
/// It runs what its [`Catalogue`] allows for whoever has proved a secret, and keeps two records of each command in the log,
/// under `rustchat::audit`. A client that goes away takes its commands with it.
#[derive(Clone)]
pub struct CommandServer {
    owner: Arc<Owner>,
}

struct Owner {
    host: Host<Commander>,
    hub: Arc<Hub>,
}

/// Numbers since a server's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CommandStats {
    /// Commands that run, or are being started.
    pub running: u64,
    /// Commands that were started.
    pub started: u64,
    /// Commands that were refused.
    pub refused: u64,
    /// Connections that were accepted.
    pub connections: u64,
    /// Connections for which there was no place.
    pub connections_refused: u64,
    /// Handshakes that have failed.
    pub authentication_failed: u64,
    /// Bytes received, headers included.
    pub bytes_in: u64,
    /// Bytes sent, headers included.
    pub bytes_out: u64,
}

impl CommandStats {
    /// All of them by name.
    pub fn numbers(&self) -> [(&'static str, u64); 8] {
        [
            ("running", self.running),
            ("started", self.started),
            ("refused", self.refused),
            ("connections", self.connections),
            ("connections_refused", self.connections_refused),
            ("authentication_failed", self.authentication_failed),
            ("bytes_in", self.bytes_in),
            ("bytes_out", self.bytes_out),
        ]
    }
}

impl CommandServer {
    /// Starts a server.
    ///
    /// # Errors
    /// `InvalidArgument` without a secret, on this machine as well; beyond this machine without `tls` or `allow_plaintext`; and for an
    /// option or a command that cannot work, which is named. `NotSupported` before Linux 5.4.
    pub fn start(options: CommandServerOptions, catalogue: Catalogue) -> Result<CommandServer> {
        options.check()?;
        catalogue.check()?;
        if !sys::is_supported() {
            return Err(Error::new(Status::NotSupported, "a command server needs Linux 5.4 or newer"));
        }
        let berth = Berth::new(options.host()?)?;
        let hub = Arc::new(Hub::new(options, catalogue, berth.commons())?);
        let host = berth.start(&hub, |_| Commander::new(&hub), |_| spawner::bodies(&hub))?;
        log::info!("{}: commands are run here", hub.commons.address);
        Ok(CommandServer { owner: Arc::new(Owner { host, hub }) })
    }

    /// The options it was started with.
    pub fn options(&self) -> &CommandServerOptions {
        &self.owner.hub.options
    }

    /// Numbers since the start.
    pub fn stats(&self) -> CommandStats {
        let (hub, totals) = (&self.owner.hub, &self.owner.hub.commons.totals);
        CommandStats {
            running: hub.running() as u64,
            started: hub.counts.started.get(),
            refused: hub.counts.refused.get(),
            connections: totals.accepted.get(),
            connections_refused: totals.refused.get(),
            authentication_failed: totals.authentication_failed.get(),
            bytes_in: totals.bytes_in.get(),
            bytes_out: totals.bytes_out.get(),
        }
    }
}

serving! {
    CommandServer {
        /// Begins to stop: commands are asked to end, killed when they do not, and their clients told. Never waits; may be
        /// repeated.
        close;
        /// The same with that time for all of it. Of several calls the one whose end comes first counts.
        close_within;
        /// Stops: [`CommandServer::close_within`] with `drain`, then [`CommandServer::join`]. Ends within `drain` and a moment; then
        /// no command is left.
        stop;
        /// Why the server has ended of its own accord: one of its threads has failed, which is a bug of this library.
        failure;
    }
}
