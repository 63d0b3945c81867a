/* Every function with every mistake: the documented status, a sentence, and nothing left in the results.
 *
 * With --list each attempt is printed as "function <tab> mistake <tab> status": misuse.py compares that with what the
 * header's prototypes and documents ask for, so that no function and no parameter is forgotten. */

#include "misuse.h"

#define UNKNOWN_PEER UINT64_MAX

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
} out;

static rustchat_event event;
static rustchat_peer_id ids[4];
static rustchat_peer_info info;
static rustchat_server_stats_data server_stats;
static rustchat_client_stats_data client_stats;
static rustchat_protection protection;
static rustchat_handshake_outcome outcome;

static void dirty(void)
{
    const rustchat_peer_info info_init = RUSTCHAT_PEER_INFO_INIT;
    const rustchat_server_stats_data server_init = RUSTCHAT_SERVER_STATS_INIT;
    const rustchat_client_stats_data client_init = RUSTCHAT_CLIENT_STATS_INIT;
    const rustchat_handshake_outcome outcome_init = RUSTCHAT_HANDSHAKE_OUTCOME_INIT;
    const rustchat_protection protection_init = RUSTCHAT_PROTECTION_INIT;
    memset(&out, 0x5a, sizeof out);
    memset(&protection, 0x5a, sizeof protection);
    protection.struct_size = protection_init.struct_size;
    memset(&outcome, 0x5a, sizeof outcome);
    outcome.struct_size = outcome_init.struct_size;
    memset(&info, 0x5a, sizeof info);
    memset(&server_stats, 0x5a, sizeof server_stats);
    memset(&client_stats, 0x5a, sizeof client_stats);
    info.struct_size = info_init.struct_size;
    server_stats.struct_size = server_init.struct_size;
    client_stats.struct_size = client_init.struct_size;
}

#define TRY_FD(mistake, expected, call)                                                                               \
    do {                                                                                                              \
        dirty();                                                                                                      \
        TRY(mistake, expected, call);                                                                                 \
        CHECK_NUMBER(-1, out.fd);                                                                                     \
    } while (0)

/* Bad handles */

static void try_bad_server(rustchat_server *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, rustchat_server_port(bad, &out.port));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_poll(bad, &event, 1, &out.len, -1));
    TRY_FD(mistake, RUSTCHAT_EHANDLE, rustchat_server_poll_fd(bad, &out.fd));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_wake(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_close(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_close_within(bad, 0));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_join(bad, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.delivery, rustchat_server_broadcast(bad, "x", 1, 0, &out.delivery));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.delivery, rustchat_server_broadcast_message(bad, message, 0, &out.delivery));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_send(bad, 1, "x", 1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_send_message(bad, 1, message));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_disconnect(bad, 1, 0));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_answer(bad, 1, RUSTCHAT_VERDICT_DROP, NULL, 0));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_peers(bad, ids, 4, &out.len));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, info, rustchat_server_peer_info(bad, 1, &info));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_peer_name(bad, 1, out.text, sizeof out.text, &out.len));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, server_stats, rustchat_server_stats(bad, &server_stats));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_replace_certificate(bad, NULL));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.bytes, rustchat_server_pin(bad, out.bytes));
    TRY_VOID(mistake, rustchat_server_free(bad));
}

static void try_bad_client(rustchat_client *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send(bad, "x", 1, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send_message(bad, message, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_drain(bad, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.state, rustchat_client_state(bad, &out.state));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_client_peer_address(bad, out.text, sizeof out.text, &out.len));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_close(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_join(bad, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.message, rustchat_client_recv(bad, &out.message, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_client_recv_into(bad, out.text, sizeof out.text, &out.len, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_client_poll(bad, &event, 1, &out.len, -1));
    TRY_FD(mistake, RUSTCHAT_EHANDLE, rustchat_client_poll_fd(bad, &out.fd));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_wake(bad));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, client_stats, rustchat_client_stats(bad, &client_stats));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, protection, rustchat_client_protection(bad, &protection));
    TRY_VOID(mistake, rustchat_client_free(bad));
}

static void try_bad_listener(rustchat_listener *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.connection, rustchat_listener_accept(bad, &out.connection, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_listener_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, rustchat_listener_port(bad, &out.port));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_listener_replace_certificate(bad, NULL));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.bytes, rustchat_listener_pin(bad, out.bytes));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_listener_close(bad));
    TRY_VOID(mistake, rustchat_listener_free(bad));
}

