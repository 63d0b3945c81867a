/* Every mistake with messages, decoders, handshakes, the log, and functions of no object. */

#include "misuse_objects.h"

/* What only looks like memory: for real objects the header promises no more than that kinds are told apart. */
static void try_bad_message(void *bad, const char *mistake)
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
    TRY_VALUE(mistake, rustchat_message_private(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_recipient(bad), == 0);
    TRY_VALUE(mistake, rustchat_message_recipient_name(bad).len, == 0);
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.delivery,
            rustchat_server_broadcast_message(server, bad, 0, &out.delivery));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_server_send_message(server, member, bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_client_send_message(client, bad, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_connection_send_message(connection, bad, -1));
}

static void try_bad_decoder(void *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_decoder_push(bad, "x", 1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.frame, rustchat_decoder_next(bad, &out.frame));
    TRY_VOID(mistake, rustchat_decoder_free(bad));
}

static void try_bad_handshake(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_handshake_receive(bad, "x", 1, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.frame, rustchat_handshake_output(bad, &out.frame));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, outcome, rustchat_handshake_result(bad, &outcome));
    TRY_VOID(mistake, rustchat_handshake_free(bad));
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

/* After all of it everything works as before. */
static void check_unharmed(void)
{
    CHECK_BYTES("text", rustchat_message_bytes(message));
}

int main(int argc, char **argv)
{
    begin_program(argc, argv, "misuse_objects");
    set_up();
    {
        const struct kind kinds[] = {KIND(message, message, 1), KIND(decoder, decoder, 1), KIND(handshake, handshake, 1)};
        void *const all[] = ALL_OBJECTS;
        try_bad_kinds(kinds, 3, all, OBJECT_COUNT);
        try_object_arguments();
        try_auth_arguments();
        try_handshake_arguments();
        try_log_options();
        try_library_arguments();
        check_unharmed();
        try_stale(kinds, 3);
    }
    return list ? 0 : finish();
}
