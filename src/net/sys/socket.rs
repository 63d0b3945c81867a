//! Calls on sockets by number, one system call each.

use std::io;
use std::os::fd::RawFd;
use std::ptr;

use libc::{c_int, c_void, socklen_t};

use super::super::sockaddr::SocketAddress;
use super::descriptor::{check, count};
use super::{Room, transfer};

#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOEXEC: c_int = libc::SOCK_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CLOEXEC: c_int = 0;

/// A new socket; its descriptor does not survive exec. See socket(2).
pub fn open(family: c_int, kind: c_int, protocol: c_int) -> io::Result<RawFd> {
    // SAFETY: no pointers.
    check(unsafe { libc::socket(family, kind | CLOEXEC, protocol) }).and_then(private)
}

/// A descriptor of a socket that is connected with nothing: whoever waits for it is woken, and sends and receives fail.
pub(in crate::net) fn dead_end() -> io::Result<RawFd> {
    open(libc::AF_UNIX, libc::SOCK_STREAM, 0)
}

/// Two sockets connected with each other, whose descriptors do not survive exec. See socketpair(2).
pub fn pair(family: c_int, kind: c_int, protocol: c_int) -> io::Result<[RawFd; 2]> {
    let mut pair = [-1; 2];
    // SAFETY: room for two descriptors.
    check(unsafe { libc::socketpair(family, kind | CLOEXEC, protocol, pair.as_mut_ptr()) })?;
    pair.map(private).into_iter().collect::<io::Result<Vec<_>>>()?;
    Ok(pair)
}

/// See accept(2). The descriptor does not survive exec.
pub fn accept(descriptor: RawFd) -> io::Result<(RawFd, SocketAddress)> {
    let mut peer = SocketAddress::unknown();
    let (address, length) = peer.room();
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: `room` gives storage and its size.
    let accepted = unsafe { libc::accept4(descriptor, address.cast(), length, CLOEXEC) };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    // SAFETY: as above.
    let accepted = unsafe { libc::accept(descriptor, address.cast(), length) };
    check(accepted).and_then(private).map(|accepted| (accepted, peer))
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
pub fn bind(descriptor: RawFd, address: &SocketAddress) -> io::Result<()> {
    let bytes = address.as_bytes();
    // SAFETY: pointer and length of a live slice, aligned as an address must be.
    check(unsafe { libc::bind(descriptor, bytes.as_ptr().cast(), bytes.len() as socklen_t) }).map(drop)
}

/// See connect(2).
pub fn connect(descriptor: RawFd, address: &SocketAddress) -> io::Result<()> {
    let bytes = address.as_bytes();
    // SAFETY: pointer and length of a live slice, aligned as an address must be.
    check(unsafe { libc::connect(descriptor, bytes.as_ptr().cast(), bytes.len() as socklen_t) }).map(drop)
}

/// See listen(2).
pub fn listen(descriptor: RawFd, backlog: c_int) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::listen(descriptor, backlog) }).map(drop)
}

/// See shutdown(2).
pub fn shutdown(descriptor: RawFd, how: c_int) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::shutdown(descriptor, how) }).map(drop)
}

/// The address of this end. See getsockname(2).
pub fn local(descriptor: RawFd) -> io::Result<SocketAddress> {
    // SAFETY: see `name`.
    name(|address, length| unsafe { libc::getsockname(descriptor, address, length) })
}

/// The address of the other end. See getpeername(2).
pub fn peer(descriptor: RawFd) -> io::Result<SocketAddress> {
    // SAFETY: see `name`.
    name(|address, length| unsafe { libc::getpeername(descriptor, address, length) })
}

/// Has `call` fill in an address: it is given storage and its size.
fn name(call: impl FnOnce(*mut libc::sockaddr, &mut socklen_t) -> c_int) -> io::Result<SocketAddress> {
    let mut found = SocketAddress::unknown();
    let (address, length) = found.room();
    check(call(address.cast(), length))?;
    Ok(found)
}

