//! What is known of a member.

use std::ffi::c_char;

use super::bytes::fill;
use super::content::rustchat_peer_id;
use super::options::since_epoch_ns;
use crate::chat::Member;

/// What is known of a member. Begin with RUSTCHAT_PEER_INFO_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_peer_info {
    /// sizeof(rustchat_peer_info).
    pub struct_size: usize,
    /// The member's id.
    pub id: rustchat_peer_id,
    /// When the connection was accepted, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub connected_at_ns: u64,
    /// Bytes received from it.
    pub bytes_in: u64,
    /// Bytes given to the system for it.
    pub bytes_out: u64,
    /// Messages received from it.
    pub messages_in: u64,
    /// Messages of the room queued for it or given to the system; what is said to it alone is not counted.
    pub messages_out: u64,
    /// Bytes that wait for it because it does not read fast enough.
    pub outbox_bytes: u64,
    /// Its address, for example "127.0.0.1:51234"; ends with NUL.
    pub address: [c_char; 128],
    /// Its name, empty when it has none; ends with NUL.
    pub name: [c_char; 136],
    /// The id of the key it has proved to hold, empty when there is none; ends with NUL.
    pub key_id: [c_char; 72],
    /// 1: its connection goes through TLS.
    pub tls: i32,
    /// By what its proof of the secret is bound to that, a rustchat_binding.
    pub binding: i32,
    /// 0.
    pub reserved: [u64; 3],
}

impl rustchat_peer_info {
    pub(super) fn of(member: &Member) -> rustchat_peer_info {
        let protection = member.protection();
        let mut info = rustchat_peer_info {
            struct_size: size_of::<rustchat_peer_info>(),
            id: member.id(),
            connected_at_ns: since_epoch_ns(member.connected_at()),
            bytes_in: member.bytes_in(),
            bytes_out: member.bytes_out(),
            messages_in: member.messages_in(),
            messages_out: member.messages_out(),
            outbox_bytes: member.outbox_bytes(),
            address: [0; 128],
            name: [0; 136],
            key_id: [0; 72],
            tls: protection.tls.into(),
            binding: protection.binding.into(),
            reserved: [0; 3],
        };
        fill(&mut info.address, member.label());
        fill(&mut info.name, member.name().unwrap_or(""));
        fill(&mut info.key_id, member.key_id());
        info
    }
}
