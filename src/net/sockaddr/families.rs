//! What an address says in each family. The layouts are the kernel's: see ip(7), unix(7), netlink(7), packet(7) and so on.

use std::net::{Ipv4Addr, Ipv6Addr};

use libc::c_int;

use super::SocketAddress;

/// Where the path begins in an address of `AF_UNIX`.
const PATH: usize = 2;

/// The longest path of `AF_UNIX` in bytes, with the zero behind it.
const PATH_ROOM: usize = if cfg!(any(target_os = "linux", target_os = "android")) { 108 } else { 104 };

impl SocketAddress {
    /// `AF_INET`, and other families with the same layout.
    pub fn inet(family: c_int, ip: Ipv4Addr, port: u16) -> SocketAddress {
        let mut address = SocketAddress::of_family(family, 16);
        address.put(2, &port.to_be_bytes());
        address.put(4, &ip.octets());
        address
    }

    /// The IPv4 address and the port.
    pub fn as_inet(&self) -> (Ipv4Addr, u16) {
        (Ipv4Addr::from(self.take::<4>(4)), u16::from_be_bytes(self.take(2)))
    }

    /// `AF_INET6`.
    pub fn inet6(family: c_int, ip: Ipv6Addr, port: u16, flow: u32, scope: u32) -> SocketAddress {
        let mut address = SocketAddress::of_family(family, 28);
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

    /// `AF_NETLINK`: port id and multicast groups.
    pub fn netlink(port: u32, groups: u32) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::NETLINK, 12);
        address.put(4, &port.to_ne_bytes());
        address.put(8, &groups.to_ne_bytes());
        address
    }

    /// The port id and the multicast groups.
    pub fn as_netlink(&self) -> (u32, u32) {
        (u32::from_ne_bytes(self.take(4)), u32::from_ne_bytes(self.take(8)))
    }

    /// `AF_QIPCRTR`: node and port.
    pub fn qipcrtr(node: u32, port: u32) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::QIPCRTR, 12);
        address.put(4, &node.to_ne_bytes());
        address.put(8, &port.to_ne_bytes());
        address
    }

    /// `AF_VSOCK`: context id and port.
    pub fn vsock(cid: u32, port: u32) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::VSOCK, 16);
        address.put(4, &port.to_ne_bytes());
        address.put(8, &cid.to_ne_bytes());
        address
    }

    /// The context id and the port.
    pub fn as_vsock(&self) -> (u32, u32) {
        (u32::from_ne_bytes(self.take(8)), u32::from_ne_bytes(self.take(4)))
    }

    /// `AF_ALG`: the kind of algorithm and its name, at most 13 and 63 bytes of them, feature and mask.
    pub fn alg(kind: &[u8], name: &[u8], feature: u32, mask: u32) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::ALG, 88);
        address.put(2, &kind[..kind.len().min(13)]);
        address.put(16, &feature.to_ne_bytes());
        address.put(20, &mask.to_ne_bytes());
        address.put(24, &name[..name.len().min(63)]);
        address
    }
}

/// The numbers of Linux's families, under which the addresses of this file are told apart on every system.
mod number {
    use libc::c_int;

    pub(super) const NETLINK: c_int = 16;
    pub(super) const PACKET: c_int = 17;
    pub(super) const CAN: c_int = 29;
    pub(super) const TIPC: c_int = 30;
    pub(super) const ALG: c_int = 38;
    pub(super) const VSOCK: c_int = 40;
    pub(super) const QIPCRTR: c_int = 42;
}

/// The longest hardware address, in bytes.
const HARDWARE: usize = 8;

/// What an address of `AF_PACKET` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PacketAddress {
    /// The Ethernet protocol, as a plain number.
    pub protocol: u16,
    /// The interface's number.
    pub interface: i32,
    /// For whom the packet is.
    pub packet_type: u8,
    /// The kind of hardware.
    pub hardware_type: u16,
    /// The hardware address; as much of it as `hardware_length` says.
    pub hardware: [u8; HARDWARE],
    /// The length of the hardware address, 8 at most.
    pub hardware_length: u8,
}

