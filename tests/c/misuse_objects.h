/* One object of each kind of the chat and of connections, for the programs that give them to the functions of others. */

#ifndef MISUSE_OBJECTS_H
#define MISUSE_OBJECTS_H

#include "misuse.h"

static rustchat_server *server;
static rustchat_peer_id member;
static rustchat_client *client;
static rustchat_listener *listener;
static rustchat_connection *connection, *accepted;
static rustchat_message *message, *bad_text;
static rustchat_decoder *decoder;
static rustchat_handshake *handshake;

/* Places for results. They are dirty before a call, and must be clean after it failed. */
static struct {
    char text[64];
    size_t len;
    uint16_t port;
    int fd;
    int32_t state;
    rustchat_delivery delivery;
    rustchat_bytes frame;
    rustchat_message *message;
    rustchat_connection *connection;
    uint8_t bytes[32];
    uint64_t count;
    void *data;
} out;

static rustchat_peer_info info;
static rustchat_server_stats_data server_stats;
static rustchat_server_times_data server_times;
static rustchat_client_stats_data client_stats;
static rustchat_protection protection;
static rustchat_member_listing present;
static rustchat_handshake_outcome outcome;

static void dirty(void)
{
    memset(&out, 0x5a, sizeof out);
    DIRTY(rustchat_peer_info, info, RUSTCHAT_PEER_INFO_INIT);
    DIRTY(rustchat_server_stats_data, server_stats, RUSTCHAT_SERVER_STATS_INIT);
    DIRTY(rustchat_server_times_data, server_times, RUSTCHAT_SERVER_TIMES_INIT);
    DIRTY(rustchat_client_stats_data, client_stats, RUSTCHAT_CLIENT_STATS_INIT);
    DIRTY(rustchat_protection, protection, RUSTCHAT_PROTECTION_INIT);
    DIRTY(rustchat_member_listing, present, RUSTCHAT_MEMBER_LISTING_INIT);
    DIRTY(rustchat_handshake_outcome, outcome, RUSTCHAT_HANDSHAKE_OUTCOME_INIT);
}

#define TRY_FD(mistake, expected, call)                                                                               \
    do {                                                                                                              \
        dirty();                                                                                                      \
        TRY(mistake, expected, call);                                                                                 \
        CHECK_NUMBER(-1, out.fd);                                                                                     \
    } while (0)

#define ALL_OBJECTS {server, client, listener, connection, message, decoder, handshake}
#define OBJECT_COUNT 7

static inline rustchat_listener_options quick_listener(void)
{
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    options.address = own_address();
    return options;
}

static inline rustchat_connection_options quick_connection(void)
{
    static char address[64];
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    options.address = address;
    options.timeout_ms = 5000;
    return options;
}

static inline rustchat_handshake_options quick_handshake(void)
{
    rustchat_handshake_options options = RUSTCHAT_HANDSHAKE_OPTIONS_INIT;
    options.secret = bytes_of("a secret");
    return options;
}

static inline void set_up(void)
{
    rustchat_listener_options options = quick_listener();
    rustchat_connection_options connecting;
    rustchat_handshake_options shaking;
    server = start_line_server();
    client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    EVENTUALLY(joined_count(server) == 1);
    member = newest_peer(server);
    CHECK_OK(rustchat_listener_open(&options, &listener));
    connecting = quick_connection();
    CHECK_OK(rustchat_connection_open(&connecting, &connection));
    CHECK_OK(rustchat_listener_accept(listener, &accepted, PATIENCE_MS));
    CHECK_OK(rustchat_message_new("text", 4, &message));
    CHECK_OK(rustchat_message_new("\xff", 1, &bad_text));
    CHECK_OK(rustchat_decoder_new(RUSTCHAT_FRAMING_U32BE, 0, &decoder));
    shaking = quick_handshake();
    CHECK_OK(rustchat_handshake_begin_server(&shaking, &handshake));
}

static inline void free_handles(void)
{
    rustchat_server_free(server);
    rustchat_client_free(client);
    rustchat_listener_free(listener);
    rustchat_connection_free(connection);
    rustchat_connection_free(accepted);
}

static inline void free_pointers(void)
{
    rustchat_message_release(message);
    rustchat_message_release(bad_text);
    rustchat_decoder_free(decoder);
    rustchat_handshake_free(handshake);
}

/* Frees everything and goes on using it, also when the places of what was freed are taken again. */
static inline void try_stale(const struct kind *kinds, size_t count)
{
    free_handles();
    try_stale_kinds(kinds, count);
    free_pointers();
    set_up();
    try_stale_kinds(kinds, count);
    CHECK(port_of(server) != 0);
    free_handles();
    free_pointers();
}

/* What all kinds of options have in common. */
#define TRY_COMMON_FIELDS(function, start, make)                                                                      \
    do {                                                                                                              \
        attempt(function "()", "options=NULL", RUSTCHAT_EINVAL, start(NULL), __FILE__, __LINE__);                     \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size = 0);                   \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size--);                     \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size = SIZE_MAX);            \
        TRY_FIELD(function, start, make, "options=reserved", RUSTCHAT_EINVAL, options.reserved[0] = 1);               \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EADDRINVAL, options.address = "");               \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EADDRINVAL, options.address = "localhost");      \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EADDRINVAL, options.address = "127.0.0.1:70000"); \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EADDRINVAL, options.address = "::1:5");          \
        TRY_FIELD(function, start, make, "options=utf8", RUSTCHAT_EUTF8, options.address = "\xff:0");                 \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EINVAL, options.secret.len = 5);                  \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EMSGSIZE,                                         \
                  options.secret.data = "x"; options.secret.len = HUGE);                                              \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EINVAL, options.key_id = "no secret");            \
        TRY_FIELD(function, start, make, "options=utf8", RUSTCHAT_EUTF8,                                              \
                  options.secret = bytes_of("x"); options.key_id = "\xc3(");                                          \
        TRY_FIELD(function, start, make, "options=key_id", RUSTCHAT_EINVAL,                                           \
                  options.secret = bytes_of("x"); options.key_id = LONG_ID);                                          \
        TRY_FIELD(function, start, make, "options=enum", RUSTCHAT_EINVAL, options.profile = 6);                       \
        TRY_FIELD(function, start, make, "options=enum", RUSTCHAT_EINVAL, options.profile = INT32_MIN);               \
        TRY_FIELD(function, start, make, "options=enum", RUSTCHAT_EINVAL, options.framing = 5);                       \
        TRY_FIELD(function, start, make, "options=enum", RUSTCHAT_EINVAL, options.framing = -1);                      \
        for (size_t wrong_ = 0; wrong_ < WRONG_TLS; wrong_++) {                                                       \
            rustchat_tls_options tls_ = wrong_tls(wrong_);                                                            \
            TRY_FIELD(function, start, make, "options=tls", RUSTCHAT_EINVAL, options.tls = &tls_);                    \
        }                                                                                                             \
    } while (0)

#endif
