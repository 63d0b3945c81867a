//! The structures that C sees, for macros: what the test of the header has read in the sources.

#[cfg(test)]
#[rustfmt::skip]
macro_rules! plain { ($then:ident) => { $then! {
    bytes rustchat_bytes { data: Other len: Usize }
    error rustchat_error { status: I32 os_code: I32 message: Other }
    event rustchat_event { kind: I32 status: I32 peer: Other seq: Other timestamp_ns: Other count: Other message: Other os_code: I32 reserved_code: Reserved question: Other }
    key_ring rustchat_key { id: Text secret: Bytes }
    member_listing rustchat_member { id: Other name: Text address: Text reserved: Reserved }
    server_room rustchat_delivery { queued: Other dropped: Other }
    stats rustchat_histogram { buckets: Other nanoseconds: Other }
    command_template rustchat_command_word { text: Text slot: I32 secret: I32 min: I64 max: I64 characters: Text choices: Other choice_count: Usize reserved: Reserved }
    command_template rustchat_command_variable { name: Text value: Text }
    file_entry rustchat_file_entry { name: Text kind: I32 mode: U32 size: Other modified_s: I64 modified_ns: U32 reserved_ns: Reserved version: Other reserved: Reserved }
    file_transfer_options rustchat_file_progress { done: Other total: Other resumed: Other }
} } }
#[cfg(test)]
pub(super) use plain;

#[rustfmt::skip]
macro_rules! sized { ($then:ident) => { $then! {
    log rustchat_log_options { struct_size: Usize level: I32 reserved_level: Reserved userdata: Other on_record: Other on_drop: Other reserved: Reserved }
    tls_options rustchat_tls_options { struct_size: Usize certificate: Bytes key: Bytes certificate_file: Text key_file: Text ca: Bytes ca_file: Text pins: Other pin_count: Usize server_name: Text trust: I32 allow_unbound: I32 reserved: Reserved }
    peer_info rustchat_peer_info { struct_size: Usize id: Other connected_at_ns: Other bytes_in: Other bytes_out: Other messages_in: Other messages_out: Other outbox_bytes: Other address: Other name: Other key_id: Other tls: I32 binding: I32 reserved: Reserved }
    member_listing rustchat_member_listing { struct_size: Usize members: Other count: Usize memory: Other reserved: Reserved }
    stats rustchat_server_stats_data { struct_size: Usize members: Other accepted: Other refused: Other authentication_failed: Other joined: Other too_slow: Other messages: Other deliveries: Other bytes_in: Other bytes_out: Other events_dropped: Other members_tls: Other reserved: Reserved }
    stats rustchat_server_times_data { struct_size: Usize turns: Other latency: Other reserved: Reserved }
    stats rustchat_client_stats_data { struct_size: Usize messages_out: Other messages_in: Other reserved: Reserved }
    tls rustchat_protection { struct_size: Usize tls: I32 binding: I32 has_pin: I32 reserved_pin: Reserved pin: Other reserved: Reserved }
    command_template rustchat_command_template { struct_size: Usize name: Text program: Text words: Other word_count: Usize rest: Other rest_limit: Usize directory: Text key_ids: Other key_id_count: Usize without_input: I32 reserved_input: Reserved reserved: Reserved }
    command_server rustchat_command_server_stats_data { struct_size: Usize running: Other started: Other refused: Other connections: Other connections_refused: Other authentication_failed: Other bytes_in: Other bytes_out: Other reserved: Reserved }
    command_exit rustchat_command_exit { struct_size: Usize kind: I32 success: I32 code: I32 signal: I32 core_dumped: I32 survivors_killed: I32 out_bytes: Other err_bytes: Other wall_us: Other user_us: Other system_us: Other max_rss_kib: Other reserved: Reserved }
    command_options rustchat_command_options { struct_size: Usize input: Bytes environment: Other environment_count: Usize time_limit_ms: I64 output_limit: Other shell: I32 merge_stderr: I32 check: I32 with_stdin: I32 reserved: Reserved }
    command_result rustchat_command_result { struct_size: Usize out: Bytes err: Bytes exit: Other memory: Other reserved: Reserved }
    file_server rustchat_file_server_stats_data { struct_size: Usize transfers: Other stored: Other fetched: Other refused: Other stored_bytes: Other fetched_bytes: Other connections: Other connections_refused: Other authentication_failed: Other bytes_in: Other bytes_out: Other reserved: Reserved }
    file_entry rustchat_file_listing { struct_size: Usize entries: Other count: Usize memory: Other reserved: Reserved }
    file_transfer_options rustchat_file_transfer_options { struct_size: Usize overwrite: I32 parents: I32 from_the_beginning: I32 without_sync: I32 without_hashes: I32 reserved_flags: Reserved userdata: Other on_progress: Other reserved: Reserved }
    file_transfer rustchat_file_transferred { struct_size: Usize size: Other resumed: Other hash: Other entry: Other reserved: Reserved }
    file_transfer rustchat_file_tree { struct_size: Usize files: Other bytes: Other skipped: Other skipped_count: Usize memory: Other reserved: Reserved }
    handshake rustchat_handshake_options { struct_size: Usize secret: Bytes key_id: Text server_id: Text profile: I32 requirement: I32 tls_exporter: Bytes tls_server_end_point: Bytes reserved: Reserved }
    handshake rustchat_handshake_outcome { struct_size: Usize binding: I32 has_session_key: I32 session_key: Other key_id: Other server_id: Other reserved: Reserved }
} } }
pub(super) use sized;

