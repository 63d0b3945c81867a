//! The file server as its embedder sees it.

use std::path::Path;
use std::sync::Arc;

use super::disk;
use super::hub::Hub;
use super::options::FileServerOptions;
use super::service::Librarian;
use super::store::{Rules, Store};
use crate::Result;
use crate::reactor::{Berth, Host, serving};

/// A running server of files.
///
/// Clones are handles of the same server; all methods may be called from any thread. When the last handle goes, the server is
/// stopped.
///
/// Whoever has proved a secret may list, fetch and store what is in the root, and nothing beside it. A file appears whole or
/// not at all; parts of files wait in `.rustchat` in the root, which no client sees. What was done is in the log, under
/// `rustchat::audit`.
#[derive(Clone)]
pub struct FileServer {
    owner: Arc<Owner>,
}

struct Owner {
    host: Host<Librarian>,
    hub: Arc<Hub>,
}

/// Numbers since a server's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FileStats {
    /// Transfers that are under way.
    pub transfers: u64,
    /// Files that were stored whole.
    pub stored: u64,
    /// Files that were fetched whole.
    pub fetched: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Bytes of files that came.
    pub stored_bytes: u64,
    /// Bytes of files that went.
    pub fetched_bytes: u64,
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

impl FileStats {
    /// All of them by name.
    pub fn numbers(&self) -> [(&'static str, u64); 11] {
        [
            ("transfers", self.transfers),
            ("stored", self.stored),
            ("fetched", self.fetched),
            ("refused", self.refused),
            ("stored_bytes", self.stored_bytes),
            ("fetched_bytes", self.fetched_bytes),
            ("connections", self.connections),
            ("connections_refused", self.connections_refused),
            ("authentication_failed", self.authentication_failed),
            ("bytes_in", self.bytes_in),
            ("bytes_out", self.bytes_out),
        ]
    }
}

impl FileServer {
    /// Starts a server. Reads the folder of parts, and throws away those that have waited too long.
    ///
    /// # Errors
    /// `InvalidArgument` without a secret, on this machine as well; beyond this machine without `tls` or `allow_plaintext`; and for
    /// an option that cannot work, which is named. The system's error for a root that cannot be opened.
    pub fn start(options: FileServerOptions) -> Result<FileServer> {
        options.check()?;
        let root = options.root.clone().unwrap_or_default();
        let (follow, reserve, writes) = (options.follow, options.disk_reserve as u64, !options.read_only);
        let store = Store::open(Path::new(&root), follow, reserve, writes, Rules::from(&options))?;
        let berth = Berth::new(options.host(store.blocks())?)?;
        let hub = Arc::new(Hub::new(options, store, berth.commons()));
        let host = berth.start(&hub, |_| Librarian::new(&hub), |_| disk::bodies(&hub))?;
        log::info!("{}: files are served from {root}", hub.commons.address);
        Ok(FileServer { owner: Arc::new(Owner { host, hub }) })
    }

    /// The options it was started with.
    pub fn options(&self) -> &FileServerOptions {
        &self.owner.hub.options
    }

    /// Numbers since the start.
    pub fn stats(&self) -> FileStats {
        let (hub, totals) = (&self.owner.hub, &self.owner.hub.commons.totals);
        FileStats {
            transfers: hub.transfers() as u64,
            stored: hub.counts.stored.get(),
            fetched: hub.counts.fetched.get(),
            refused: hub.counts.refused.get(),
            stored_bytes: hub.counts.stored_bytes.get(),
            fetched_bytes: hub.counts.fetched_bytes.get(),
            connections: totals.accepted.get(),
            connections_refused: totals.refused.get(),
            authentication_failed: totals.authentication_failed.get(),
            bytes_in: totals.bytes_in.get(),
            bytes_out: totals.bytes_out.get(),
        }
    }
}

serving! {
    FileServer {
        /// Begins to stop: transfers end where they are, and can be gone on with after the next start. Never waits; may be
        /// repeated.
        close;
        /// The same with that time for clients to read what waits for them. Of several calls the one whose end comes first counts.
        close_within;
        /// Stops: [`FileServer::close_within`] with `drain`, then [`FileServer::join`]. A disk that does not answer is waited for.
        stop;
        /// Why the server has ended of its own accord: one of its threads has failed, which is a bug of this library.
        failure;
    }
}
