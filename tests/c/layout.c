/* Prints the size of every transparent structure, and where each field lies. layout.txt is its output; the Rust side
 * compares its own structures with the same file. No structure has a hole: every byte belongs to a field. */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "rustchat.h"

static const char *structure;
static size_t end;

static void begin(const char *name, size_t size)
{
    structure = name;
    end = 0;
    printf("%s %zu\n", name, size);
}

static void field(const char *name, size_t offset, size_t size)
{
    if (offset != end) {
        fprintf(stderr, "%s.%s is at %zu, expected %zu: a hole, or a field that is missing here\n", structure, name,
                offset, end);
        exit(1);
    }
    end = offset + size;
    printf("%s.%s %zu %zu\n", structure, name, offset, size);
}


#define BEGIN(type) begin(#type, sizeof(type))
#define FIELD(type, name) field(#name, offsetof(type, name), sizeof(((type *)NULL)->name))
/* The end is the field behind the last one. */
#define END(type) field("end", sizeof(type), 0)

int main(void)
{
    BEGIN(rustchat_error);
    FIELD(rustchat_error, status);
    FIELD(rustchat_error, os_code);
    FIELD(rustchat_error, message);
    END(rustchat_error);
    BEGIN(rustchat_log_options);
    FIELD(rustchat_log_options, struct_size);
    FIELD(rustchat_log_options, level);
    FIELD(rustchat_log_options, reserved_level);
    FIELD(rustchat_log_options, userdata);
    FIELD(rustchat_log_options, on_record);
    FIELD(rustchat_log_options, on_drop);
    FIELD(rustchat_log_options, reserved);
    END(rustchat_log_options);
    BEGIN(rustchat_bytes);
    FIELD(rustchat_bytes, data);
    FIELD(rustchat_bytes, len);
    END(rustchat_bytes);
    BEGIN(rustchat_event);
    FIELD(rustchat_event, kind);
    FIELD(rustchat_event, status);
    FIELD(rustchat_event, peer);
    FIELD(rustchat_event, seq);
    FIELD(rustchat_event, timestamp_ns);
    FIELD(rustchat_event, count);
    FIELD(rustchat_event, message);
    FIELD(rustchat_event, os_code);
    FIELD(rustchat_event, reserved_code);
    FIELD(rustchat_event, reserved);
    END(rustchat_event);
    BEGIN(rustchat_peer_info);
    FIELD(rustchat_peer_info, struct_size);
    FIELD(rustchat_peer_info, id);
    FIELD(rustchat_peer_info, connected_at_ns);
    FIELD(rustchat_peer_info, bytes_in);
    FIELD(rustchat_peer_info, bytes_out);
    FIELD(rustchat_peer_info, messages_in);
    FIELD(rustchat_peer_info, messages_out);
    FIELD(rustchat_peer_info, outbox_bytes);
    FIELD(rustchat_peer_info, address);
    FIELD(rustchat_peer_info, name);
    FIELD(rustchat_peer_info, key_id);
    FIELD(rustchat_peer_info, reserved);
    END(rustchat_peer_info);
    BEGIN(rustchat_server_options);
    FIELD(rustchat_server_options, struct_size);
    FIELD(rustchat_server_options, address);
    FIELD(rustchat_server_options, secret);
    FIELD(rustchat_server_options, key_id);
    FIELD(rustchat_server_options, profile);
    FIELD(rustchat_server_options, framing);
    FIELD(rustchat_server_options, allow_anonymous);
    FIELD(rustchat_server_options, announce);
    FIELD(rustchat_server_options, workers);
    FIELD(rustchat_server_options, backlog);
    FIELD(rustchat_server_options, message_limit);
    FIELD(rustchat_server_options, outbox_limit);
    FIELD(rustchat_server_options, member_limit);
    FIELD(rustchat_server_options, members_per_ip);
    FIELD(rustchat_server_options, rate_burst);
    FIELD(rustchat_server_options, rate_per_minute);
    FIELD(rustchat_server_options, handshake_limit);
    FIELD(rustchat_server_options, event_limit);
    FIELD(rustchat_server_options, handshake_timeout_ms);
    FIELD(rustchat_server_options, write_timeout_ms);
    FIELD(rustchat_server_options, ping_interval_ms);
    FIELD(rustchat_server_options, ping_timeout_ms);
    FIELD(rustchat_server_options, idle_timeout_ms);
    FIELD(rustchat_server_options, events);
    FIELD(rustchat_server_options, event_overflow);
    FIELD(rustchat_server_options, userdata);
    FIELD(rustchat_server_options, on_event);
    FIELD(rustchat_server_options, authorize);
    FIELD(rustchat_server_options, filter);
    FIELD(rustchat_server_options, on_drop);
    FIELD(rustchat_server_options, polling_us);
    FIELD(rustchat_server_options, mode);
    FIELD(rustchat_server_options, reserved_mode);
    FIELD(rustchat_server_options, group);
    FIELD(rustchat_server_options, time_zone);
    FIELD(rustchat_server_options, send_timeout_ms);
    FIELD(rustchat_server_options, reserved);
    END(rustchat_server_options);
    BEGIN(rustchat_delivery);
    FIELD(rustchat_delivery, queued);
    FIELD(rustchat_delivery, dropped);
    END(rustchat_delivery);
    BEGIN(rustchat_client_options);
    FIELD(rustchat_client_options, struct_size);
    FIELD(rustchat_client_options, address);
    FIELD(rustchat_client_options, secret);
    FIELD(rustchat_client_options, key_id);
    FIELD(rustchat_client_options, profile);
    FIELD(rustchat_client_options, framing);
    FIELD(rustchat_client_options, name);
    FIELD(rustchat_client_options, timeout_ms);
    FIELD(rustchat_client_options, event_limit);
    FIELD(rustchat_client_options, reserved_limit);
    FIELD(rustchat_client_options, userdata);
    FIELD(rustchat_client_options, on_event);
    FIELD(rustchat_client_options, on_drop);
    FIELD(rustchat_client_options, polling_us);
    FIELD(rustchat_client_options, message_limit);
    FIELD(rustchat_client_options, reserved);
    END(rustchat_client_options);
    BEGIN(rustchat_server_stats_data);
    FIELD(rustchat_server_stats_data, struct_size);
    FIELD(rustchat_server_stats_data, members);
    FIELD(rustchat_server_stats_data, accepted);
    FIELD(rustchat_server_stats_data, refused);
    FIELD(rustchat_server_stats_data, authentication_failed);
    FIELD(rustchat_server_stats_data, joined);
    FIELD(rustchat_server_stats_data, too_slow);
    FIELD(rustchat_server_stats_data, messages);
    FIELD(rustchat_server_stats_data, deliveries);
    FIELD(rustchat_server_stats_data, bytes_in);
    FIELD(rustchat_server_stats_data, bytes_out);
    FIELD(rustchat_server_stats_data, events_dropped);
    FIELD(rustchat_server_stats_data, reserved);
    END(rustchat_server_stats_data);
    BEGIN(rustchat_client_stats_data);
    FIELD(rustchat_client_stats_data, struct_size);
    FIELD(rustchat_client_stats_data, messages_out);
    FIELD(rustchat_client_stats_data, messages_in);
    FIELD(rustchat_client_stats_data, reserved);
    END(rustchat_client_stats_data);
    BEGIN(rustchat_listener_options);
    FIELD(rustchat_listener_options, struct_size);
    FIELD(rustchat_listener_options, address);
    FIELD(rustchat_listener_options, secret);
    FIELD(rustchat_listener_options, key_id);
    FIELD(rustchat_listener_options, profile);
    FIELD(rustchat_listener_options, framing);
    FIELD(rustchat_listener_options, frame_limit);
    FIELD(rustchat_listener_options, allow_anonymous);
    FIELD(rustchat_listener_options, backlog);
    FIELD(rustchat_listener_options, handshake_timeout_ms);
    FIELD(rustchat_listener_options, handshake_limit);
    FIELD(rustchat_listener_options, reserved_limit);
    FIELD(rustchat_listener_options, polling_us);
    FIELD(rustchat_listener_options, mode);
    FIELD(rustchat_listener_options, reserved_mode);
    FIELD(rustchat_listener_options, group);
    FIELD(rustchat_listener_options, reserved);
    END(rustchat_listener_options);
    BEGIN(rustchat_connection_options);
    FIELD(rustchat_connection_options, struct_size);
    FIELD(rustchat_connection_options, address);
    FIELD(rustchat_connection_options, secret);
    FIELD(rustchat_connection_options, key_id);
    FIELD(rustchat_connection_options, profile);
    FIELD(rustchat_connection_options, framing);
    FIELD(rustchat_connection_options, frame_limit);
    FIELD(rustchat_connection_options, timeout_ms);
    FIELD(rustchat_connection_options, polling_us);
    FIELD(rustchat_connection_options, reserved);
    END(rustchat_connection_options);
    return 0;
}
