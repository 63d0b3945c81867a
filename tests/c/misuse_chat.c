/* Every mistake with servers and clients of the chat. */

#include "misuse_objects.h"

#define UNKNOWN_PEER UINT64_MAX

static rustchat_event event;
static rustchat_peer_id ids[4];

#define TRY_FD(mistake, expected, call)                                                                               \
    do {                                                                                                              \
        dirty();                                                                                                      \
        TRY(mistake, expected, call);                                                                                 \
        CHECK_NUMBER(-1, out.fd);                                                                                     \
    } while (0)

/* What was not taken over is not let go of. */
static void never(void *data)
{
    (void)data;
    FAIL_AT(__FILE__, __LINE__, "called for what a failed call has left to its caller");
}

/* Bad handles */

static void try_bad_server(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, rustchat_server_port(bad, &out.port));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_poll(bad, &event, 1, &out.len, -1));
    TRY_FD(mistake, RUSTCHAT_EHANDLE, rustchat_server_poll_fd(bad, &out.fd));
    TRY_FD(mistake, RUSTCHAT_EHANDLE, rustchat_server_speech_fd(bad, &out.fd));
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
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_rename(bad, 1, "ann"));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_find(bad, "ann", NULL, (rustchat_peer_id *)&out.len));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_set_peer_data(bad, 1, out.text, never));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.data, rustchat_server_peer_data(bad, 1, &out.data));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, server_stats, rustchat_server_stats(bad, &server_stats));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, server_times, rustchat_server_times(bad, &server_times));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.count,
            rustchat_server_ban(bad, RUSTCHAT_BAN_NAME, "nobody", NULL, -1, &out.count));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_unban(bad, RUSTCHAT_BAN_NAME, "nobody"));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_server_bans(bad, out.text, sizeof out.text, &out.len));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_reload_bans(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_probe(bad, 0));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_replace_certificate(bad, NULL));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.bytes, rustchat_server_pin(bad, out.bytes));
    TRY_VOID(mistake, rustchat_server_free(bad));
}

static void try_bad_client(void *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send(bad, "x", 1, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send_message(bad, message, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_drain(bad, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send_to(bad, "ann", "x", 1, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_rename(bad, "ann", -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_client_name(bad, out.text, sizeof out.text, &out.len));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, present, rustchat_client_who(bad, &present, -1));
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

static void try_server_options(void)
{
    rustchat_server_options options;
    TRY_COMMON_FIELDS("rustchat_server_start", start_server_with, local_server());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_start(&options, NULL));
#define SERVER(mistake, assignment)                                                                                   \
    TRY_FIELD("rustchat_server_start", start_server_with, local_server(), mistake, RUSTCHAT_EINVAL, assignment)
    SERVER("options=enum", options.events = 5);
    SERVER("options=enum", options.events = -1);
    SERVER("options=enum", options.event_overflow = 5);
    SERVER("options=enum", options.asks = 4);
    SERVER("options=enum", options.asks = -1);
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

static int listening;

static int32_t start_server_at_with(const void *options)
{
    rustchat_server *started = (rustchat_server *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_server_start_at(listening, options, &started);
    CHECK(started == NULL);
    return status;
}

static void try_starting_at(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *started = NULL;
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    CHECK(inet_pton(AF_INET, own_host(), &address.sin_addr) == 1);
    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listening, (struct sockaddr *)&address, sizeof address) == 0);
    TRY("fd=deaf", RUSTCHAT_EINVAL, rustchat_server_start_at(listening, &options, &started));
    TRY("fd=closed", RUSTCHAT_EIO, rustchat_server_start_at(1000000, &options, &started));
    TRY("fd=-1", RUSTCHAT_EIO, rustchat_server_start_at(-1, &options, &started));
    TRY("fd=-1", RUSTCHAT_EIO, rustchat_server_start_at(INT32_MIN, &options, &started));
    CHECK(listen(listening, 8) == 0);
    TRY_COMMON_FIELDS("rustchat_server_start_at", start_server_at_with, local_server());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_start_at(listening, &options, NULL));
    close(listening);
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
    CLIENT("options=range", RUSTCHAT_EINVAL, options.reconnect = 1; options.reconnect_factor_percent = 1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.reconnect = 1; options.reconnect_jitter_percent = 101);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.reconnect = 1; options.reconnect_jitter_percent = INT32_MIN);
    CLIENT("options=name", RUSTCHAT_EUTF8, options.name = "server");
    CLIENT("options=utf8", RUSTCHAT_EUTF8, options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "\xff");
    CLIENT("options=name", RUSTCHAT_EUTF8, options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "");
    CLIENT("options=name", RUSTCHAT_EUTF8, options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "bell\a");
    CLIENT("options=name", RUSTCHAT_EUTF8,
           options.framing = RUSTCHAT_FRAMING_U32BE; options.name = "123456789012345678901234567890123");
#undef CLIENT
}

static int32_t replace_servers(const rustchat_tls_options *tls)
{
    return rustchat_server_replace_certificate(server, tls);
}

static void try_tls_arguments(void)
{
    try_replacing("rustchat_server_replace_certificate()", replace_servers);
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_pin(server, NULL));
    TRY_OUT("server=plain", RUSTCHAT_ESTATE, out.bytes, rustchat_server_pin(server, out.bytes));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_protection(client, NULL));
    protection.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_client_protection(client, &protection));
}

