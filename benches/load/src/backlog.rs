//! How many connections wait at a listening socket to be accepted, as the kernel counts them (sock_diag(7)). Past the
//! backlog it drops newcomers, who try again a second later: a burst that overflows it would measure that second.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};

/// Less than the backlog of any server here.
const MOST: u32 = 64;
/// Connections between two looks: two looks more than this cannot pass the backlog either.
const EVERY: usize = 16;
const PAUSE: Duration = Duration::from_micros(20);

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const REQUEST: u16 = 1;
const TCP: u8 = 6;
const AF_INET: u8 = 2;
const REQUEST_SIZE: usize = 72;
/// The place of the receive queue, which of a listening socket are the connections that wait, in the answer.
const QUEUE_AT: usize = 72;

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

    /// Called before connection `number` is made.
    pub(crate) fn wait_for_room(&self, number: usize) {
        while number.is_multiple_of(EVERY) && self.waiting().is_some_and(|waiting| waiting > MOST) {
            std::thread::sleep(PAUSE);
        }
    }

    /// How many wait now, if the kernel tells.
    fn waiting(&self) -> Option<u32> {
        let socket = self.socket.as_ref()?.as_raw_fd();
        send(socket, &self.request, MsgFlags::empty()).ok()?;
        let mut answer = [0; 1024];
        let length = recv(socket, &mut answer, MsgFlags::empty()).ok()?;
        let answer = &answer[..length];
        let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
        let queue = answer.get(QUEUE_AT..QUEUE_AT + 4).filter(|_| kind == SOCK_DIAG_BY_FAMILY)?;
        Some(u32::from_ne_bytes(queue.try_into().ok()?))
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
        assert_eq!(backlog.waiting(), Some(0));
        let _guests: Vec<TcpStream> = (0..7).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert_eq!(backlog.waiting(), Some(7));
        listener.accept().unwrap();
        assert_eq!(backlog.waiting(), Some(6));
    }
}
