//! How many connections wait at a listening socket to be accepted, as the kernel counts them (sock_diag(7)). Past the
//! backlog it drops newcomers, who try again a second later: a burst that overflows it would measure that second.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};

/// Connections between two looks; half of the smallest backlog of any server here is more.
const EVERY: usize = 16;
const PAUSE: Duration = Duration::from_micros(20);

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const REQUEST: u16 = 1;
const TCP: u8 = 6;
const AF_INET: u8 = 2;
const REQUEST_SIZE: usize = 72;
/// The places of the receive and send queues in the answer, which of a listening socket are the connections that wait and
/// how many may.
const WAITING_AT: usize = 72;
const BACKLOG_AT: usize = 76;

/// What a listening socket has.
#[derive(Debug, PartialEq, Eq)]
struct Queue {
    waiting: u32,
    backlog: u32,
}

/// Lets connections be made only as fast as the server accepts them.
pub(crate) struct Backlog {
    socket: Option<OwnedFd>,
    request: [u8; REQUEST_SIZE],
}

impl Backlog {
    /// Watches the server at `address`; where that cannot be done, nothing is waited for.
    pub(crate) fn of(address: SocketAddr) -> Backlog {
        let socket = match address {
            SocketAddr::V4(_) => socket(
                AddressFamily::Netlink,
                SockType::Datagram,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::NetlinkSockDiag,
            )
            .ok(),
            SocketAddr::V6(_) => None,
        };
        Backlog { socket, request: request(address) }
    }

    /// Called before connection `number` is made: half of the backlog stays free.
    pub(crate) fn wait_for_room(&self, number: usize) {
        while number.is_multiple_of(EVERY) && self.queue().is_some_and(|queue| queue.waiting > queue.backlog / 2) {
            std::thread::sleep(PAUSE);
        }
    }

    /// Called when all connections are made: what is said to the room should reach all of them at once.
    pub(crate) fn wait_until_taken(&self, patience: Duration) {
        let start = Instant::now();
        while self.queue().is_some_and(|queue| queue.waiting > 0) && start.elapsed() < patience {
            std::thread::sleep(PAUSE);
        }
    }

    /// What the kernel tells, if it does.
    fn queue(&self) -> Option<Queue> {
        let socket = self.socket.as_ref()?.as_raw_fd();
        send(socket, &self.request, MsgFlags::empty()).ok()?;
        let mut answer = [0; 1024];
        let length = recv(socket, &mut answer, MsgFlags::empty()).ok()?;
        let answer = &answer[..length];
        let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
        let word = |at: usize| Some(u32::from_ne_bytes(answer.get(at..at + 4)?.try_into().ok()?));
        let queue = Queue { waiting: word(WAITING_AT)?, backlog: word(BACKLOG_AT)? };
        (kind == SOCK_DIAG_BY_FAMILY).then_some(queue)
    }
}

/// struct nlmsghdr, struct inet_diag_req_v2: the one socket that listens at an address.
fn request(address: SocketAddr) -> [u8; REQUEST_SIZE] {
    let mut request = [0; REQUEST_SIZE];
    request[0..4].copy_from_slice(&(REQUEST_SIZE as u32).to_ne_bytes());
    request[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request[6..8].copy_from_slice(&REQUEST.to_ne_bytes());
    request[16..18].copy_from_slice(&[AF_INET, TCP]);
    request[20..24].fill(0xff); // in any state
    request[24..26].copy_from_slice(&address.port().to_be_bytes());
    if let SocketAddr::V4(address) = address {
        request[28..32].copy_from_slice(&address.ip().octets());
    }
    request[64..72].fill(0xff); // whatever its cookie is
    request
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn counts_those_who_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let backlog = Backlog::of(address);
        let waiting = || backlog.queue().map(|queue| queue.waiting);
        assert_eq!(waiting(), Some(0));
        let _guests: Vec<TcpStream> = (0..7).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert_eq!(waiting(), Some(7));
        listener.accept().unwrap();
        assert_eq!(waiting(), Some(6));
        assert_eq!(backlog.queue().map(|queue| queue.backlog), Some(128));
    }
}
