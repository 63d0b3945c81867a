//! Calls on sockets by number, one system call each.

use std::io;
use std::os::fd::RawFd;
use std::ptr;

use libc::{c_int, c_void, socklen_t};

use super::super::socket::SocketAddress;
use super::descriptor::{check, count};
use super::{Room, transfer};

#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOEXEC: c_int = libc::SOCK_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CLOEXEC: c_int = 0;

/// See socket(2). The descriptor does not survive exec.
pub(in crate::net) fn open(family: c_int, kind: c_int, protocol: c_int) -> io::Result<RawFd> {
    // SAFETY: no pointers.
    check(unsafe { libc::socket(family, kind | CLOEXEC, protocol) }).and_then(private)
}

/// See socketpair(2). The descriptors do not survive exec.
pub(in crate::net) fn pair(family: c_int, kind: c_int, protocol: c_int) -> io::Result<[RawFd; 2]> {
    let mut pair = [-1; 2];
    // SAFETY: room for two descriptors.
    check(unsafe { libc::socketpair(family, kind | CLOEXEC, protocol, pair.as_mut_ptr()) })?;
    pair.map(private).into_iter().collect::<io::Result<Vec<_>>>()?;
    Ok(pair)
}

/// See accept(2). The descriptor does not survive exec.
pub(in crate::net) fn accept(descriptor: RawFd, peer: &mut SocketAddress) -> io::Result<RawFd> {
    let (address, length) = peer.room();
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: `room` gives storage and its size.
    let accepted = unsafe { libc::accept4(descriptor, address.cast(), length, CLOEXEC) };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    // SAFETY: as above.
    let accepted = unsafe { libc::accept(descriptor, address.cast(), length) };
    check(accepted).and_then(private)
}

/// Where the system cannot do it at birth.
fn private(descriptor: RawFd) -> io::Result<RawFd> {
    if CLOEXEC == 0 {
        // SAFETY: no pointers.
        check(unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) })?;
    }
    Ok(descriptor)
}

/// See bind(2).
pub(in crate::net) fn bind(descriptor: RawFd, address: &SocketAddress) -> io::Result<()> {
    let bytes = address.as_bytes();
    // SAFETY: pointer and length of a live slice, aligned as an address must be.
    check(unsafe { libc::bind(descriptor, bytes.as_ptr().cast(), bytes.len() as socklen_t) }).map(drop)
}

/// See connect(2).
pub(in crate::net) fn connect(descriptor: RawFd, address: &SocketAddress) -> io::Result<()> {
    let bytes = address.as_bytes();
    // SAFETY: pointer and length of a live slice, aligned as an address must be.
    check(unsafe { libc::connect(descriptor, bytes.as_ptr().cast(), bytes.len() as socklen_t) }).map(drop)
}

/// See listen(2).
pub(in crate::net) fn listen(descriptor: RawFd, backlog: c_int) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::listen(descriptor, backlog) }).map(drop)
}

/// See shutdown(2).
pub(in crate::net) fn shutdown(descriptor: RawFd, how: c_int) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::shutdown(descriptor, how) }).map(drop)
}

/// See getsockname(2).
pub(in crate::net) fn local(descriptor: RawFd) -> io::Result<SocketAddress> {
    let mut found = SocketAddress::unknown();
    let (address, length) = found.room();
    // SAFETY: `room` gives storage and its size.
    check(unsafe { libc::getsockname(descriptor, address.cast(), length) })?;
    Ok(found)
}

/// See getpeername(2).
pub(in crate::net) fn peer(descriptor: RawFd) -> io::Result<SocketAddress> {
    let mut found = SocketAddress::unknown();
    let (address, length) = found.room();
    // SAFETY: `room` gives storage and its size.
    check(unsafe { libc::getpeername(descriptor, address.cast(), length) })?;
    Ok(found)
}

/// See recv(2). So many bytes at the start of `room` are initialised then, unless `flags` ask for a length alone.
pub(in crate::net) fn recv(descriptor: RawFd, room: Room<'_>, flags: c_int) -> io::Result<usize> {
    // SAFETY: a room can be written to.
    count(unsafe { transfer::recv(descriptor, room.start(), room.len(), flags) })
}

/// See recvfrom(2).
pub(in crate::net) fn recv_from(
    descriptor: RawFd,
    room: Room<'_>,
    flags: c_int,
    sender: &mut SocketAddress,
) -> io::Result<usize> {
    let (address, length) = sender.room();
    // SAFETY: as in `recv`, and an address's `room` gives storage and its size.
    count(unsafe { libc::recvfrom(descriptor, room.start(), room.len(), flags, address.cast(), length) })
}

/// See send(2).
pub(in crate::net) fn send(descriptor: RawFd, bytes: &[u8], flags: c_int) -> io::Result<usize> {
    // SAFETY: pointer and length of a live slice.
    count(unsafe { transfer::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) })
}

/// See sendto(2).
pub(in crate::net) fn send_to(
    descriptor: RawFd,
    bytes: &[u8],
    flags: c_int,
    receiver: &SocketAddress,
) -> io::Result<usize> {
    let address = receiver.as_bytes();
    let (start, size) = (bytes.as_ptr().cast::<c_void>(), bytes.len());
    // SAFETY: pointers and lengths of live slices.
    count(unsafe { libc::sendto(descriptor, start, size, flags, address.as_ptr().cast(), address.len() as socklen_t) })
}

/// See getsockopt(2). Returns how many bytes of `value` the option has filled.
pub(in crate::net) fn option(descriptor: RawFd, level: c_int, name: c_int, value: &mut [u8]) -> io::Result<usize> {
    let mut length = value.len() as socklen_t;
    // SAFETY: pointer and length of a live mutable slice.
    check(unsafe { libc::getsockopt(descriptor, level, name, value.as_mut_ptr().cast(), &raw mut length) })?;
    Ok(value.len().min(length as usize))
}

/// See setsockopt(2).
pub(in crate::net) fn set_option(descriptor: RawFd, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    let length = value.len() as socklen_t;
    // SAFETY: pointer and length of a live slice.
    check(unsafe { libc::setsockopt(descriptor, level, name, value.as_ptr().cast(), length) }).map(drop)
}

/// See setsockopt(2), for the options that take a length and no value.
pub(in crate::net) fn set_option_length(descriptor: RawFd, level: c_int, name: c_int, length: u32) -> io::Result<()> {
    // SAFETY: the kernel answers EFAULT where it would read a value.
    check(unsafe { libc::setsockopt(descriptor, level, name, ptr::null(), length) }).map(drop)
}
