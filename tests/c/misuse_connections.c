/* Every mistake with listeners and connections. */

#include "misuse_objects.h"

static void try_bad_listener(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.connection, rustchat_listener_accept(bad, &out.connection, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_listener_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, rustchat_listener_port(bad, &out.port));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_listener_replace_certificate(bad, NULL));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.bytes, rustchat_listener_pin(bad, out.bytes));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_listener_close(bad));
    TRY_VOID(mistake, rustchat_listener_free(bad));
}

static void try_bad_connection(void *bad, const char *mistake)
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

static int32_t replace_listeners(const rustchat_tls_options *tls)
{
    return rustchat_listener_replace_certificate(listener, tls);
}

static void try_tls_arguments(void)
{
    try_replacing("rustchat_listener_replace_certificate()", replace_listeners);
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_listener_pin(listener, NULL));
    TRY_OUT("listener=plain", RUSTCHAT_ESTATE, out.bytes, rustchat_listener_pin(listener, out.bytes));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_connection_protection(connection, NULL));
    protection.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_connection_protection(connection, &protection));
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

/* After all of it everything works as before. */
static void check_unharmed(void)
{
    rustchat_message *heard = NULL;
    CHECK_OK(rustchat_connection_recv(connection, &heard, PATIENCE_MS));
    CHECK_BYTES("long enough", rustchat_message_bytes(heard));
    rustchat_message_release(heard);
}

int main(int argc, char **argv)
{
    begin_program(argc, argv, "misuse_connections");
    set_up();
    {
        const struct kind kinds[] = {KIND(listener, listener, 0), KIND(connection, connection, 0)};
        void *const all[] = ALL_OBJECTS;
        try_bad_kinds(kinds, 2, all, OBJECT_COUNT);
        try_listener_options();
        try_connection_options();
        try_listener_arguments();
        try_connection_arguments();
        try_connection_batches();
        try_tls_arguments();
        check_unharmed();
        try_stale(kinds, 2);
    }
    return list ? 0 : finish();
}
