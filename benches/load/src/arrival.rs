//! When bytes arrived at a socket, as the kernel has noted it: what a member sees that has a core of its own, however
//! late this program comes to read it.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use nix::sys::time::TimeSpec;

/// Nanoseconds since 1970, on the clock by which the kernel notes arrivals.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64)
}

/// Reads, and says when the last of it arrived.
pub(crate) fn read(socket: &impl AsFd, buffer: &mut [u8]) -> io::Result<(usize, u64)> {
    let mut control = nix::cmsg_space!(TimeSpec);
    let mut parts = [IoSliceMut::new(buffer)];
    let message = recvmsg::<()>(socket.as_fd().as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_DONTWAIT)?;
    let arrived = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64),
        _ => None,
    });
    Ok((message.bytes, arrived.unwrap_or_else(now)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use nix::sys::socket::{setsockopt, sockopt};

    use super::*;

    #[test]
    fn the_arrival_is_not_the_reading() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (receiver, _) = listener.accept().unwrap();
        setsockopt(&receiver, sockopt::ReceiveTimestampns, &true).unwrap();
        // The kernel begins to take notes a moment after the first socket has asked for it.
        let noted = (0..20).any(|_| {
            let before = now();
            sender.write_all(b"hello").unwrap();
            let after = now();
            std::thread::sleep(Duration::from_millis(30));
            let mut buffer = [0; 64];
            let (length, arrived) = read(&receiver, &mut buffer).unwrap();
            assert_eq!(&buffer[..length], b"hello");
            (before..=after + 5_000_000).contains(&arrived)
        });
        assert!(noted);
    }
}