impl From<PacketAddress> for SocketAddress {
    fn from(packet: PacketAddress) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::PACKET, 20);
        address.put(2, &packet.protocol.to_be_bytes());
        address.put(4, &packet.interface.to_ne_bytes());
        address.put(8, &packet.hardware_type.to_ne_bytes());
        address.put(10, &[packet.packet_type, packet.hardware_length]);
        address.put(12, &packet.hardware);
        address
    }
}

impl From<&SocketAddress> for PacketAddress {
    fn from(address: &SocketAddress) -> PacketAddress {
        let [packet_type, length] = address.take(10);
        PacketAddress {
            protocol: u16::from_be_bytes(address.take(2)),
            interface: i32::from_ne_bytes(address.take(4)),
            packet_type,
            hardware_type: u16::from_ne_bytes(address.take(8)),
            hardware: address.take(12),
            hardware_length: length.min(HARDWARE as u8),
        }
    }
}

/// What an address of `AF_CAN` says besides its interface's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CanAddress {
    /// `CAN_RAW` and `CAN_BCM`: nothing.
    Raw,
    /// `CAN_ISOTP`: the identifiers to receive and to send with.
    IsoTp {
        /// The identifier of what is received.
        receive: u32,
        /// The identifier of what is sent.
        send: u32,
    },
    /// `CAN_J1939`: name, parameter group number and address.
    J1939 {
        /// The 64-bit name.
        name: u64,
        /// The parameter group number.
        group: u32,
        /// The 8-bit address.
        address: u8,
    },
}

impl CanAddress {
    /// The address on interface number `interface`.
    pub fn on(self, interface: i32) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::CAN, 24);
        address.put(4, &interface.to_ne_bytes());
        match self {
            CanAddress::Raw => {}
            CanAddress::IsoTp { receive, send } => {
                address.put(8, &receive.to_ne_bytes());
                address.put(12, &send.to_ne_bytes());
            }
            CanAddress::J1939 { name, group, address: number } => {
                address.put(8, &name.to_ne_bytes());
                address.put(16, &group.to_ne_bytes());
                address.put(20, &[number]);
            }
        }
        address
    }

    /// The number of the interface in an address of `AF_CAN`.
    pub fn interface(address: &SocketAddress) -> i32 {
        i32::from_ne_bytes(address.take(4))
    }

    /// What an address says if the socket's protocol is `CAN_ISOTP`.
    pub fn iso_tp(address: &SocketAddress) -> (u32, u32) {
        (u32::from_ne_bytes(address.take(8)), u32::from_ne_bytes(address.take(12)))
    }

    /// What an address says if the socket's protocol is `CAN_J1939`: name, group and address.
    pub fn j1939(address: &SocketAddress) -> (u64, u32, u8) {
        let [number] = address.take(20);
        (u64::from_ne_bytes(address.take(8)), u32::from_ne_bytes(address.take(16)), number)
    }
}

/// What an address of `AF_TIPC` says: its kind, three numbers whose meaning the kind tells, and a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipcAddress {
    /// `TIPC_ADDR_NAMESEQ` (1), `TIPC_ADDR_NAME` (2) or `TIPC_ADDR_ID` (3).
    pub kind: u8,
    /// Type, lower and upper bound; or type, instance and domain; or node, reference and nothing.
    pub numbers: [u32; 3],
    /// The scope.
    pub scope: i8,
}

impl TipcAddress {
    /// The kind whose first two numbers lie the other way round in memory.
    const ID: u8 = 3;
}

impl From<TipcAddress> for SocketAddress {
    fn from(tipc: TipcAddress) -> SocketAddress {
        let mut address = SocketAddress::of_family(number::TIPC, 16);
        let [first, second, third] = tipc.numbers;
        let laid = if tipc.kind == TipcAddress::ID { [second, first, third] } else { [first, second, third] };
        address.put(2, &[tipc.kind, tipc.scope as u8]);
        for (index, number) in laid.into_iter().enumerate() {
            address.put(4 + 4 * index, &number.to_ne_bytes());
        }
        address
    }
}

impl From<&SocketAddress> for TipcAddress {
    fn from(address: &SocketAddress) -> TipcAddress {
        let [kind, scope] = address.take(2);
        let [first, second, third] = [4, 8, 12].map(|offset| u32::from_ne_bytes(address.take(offset)));
        let numbers = if kind == TipcAddress::ID { [second, first, third] } else { [first, second, third] };
        TipcAddress { kind, numbers, scope: scope as i8 }
    }
}