static void try_bans(void)
{
    TRY_OUT("kind=unknown", RUSTCHAT_EINVAL, out.count, rustchat_server_ban(server, 0, "nobody", NULL, -1, &out.count));
    TRY("kind=unknown", RUSTCHAT_EINVAL, rustchat_server_ban(server, INT32_MIN, "nobody", NULL, -1, NULL));
    TRY("kind=unknown", RUSTCHAT_EINVAL, rustchat_server_unban(server, 4, "nobody"));
    TRY_OUT("subject=NULL", RUSTCHAT_EINVAL, out.count,
            rustchat_server_ban(server, RUSTCHAT_BAN_KEY, NULL, NULL, -1, &out.count));
    TRY("subject=NULL", RUSTCHAT_EINVAL, rustchat_server_unban(server, RUSTCHAT_BAN_KEY, NULL));
    TRY("subject=none", RUSTCHAT_EINVAL, rustchat_server_ban(server, RUSTCHAT_BAN_ADDRESS, "nowhere", NULL, -1, NULL));
    TRY("subject=none", RUSTCHAT_EINVAL, rustchat_server_unban(server, RUSTCHAT_BAN_NAME, "nobody"));
    TRY("subject=UTF-8", RUSTCHAT_EUTF8, rustchat_server_ban(server, RUSTCHAT_BAN_NAME, "\x80", NULL, -1, NULL));
    TRY("subject=UTF-8", RUSTCHAT_EUTF8, rustchat_server_unban(server, RUSTCHAT_BAN_NAME, "\x80"));
    TRY("reason=control", RUSTCHAT_EUTF8, rustchat_server_ban(server, RUSTCHAT_BAN_NAME, "nobody", "\x1b", -1, NULL));
    TRY("reason=NULL", RUSTCHAT_OK, rustchat_server_ban(server, RUSTCHAT_BAN_NAME, "nobody", NULL, -1, NULL));
    TRY("duration_ms=-2", RUSTCHAT_EINVAL, rustchat_server_ban(server, RUSTCHAT_BAN_NAME, "nobody", NULL, -2, NULL));
    TRY("duration_ms=0", RUSTCHAT_EINVAL, rustchat_server_ban(server, RUSTCHAT_BAN_NAME, "nobody", NULL, 0, NULL));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_server_ban(server, RUSTCHAT_BAN_NAME, "nobody", "", 1, NULL));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_server_bans(server, NULL, 5, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_server_bans(server, out.text, sizeof out.text, NULL));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_server_bans(server, NULL, 0, &out.len));
}

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
    TRY("fd=NULL", RUSTCHAT_EINVAL, rustchat_server_speech_fd(server, NULL));
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
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_rename(server, UNKNOWN_PEER, "ann"));
    TRY("name=empty", RUSTCHAT_EUTF8, rustchat_server_rename(server, id, ""));
    TRY("name=not UTF-8", RUSTCHAT_EUTF8, rustchat_server_rename(server, id, "\xff"));
    TRY("name=server", RUSTCHAT_EUTF8, rustchat_server_rename(server, id, "server"));
    TRY("name=NULL", RUSTCHAT_OK, rustchat_server_rename(server, id, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_find(server, "ann", NULL, NULL));
    TRY("name=NULL and key_id=NULL", RUSTCHAT_EINVAL, rustchat_server_find(server, NULL, NULL, ids));
    TRY("name=NULL", RUSTCHAT_OK, rustchat_server_find(server, NULL, "", ids));
    TRY("key_id=NULL", RUSTCHAT_ENOPEER, rustchat_server_find(server, "nobody", NULL, ids));
    TRY("name=unknown", RUSTCHAT_ENOPEER, rustchat_server_find(server, "nobody", NULL, ids));
    TRY("name=not UTF-8", RUSTCHAT_EUTF8, rustchat_server_find(server, "\xff", NULL, ids));
    TRY("key_id=unknown", RUSTCHAT_ENOPEER, rustchat_server_find(server, NULL, "no key", ids));
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_set_peer_data(server, UNKNOWN_PEER, out.text, never));
    TRY("peer=unknown", RUSTCHAT_ENOPEER, rustchat_server_set_peer_data(server, 0, out.text, never));
    TRY("data=NULL", RUSTCHAT_OK, rustchat_server_set_peer_data(server, id, NULL, never));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_peer_data(server, id, NULL));
    TRY_OUT("peer=unknown", RUSTCHAT_ENOPEER, out.data, rustchat_server_peer_data(server, UNKNOWN_PEER, &out.data));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_stats(server, NULL));
    server_stats.struct_size = SIZE_MAX;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_server_stats(server, &server_stats));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_server_times(server, NULL));
    server_times.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_server_times(server, &server_times));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_server_probe(server, -2));
    try_bans();
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