static void try_bad_connection(rustchat_connection *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_connection_send(bad, "x", 1, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_connection_send_message(bad, message, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.message, rustchat_connection_recv(bad, &out.message, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_connection_recv_into(bad, out.text, sizeof out.text, &out.len, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_connection_send_many(bad, &out.frame, 0, &out.len, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_connection_recv_many(bad, out.text, sizeof out.text, &out.frame, 1, &out.len, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_connection_peer_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_connection_key_id(bad, out.text, sizeof out.text, &out.len));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, protection, rustchat_connection_protection(bad, &protection));
    TRY_FD(mistake, RUSTCHAT_EHANDLE, rustchat_connection_fd(bad, &out.fd));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_connection_close(bad));
    TRY_VOID(mistake, rustchat_connection_free(bad));
}

/* What only looks like memory: for real objects the header promises no more than that kinds are told apart. */
static void try_bad_message(rustchat_message *bad, const char *mistake)
{
    TRY_VALUE(mistake, rustchat_message_retain(bad), == NULL);
    TRY_VOID(mistake, rustchat_message_release(bad));
    TRY_VALUE(mistake, rustchat_message_bytes(bad).len, == 0);
    TRY_VALUE(mistake, rustchat_message_sender(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_sender_address(bad).len, == 0);
    TRY_VALUE(mistake, rustchat_message_sender_name(bad).len, == 0);
    TRY_VALUE(mistake, rustchat_message_from_server(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_seq(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_timestamp_ns(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_wall_time(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_kind(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_again(bad), == 0);
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.delivery,
            rustchat_server_broadcast_message(server, bad, 0, &out.delivery));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_send_message(server, member, bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send_message(client, bad, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_connection_send_message(connection, bad, -1));
}

static void try_bad_decoder(rustchat_decoder *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_decoder_push(bad, "x", 1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.frame, rustchat_decoder_next(bad, &out.frame));
    TRY_VOID(mistake, rustchat_decoder_free(bad));
}

static void try_bad_handshake(rustchat_handshake *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_handshake_receive(bad, "x", 1, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.frame, rustchat_handshake_output(bad, &out.frame));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, outcome, rustchat_handshake_result(bad, &outcome));
    TRY_VOID(mistake, rustchat_handshake_free(bad));
}

static void try_no_handles(void)
{
    try_bad_server(NULL, "server=NULL");
    try_bad_client(NULL, "client=NULL");
    try_bad_listener(NULL, "listener=NULL");
    try_bad_connection(NULL, "connection=NULL");
    try_bad_message(NULL, "message=NULL");
    try_bad_decoder(NULL, "decoder=NULL");
    try_bad_handshake(NULL, "handshake=NULL");
}

static void try_garbage(void)
{
    for (size_t i = 0; i < sizeof GARBAGE / sizeof *GARBAGE; i++) {
        void *bad = (void *)GARBAGE[i];
        try_bad_server(bad, "server=garbage");
        try_bad_client(bad, "client=garbage");
        try_bad_listener(bad, "listener=garbage");
        try_bad_connection(bad, "connection=garbage");
        try_bad_message(bad, "message=garbage");
        try_bad_decoder(bad, "decoder=garbage");
        try_bad_handshake(bad, "handshake=garbage");
    }
}

static void try_memory_as_handles(void)
{
    void *memory[4] = {NULL, NULL, NULL, NULL};
    void *const bad[] = {memory, message, decoder};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        try_bad_server(bad[i], "server=wrong");
        try_bad_client(bad[i], "client=wrong");
        try_bad_listener(bad[i], "listener=wrong");
        try_bad_connection(bad[i], "connection=wrong");
    }
    try_bad_message((void *)decoder, "message=wrong");
    try_bad_decoder((void *)message, "decoder=wrong");
    try_bad_decoder((void *)handshake, "decoder=wrong");
    try_bad_handshake((void *)decoder, "handshake=wrong");
}

static void try_wrong_kinds(void)
{
    void *const handles[] = {server, client, listener, connection};
    for (size_t i = 0; i < 4; i++) {
        if (i != 0) {
            try_bad_server(handles[i], "server=wrong");
        }
        if (i != 1) {
            try_bad_client(handles[i], "client=wrong");
        }
        if (i != 2) {
            try_bad_listener(handles[i], "listener=wrong");
        }
        if (i != 3) {
            try_bad_connection(handles[i], "connection=wrong");
        }
        try_bad_message(handles[i], "message=wrong");
        try_bad_decoder(handles[i], "decoder=wrong");
        try_bad_handshake(handles[i], "handshake=wrong");
    }
}

/* Wrong options */

static int32_t start_server_with(const void *options)
{
    rustchat_server *started = (rustchat_server *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_server_start(options, &started);
    CHECK(started == NULL);
    return status;
}

static int32_t connect_client_with(const void *options)
{
    rustchat_client *started = (rustchat_client *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_client_connect(options, &started);
    CHECK(started == NULL);
    return status;
}

static int32_t open_listener_with(const void *options)
{
    rustchat_listener *started = (rustchat_listener *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_listener_open(options, &started);
    CHECK(started == NULL);
    return status;
}

static int32_t open_connection_with(const void *options)
{
    rustchat_connection *started = (rustchat_connection *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_connection_open(options, &started);
    CHECK(started == NULL);
    return status;
}

static void log_nothing(void *userdata, int32_t level, const char *target, const char *text)
{
    (void)userdata;
    (void)level;
    (void)target;
    (void)text;
}

static int32_t set_log_with(const void *options)
{
    return rustchat_log_set(options);
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

static void try_server_options(void)
{
    rustchat_server_options options;
    TRY_COMMON_FIELDS("rustchat_server_start", start_server_with, local_server());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_start(&options, NULL));
#define SERVER(mistake, assignment)                                                                                   \
    TRY_FIELD("rustchat_server_start", start_server_with, local_server(), mistake, RUSTCHAT_EINVAL, assignment)
    SERVER("options=enum", options.events = 4);
    SERVER("options=enum", options.events = -1);
    SERVER("options=enum", options.event_overflow = 5);
    SERVER("options=enum", options.asks = 4);
    SERVER("options=enum", options.asks = -1);
    SERVER("options=reserved", options.reserved_asks = 1);
    SERVER("options=enum", options.event_overflow = INT32_MAX);
    SERVER("options=range", options.workers = 1025);
    SERVER("options=range", options.workers = UINT32_MAX);
    SERVER("options=range", options.outbox_limit = 1);
    SERVER("options=range", options.message_limit = SIZE_MAX);
    SERVER("options=range", options.handshake_timeout_ms = -1);
    SERVER("options=range", options.write_timeout_ms = -1);
    SERVER("options=range", options.ping_timeout_ms = -1);
    SERVER("options=range", options.ping_interval_ms = -2);
    SERVER("options=range", options.idle_timeout_ms = INT64_MIN);
    SERVER("options=range", options.polling_us = -2);
    SERVER("options=range", options.send_timeout_ms = -2);
    SERVER("options=address", options.address = "0.0.0.0:0");
    SERVER("options=address", options.address = ":0");
#undef SERVER
}

static rustchat_client_options quick_client(void)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    options.address = address_of(server);
    options.timeout_ms = 5000;
    return options;
}

static void try_client_options(void)
{
    rustchat_client_options options;
    TRY_COMMON_FIELDS("rustchat_client_connect", connect_client_with, quick_client());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_connect(&options, NULL));
#define CLIENT(mistake, expected, assignment)                                                                         \
    TRY_FIELD("rustchat_client_connect", connect_client_with, quick_client(), mistake, expected, assignment)
    CLIENT("options=reserved", RUSTCHAT_EINVAL, options.reserved_limit = 1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.timeout_ms = -1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.polling_us = -2);
    CLIENT("options=name", RUSTCHAT_EINVAL, options.name = "no names in line chat");
    CLIENT("options=utf8", RUSTCHAT_EUTF8, options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "\xff");
    CLIENT("options=name", RUSTCHAT_EUTF8, options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "");
    CLIENT("options=name", RUSTCHAT_EUTF8, options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "bell\a");
    CLIENT("options=name", RUSTCHAT_EUTF8,
           options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "123456789012345678901234567890123");
#undef CLIENT
}

static rustchat_listener_options quick_listener(void)
{
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    options.address = own_address();
    return options;
}

static void try_listener_options(void)
{
    rustchat_listener_options options;
    TRY_COMMON_FIELDS("rustchat_listener_open", open_listener_with, quick_listener());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_listener_open(&options, NULL));
#define LISTENER(mistake, assignment)                                                                                 \
    TRY_FIELD("rustchat_listener_open", open_listener_with, quick_listener(), mistake, RUSTCHAT_EINVAL, assignment)
    LISTENER("options=reserved", options.reserved_limit = 1);
    LISTENER("options=reserved", options.reserved_mode = 1);
    LISTENER("mode=huge", options.mode = 01777);
    LISTENER("options=address", options.address = NULL);
    LISTENER("options=address", options.address = "0.0.0.0:0");
    LISTENER("options=range", options.handshake_timeout_ms = -1);
    LISTENER("options=range", options.polling_us = -2);
#undef LISTENER
}

static rustchat_connection_options quick_connection(void)
{
    static char address[64];
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    options.address = address;
    options.timeout_ms = 5000;
    return options;
}

static void try_connection_options(void)
{
    rustchat_connection_options options;
    TRY_COMMON_FIELDS("rustchat_connection_open", open_connection_with, quick_connection());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_connection_open(&options, NULL));
#define CONNECTION(mistake, assignment)                                                                               \
    TRY_FIELD("rustchat_connection_open", open_connection_with, quick_connection(), mistake, RUSTCHAT_EINVAL,         \
              assignment)
    CONNECTION("options=address", options.address = NULL);
    CONNECTION("options=range", options.timeout_ms = -1);
    CONNECTION("options=range", options.polling_us = INT64_MIN);
#undef CONNECTION
}

static rustchat_log_options quiet_log(void)
{
    rustchat_log_options options = RUSTCHAT_LOG_OPTIONS_INIT;
    options.on_record = log_nothing;
    return options;
}

static void try_log_options(void)
{
    rustchat_log_options options;
#define LOG(mistake, assignment)                                                                                      \
    TRY_FIELD("rustchat_log_set", set_log_with, quiet_log(), mistake, RUSTCHAT_EINVAL, assignment)
    LOG("options=size", options.struct_size = 1);
    LOG("options=reserved", options.reserved_level = 1);
    LOG("options=reserved", options.reserved[0] = 1);
    LOG("options=enum", options.level = 6);
    LOG("options=enum", options.level = -1);
    LOG("options=callback", options.on_record = NULL);
#undef LOG
    TRY("options=NULL", RUSTCHAT_OK, rustchat_log_set(NULL));
}

/* Hands over what is no certificate. */
static int32_t replace_servers(const rustchat_tls_options *tls)
{
    return rustchat_server_replace_certificate(server, tls);
}

static int32_t replace_listeners(const rustchat_tls_options *tls)
{
    return rustchat_listener_replace_certificate(listener, tls);
}

static void try_replacing(const char *function, int32_t (*replace)(const rustchat_tls_options *))
{
    const rustchat_tls_options fresh = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_tls_options options;
#define REPLACE(mistake, expected, assignment)                                                                        \
    do {                                                                                                              \
        options = fresh;                                                                                              \
        assignment;                                                                                                   \
        attempt(function, mistake, expected, replace(&options), __FILE__, __LINE__);                                  \
    } while (0)
    attempt(function, "tls=NULL", RUSTCHAT_EINVAL, replace(NULL), __FILE__, __LINE__);
    REPLACE("tls=size", RUSTCHAT_EINVAL, options.struct_size--);
    REPLACE("tls=reserved", RUSTCHAT_EINVAL, options.reserved[5] = 1);
    REPLACE("tls=none", RUSTCHAT_EINVAL, (void)0);
    REPLACE("tls=utf8", RUSTCHAT_EUTF8, options.certificate_file = "\xff");
    REPLACE("tls=file", RUSTCHAT_EIO, options.certificate_file = "/nowhere/x.pem");
    REPLACE("tls=PEM", RUSTCHAT_EINVAL, options.certificate = bytes_of("no PEM"));
    REPLACE("tls=huge", RUSTCHAT_EMSGSIZE, options.certificate.data = "x"; options.certificate.len = HUGE);
#undef REPLACE
}

static void try_tls_arguments(void)
{
    try_replacing("rustchat_server_replace_certificate()", replace_servers);
    try_replacing("rustchat_listener_replace_certificate()", replace_listeners);
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_pin(server, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_listener_pin(listener, NULL));
    TRY_OUT("server=plain", RUSTCHAT_ESTATE, out.bytes, rustchat_server_pin(server, out.bytes));
    TRY_OUT("listener=plain", RUSTCHAT_ESTATE, out.bytes, rustchat_listener_pin(listener, out.bytes));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_protection(client, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_connection_protection(connection, NULL));
    protection.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_client_protection(client, &protection));
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_connection_protection(connection, &protection));
}

/* Wrong arguments */

static void try_server_arguments(void)
{
    rustchat_peer_id id = member;
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_server_address(server, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_server_address(server, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_server_address(server, out.text, sizeof out.text, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_port(server, NULL));
    TRY_OUT("events=NULL", RUSTCHAT_EINVAL, out.len, rustchat_server_poll(server, NULL, 1, &out.len, -1));
    TRY_OUT("cap=0", RUSTCHAT_EINVAL, out.len, rustchat_server_poll(server, &event, 0, &out.len, -1));
    TRY("count=NULL", RUSTCHAT_EINVAL, rustchat_server_poll(server, &event, 1, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.len, rustchat_server_poll(server, &event, 1, &out.len, -2));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_server_poll(server, &event, 1, &out.len, INT64_MIN));
    TRY("fd=NULL", RUSTCHAT_EINVAL, rustchat_server_poll_fd(server, NULL));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_server_join(server, -2));
    TRY("drain_ms=-2", RUSTCHAT_EINVAL, rustchat_server_close_within(server, -2));
    TRY_OUT("data=NULL", RUSTCHAT_EINVAL, out.delivery, rustchat_server_broadcast(server, NULL, 1, 0, &out.delivery));
    TRY("data=empty", RUSTCHAT_OK, rustchat_server_broadcast(server, NULL, 0, 0, NULL));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.delivery,
            rustchat_server_broadcast(server, "x", HUGE, 0, &out.delivery));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_server_broadcast(server, "x", SIZE_MAX, 0, &out.delivery));
    TRY_OUT("data=utf8", RUSTCHAT_EUTF8, out.delivery, rustchat_server_broadcast(server, "\x80", 1, 0, &out.delivery));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_server_broadcast(server, "x", 1, 0, NULL));
    TRY_OUT("message=utf8", RUSTCHAT_EUTF8, out.delivery,
            rustchat_server_broadcast_message(server, bad_text, 0, &out.delivery));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_server_broadcast_message(server, message, 0, NULL));
    TRY("data=NULL", RUSTCHAT_EINVAL, rustchat_server_send(server, id, NULL, 1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_server_send(server, id, NULL, 0));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_server_send(server, id, "x", HUGE));
    TRY("data=utf8", RUSTCHAT_EUTF8, rustchat_server_send(server, id, "\x80", 1));
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_send(server, UNKNOWN_PEER, "x", 1));
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_send(server, 0, "x", 1));
    TRY("message=utf8", RUSTCHAT_EUTF8, rustchat_server_send_message(server, id, bad_text));
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_send_message(server, UNKNOWN_PEER, message));
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_disconnect(server, UNKNOWN_PEER, 0));
    TRY("reason=unknown", RUSTCHAT_EINVAL, rustchat_server_disconnect(server, id, 1));
    TRY("reason=unknown", RUSTCHAT_EINVAL, rustchat_server_disconnect(server, id, INT32_MIN));
    TRY("question=none", RUSTCHAT_ESTATE, rustchat_server_answer(server, 1, RUSTCHAT_VERDICT_DROP, NULL, 0));
    TRY("verdict=unknown", RUSTCHAT_EINVAL, rustchat_server_answer(server, 1, 4, NULL, 0));
    TRY("verdict=unknown", RUSTCHAT_EINVAL, rustchat_server_answer(server, 1, INT32_MIN, NULL, 0));
    TRY("text=NULL", RUSTCHAT_EINVAL, rustchat_server_answer(server, 1, RUSTCHAT_VERDICT_REPLACE, NULL, 1));
    TRY("text=empty", RUSTCHAT_ESTATE, rustchat_server_answer(server, 1, RUSTCHAT_VERDICT_REPLACE, NULL, 0));
    TRY("text=utf8", RUSTCHAT_EUTF8, rustchat_server_answer(server, 1, RUSTCHAT_VERDICT_REPLACE, "\x80", 1));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_server_answer(server, 1, RUSTCHAT_VERDICT_REPLACE, "x", HUGE));
    TRY_OUT("ids=NULL", RUSTCHAT_EINVAL, out.len, rustchat_server_peers(server, NULL, 4, &out.len));
    TRY("count=NULL", RUSTCHAT_EINVAL, rustchat_server_peers(server, ids, 4, NULL));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_server_peers(server, ids, 0, &out.len));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_peer_info(server, id, NULL));
    TRY_REPORT("peer=unknown", RUSTCHAT_ENOPEER, info, rustchat_server_peer_info(server, UNKNOWN_PEER, &info));
    info.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_server_peer_info(server, id, &info));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_server_peer_name(server, id, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_server_peer_name(server, id, NULL, 0, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_server_peer_name(server, id, out.text, sizeof out.text, NULL));
    TRY_OUT("peer=unknown", RUSTCHAT_ENOPEER, out.len,
            rustchat_server_peer_name(server, UNKNOWN_PEER, out.text, sizeof out.text, &out.len));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_stats(server, NULL));
    server_stats.struct_size = SIZE_MAX;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_server_stats(server, &server_stats));
}

