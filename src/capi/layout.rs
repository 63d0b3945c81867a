//! The structures that C sees lie in memory as `tests/c/layout.txt` says, which `tests/c/layout.c` prints.

use std::fmt::Write;
use std::mem::offset_of;

use super::bytes::rustchat_bytes;
use super::client_options::rustchat_client_options;
use super::connection_options::rustchat_connection_options;
use super::error::rustchat_error;
use super::event::rustchat_event;
use super::listener::rustchat_listener_options;
use super::log::rustchat_log_options;
use super::peer_info::rustchat_peer_info;
use super::server_options::rustchat_server_options;
use super::server_room::rustchat_delivery;
use super::stats::{rustchat_client_stats_data, rustchat_server_stats_data};

fn size_of_field<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! describe {
    ($out:ident, $($type:ident { $($field:ident)* })*) => {$(
        writeln!($out, "{} {}", stringify!($type), size_of::<$type>()).unwrap();
        $(
            let size = size_of_field(|value: &$type| &value.$field);
            writeln!($out, "{}.{} {} {size}", stringify!($type), stringify!($field), offset_of!($type, $field)).unwrap();
        )*
        writeln!($out, "{}.end {} 0", stringify!($type), size_of::<$type>()).unwrap();
    )*};
}

#[test]
fn structures_lie_in_memory_as_c_lays_them_out() {
    let mut out = String::new();
    describe!(
        out,
        rustchat_error { status os_code message }
        rustchat_log_options { struct_size level reserved_level userdata on_record on_drop reserved }
        rustchat_bytes { data len }
        rustchat_event { kind status peer seq timestamp_ns count message os_code reserved_code reserved }
        rustchat_peer_info { struct_size id connected_at_ns bytes_in bytes_out messages_in messages_out outbox_bytes address name key_id reserved }
        rustchat_server_options { struct_size address secret key_id profile framing allow_anonymous announce workers backlog message_limit outbox_limit member_limit members_per_ip rate_burst rate_per_minute handshake_limit event_limit handshake_timeout_ms write_timeout_ms ping_interval_ms ping_timeout_ms idle_timeout_ms events event_overflow userdata on_event authorize filter on_drop polling_us mode reserved_mode group time_zone send_timeout_ms reserved }
        rustchat_delivery { queued dropped }
        rustchat_client_options { struct_size address secret key_id profile framing name timeout_ms event_limit reserved_limit userdata on_event on_drop polling_us message_limit reserved }
        rustchat_server_stats_data { struct_size members accepted refused authentication_failed joined too_slow messages deliveries bytes_in bytes_out events_dropped reserved }
        rustchat_client_stats_data { struct_size messages_out messages_in reserved }
        rustchat_listener_options { struct_size address secret key_id profile framing frame_limit allow_anonymous backlog handshake_timeout_ms handshake_limit reserved_limit polling_us mode reserved_mode group reserved }
        rustchat_connection_options { struct_size address secret key_id profile framing frame_limit timeout_ms polling_us reserved }
    );
    assert_eq!(out, include_str!("../../tests/c/layout.txt"));
}
