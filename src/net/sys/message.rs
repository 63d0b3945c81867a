//! Messages with several buffers and ancillary data. See recvmsg(2), cmsg(3).

use std::io::{self, IoSlice};
use std::mem;
use std::os::fd::RawFd;

use libc::c_int;

use super::super::socket::{Arrival, SocketAddress};
use super::Room;
use super::descriptor::count;

/// See recvmsg(2). A room has the layout of iovec.
pub(in crate::net) fn receive(
    descriptor: RawFd,
    rooms: &[Room<'_>],
    ancillary: &mut [u8],
    flags: c_int,
    sender: &mut SocketAddress,
) -> io::Result<Arrival> {
    let (address, length) = sender.room();
    // SAFETY: all fields of msghdr may be zero.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    header.msg_name = address.cast();
    header.msg_namelen = *length;
    header.msg_iov = rooms.as_ptr().cast_mut().cast();
    header.msg_iovlen = rooms.len() as _;
    if !ancillary.is_empty() {
        header.msg_control = ancillary.as_mut_ptr().cast();
        header.msg_controllen = ancillary.len() as _;
    }
    // SAFETY: every pointer of the header has its length beside it and outlives the call; the rooms' list is only read.
    let bytes = count(unsafe { libc::recvmsg(descriptor, &raw mut header, flags) })?;
    *length = header.msg_namelen;
    Ok(Arrival { bytes, flags: header.msg_flags, ancillary: header.msg_controllen as usize })
}

/// See sendmsg(2).
pub(in crate::net) fn send(
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