/* Takes what earlier attempts have said. */
static void drain(rustchat_client *receiver)
{
    size_t len = 0;
    CHECK_OK(rustchat_server_broadcast(server, "drained", 7, 0, NULL));
    do {
        CHECK_OK(rustchat_client_recv_into(receiver, out.text, sizeof out.text, &len, PATIENCE_MS));
    } while (len != 7 || memcmp(out.text, "drained", 7) != 0);
}

static void try_client_arguments(void)
{
    TRY("data=NULL", RUSTCHAT_EINVAL, rustchat_client_send(client, NULL, 1, -1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_client_send(client, NULL, 0, -1));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_client_send(client, "x", HUGE, -1));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_client_send(client, "x", SIZE_MAX, -1));
    TRY("data=utf8", RUSTCHAT_EUTF8, rustchat_client_send(client, "\x80", 1, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_client_send(client, "x", 1, -2));
    TRY("message=utf8", RUSTCHAT_EUTF8, rustchat_client_send_message(client, bad_text, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_client_send_message(client, message, -2));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_client_drain(client, -2));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_state(client, NULL));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_client_peer_address(client, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_client_peer_address(client, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_client_peer_address(client, out.text, sizeof out.text, NULL));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_client_join(client, -2));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_recv(client, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.message, rustchat_client_recv(client, &out.message, -2));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_client_recv_into(client, NULL, 5, &out.len, -1));
    TRY("len=NULL", RUSTCHAT_EINVAL, rustchat_client_recv_into(client, out.text, sizeof out.text, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.len,
            rustchat_client_recv_into(client, out.text, sizeof out.text, &out.len, -2));
    drain(client);
    CHECK_OK(rustchat_server_broadcast(server, "long enough", 11, 0, NULL));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_client_recv_into(client, out.text, 2, &out.len, -1));
    hear(client, "long enough");
    TRY_OUT("events=NULL", RUSTCHAT_EINVAL, out.len, rustchat_client_poll(client, NULL, 1, &out.len, -1));
    TRY_OUT("cap=0", RUSTCHAT_EINVAL, out.len, rustchat_client_poll(client, &event, 0, &out.len, -1));
    TRY("count=NULL", RUSTCHAT_EINVAL, rustchat_client_poll(client, &event, 1, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.len, rustchat_client_poll(client, &event, 1, &out.len, -2));
    TRY("fd=NULL", RUSTCHAT_EINVAL, rustchat_client_poll_fd(client, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_stats(client, NULL));
    client_stats.struct_size = 0;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_client_stats(client, &client_stats));
}

