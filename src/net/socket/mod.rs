//! Sockets as programs of the classic interface have them: any family and type, one function a system call.
//!
//! Everything else of this library uses [`Stream`](super::Stream) and its kind. This module is for faces that offer
//! their users the socket itself: calls take the number of a descriptor, which may be one from elsewhere or closed
//! meanwhile (`EBADF`), they never wait but where the kernel does, and they report errors as the kernel does.

mod ancillary;
mod handle;

pub use super::sockaddr::SocketAddress;
pub use super::sys::Room;
pub use super::sys::descriptor::{Direction, clock, close, coarse_clock, duplicate, set_nonblocking, wait};
pub use super::sys::message::{Arrival, recv_message, send_message};
pub use super::sys::name::{LookUpError, look_up};
pub use super::sys::socket::{
    accept, bind, connect, listen, local, open, option, option_bytes, pair, peer, recv, recv_from, send, send_to,
    set_option, set_option_bytes, set_option_length, shutdown, take_error,
};
pub use ancillary::AncillaryItem;
pub use handle::{Closing, InUse, SocketHandle};