/* The client is one of line chat. */
static void try_asking(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_client_who(client, NULL, -1));
    TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, present, rustchat_client_who(client, &present, -2));
    TRY_REPORT("client=line chat", RUSTCHAT_ENOTSUP, present, rustchat_client_who(client, &present, -1));
    present.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_client_who(client, &present, -1));
    TRY_VOID("out=size", rustchat_member_listing_clear(&present));
    TRY_VOID("listing=NULL", rustchat_member_listing_clear(NULL));
    TRY("to=NULL", RUSTCHAT_EINVAL, rustchat_client_send_to(client, NULL, "x", 1, -1));
    TRY("to=not UTF-8", RUSTCHAT_EUTF8, rustchat_client_send_to(client, "\xff", "x", 1, -1));
    TRY("data=NULL", RUSTCHAT_EINVAL, rustchat_client_send_to(client, "ann", NULL, 1, -1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_client_send_to(client, "ann", NULL, 0, -1));
    TRY("data=utf8", RUSTCHAT_EUTF8, rustchat_client_send_to(client, "ann", "\x80", 1, -1));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_client_send_to(client, "ann", "x", HUGE, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_client_send_to(client, "ann", "x", 1, -2));
    TRY("client=line chat", RUSTCHAT_ENOTSUP, rustchat_client_send_to(client, "ann", "x", 1, -1));
    TRY("name=NULL", RUSTCHAT_ENOTSUP, rustchat_client_rename(client, NULL, -1));
    TRY("name=empty", RUSTCHAT_EUTF8, rustchat_client_rename(client, "", -1));
    TRY("name=not UTF-8", RUSTCHAT_EUTF8, rustchat_client_rename(client, "\xff", -1));
    TRY("name=server", RUSTCHAT_EUTF8, rustchat_client_rename(client, "server", -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_client_rename(client, "ann", -2));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_client_name(client, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_client_name(client, NULL, 0, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_client_name(client, out.text, sizeof out.text, NULL));
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
    try_asking();
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

/* After all of it everything works as before. */
static void check_unharmed(void)
{
    drain(client);
    say(client, "still here");
    hear(client, "still here");
}

int main(int argc, char **argv)
{
    begin_program(argc, argv, "misuse_chat");
    set_up();
    {
        const struct kind kinds[] = {KIND(server, server, 0), KIND(client, client, 0)};
        void *const all[] = ALL_OBJECTS;
        try_bad_kinds(kinds, 2, all, OBJECT_COUNT);
        try_server_options();
        try_starting_at();
        try_client_options();
        try_server_arguments();
        try_client_arguments();
        try_tls_arguments();
        check_unharmed();
        try_stale(kinds, 2);
    }
    return list ? 0 : finish();
}
