//! One connected stream socket.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, TcpKeepalive, Type};

use super::deadline::LOOK_UP;
use super::inherited::Note;
use super::sys::descriptor::Direction;
use super::sys::{self, socket};
use super::waiting::wait;
use super::{AdaptivePolling, Address, Deadline, Endpoint};
use crate::{Error, Result, Status};

/// `send` never raises SIGPIPE: the host program's signals are its own.
const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;

/// How long the kernel is asked to wait at a time.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// A connected TCP or Unix stream. All calls take `&self`: one thread may receive while another sends.
#[derive(Debug)]
pub struct Stream {
    note: Note,
    socket: Socket,
    peer: Address,
}

impl Stream {
    /// Takes over a connected socket that is tuned already.
    pub(super) fn new(socket: Socket, peer: Address) -> Stream {
        Stream { note: Note::shared(), socket, peer }
    }

    /// Takes over a descriptor from elsewhere; it must be a connected stream socket.
    pub fn from_fd(descriptor: OwnedFd) -> Result<Stream> {
        let socket = Socket::from(descriptor);
        match socket.r#type() {
            Ok(Type::STREAM) => {}
            Ok(_) => return Err(Error::new(Status::InvalidArgument, "the descriptor is not a stream socket")),
            Err(error) => return Err(Error::from_io(&error, "the descriptor is not a socket")),
        }
        let peer = socket.peer_addr().map_err(|error| Error::from_io(&error, "the socket is not connected"))?;
        let peer = Address::from_socket(&peer);
        if matches!(peer, Address::Ip(_)) {
            tune(&socket, None);
        }
        Ok(Stream::new(socket, peer))
    }

    /// Takes over one of two sockets that are connected with each other, for a peer that is to be known by that address.
    pub(crate) fn posing(descriptor: OwnedFd, peer: Address) -> Stream {
        Stream::new(Socket::from(descriptor), peer)
    }

    /// Connects to the first address of `endpoint` that answers.
    ///
    /// The time left is shared among the addresses not yet tried, so that one that swallows packets does not
    /// use it up. The error is that of the last address tried, and names it.
    pub fn connect<'a>(endpoint: &Endpoint, deadline: impl Into<Deadline<'a>>) -> Result<Stream> {
        let deadline = deadline.into();
        let addresses =
            endpoint.resolve(false, &deadline).map_err(|error| error.context(format_args!("connect to {endpoint}")))?;
        let mut last = None;
        for (index, address) in addresses.iter().enumerate() {
            let waiting = (addresses.len() - index) as u32;
            let share = deadline.remaining().map_or(deadline, |left| deadline.at_most(left / waiting));
            match connect_one(address, &share) {
                Ok(stream) => return Ok(stream),
                // Nobody wants the next address any more.
                Err(error) if matches!(error.status(), Status::Interrupted | Status::Closed) => return Err(error),
                Err(error) => last = Some(error.context(format_args!("connect to {}", Address::from_socket(address)))),
            }
        }
        Err(last.unwrap_or_else(|| Error::new(Status::InvalidAddress, format!("{endpoint} has no address"))))
    }

    /// A child process of `fork` gives its copy up: see [`after_fork`](super::after_fork).
    pub(crate) fn keep_from_children(&self) {
        self.note.set(self.as_raw_fd());
    }

    /// A child process of `fork` has its copy as this process has its own, which is how a stream begins.
    pub(crate) fn share_with_children(&self) {
        self.note.clear();
    }

    /// The other end's address.
    pub fn peer(&self) -> &Address {
        &self.peer
    }

    /// This end's address.
    pub fn local(&self) -> Result<Address> {
        let address = self.socket.local_addr().map_err(|error| Error::from_io(&error, "read the socket's address"))?;
        Ok(Address::from_socket(&address))
    }

    /// Receives what is there without waiting; 0 is the end of the stream.
    pub(crate) fn try_recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        retry(|| self.recv_once(buffer, libc::MSG_DONTWAIT))
    }

    /// The same, at most so many bytes, behind those of `place`, which has room for them.
    pub(crate) fn try_recv_behind(&self, place: &mut Vec<u8>, most: usize) -> io::Result<usize> {
        retry(|| socket::recv_behind(self.socket.as_raw_fd(), place, most, libc::MSG_DONTWAIT))
    }

    /// Like [`Stream::try_recv`], and leaves what it has received where it was.
    pub(crate) fn try_peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        retry(|| self.recv_once(buffer, libc::MSG_DONTWAIT | libc::MSG_PEEK))
    }

    /// Sends what fits without waiting.
    pub(crate) fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
        retry(|| self.send_once(bytes, libc::MSG_DONTWAIT))
    }

    /// Sends what fits of several buffers without waiting.
    pub(crate) fn try_send_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        retry(|| self.socket.send_vectored_with_flags(buffers, SEND_FLAGS | libc::MSG_DONTWAIT))
    }

    /// Bytes that were sent and that the peer's side has not taken yet; 0 where the system does not say.
    pub(crate) fn unacknowledged(&self) -> usize {
        sys::unacknowledged(self.as_fd())
    }

    /// Receives at least one byte, waiting for it; 0 is the end of the stream.
    pub(crate) fn recv(&self, buffer: &mut [u8], deadline: &Deadline<'_>) -> Result<usize> {
        // Without a deadline the kernel does the waiting, one system call for all.
        let forever = deadline.is_never();
        let mut flags = if forever { 0 } else { libc::MSG_DONTWAIT };
        loop {
            match self.recv_once(buffer, flags) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => deadline.interrupted()?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait([(self.as_fd(), Direction::Receive)], deadline, "receive")?;
                    flags = libc::MSG_DONTWAIT;
                }
                Err(error) => return Err(Error::from_io(&error, format_args!("receive from {}", self.peer))),
            }
        }
    }

    /// Like [`Stream::recv`], but waits awake first where `polling` finds that worth it.
    pub(crate) fn recv_polling(
        &self,
        buffer: &mut [u8],
        polling: &mut AdaptivePolling,
        deadline: &Deadline<'_>,
    ) -> Result<usize> {
        if !polling.is_on() {
            return deadline.waiting(|deadline| self.recv(buffer, deadline));
        }
        let attempt = |buffer: &mut [u8]| match self.recv_once(buffer, libc::MSG_DONTWAIT) {
            // No budget goes beyond the caller's own patience.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && deadline.has_passed() => {
                Err(io::ErrorKind::TimedOut.into())
            }
            result => result,
        };
        let begun = polling.begin(|| attempt(buffer));
        if let Some(Ok(count)) = begun {
            return Ok(count);
        }
        // Who is awake gets no word of a signal from the kernel.
        let awake = polling.is_worth_it();
        deadline.waiting(|deadline| match begun.or_else(|| polling.go_on(|| attempt(buffer))) {
            Some(Ok(count)) => Ok(count),
            // An error is met again, and told, by the call that can wait.
            Some(Err(_)) => self.recv(buffer, deadline),
            None => {
                if awake {
                    deadline.interrupted()?;
                }
                let start = Instant::now();
                let result = self.recv(buffer, deadline);
                polling.slept(start.elapsed());
                result
            }
        })
    }

    /// Sends some of the buffers, waiting until at least one byte fits.
    pub(crate) fn send_some(&self, buffers: &[IoSlice<'_>], deadline: &Deadline<'_>) -> Result<usize> {
        let waits = deadline.is_never() && !deadline.has_waiter();
        let dont_wait = if waits { 0 } else { libc::MSG_DONTWAIT };
        loop {
            let sent = match buffers {
                [one] => self.send_once(one, dont_wait),
                many => self.socket.send_vectored_with_flags(many, SEND_FLAGS | dont_wait),
            };
            match sent {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => deadline.interrupted()?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && deadline.has_waiter() => {
                    return deadline.waiting(|deadline| self.send_some(buffers, deadline));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait([(self.as_fd(), Direction::Send)], deadline, "send")?;
                }
                Err(error) => return Err(self.send_error(&error)),
            }
        }
    }

    /// Sends what the kernel takes of the buffers without waiting, which may be nothing.
    pub(crate) fn send_now(&self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let sent = match buffers {
            [one] => self.try_send(one),
            many => self.try_send_vectored(many),
        };
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result.map_err(|error| self.send_error(&error)),
        }
    }

    /// What to say of a send that has failed.
    pub(crate) fn send_error(&self, error: &io::Error) -> Error {
        Error::from_io(error, format_args!("send to {}", self.peer))
    }

    /// Waits until the kernel takes at least one byte, or reports an error by the next call. Not where sending itself waits
    /// for ever, and nobody can end that.
    pub(crate) fn await_room(&self, deadline: &Deadline<'_>) -> Result<()> {
        if deadline.is_never() && !deadline.can_be_interrupted() && !deadline.has_waiter() {
            return Ok(());
        }
        if deadline.has_waiter() {
            let now = deadline.without_waiting();
            return match wait([(self.as_fd(), Direction::Send)], &now, "send") {
                Err(error) if error.status() == Status::TimedOut && !deadline.has_passed() => {
                    deadline.waiting(|deadline| self.await_room(deadline))
                }
                result => result.map(drop),
            };
        }
        wait([(self.as_fd(), Direction::Send)], deadline, "send").map(drop)
    }

    /// Whether small messages go out at once (RFC 896 is off, as at first) or may wait for those behind them. TCP alone.
    pub(crate) fn set_nodelay(&self, nodelay: bool) {
        // It may fail on a connection that is gone, which the next call reports better.
        let _ = self.socket.set_tcp_nodelay(nodelay);
    }

    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self.peer, Address::Ip(_))
    }

    /// Ends both directions at once; a thread that waits in this stream wakes up. The descriptor stays open until drop.
    pub(crate) fn shutdown(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Ends the receiving direction: a thread that waits for data wakes up and reads the end of the stream.
    pub(crate) fn shutdown_receive(&self) {
        let _ = self.socket.shutdown(Shutdown::Read);
    }

    /// Ends the sending direction: the peer reads what was sent, then the end of the stream.
    pub(crate) fn shutdown_send(&self) {
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    fn recv_once(&self, buffer: &mut [u8], flags: i32) -> io::Result<usize> {
        socket::recv(self.socket.as_raw_fd(), buffer.into(), flags)
    }

    fn send_once(&self, bytes: &[u8], flags: i32) -> io::Result<usize> {
        socket::send(self.socket.as_raw_fd(), bytes, SEND_FLAGS | flags)
    }

    /// The same connection by another descriptor, which children of `fork` give up.
    pub(crate) fn duplicate(&self) -> io::Result<Stream> {
        let stream = Stream::new(self.as_fd().try_clone_to_owned()?.into(), self.peer.clone());
        stream.keep_from_children();
        Ok(stream)
    }

    /// Gives the descriptor away.
    pub fn into_fd(self) -> OwnedFd {
        drop(self.note);
        self.socket.into()
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

fn retry(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn connect_one(address: &SockAddr, deadline: &Deadline<'_>) -> Result<Stream> {
    let socket = Socket::new(Domain::from(i32::from(address.family())), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.connect(address) {
        Ok(()) => {}
        Err(error) if in_progress(&error) => {
            wait([(socket.as_fd(), Direction::Send)], deadline, "connect")?;
            if let Some(error) = socket.take_error()? {
                return Err(error.into());
            }
        }
        // A Unix socket with a full backlog answers EAGAIN and offers nothing to wait for, so the kernel
        // does the waiting, for as long as SO_SNDTIMEO allows.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            socket.set_nonblocking(false)?;
            wait_for_backlog(&socket, address, deadline)?;
            socket.set_write_timeout(None)?;
        }
        Err(error) => return Err(error.into()),
    }
    socket.set_nonblocking(false)?;
    let peer = Address::from_socket(address);
    if matches!(peer, Address::Ip(_)) {
        tune(&socket, None);
    }
    Ok(Stream::new(socket, peer))
}

fn wait_for_backlog(socket: &Socket, address: &SockAddr, deadline: &Deadline<'_>) -> Result<()> {
    loop {
        // More than the system can count is as good as for ever.
        let most = if deadline.can_be_interrupted() { LOOK_UP } else { LONGEST_WAIT };
        let patience = deadline.remaining().unwrap_or(most).clamp(Duration::from_millis(1), most);
        socket.set_write_timeout(Some(patience))?;
        match socket.connect(address) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => deadline.interrupted()?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && deadline.has_passed() => {
                return Err(Deadline::timed_out("connect"));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => deadline.interrupted()?,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sets what every TCP connection of the library has: no delay for small messages, and probes that find dead peers.
///
/// `unsent_limit` bounds what the kernel keeps for a peer that does not read; beyond it the socket is not writable. Only
/// unsent bytes count, so that a long fast line still fills (`TCP_NOTSENT_LOWAT`, see tcp(7)).
pub(super) fn tune(socket: &Socket, unsent_limit: Option<u32>) {
    // All of it may fail on a socket whose peer is already gone, which the first receive reports better.
    let _ = socket.set_tcp_nodelay(true);
    let probes = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
    let _ = socket.set_tcp_keepalive(&probes);
    // Other systems do not know it; there the kernel's own limit holds.
    #[cfg(target_os = "linux")]
    if let Some(bytes) = unsent_limit {
        let _ = socket.set_tcp_notsent_lowat(bytes);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = unsent_limit;
}

fn in_progress(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR))
}
