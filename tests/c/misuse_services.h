/* Every mistake that the servers and clients of all services have in common. */

#ifndef MISUSE_SERVICES_H
#define MISUSE_SERVICES_H

#include "misuse.h"
#include "services.h"

/* SERVICE(server) is the name of a type or function of this service, SERVICE_INIT(SERVER_STATS) that of a constant. */
static SERVICE(server) *server;
static SERVICE(client) *client;
static rustchat_server *chat;
static rustchat_key_ring *ring;

static struct {
    char text[64];
    size_t len;
    uint16_t port;
    int32_t state;
    uint8_t bytes[32];
} out;

static SERVICE(server_stats_data) stats;
static rustchat_protection protection;

static inline void dirty_service(void)
{
    memset(&out, 0x5a, sizeof out);
    DIRTY(SERVICE(server_stats_data), stats, SERVICE_INIT(SERVER_STATS));
    DIRTY(rustchat_protection, protection, RUSTCHAT_PROTECTION_INIT);
}

static inline void try_bad_server(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, SERVICE(server_address)(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, SERVICE(server_port)(bad, &out.port));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, stats, SERVICE(server_stats)(bad, &stats));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.bytes, SERVICE(server_pin)(bad, out.bytes));
    TRY(mistake, RUSTCHAT_EHANDLE, SERVICE(server_replace_certificate)(bad, NULL));
    TRY(mistake, RUSTCHAT_EHANDLE, SERVICE(server_failure)(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, SERVICE(server_close)(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, SERVICE(server_close_within)(bad, 0));
    TRY(mistake, RUSTCHAT_EHANDLE, SERVICE(server_join)(bad, -1));
    TRY_VOID(mistake, SERVICE(server_free)(bad));
}

/* What there is of a client in every service. */
static inline void try_bad_end(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.state, SERVICE(client_state)(bad, &out.state));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, SERVICE(client_peer_address)(bad, out.text, sizeof out.text, &out.len));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, protection, SERVICE(client_protection)(bad, &protection));
    TRY(mistake, RUSTCHAT_EHANDLE, SERVICE(client_close)(bad));
    TRY_VOID(mistake, SERVICE(client_free)(bad));
}

static inline int32_t start_server_with(const void *options)
{
    SERVICE(server) *started = (SERVICE(server) *)(uintptr_t)0x5a5a;
    int32_t status = SERVICE(server_start)(options, &started);
    CHECK(started == NULL);
    return status;
}

static inline int32_t connect_client_with(const void *options)
{
    SERVICE(client) *connected = (SERVICE(client) *)(uintptr_t)0x5a5a;
    int32_t status = SERVICE(client_connect)(options, &connected);
    CHECK(connected == NULL);
    return status;
}

#define FUNCTION_OF(name) FUNCTION_TEXT(SERVICE(name))
#define FUNCTION_TEXT(name) TEXT_OF(name)

/* What the options of servers and of their clients have in common. */
#define TRY_SERVICE_FIELDS(function, start, make)                                                                     \
    do {                                                                                                              \
        attempt(function "()", "options=NULL", RUSTCHAT_EINVAL, start(NULL), __FILE__, __LINE__);                     \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size = 0);                   \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size--);                     \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size = SIZE_MAX);            \
        TRY_FIELD(function, start, make, "options=reserved", RUSTCHAT_EINVAL, options.reserved[0] = 1);               \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EINVAL, options.address = NULL);                 \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EADDRINVAL, options.address = "localhost");      \
        TRY_FIELD(function, start, make, "options=utf8", RUSTCHAT_EUTF8, options.address = "\xff:0");                 \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EINVAL, options.secret.len = 0);                  \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EINVAL, options.secret.data = NULL);              \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EMSGSIZE, options.secret.len = HUGE);             \
        TRY_FIELD(function, start, make, "options=utf8", RUSTCHAT_EUTF8, options.key_id = "\xc3(");                   \
        TRY_FIELD(function, start, make, "options=key_id", RUSTCHAT_EINVAL, options.key_id = LONG_ID);                \
        TRY_FIELD(function, start, make, "options=range", RUSTCHAT_EINVAL, options.polling_us = -2);                  \
        for (size_t wrong_ = 0; wrong_ < WRONG_TLS; wrong_++) {                                                       \
            rustchat_tls_options tls_ = wrong_tls(wrong_);                                                            \
            TRY_FIELD(function, start, make, "options=tls", RUSTCHAT_EINVAL, options.tls = &tls_);                    \
        }                                                                                                             \
    } while (0)

