//! A listening socket.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use super::inherited::Note;
use super::socket_file::{Access, SocketFile};
use super::stream::tune;
use super::sys::descriptor::{self, Direction};
use super::waiting::wait;
use super::{Address, Deadline, Endpoint, Signal, Stream};
use crate::sync::Mutex;
use crate::{Error, Result, Status};

/// How long the look-up of a name to listen on may take.
const RESOLVING: Duration = Duration::from_secs(10);

/// How to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenOptions {
    /// Connections the kernel keeps until they are accepted. Default 4096, the usual `net.core.somaxconn`, which caps it:
    /// a smaller one costs a burst of newcomers a second each.
    pub backlog: u32,
    /// `SO_REUSEADDR`: bind at once after a restart. A port that somebody listens on is refused all the same. Default on.
    pub reuse_address: bool,
    /// Bytes not yet sent that the kernel keeps for each accepted TCP connection before it calls it full (Linux only).
    /// Default `None`: the kernel's own limit, which is megabytes.
    pub unsent_limit: Option<u32>,
    /// Who may connect to a Unix socket: the permissions of its file, whatever the process's mask, 0o777 at most. To connect
    /// takes the right to write. Default `None`: 0o600, this user alone, or 0o660 with a group. Not for a port.
    pub mode: Option<u32>,
    /// The group that a Unix socket's file belongs to: a name, or a number. Default `None`: as the system has it, which is
    /// this process's group. Not for a port.
    pub group: Option<String>,
}

impl Default for ListenOptions {
    fn default() -> ListenOptions {
        ListenOptions { backlog: 4096, reuse_address: true, unsent_limit: None, mode: None, group: None }
    }
}

/// Listens on one address for stream connections. Any number of threads may accept.
#[derive(Debug)]
pub struct Listener {
    _note: Note,
    socket: Socket,
    address: Address,
    closed: AtomicBool,
    wake: Signal,
    socket_file: Mutex<Option<SocketFile>>,
    unsent_limit: Option<u32>,
    /// Somebody else listens with this socket, too, and has made it.
    borrowed: bool,
}

impl Listener {
    /// Binds the first address of `endpoint` that can be bound, and listens.
    ///
    /// A Unix socket of this user's that nobody listens on, left behind by a crash, is replaced. Whatever else is at the path,
    /// a file of any other kind or a socket that is alive or somebody else's, is `AddressInUse`.
    pub fn bind(endpoint: &Endpoint, options: &ListenOptions) -> Result<Listener> {
        let context = |error: Error| error.context(format_args!("listen on {endpoint}"));
        let mut last = None;
        for address in endpoint.resolve(true, &Deadline::after(RESOLVING)).map_err(context)? {
            match Listener::bind_one(endpoint, &address, options) {
                Ok(listener) => return Ok(listener),
                Err(error) => last = Some(error),
            }
        }
        Err(context(last.unwrap_or_else(|| Status::InvalidAddress.into())))
    }

    fn bind_one(endpoint: &Endpoint, address: &SockAddr, options: &ListenOptions) -> Result<Listener> {
        let socket = Socket::new(Domain::from(i32::from(address.family())), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        let (closed, wake) = (AtomicBool::new(false), Signal::new()?);
        let backlog = options.backlog.try_into().unwrap_or(i32::MAX);
        let socket_file = match endpoint {
            Endpoint::Tcp { .. } => {
                if options.mode.is_some() || options.group.is_some() {
                    return Err(Error::new(
                        Status::InvalidArgument,
                        "mode and group are for the path of a Unix socket",
                    ));
                }
                socket.set_reuse_address(options.reuse_address)?;
                socket.bind(address)?;
                tune(&socket, options.unsent_limit);
                socket.listen(backlog)?;
                None
            }
            Endpoint::Unix(path) => {
                let access = Access::new(options.mode, options.group.as_deref())?;
                Some(SocketFile::listen(&socket, address, path, access, backlog)?)
            }
        };
        let (socket_file, unsent_limit, borrowed) = (Mutex::new(socket_file), options.unsent_limit, false);
        let address = Address::from_socket(&socket.local_addr()?);
        let _note = Note::private(socket.as_raw_fd());
        Ok(Listener { _note, socket, address, closed, wake, socket_file, unsent_limit, borrowed })
    }

    /// Accepts on a stream socket that somebody else has bound and listens with, by a descriptor of our own; theirs has that
    /// number.
    ///
    /// The socket stays theirs: closing ends the accepting here and nothing else, and connections have the options that the
    /// socket gives them. It is non-blocking from here on, for all who have a descriptor of it.
    pub(crate) fn borrow(number: RawFd) -> Result<Listener> {
        let socket = Socket::from(descriptor::own_duplicate(number)?);
        if socket.r#type().ok() != Some(Type::STREAM) {
            return Err(Error::new(Status::InvalidArgument, "the descriptor is not a stream socket"));
        }
        socket.set_nonblocking(true)?;
        let (closed, wake) = (AtomicBool::new(false), Signal::new()?);
        let address = Address::from_socket(&socket.local_addr()?);
        let _note = Note::private(socket.as_raw_fd());
        let (socket_file, unsent_limit, borrowed) = (Mutex::new(None), None, true);
        Ok(Listener { _note, socket, address, closed, wake, socket_file, unsent_limit, borrowed })
    }

