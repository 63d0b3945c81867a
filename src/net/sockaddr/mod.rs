//! The kernel's addresses, as plain bytes: what the system calls take and answer with.

mod address;
mod families;

pub use address::SocketAddress;
pub use families::{CanAddress, PacketAddress, TipcAddress};