/* Tries fresh options of a server's with one field set. */
#define SERVER(mistake, expected, assignment)                                                                         \
    TRY_FIELD(FUNCTION_OF(server_start), start_server_with, local_options(), mistake, expected, assignment)

static inline void try_service_options(void)
{
    SERVICE(server_options) options;
    TRY_SERVICE_FIELDS(FUNCTION_OF(server_start), start_server_with, local_options());
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(server_start)(&options, NULL));
    SERVER("options=range", RUSTCHAT_EINVAL, options.workers = 1025);
    SERVER("options=anonymous", RUSTCHAT_EINVAL, options.allow_anonymous = 1);
    SERVER("options=address", RUSTCHAT_EINVAL, options.address = "0.0.0.0:0");
    SERVER("options=keys", RUSTCHAT_EINVAL, options.keys = ring);
    SERVER("options=keys", RUSTCHAT_EHANDLE, options.keys = (void *)chat; options.secret.len = 0);
    SERVER("options=server_id", RUSTCHAT_EINVAL, options.server_id = LONG_ID);
}

static inline SERVICE(client_options) quick_client(void)
{
    SERVICE(client_options) options = options_of_client();
    options.timeout_ms = 5000;
    return options;
}

static inline void try_client_options(void)
{
    SERVICE(client_options) options;
    TRY_SERVICE_FIELDS(FUNCTION_OF(client_connect), connect_client_with, quick_client());
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(client_connect)(&options, NULL));
#define CLIENT(mistake, expected, assignment)                                                                         \
    TRY_FIELD(FUNCTION_OF(client_connect), connect_client_with, quick_client(), mistake, expected, assignment)
    CLIENT("options=reserved", RUSTCHAT_EINVAL, options.reserved_plaintext = 1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.timeout_ms = -1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.ping_timeout_ms = -1);
#undef CLIENT
}

static inline int32_t replace_certificate(const rustchat_tls_options *tls)
{
    return SERVICE(server_replace_certificate)(server, tls);
}

static inline void try_server_arguments(void)
{
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, SERVICE(server_address)(server, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, SERVICE(server_address)(server, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, SERVICE(server_address)(server, out.text, sizeof out.text, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(server_port)(server, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(server_stats)(server, NULL));
    stats.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, SERVICE(server_stats)(server, &stats));
    try_replacing(FUNCTION_OF(server_replace_certificate) "()", replace_certificate);
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(server_pin)(server, NULL));
    TRY_OUT("server=plain", RUSTCHAT_ESTATE, out.bytes, SERVICE(server_pin)(server, out.bytes));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, SERVICE(server_join)(server, -2));
    TRY("timeout_ms=0", RUSTCHAT_ETIMEDOUT, SERVICE(server_join)(server, 0));
    TRY("drain_ms=-2", RUSTCHAT_EINVAL, SERVICE(server_close_within)(server, -2));
}

static inline void try_end_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(client_state)(client, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, SERVICE(client_protection)(client, NULL));
    protection.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, SERVICE(client_protection)(client, &protection));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, SERVICE(client_peer_address)(client, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, SERVICE(client_peer_address)(client, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, SERVICE(client_peer_address)(client, out.text, sizeof out.text, NULL));
}

static inline void set_up_service(void)
{
    SERVICE(server_options) serving = local_options();
    SERVICE(client_options) connecting;
    chat = start_line_server();
    CHECK_OK(rustchat_key_ring_new(&ring));
    CHECK_OK(SERVICE(server_start)(&serving, &server));
    connecting = options_of_client();
    CHECK_OK(SERVICE(client_connect)(&connecting, &client));
}

static inline void tear_down_service(void)
{
    rustchat_key_ring_free(ring);
    SERVICE(client_free)(client);
    SERVICE(server_free)(server);
    rustchat_server_free(chat);
}

#endif