    /// Accepts on a stream socket that somebody else has bound and listens with, and has handed over: what systemd and its like do
    /// for whom they start. `number` is its descriptor, of which the listener makes one of its own.
    ///
    /// Whoever has another descriptor goes on listening when this is closed; the file of a Unix socket is theirs. The socket is
    /// non-blocking from here on.
    ///
    /// # Errors
    /// `InvalidArgument` for any other descriptor.
    pub fn adopt(number: RawFd) -> Result<Listener> {
        let listener = Listener::borrow(number)?;
        #[cfg(target_os = "linux")]
        if !listener.socket.is_listener()? {
            return Err(Error::new(Status::InvalidArgument, "the descriptor is a socket that does not listen"));
        }
        Ok(listener)
    }

    /// Has connections behave as those of a socket that was bound here.
    pub(crate) fn tuned(mut self, options: &ListenOptions) -> Listener {
        if matches!(self.address, Address::Ip(_)) {
            tune(&self.socket, options.unsent_limit);
            self.unsent_limit = options.unsent_limit;
        }
        self
    }

    /// The bound address, with the port the system chose.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Waits for a connection. Closing the listener from another thread ends the wait with `Closed`.
    pub fn accept<'a>(&self, deadline: impl Into<Deadline<'a>>) -> Result<Stream> {
        let deadline = deadline.into();
        loop {
            if let Some(stream) = self.try_accept()? {
                return Ok(stream);
            }
            wait([(self.as_fd(), Direction::Receive), (self.wake.as_fd(), Direction::Receive)], &deadline, "accept")?;
        }
    }

    /// Takes a connection that is already there. One that broke while it waited is passed over.
    pub(crate) fn try_accept(&self) -> Result<Option<Stream>> {
        loop {
            if self.is_closed() {
                return Err(Error::new(Status::Closed, format!("the listener on {} is closed", self.address)));
            }
            match self.socket.accept() {
                Ok((socket, peer)) => return Ok(Some(self.accepted(socket, Address::from_socket(&peer)))),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                // Closed since the last look, which accept(2) tells in its own way.
                Err(_) if self.is_closed() => {}
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => return Err(Error::from_io(&error, format_args!("accept on {}", self.address))),
            }
        }
    }

    fn accepted(&self, socket: Socket, peer: Address) -> Stream {
        // On Linux the options of the listening socket are those of its connections: no system call for each of them.
        if !cfg!(target_os = "linux") && !self.borrowed && matches!(peer, Address::Ip(_)) {
            tune(&socket, self.unsent_limit);
        }
        Stream::new(socket, peer)
    }

    /// Refuses further connections and wakes every thread that waits in [`Listener::accept`]. Never blocks; may be repeated.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.wake.set();
            // While it still listens: nobody takes it for dead and puts another one in its place.
            drop(self.socket_file.lock().take());
            if !self.borrowed {
                // On Linux this also ends the kernel's listening, so that later connects are refused at once.
                let _ = self.socket.shutdown(std::net::Shutdown::Both);
            }
        }
    }

    /// Whether [`Listener::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.close();
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for Listener {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// Errors that accept(2) reports of the connection it would have returned, not of the listener.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EINTR
                | libc::ECONNABORTED
                | libc::EPROTO
                | libc::ENETDOWN
                | libc::ENOPROTOOPT
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENETUNREACH
                | libc::EPERM
        )
    )
}

#[cfg(test)]
mod tests;