static void try_listener_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_listener_accept(listener, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.connection, rustchat_listener_accept(listener, &out.connection, -2));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_listener_address(listener, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_listener_address(listener, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_listener_address(listener, out.text, sizeof out.text, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_listener_port(listener, NULL));
}

static void try_connection_arguments(void)
{
    TRY("data=NULL", RUSTCHAT_EINVAL, rustchat_connection_send(connection, NULL, 1, -1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_connection_send(connection, NULL, 0, -1));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_connection_send(connection, "x", HUGE, -1));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_connection_send(connection, "x", SIZE_MAX, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_connection_send(connection, "x", 1, -2));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_connection_send_message(connection, message, INT64_MIN));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_connection_recv(connection, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.message, rustchat_connection_recv(connection, &out.message, -2));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_connection_recv_into(connection, NULL, 5, &out.len, -1));
    TRY("len=NULL", RUSTCHAT_EINVAL, rustchat_connection_recv_into(connection, out.text, sizeof out.text, NULL, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.len,
            rustchat_connection_recv_into(connection, out.text, sizeof out.text, &out.len, -2));
    CHECK_OK(rustchat_connection_send(accepted, "long enough", 11, -1));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_connection_recv_into(connection, out.text, 2, &out.len, -1));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_connection_peer_address(connection, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_connection_peer_address(connection, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_connection_peer_address(connection, out.text, sizeof out.text, NULL));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_connection_key_id(connection, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_connection_key_id(connection, out.text, 0, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_connection_key_id(connection, out.text, sizeof out.text, NULL));
    TRY("fd=NULL", RUSTCHAT_EINVAL, rustchat_connection_fd(connection, NULL));
}

/* Several messages a call; "long enough" is waiting. */
static void try_connection_batches(void)
{
    rustchat_bytes two[2], huge[1], null[2], absent[1] = {{NULL, 0}};
    char text[64];
    size_t len = sizeof text;
    two[0] = two[1] = huge[0] = null[0] = bytes_of("x");
    huge[0].len = HUGE;
    null[1].data = NULL;
    null[1].len = 1;
#define SEND(mistake, expected, messages, count, timeout_ms)                                                          \
    TRY_OUT(mistake, expected, out.len, rustchat_connection_send_many(connection, messages, count, &out.len, timeout_ms))
    SEND("messages=NULL", RUSTCHAT_EINVAL, NULL, 1, -1);
    SEND("messages=empty", RUSTCHAT_OK, NULL, 0, -1);
    SEND("data=NULL", RUSTCHAT_EINVAL, null, 2, -1);
    SEND("len=huge", RUSTCHAT_EMSGSIZE, huge, 1, -1);
    SEND("count=huge", RUSTCHAT_EMSGSIZE, two, HUGE, -1);
    SEND("count=huge", RUSTCHAT_EMSGSIZE, two, SIZE_MAX, -1);
    SEND("timeout_ms=-2", RUSTCHAT_EINVAL, two, 2, -2);
#undef SEND
    TRY("sent=NULL", RUSTCHAT_OK, rustchat_connection_send_many(connection, two, 2, NULL, -1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_connection_send_many(connection, absent, 1, NULL, -1));
#define RECEIVE(mistake, expected, buf, cap, messages, most, timeout_ms)                                              \
    TRY_OUT(mistake, expected, out.len,                                                                               \
            rustchat_connection_recv_many(connection, buf, cap, messages, most, &out.len, timeout_ms))
    RECEIVE("buf=NULL", RUSTCHAT_EINVAL, NULL, 1, two, 2, -1);
    RECEIVE("messages=NULL", RUSTCHAT_EINVAL, text, len, NULL, 2, -1);
    RECEIVE("messages=NULL", RUSTCHAT_EINVAL, text, len, NULL, 0, -1);
    RECEIVE("most=0", RUSTCHAT_EINVAL, text, len, two, 0, -1);
    RECEIVE("timeout_ms=-2", RUSTCHAT_EINVAL, text, len, two, 2, -2);
    RECEIVE("cap=small", RUSTCHAT_EBUFSIZE, NULL, 0, two, 2, -1);
    RECEIVE("cap=small", RUSTCHAT_EBUFSIZE, text, 10, two, 2, 0);
#undef RECEIVE
    CHECK(two[0].data == NULL && two[0].len == 11);
    TRY("count=NULL", RUSTCHAT_EINVAL, rustchat_connection_recv_many(connection, text, len, two, 2, NULL, -1));
}

static void try_object_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_message_new("x", 1, NULL));
    TRY_OUT("data=NULL", RUSTCHAT_EINVAL, out.message, rustchat_message_new(NULL, 1, &out.message));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.message, rustchat_message_new("x", HUGE, &out.message));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.message, rustchat_message_new("x", SIZE_MAX, &out.message));
    TRY("data=empty", RUSTCHAT_OK, rustchat_message_new(NULL, 0, &out.message));
    rustchat_message_release(out.message);
    TRY_VOID("event=NULL", rustchat_event_clear(NULL));
    TRY_VOID("events=NULL", rustchat_events_clear(NULL, 0));
    TRY_VOID("events=NULL", rustchat_events_clear(NULL, 7));
    TRY_VOID("count=huge", rustchat_events_clear(NULL, SIZE_MAX));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_decoder_new(RUSTCHAT_FRAMING_LINE, 0, NULL));
    TRY_OUT("framing=unknown", RUSTCHAT_EINVAL, out.message, rustchat_decoder_new(5, 0, (rustchat_decoder **)&out.message));
    TRY_OUT("framing=unknown", RUSTCHAT_EINVAL, out.message,
            rustchat_decoder_new(-1, 0, (rustchat_decoder **)&out.message));
    TRY("data=NULL", RUSTCHAT_EINVAL, rustchat_decoder_push(decoder, NULL, 1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_decoder_push(decoder, NULL, 0));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_decoder_push(decoder, "x", HUGE));
    TRY("frame=NULL", RUSTCHAT_EINVAL, rustchat_decoder_next(decoder, NULL));
    TRY_OUT("data=none", RUSTCHAT_EAGAIN, out.frame, rustchat_decoder_next(decoder, &out.frame));
    TRY_OUT("framing=unknown", RUSTCHAT_EINVAL, out.len, rustchat_frame_encode(9, "x", 1, out.text, 64, &out.len));
    TRY_OUT("data=NULL", RUSTCHAT_EINVAL, out.len, rustchat_frame_encode(0, NULL, 1, out.text, 64, &out.len));
    TRY("data=empty", RUSTCHAT_OK, rustchat_frame_encode(0, NULL, 0, out.text, 64, &out.len));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.len, rustchat_frame_encode(0, "x", HUGE, out.text, 64, &out.len));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.len, rustchat_frame_encode(1, "x", SIZE_MAX, out.text, 64, &out.len));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_frame_encode(0, "x", 1, NULL, 64, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_frame_encode(0, "x", 1, out.text, 4, &out.len));
    TRY("written=NULL", RUSTCHAT_EINVAL, rustchat_frame_encode(0, "x", 1, out.text, 64, NULL));
}