/// See recv(2). As many bytes of `room` are initialised as it returns, but no more than there are, nor those that
/// `MSG_TRUNC` counts and a stream throws away.
#[inline]
pub fn recv(descriptor: RawFd, room: Room<'_>, flags: c_int) -> io::Result<usize> {
    // SAFETY: a room can be written to.
    count(unsafe { transfer::recv(descriptor, room.start(), room.len(), flags) })
}

/// Receives at most `most` bytes, and no more than there is room for, behind those of `bytes`. See recv(2).
pub(in crate::net) fn recv_behind(
    descriptor: RawFd,
    bytes: &mut Vec<u8>,
    most: usize,
    flags: c_int,
) -> io::Result<usize> {
    let room = bytes.spare_capacity_mut();
    let most = most.min(room.len());
    let count = recv(descriptor, Room::from(&mut room[..most]), flags)?.min(most);
    // SAFETY: so many are initialised, in room that the vector has.
    unsafe { bytes.set_len(bytes.len() + count) };
    Ok(count)
}

/// See recvfrom(2), and [`recv`].
pub fn recv_from(descriptor: RawFd, room: Room<'_>, flags: c_int) -> io::Result<(usize, SocketAddress)> {
    let mut sender = SocketAddress::unknown();
    let (address, length) = sender.room();
    // SAFETY: as in `recv`, and an address's `room` gives storage and its size.
    let received = unsafe { libc::recvfrom(descriptor, room.start(), room.len(), flags, address.cast(), length) };
    count(received).map(|count| (count, sender))
}

/// See send(2).
#[inline]
pub fn send(descriptor: RawFd, bytes: &[u8], flags: c_int) -> io::Result<usize> {
    // SAFETY: pointer and length of a live slice.
    count(unsafe { transfer::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) })
}

/// See sendto(2).
pub fn send_to(descriptor: RawFd, bytes: &[u8], flags: c_int, receiver: &SocketAddress) -> io::Result<usize> {
    let address = receiver.as_bytes();
    let (start, size) = (bytes.as_ptr().cast::<c_void>(), bytes.len());
    // SAFETY: pointers and lengths of live slices.
    count(unsafe { libc::sendto(descriptor, start, size, flags, address.as_ptr().cast(), address.len() as socklen_t) })
}

/// An option that is a number. See getsockopt(2).
pub fn option(descriptor: RawFd, level: c_int, name: c_int) -> io::Result<c_int> {
    let mut value = [0; size_of::<c_int>()];
    option_bytes(descriptor, level, name, &mut value)?;
    Ok(c_int::from_ne_bytes(value))
}

/// The error that waits on the socket, which takes it away: how a connect has ended, for example.
pub fn take_error(descriptor: RawFd) -> io::Result<c_int> {
    option(descriptor, libc::SOL_SOCKET, libc::SO_ERROR)
}

/// An option as the kernel has it; returns how many bytes of `value` it takes.
pub fn option_bytes(descriptor: RawFd, level: c_int, name: c_int, value: &mut [u8]) -> io::Result<usize> {
    let mut length = value.len() as socklen_t;
    // SAFETY: pointer and length of a live mutable slice.
    check(unsafe { libc::getsockopt(descriptor, level, name, value.as_mut_ptr().cast(), &raw mut length) })?;
    Ok(value.len().min(length as usize))
}

/// Sets an option that is a number. See setsockopt(2).
pub fn set_option(descriptor: RawFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    set_option_bytes(descriptor, level, name, &value.to_ne_bytes())
}

/// Sets an option as the kernel has it.
pub fn set_option_bytes(descriptor: RawFd, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    let length = value.len() as socklen_t;
    // SAFETY: pointer and length of a live slice.
    check(unsafe { libc::setsockopt(descriptor, level, name, value.as_ptr().cast(), length) }).map(drop)
}

/// Sets an option that takes a length without a value.
pub fn set_option_length(descriptor: RawFd, level: c_int, name: c_int, length: u32) -> io::Result<()> {
    // SAFETY: the kernel answers EFAULT where it would read a value.
    check(unsafe { libc::setsockopt(descriptor, level, name, ptr::null(), length) }).map(drop)
}