#[rustfmt::skip]
macro_rules! rowed { ($then:ident) => { $then! {
    server_options rustchat_server_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 allow_anonymous: I32 announce: I32 workers: U32 backlog: U32 message_limit: Usize outbox_limit: Usize member_limit: U32 members_per_ip: U32 rate_burst: U32 rate_per_minute: U32 handshake_limit: U32 event_limit: U32 handshake_timeout_ms: I64 write_timeout_ms: I64 ping_interval_ms: I64 ping_timeout_ms: I64 idle_timeout_ms: I64 events: I32 event_overflow: I32 userdata: Other on_event: Other authorize: Other filter: Other on_drop: Other polling_us: I64 mode: U32 reserved_mode: Reserved group: Text time_zone: Text send_timeout_ms: I64 tls: Tls keys: Keys asks: I32 commands: I32 on_said: Other ban_file: Text reserved: Reserved }
    client_options rustchat_client_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 name: Text timeout_ms: I64 event_limit: U32 reserved_limit: Reserved userdata: Other on_event: Other on_drop: Other polling_us: I64 message_limit: Usize tls: Tls reconnect: I32 reconnect_limit: U32 reconnect_first_ms: I64 reconnect_most_ms: I64 reconnect_factor_percent: U32 reconnect_jitter_percent: I32 reserved: Reserved }
    listener rustchat_listener_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 frame_limit: Usize allow_anonymous: I32 backlog: U32 handshake_timeout_ms: I64 handshake_limit: U32 reserved_limit: Reserved polling_us: I64 mode: U32 reserved_mode: Reserved group: Text tls: Tls keys: Keys reserved: Reserved }
    connection_options rustchat_connection_options { struct_size: Usize address: Text secret: Bytes key_id: Text profile: I32 framing: I32 frame_limit: Usize timeout_ms: I64 polling_us: I64 tls: Tls reserved: Reserved }
    command_server_options rustchat_command_server_options { struct_size: Usize address: Text secret: Bytes key_id: Text keys: Keys server_id: Text tls: Tls commands: Other command_count: Usize shell: Text variables: Other variable_count: Usize settable: Other settable_count: Usize cgroup: Text group: Text mode: U32 survivors: I32 allow_plaintext: I32 allow_anonymous: I32 command_limit: U32 total_limit: U32 backlog: U32 handshake_limit: U32 workers: U32 member_limit: U32 members_per_ip: U32 reserved_limit: Reserved output_limit: Usize outbox_limit: Usize command_timeout_ms: I64 longest_timeout_ms: I64 kill_grace_ms: I64 handshake_timeout_ms: I64 write_timeout_ms: I64 idle_timeout_ms: I64 ping_interval_ms: I64 ping_timeout_ms: I64 polling_us: I64 reserved: Reserved }
    command_client_options rustchat_command_client_options { struct_size: Usize address: Text secret: Bytes key_id: Text tls: Tls allow_plaintext: I32 reserved_plaintext: Reserved timeout_ms: I64 polling_us: I64 ping_interval_ms: I64 ping_timeout_ms: I64 reserved: Reserved }
    file_server_options rustchat_file_server_options { struct_size: Usize address: Text root: Text secret: Bytes key_id: Text keys: Keys server_id: Text tls: Tls group: Text mode: U32 profile: I32 tutorial: I32 follow: I32 allow_plaintext: I32 allow_anonymous: I32 read_only: I32 folder_per_key: I32 durable: I32 transfer_limit: U32 client_transfer_limit: U32 backlog: U32 handshake_limit: U32 workers: U32 member_limit: U32 members_per_ip: U32 file_limit: Usize quota: Usize disk_reserve: Usize outbox_limit: Usize keep_partial_ms: I64 stall_timeout_ms: I64 handshake_timeout_ms: I64 write_timeout_ms: I64 idle_timeout_ms: I64 polling_us: I64 reserved: Reserved }
    file_client_options rustchat_file_client_options { struct_size: Usize address: Text secret: Bytes key_id: Text tls: Tls allow_plaintext: I32 reserved_plaintext: Reserved timeout_ms: I64 polling_us: I64 ping_interval_ms: I64 ping_timeout_ms: I64 reserved: Reserved }
} } }
pub(super) use rowed;