static void try_auth_arguments(void)
{
    static const uint8_t challenge[32] = {1};
    rustchat_bytes good = bytes_of("x"), none = {NULL, 0}, null = {NULL, 1}, huge = {NULL, 0};
    huge.data = "x";
    huge.len = HUGE;
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_auth_challenge(NULL));
#define RESPOND(mistake, expected, call) TRY_OUT(mistake, expected, out.bytes, call)
    RESPOND("secret=NULL", RUSTCHAT_EINVAL, rustchat_auth_respond(null, challenge, good, out.bytes));
    RESPOND("secret=empty", RUSTCHAT_EINVAL, rustchat_auth_respond(none, challenge, good, out.bytes));
    RESPOND("secret=huge", RUSTCHAT_EMSGSIZE, rustchat_auth_respond(huge, challenge, good, out.bytes));
    RESPOND("challenge=NULL", RUSTCHAT_EINVAL, rustchat_auth_respond(good, NULL, good, out.bytes));
    RESPOND("label=NULL", RUSTCHAT_EINVAL, rustchat_auth_respond(good, challenge, null, out.bytes));
    RESPOND("label=huge", RUSTCHAT_EMSGSIZE, rustchat_auth_respond(good, challenge, huge, out.bytes));
#undef RESPOND
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_auth_respond(good, challenge, good, NULL));
    TRY("label=empty", RUSTCHAT_OK, rustchat_auth_respond(good, challenge, none, out.bytes));
    TRY("secret=NULL", RUSTCHAT_EINVAL, rustchat_auth_verify(null, challenge, good, out.bytes));
    TRY("secret=empty", RUSTCHAT_EINVAL, rustchat_auth_verify(none, challenge, good, out.bytes));
    TRY("secret=huge", RUSTCHAT_EMSGSIZE, rustchat_auth_verify(huge, challenge, good, out.bytes));
    TRY("challenge=NULL", RUSTCHAT_EINVAL, rustchat_auth_verify(good, NULL, good, out.bytes));
    TRY("label=NULL", RUSTCHAT_EINVAL, rustchat_auth_verify(good, challenge, null, out.bytes));
    TRY("label=huge", RUSTCHAT_EMSGSIZE, rustchat_auth_verify(good, challenge, huge, out.bytes));
    TRY("label=empty", RUSTCHAT_OK, rustchat_auth_verify(good, challenge, none, out.bytes));
    TRY("tag=NULL", RUSTCHAT_EINVAL, rustchat_auth_verify(good, challenge, good, NULL));
    TRY("tag=wrong", RUSTCHAT_EAUTH, rustchat_auth_verify(good, challenge, good, out.bytes));
}

