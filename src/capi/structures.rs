//! The structures that C sees, for macros: what the test of the header has read in the sources.

#[cfg(test)]
#[rustfmt::skip]
macro_rules! plain { ($then:ident) => { $then! {
    bytes rustchat_bytes { data: Other len: Usize }
    error rustchat_error { status: I32 os_code: I32 message: Other }
    event rustchat_event { kind: I32 status: I32 peer: Other seq: Other timestamp_ns: Other count: Other message: Other os_code: I32 reserved_code: Reserved question: Other }
    server_room rustchat_delivery { queued: Other dropped: Other }
} } }
#[cfg(test)]
pub(super) use plain;

#[rustfmt::skip]
macro_rules! sized { ($then:ident) => { $then! {
    log rustchat_log_options { struct_size: Usize level: I32 reserved_level: Reserved userdata: Other on_record: Other on_drop: Other reserved: Reserved }
    tls_options rustchat_tls_options { struct_size: Usize certificate: Bytes key: Bytes certificate_file: Text key_file: Text ca: Bytes ca_file: Text pins: Other pin_count: Usize server_name: Text trust: I32 allow_unbound: I32 reserved: Reserved }
    peer_info rustchat_peer_info { struct_size: Usize id: Other connected_at_ns: Other bytes_in: Other bytes_out: Other messages_in: Other messages_out: Other outbox_bytes: Other address: Other name: Other key_id: Other tls: I32 binding: I32 reserved: Reserved }
    stats rustchat_server_stats_data { struct_size: Usize members: Other accepted: Other refused: Other authentication_failed: Other joined: Other too_slow: Other messages: Other deliveries: Other bytes_in: Other bytes_out: Other events_dropped: Other members_tls: Other reserved: Reserved }
    stats rustchat_client_stats_data { struct_size: Usize messages_out: Other messages_in: Other reserved: Reserved }
    tls rustchat_protection { struct_size: Usize tls: I32 binding: I32 has_pin: I32 reserved_pin: Reserved pin: Other reserved: Reserved }
    handshake rustchat_handshake_options { struct_size: Usize secret: Bytes key_id: Text server_id: Text profile: I32 requirement: I32 tls_exporter: Bytes tls_server_end_point: Bytes reserved: Reserved }
    handshake rustchat_handshake_outcome { struct_size: Usize binding: I32 has_session_key: I32 session_key: Other key_id: Other server_id: Other reserved: Reserved }
} } }
pub(super) use sized;

#[rustfmt::skip]
macro_rules! rowed { ($then:ident) => { $then! {
    server_options rustchat_server_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 allow_anonymous: I32 announce: I32 workers: U32 backlog: U32 message_limit: Usize outbox_limit: Usize member_limit: U32 members_per_ip: U32 rate_burst: U32 rate_per_minute: U32 handshake_limit: U32 event_limit: U32 handshake_timeout_ms: I64 write_timeout_ms: I64 ping_interval_ms: I64 ping_timeout_ms: I64 idle_timeout_ms: I64 events: I32 event_overflow: I32 userdata: Other on_event: Other authorize: Other filter: Other on_drop: Other polling_us: I64 mode: U32 reserved_mode: Reserved group: Text time_zone: Text send_timeout_ms: I64 tls: Tls asks: I32 reserved_asks: Reserved reserved: Reserved }
    client_options rustchat_client_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 name: Text timeout_ms: I64 event_limit: U32 reserved_limit: Reserved userdata: Other on_event: Other on_drop: Other polling_us: I64 message_limit: Usize tls: Tls reserved: Reserved }
    listener rustchat_listener_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 frame_limit: Usize allow_anonymous: I32 backlog: U32 handshake_timeout_ms: I64 handshake_limit: U32 reserved_limit: Reserved polling_us: I64 mode: U32 reserved_mode: Reserved group: Text tls: Tls reserved: Reserved }
    connection_options rustchat_connection_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 frame_limit: Usize timeout_ms: I64 polling_us: I64 tls: Tls reserved: Reserved }
} } }
pub(super) use rowed;
