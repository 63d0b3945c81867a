//! Sockets as programs of the classic interface have them: any family and type, one method a system call.
//!
//! Everything else of this library uses [`Stream`](super::Stream) and its kind. This module is for faces that offer
//! their users the socket itself: calls take the number of a descriptor, which may be one from elsewhere or closed
//! meanwhile (`EBADF`), they never wait but where the kernel does, and they report errors as the kernel does.

mod address;
mod ancillary;
mod calls;
mod families;
mod handle;
mod name;

pub use super::sys::Room;
pub use address::SocketAddress;
pub use ancillary::AncillaryItem;
pub use calls::*;
pub use families::{CanAddress, PacketAddress, TipcAddress};
pub use handle::{Closing, InUse, SocketHandle};
pub use name::{LookUpError, look_up};

/// What is waited for on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Something can be received or accepted.
    Receive,
    /// Something can be sent, or a connect has ended.
    Send,
}