static rustchat_handshake_options quick_handshake(void)
{
    rustchat_handshake_options options = RUSTCHAT_HANDSHAKE_OPTIONS_INIT;
    options.secret = bytes_of("a secret");
    return options;
}

static int32_t begin_server_with(const void *options)
{
    rustchat_handshake *begun = (rustchat_handshake *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_handshake_begin_server(options, &begun);
    CHECK(begun == NULL);
    return status;
}

static int32_t begin_client_with(const void *options)
{
    rustchat_handshake *begun = (rustchat_handshake *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_handshake_begin_client(options, &begun);
    CHECK(begun == NULL);
    return status;
}

static void try_handshake_options(const char *function, start_with begin)
{
    rustchat_handshake_options options;
    attempt(function, "options=NULL", RUSTCHAT_EINVAL, begin(NULL), __FILE__, __LINE__);
#define BEGIN(mistake, expected, assignment)                                                                          \
    do {                                                                                                              \
        options = quick_handshake();                                                                                  \
        assignment;                                                                                                   \
        attempt(function, mistake, expected, begin(&options), __FILE__, __LINE__);                                    \
    } while (0)
    BEGIN("options=size", RUSTCHAT_EINVAL, options.struct_size = 0);
    BEGIN("options=reserved", RUSTCHAT_EINVAL, options.reserved[5] = 1);
    BEGIN("options=enum", RUSTCHAT_EINVAL, options.profile = 6);
    BEGIN("options=enum", RUSTCHAT_EINVAL, options.requirement = 4);
    BEGIN("options=enum", RUSTCHAT_EINVAL, options.requirement = -1);
    BEGIN("options=utf8", RUSTCHAT_EUTF8, options.key_id = "\xff");
    BEGIN("options=key_id", RUSTCHAT_EINVAL, options.key_id = LONG_ID);
    BEGIN("options=secret", RUSTCHAT_EINVAL, options.secret.len = 0);
    BEGIN("options=secret", RUSTCHAT_EMSGSIZE, options.secret.len = HUGE);
    BEGIN("options=binding", RUSTCHAT_EINVAL, options.tls_exporter.len = 1);
    BEGIN("options=binding", RUSTCHAT_EINVAL, options.requirement = RUSTCHAT_REQUIRE_BINDING);
    BEGIN("options=binding", RUSTCHAT_EINVAL,
          options.tls_server_end_point = bytes_of("hash"); options.requirement = RUSTCHAT_REQUIRE_EXPORTER);
    BEGIN("options=binding", RUSTCHAT_ENOTSUP,
          options.tls_exporter = bytes_of("value"); options.profile = RUSTCHAT_PROFILE_TUTORIAL_MD5);
#undef BEGIN
}

static void try_handshake_arguments(void)
{
    rustchat_handshake_options options = quick_handshake();
    try_handshake_options("rustchat_handshake_begin_server()", begin_server_with);
    try_handshake_options("rustchat_handshake_begin_client()", begin_client_with);
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_handshake_begin_server(&options, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_handshake_begin_client(&options, NULL));
    TRY("bytes=NULL", RUSTCHAT_EINVAL, rustchat_handshake_output(handshake, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_handshake_result(handshake, NULL));
    TRY_REPORT("data=none", RUSTCHAT_EAGAIN, outcome, rustchat_handshake_result(handshake, &outcome));
    outcome.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_handshake_result(handshake, &outcome));
    TRY("used=NULL", RUSTCHAT_EINVAL, rustchat_handshake_receive(handshake, "x", 1, NULL));
    TRY_OUT("data=NULL", RUSTCHAT_EINVAL, out.len, rustchat_handshake_receive(handshake, NULL, 1, &out.len));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.len, rustchat_handshake_receive(handshake, "x", HUGE, &out.len));
    TRY("data=empty", RUSTCHAT_OK, rustchat_handshake_receive(handshake, NULL, 0, &out.len));
    TRY_OUT("data=wrong", RUSTCHAT_EAUTH, out.len, rustchat_handshake_receive(handshake, "GET / HTTP/1.1", 14, &out.len));
}

static void try_library_arguments(void)
{
    TRY_VALUE("call", rustchat_version(), != NULL);
    TRY_VALUE("call", rustchat_version_number(), == RUSTCHAT_VERSION_NUMBER);
    TRY_VALUE("call", rustchat_abi_version(), == RUSTCHAT_ABI_VERSION);
    TRY_VALUE("call", rustchat_features(), != 0);
    TRY_VALUE("status=unknown", rustchat_status_name(INT32_MIN), != NULL);
    TRY_VALUE("status=unknown", rustchat_status_message(INT32_MAX), != NULL);
    TRY_VALUE("kind=unknown", rustchat_event_name(INT32_MIN), != NULL);
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_last_error(NULL));
}

