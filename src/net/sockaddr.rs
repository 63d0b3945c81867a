//! The kernel's addresses, as plain bytes: what the system calls take and answer with. The layouts are in ip(7), ipv6(7) and
//! unix(7); those of other families are left to who knows them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use libc::{c_int, sa_family_t, socklen_t};

/// The size of `sockaddr_storage`: the longest address there can be.
const SIZE: usize = 128;

/// Where the path begins in an address of `AF_UNIX`.
const PATH: usize = 2;

/// The longest path of `AF_UNIX` in bytes, with the zero behind it.
const PATH_ROOM: usize = if cfg!(any(target_os = "linux", target_os = "android")) { 108 } else { 104 };

/// An address of any family. What it says depends on the family: see the constructors and getters of each.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct SocketAddress {
    bytes: [u8; SIZE],
    length: socklen_t,
}

impl SocketAddress {
    /// Room for an address that a call is to fill in; until then it has no bytes and no family.
    pub const fn unknown() -> SocketAddress {
        SocketAddress { bytes: [0; SIZE], length: 0 }
    }

    /// An address of `length` bytes, all of them zero but for the family.
    fn of_family(family: c_int, length: usize) -> SocketAddress {
        let mut address = SocketAddress { bytes: [0; SIZE], length: length as socklen_t };
        if cfg!(any(target_os = "linux", target_os = "android")) {
            address.put(0, &(family as sa_family_t).to_ne_bytes());
        } else {
            // BSD and its kin have the length in the first byte and the family in the second.
            address.put(0, &[length as u8, family as u8]);
        }
        address
    }

    /// The address in these bytes; what is longer than any address is cut.
    pub(in crate::net) fn from_kernel(bytes: &[u8]) -> SocketAddress {
        let mut address = SocketAddress { bytes: [0; SIZE], length: bytes.len().min(SIZE) as socklen_t };
        address.put(0, bytes);
        address
    }

    /// The family's number; 0 (`AF_UNSPEC`) if there is no address.
    pub fn family(&self) -> c_int {
        match (self.length, cfg!(any(target_os = "linux", target_os = "android"))) {
            (0 | 1, _) => libc::AF_UNSPEC,
            (_, true) => c_int::from(u16::from_ne_bytes(self.take(0))),
            (_, false) => c_int::from(self.bytes[1]),
        }
    }

    /// Everything the kernel has said, the family included; empty if there is no address.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        (self.length as usize).min(SIZE)
    }

    /// Whether there is no address, as of a datagram's sender on a connected socket.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Storage for a call to write to, and its size for the call to replace by the address's length.
    pub(in crate::net) fn room(&mut self) -> (*mut u8, &mut socklen_t) {
        self.length = SIZE as socklen_t;
        (self.bytes.as_mut_ptr(), &mut self.length)
    }

    /// Writes `bytes` at `offset`; what lies behind the longest address is cut.
    fn put(&mut self, offset: usize, bytes: &[u8]) {
        let end = (offset + bytes.len()).min(SIZE);
        self.bytes[offset..end].copy_from_slice(&bytes[..end - offset]);
    }

    /// `N` bytes at `offset`.
    fn take<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.bytes[offset..].first_chunk().copied().unwrap_or([0; N])
    }
}

impl SocketAddress {
    /// `AF_INET`.
    pub fn inet(ip: Ipv4Addr, port: u16) -> SocketAddress {
        let mut address = SocketAddress::of_family(libc::AF_INET, 16);
        address.put(2, &port.to_be_bytes());
        address.put(4, &ip.octets());
        address
    }

    /// The IPv4 address and the port.
    pub fn as_inet(&self) -> (Ipv4Addr, u16) {
        (Ipv4Addr::from(self.take::<4>(4)), u16::from_be_bytes(self.take(2)))
    }

    /// `AF_INET6`.
    pub fn inet6(ip: Ipv6Addr, port: u16, flow: u32, scope: u32) -> SocketAddress {
        let mut address = SocketAddress::of_family(libc::AF_INET6, 28);
        address.put(2, &port.to_be_bytes());
        address.put(4, &flow.to_be_bytes());
        address.put(8, &ip.octets());
        address.put(24, &scope.to_ne_bytes());
        address
    }

    /// The IPv6 address, the port, the flow and the scope.
    pub fn as_inet6(&self) -> (Ipv6Addr, u16, u32, u32) {
        (
            Ipv6Addr::from(self.take::<16>(8)),
            u16::from_be_bytes(self.take(2)),
            u32::from_be_bytes(self.take(4)),
            u32::from_ne_bytes(self.take(24)),
        )
    }

    /// `AF_UNIX`: a path, or on Linux an abstract name, which begins with a zero byte; an empty one lets the kernel
    /// choose such a name. `None` if it is too long.
    pub fn unix(path: &[u8]) -> Option<SocketAddress> {
        let is_abstract = cfg!(any(target_os = "linux", target_os = "android")) && path.first().is_none_or(|&b| b == 0);
        let zero = usize::from(!is_abstract);
        if path.len() + zero > PATH_ROOM {
            return None;
        }
        let mut address = SocketAddress::of_family(libc::AF_UNIX, PATH + path.len() + zero);
        address.put(PATH, path);
        Some(address)
    }

    /// The path up to its zero byte, or the abstract name with the one it begins with; empty for a socket without a name.
    pub fn as_unix(&self) -> &[u8] {
        let path = self.as_bytes().get(PATH..).unwrap_or_default();
        match path.iter().position(|&byte| byte == 0) {
            None | Some(0) => path,
            Some(end) => &path[..end],
        }
    }
}

impl fmt::Debug for SocketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketAddress").field("family", &self.family()).field("bytes", &self.as_bytes()).finish()
    }
}
