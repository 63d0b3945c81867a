//! A client of files.

mod download;
mod failure;
mod fetches;
mod line;
mod local;
mod progress;
mod stores;
mod target;
mod tree;
mod upload;
mod window;

use std::sync::Arc;

use super::names::RemotePath;
use super::options::GUARDED;
use super::wire::{Flags, MESSAGE_LIMIT, Metadata, Report, Request};
use crate::connection::{ConnectOptions, Connecting, Connection, TimedMutex, connect_if, connecting, lock};
use crate::frame::Framing;
use crate::net::{Address, Deadline};
use crate::options::{check, options};
use crate::tls::Protection;
use crate::{Error, Result, Status};

pub use download::Download;
pub use failure::FileError;
use line::{Heard, Line};
pub use progress::{Progress, Transferred, Tree};
pub use upload::Upload;

options! {
    /// Options of a [`FileClient`]. Make them with [`FileClientOptions::new`], set `auth` and other fields, connect.
    pub struct FileClientOptions at "Where the server is.";
    rows {
        /// Beyond this machine, speak without TLS all the same: who is on the way reads and changes what is said.
        allow_plaintext: Flag = false;
    }
    shared connecting;
    rows {
        /// How long the server may be silent, while something is waited for, before it is sent a ping.
        ping_interval: Seconds = 10.0, zero is "never";
        /// How long the answer to a ping may take; then the connection is lost.
        ping_timeout: Seconds = 20.0, more than 0, or else "no answer would ever come in time";
    }
}

/// A connection to a server of files. All methods may be called from any thread; one call at a time goes over the connection,
/// and the others wait for it, as long as their deadlines. Whoever wants several transfers at a time connects several times.
///
/// A deadline that passes, or a callback that says so, ends a call and leaves the connection usable, but where it passes in
/// the midst of a message that the network does not take.
pub struct FileClient {
    line: TimedMutex<Line>,
    connection: Arc<Connection>,
}

/// What a folder has in it: a name and what that is. A name is bytes, as the server's system has it; one that is not UTF-8, or
/// that could lead elsewhere, is told of, and cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryEntry {
    /// Its name.
    pub name: Vec<u8>,
    /// What it is.
    pub metadata: Metadata,
}

