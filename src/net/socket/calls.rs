//! One function a system call.

use std::io::{self, IoSlice};
use std::os::fd::RawFd;
use std::time::Duration;

use libc::c_int;

use super::super::sys::{Room, descriptor, interface, message, socket};
use super::{Direction, SocketAddress};

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

/// A new socket; its descriptor does not survive exec. See socket(2).
pub fn open(family: c_int, kind: c_int, protocol: c_int) -> io::Result<RawFd> {
    socket::open(family, kind, protocol)
}

/// Two sockets connected with each other. See socketpair(2).
pub fn pair(family: c_int, kind: c_int, protocol: c_int) -> io::Result<[RawFd; 2]> {
    socket::pair(family, kind, protocol)
}

/// Another descriptor of the same socket, which does not survive exec.
pub fn duplicate(descriptor: RawFd) -> io::Result<RawFd> {
    descriptor::duplicate(descriptor)
}

/// See close(2); the descriptor is gone whatever the answer.
pub fn close(descriptor: RawFd) -> io::Result<()> {
    descriptor::close(descriptor)
}

/// Sets or clears `O_NONBLOCK`, which all descriptors of the socket share.
pub fn set_nonblocking(descriptor: RawFd, nonblocking: bool) -> io::Result<()> {
    descriptor::set_nonblocking(descriptor, nonblocking)
}

/// Waits until the socket is ready, `false` when `patience` is over; `None` is for ever. A signal is `EINTR`.
pub fn wait(descriptor: RawFd, direction: Direction, patience: Option<Duration>) -> io::Result<bool> {
    descriptor::wait(descriptor, direction, patience)
}

/// Milliseconds of a clock that costs next to nothing and is right to a few milliseconds.
pub fn coarse_clock() -> u64 {
    descriptor::coarse_clock()
}

/// Nanoseconds of a clock that goes on steadily.
pub fn clock() -> u64 {
    descriptor::clock()
}

/// See accept(2); the new descriptor does not survive exec.
pub fn accept(descriptor: RawFd) -> io::Result<(RawFd, SocketAddress)> {
    let mut peer = SocketAddress::unknown();
    socket::accept(descriptor, &mut peer).map(|accepted| (accepted, peer))
}

/// See bind(2).
pub fn bind(descriptor: RawFd, address: &SocketAddress) -> io::Result<()> {
    socket::bind(descriptor, address)
}

/// See connect(2).
pub fn connect(descriptor: RawFd, address: &SocketAddress) -> io::Result<()> {
    socket::connect(descriptor, address)
}

/// See listen(2).
pub fn listen(descriptor: RawFd, backlog: c_int) -> io::Result<()> {
    socket::listen(descriptor, backlog)
}

/// See shutdown(2).
pub fn shutdown(descriptor: RawFd, how: c_int) -> io::Result<()> {
    socket::shutdown(descriptor, how)
}

/// The address of this end. See getsockname(2).
pub fn local(descriptor: RawFd) -> io::Result<SocketAddress> {
    socket::local(descriptor)
}

/// The address of the other end. See getpeername(2).
pub fn peer(descriptor: RawFd) -> io::Result<SocketAddress> {
    socket::peer(descriptor)
}

/// See recv(2). As many bytes of `room` are initialised as it returns, but no more than there are, nor those that
/// `MSG_TRUNC` counts and a stream throws away.
pub fn recv(descriptor: RawFd, room: Room<'_>, flags: c_int) -> io::Result<usize> {
    socket::recv(descriptor, room, flags)
}

/// See recvfrom(2), and [`recv`].
pub fn recv_from(descriptor: RawFd, room: Room<'_>, flags: c_int) -> io::Result<(usize, SocketAddress)> {
    let mut sender = SocketAddress::unknown();
    socket::recv_from(descriptor, room, flags, &mut sender).map(|count| (count, sender))
}

/// See send(2).
pub fn send(descriptor: RawFd, bytes: &[u8], flags: c_int) -> io::Result<usize> {
    socket::send(descriptor, bytes, flags)
}

/// See sendto(2).
pub fn send_to(descriptor: RawFd, bytes: &[u8], flags: c_int, receiver: &SocketAddress) -> io::Result<usize> {
    socket::send_to(descriptor, bytes, flags, receiver)
}

/// See recvmsg(2).
pub fn recv_message(
    descriptor: RawFd,
    rooms: &[Room<'_>],
    ancillary: &mut [u8],
    flags: c_int,
) -> io::Result<(Arrival, SocketAddress)> {
    let mut sender = SocketAddress::unknown();
    let arrival = message::receive(descriptor, rooms, ancillary, flags, &mut sender)?;
    Ok((arrival, sender))
}

/// See sendmsg(2). `ancillary` is what [`AncillaryItem`](super::AncillaryItem) encodes.
pub fn send_message(
    descriptor: RawFd,
    buffers: &[IoSlice<'_>],
    ancillary: &[u8],
    flags: c_int,
    receiver: Option<&SocketAddress>,
) -> io::Result<usize> {
    message::send(descriptor, buffers, ancillary, flags, receiver)
}

/// An option that is a number. See getsockopt(2).
pub fn option(descriptor: RawFd, level: c_int, name: c_int) -> io::Result<c_int> {
    let mut value = [0; size_of::<c_int>()];
    socket::option(descriptor, level, name, &mut value)?;
    Ok(c_int::from_ne_bytes(value))
}

/// An option as the kernel has it; returns how many bytes of `value` it takes.
pub fn option_bytes(descriptor: RawFd, level: c_int, name: c_int, value: &mut [u8]) -> io::Result<usize> {
    socket::option(descriptor, level, name, value)
}

/// Sets an option that is a number. See setsockopt(2).
pub fn set_option(descriptor: RawFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    socket::set_option(descriptor, level, name, &value.to_ne_bytes())
}

/// Sets an option as the kernel has it.
pub fn set_option_bytes(descriptor: RawFd, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    socket::set_option(descriptor, level, name, value)
}

/// Sets an option that takes a length without a value.
pub fn set_option_length(descriptor: RawFd, level: c_int, name: c_int, length: u32) -> io::Result<()> {
    socket::set_option_length(descriptor, level, name, length)
}

/// The error that waits on the socket, which takes it away: how a connect has ended, for example.
pub fn take_error(descriptor: RawFd) -> io::Result<c_int> {
    option(descriptor, libc::SOL_SOCKET, libc::SO_ERROR)
}

/// The number of the network interface called `name`.
pub fn interface_index(descriptor: RawFd, name: &[u8]) -> io::Result<i32> {
    interface::index(descriptor, name)
}

/// The name of network interface number `index`; empty if there is none.
pub fn interface_name(descriptor: RawFd, index: i32) -> Vec<u8> {
    interface::name(descriptor, index)
}