static void set_up(void)
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

/* After all of it everything works as before. */
static void check_unharmed(void)
{
    rustchat_message *heard = NULL;
    drain(client);
    say(client, "still here");
    hear(client, "still here");
    CHECK_OK(rustchat_connection_recv(connection, &heard, PATIENCE_MS));
    CHECK_BYTES("long enough", rustchat_message_bytes(heard));
    rustchat_message_release(heard);
    CHECK_BYTES("text", rustchat_message_bytes(message));
}

/* Frees everything, and goes on using it. */
static void try_stale_handles(void)
{
    rustchat_server_free(server);
    rustchat_client_free(client);
    rustchat_listener_free(listener);
    rustchat_connection_free(connection);
    rustchat_connection_free(accepted);
    try_bad_server(server, "server=stale");
    try_bad_client(client, "client=stale");
    try_bad_listener(listener, "listener=stale");
    try_bad_connection(connection, "connection=stale");
}

/* The places of freed objects are taken again: the old handles are stale all the same. */
static void try_stale_handles_of_taken_places(void)
{
    rustchat_server *old_server = server;
    rustchat_client *old_client = client;
    rustchat_listener *old_listener = listener;
    rustchat_connection *old_connection = connection;
    rustchat_message_release(message);
    rustchat_message_release(bad_text);
    rustchat_decoder_free(decoder);
    rustchat_handshake_free(handshake);
    set_up();
    try_bad_server(old_server, "server=stale");
    try_bad_client(old_client, "client=stale");
    try_bad_listener(old_listener, "listener=stale");
    try_bad_connection(old_connection, "connection=stale");
    CHECK(port_of(server) != 0);
}

static void tear_down(void)
{
    rustchat_server_free(server);
    rustchat_client_free(client);
    rustchat_listener_free(listener);
    rustchat_connection_free(connection);
    rustchat_connection_free(accepted);
    rustchat_message_release(message);
    rustchat_message_release(bad_text);
    rustchat_decoder_free(decoder);
    rustchat_handshake_free(handshake);
}

int main(int argc, char **argv)
{
    list = argc > 1 && strcmp(argv[1], "--list") == 0;
    current_test = "misuse";
    watchdog(60);
    set_up();
    try_library_arguments();
    try_no_handles();
    try_garbage();
    try_memory_as_handles();
    try_wrong_kinds();
    try_server_options();
    try_client_options();
    try_listener_options();
    try_connection_options();
    try_log_options();
    try_server_arguments();
    try_client_arguments();
    try_listener_arguments();
    try_connection_arguments();
    try_connection_batches();
    try_object_arguments();
    try_auth_arguments();
    try_tls_arguments();
    try_handshake_arguments();
    check_unharmed();
    try_stale_handles();
    try_stale_handles_of_taken_places();
    tear_down();
    return list ? 0 : finish();
}
