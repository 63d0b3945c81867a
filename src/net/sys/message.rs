//! Messages with several buffers and ancillary data. See recvmsg(2), cmsg(3).

use std::io::{self, IoSlice};
use std::mem;
use std::os::fd::RawFd;

use libc::c_int;

use super::super::sockaddr::SocketAddress;
use super::Room;
use super::descriptor::count;

/// What came of one message besides its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// How many bytes were written to the buffers.
    pub bytes: usize,
    /// Flags such as `MSG_TRUNC`.
    pub flags: c_int,
    /// How many bytes of ancillary data were written.
    pub ancillary: usize,
}

/// See recvmsg(2).
pub fn recv_message(
    descriptor: RawFd,
    rooms: &[Room<'_>],
    ancillary: &mut [u8],
    flags: c_int,
) -> io::Result<(Arrival, SocketAddress)> {
    let mut sender = SocketAddress::unknown();
    let (address, length) = sender.room();
    // SAFETY: all fields of msghdr may be zero.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    header.msg_name = address.cast();
    header.msg_namelen = *length;
    // A room has the layout of iovec.
    header.msg_iov = rooms.as_ptr().cast_mut().cast();
    header.msg_iovlen = rooms.len() as _;
    if !ancillary.is_empty() {
        header.msg_control = ancillary.as_mut_ptr().cast();
        header.msg_controllen = ancillary.len() as _;
    }
    // SAFETY: every pointer of the header has its length beside it and outlives the call; the rooms' list is only read.
    let bytes = count(unsafe { libc::recvmsg(descriptor, &raw mut header, flags) })?;
    *length = header.msg_namelen;
    let ancillary = header.msg_controllen as usize;
    Ok((Arrival { bytes, flags: header.msg_flags, ancillary }, sender))
}

/// See sendmsg(2). `ancillary` is what [`AncillaryItem`](crate::net::socket::AncillaryItem) encodes.
pub fn send_message(
    descriptor: RawFd,
    buffers: &[IoSlice<'_>],
    ancillary: &[u8],
    flags: c_int,
    receiver: Option<&SocketAddress>,
) -> io::Result<usize> {
    // SAFETY: all fields of msghdr may be zero.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    if let Some(address) = receiver.map(SocketAddress::as_bytes) {
        header.msg_name = address.as_ptr().cast_mut().cast();
        header.msg_namelen = address.len() as _;
    }
    header.msg_iov = buffers.as_ptr().cast_mut().cast();
    header.msg_iovlen = buffers.len() as _;
    if !ancillary.is_empty() {
        header.msg_control = ancillary.as_ptr().cast_mut().cast();
        header.msg_controllen = ancillary.len() as _;
    }
    // SAFETY: every pointer of the header has its length beside it, outlives the call and is only read.
    count(unsafe { libc::sendmsg(descriptor, &raw const header, flags) })
}