impl FileClient {
    /// Connects, and learns what the server takes.
    ///
    /// # Errors
    /// `InvalidArgument` without a secret, and beyond this machine without `tls` or `allow_plaintext`, before a byte is sent.
    /// Otherwise those of [`connect`](crate::connection::connect), and `Closed` when the server has no place.
    pub fn connect<'a>(options: &FileClientOptions, deadline: impl Into<Deadline<'a>>) -> Result<FileClient> {
        check(options)?;
        let deadline = deadline.into().at_most(options.timeout);
        let Connecting { auth, tls, timeout, polling } = options.connecting();
        GUARDED.check_client(auth.as_ref())?;
        let is_plain = tls.is_none() && !options.allow_plaintext;
        let (framing, frame_limit) = (Framing::U32Be, MESSAGE_LIMIT);
        let connecting = ConnectOptions { framing, frame_limit, auth, tls, timeout, polling };
        let permit = |peer: &Address| GUARDED.check_peer(peer, is_plain);
        let connection = connect_if(&options.endpoint, &connecting, deadline, permit)?;
        connection.keep_from_children();
        let connection = Arc::new(connection);
        let interval = (!options.ping_interval.is_zero()).then_some(options.ping_interval);
        let line = Line::greet(Arc::clone(&connection), interval, options.ping_timeout, &deadline)?;
        Ok(FileClient { line: TimedMutex::new(line), connection })
    }

    /// The server's address.
    pub fn peer(&self) -> &Address {
        self.connection.peer()
    }

    /// What protects what is sent and received.
    pub fn protection(&self) -> Protection {
        self.connection.protection()
    }

    /// What a path names.
    pub fn stat<'a>(&self, path: &RemotePath, deadline: impl Into<Deadline<'a>>) -> Result<Metadata, FileError> {
        let deadline = deadline.into();
        self.converse(&deadline, |line| {
            line.ask(&deadline, |id| Request::Stat(id, bytes_of(path)).encode())?;
            let mut found = None;
            line.wait(&deadline, |report| match report {
                Report::Entries(_, entries) if entries.len() == 1 => {
                    found = entries.first().map(|entry| entry.metadata);
                    Ok(Heard::GoOn)
                }
                Report::Done(..) => Ok(found.map_or(Heard::Wrong("DONE without ENTRIES"), Heard::Found)),
                _ => Ok(Heard::Wrong("what is no answer to STAT")),
            })
        })
    }

    /// What is in a folder, in no order.
    pub fn list<'a>(
        &self,
        path: &RemotePath,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<Vec<DirectoryEntry>, FileError> {
        let deadline = deadline.into();
        self.converse(&deadline, |line| {
            line.ask(&deadline, |id| Request::List(id, bytes_of(path)).encode())?;
            let mut found = Vec::new();
            line.wait(&deadline, |report| match report {
                Report::Entries(_, entries) => {
                    found.extend(
                        entries
                            .iter()
                            .map(|entry| DirectoryEntry { name: entry.name.to_vec(), metadata: entry.metadata }),
                    );
                    Ok(Heard::GoOn)
                }
                Report::Done(..) => Ok(Heard::Found(std::mem::take(&mut found))),
                _ => Ok(Heard::Wrong("what is no answer to LIST")),
            })
        })
    }

    /// Makes a folder; with `parents` those on the way, too, and with `exist_ok` it may be there already.
    pub fn mkdir<'a>(
        &self,
        path: &RemotePath,
        parents: bool,
        exist_ok: bool,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<(), FileError> {
        let flags = Flags { parents, lenient: exist_ok, ..Flags::default() };
        self.change(deadline.into(), |id| Request::MakeFolder(id, flags, bytes_of(path)).encode())
    }

    /// Removes a file; of a link the link.
    pub fn remove<'a>(&self, path: &RemotePath, deadline: impl Into<Deadline<'a>>) -> Result<(), FileError> {
        self.change(deadline.into(), |id| Request::Remove(id, Flags::default(), bytes_of(path)).encode())
    }

    /// Removes a folder that is empty.
    pub fn rmdir<'a>(&self, path: &RemotePath, deadline: impl Into<Deadline<'a>>) -> Result<(), FileError> {
        self.change(deadline.into(), |id| Request::RemoveFolder(id, Flags::default(), bytes_of(path)).encode())
    }

    /// Renames a file or a folder. `Refused` with [`Exists`](crate::transfer::Refusal::Exists) if something of the new name is
    /// there.
    pub fn rename<'a>(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<(), FileError> {
        self.move_to(from, to, false, deadline.into())
    }

    /// Renames, and replaces the file of the new name, or the folder if it is empty.
    pub fn replace<'a>(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        deadline: impl Into<Deadline<'a>>,
    ) -> Result<(), FileError> {
        self.move_to(from, to, true, deadline.into())
    }

    fn move_to(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        overwrite: bool,
        deadline: Deadline<'_>,
    ) -> Result<(), FileError> {
        let flags = Flags { overwrite, ..Flags::default() };
        self.change(deadline, |id| Request::Rename(id, flags, bytes_of(from), bytes_of(to)).encode())
    }

    fn change(&self, deadline: Deadline<'_>, message: impl FnOnce(u32) -> Vec<u8>) -> Result<(), FileError> {
        self.converse(&deadline, |line| {
            line.ask(&deadline, message)?;
            line.wait(&deadline, |report| match report {
                Report::Done(..) => Ok(Heard::Found(())),
                _ => Ok(Heard::Wrong("what is no answer to it")),
            })
        })
    }

    /// Has the connection for one request. Whatever ends that before its answer takes it back at the server.
    fn converse<T>(
        &self,
        deadline: &Deadline<'_>,
        talk: impl FnOnce(&mut Line) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        if self.is_closed() {
            let text = format!("the connection with {} is closed", self.peer());
            return Err(Error::new(Status::Closed, text).into());
        }
        let mut line = lock(&self.line, deadline, "waiting for another call of the client")?;
        talk(&mut line).inspect_err(|_| line.cancel())
    }

    /// Whether the connection has ended, from either side.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Ends the connection at once; a call that uses it fails with `Closed`. Never waits; may be repeated.
    pub fn close(&self) {
        self.connection.close();
    }
}

fn bytes_of(path: &RemotePath) -> Vec<&[u8]> {
    path.names().iter().map(String::as_bytes).collect()
}
