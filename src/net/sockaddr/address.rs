//! An address of any family, as the kernel has it.

use std::fmt;

use libc::{c_int, sa_family_t, socklen_t};

/// The size of `sockaddr_storage`: the longest address there can be.
const SIZE: usize = 128;

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
    pub(super) fn of_family(family: c_int, length: usize) -> SocketAddress {
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
    pub(super) fn put(&mut self, offset: usize, bytes: &[u8]) {
        let end = (offset + bytes.len()).min(SIZE);
        self.bytes[offset..end].copy_from_slice(&bytes[..end - offset]);
    }

    /// `N` bytes at `offset`.
    pub(super) fn take<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.bytes[offset..].first_chunk().copied().unwrap_or([0; N])
    }
}

impl fmt::Debug for SocketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketAddress").field("family", &self.family()).field("bytes", &self.as_bytes()).finish()
    }
}
