/* What is refused is told by the call that waits, and what is too long is not sent. */

#include "harness.h"

static char long_text[70000];

/* Waits for the end, which must have this reason, as often as it is asked for. */
static void expect_reason(rustchat_client *client, const char *reason)
{
    rustchat_message *message = NULL;
    rustchat_error error;
    char text[8];
    size_t len;
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_recv(client, &message, PATIENCE_MS));
    CHECK_OK(rustchat_last_error(&error));
    CHECK(strstr(error.message, reason) != NULL);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_recv_into(client, text, sizeof text, &len, PATIENCE_MS));
    CHECK_OK(rustchat_last_error(&error));
    CHECK(strstr(error.message, reason) != NULL);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_send(client, "x", 1, PATIENCE_MS));
}

static uint64_t refused_count(rustchat_server *server)
{
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    CHECK_OK(rustchat_server_stats(server, &stats));
    return stats.refused;
}

static int32_t nobody(void *userdata, const rustchat_peer_info *peer)
{
    (void)userdata;
    (void)peer;
    return 1;
}

static void check_authorize(int32_t framing)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *client;
    options.framing = framing;
    options.authorize = nobody;
    server = start_server(&options);
    for (uint64_t round = 1; round <= 3; round++) {
        client = connect_client(server, framing);
        expect_reason(client, "not admitted");
        CHECK_NUMBER(round, refused_count(server));
        rustchat_client_free(client);
    }
    stop_server(server);
}

static void test_whom_authorize_keeps_out_recv_tells(void)
{
    check_authorize(RUSTCHAT_FRAMING_LINE);
    check_authorize(RUSTCHAT_FRAMING_U32BE);
}

static void test_the_event_of_a_refusal_has_its_status(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *client;
    rustchat_event event;
    options.authorize = nobody;
    server = start_server(&options);
    client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    expect_client_event(client, RUSTCHAT_EVENT_REFUSED, &event);
    CHECK_NUMBER(RUSTCHAT_EAUTH, event.status);
    CHECK_BYTES("not admitted", rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_a_stopping_server_says_so(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    EVENTUALLY(joined_count(server) == 1);
    stop_server(server);
    expect_reason(client, "server stopped");
    rustchat_client_free(client);
}

static void test_a_taken_name_is_told_once(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *first, *second;
    rustchat_message *message = NULL;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.name = "ann";
    first = connect_with(server, &options);
    skip_client_event(first, RUSTCHAT_EVENT_WELCOME);
    skip_client_event(first, RUSTCHAT_EVENT_NAMED);
    second = connect_with(server, &options);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_recv(second, &message, PATIENCE_MS));
    CHECK(message == NULL);
    say(first, "hi");
    hear(second, "hi");
    rustchat_client_free(first);
    rustchat_client_free(second);
    stop_server(server);
}

static void check_limit(int32_t framing, size_t limit, size_t wanted, size_t around)
{
    rustchat_server_options options = local_server();
    rustchat_client_options joining = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_server *server;
    rustchat_client *client;
    rustchat_message *message = NULL;
    size_t fits = (limit == 0 ? 8192 : limit) - around;
    options.framing = framing;
    options.message_limit = limit;
    server = start_server(&options);
    joining.framing = framing;
    joining.message_limit = wanted;
    client = connect_with(server, &joining);
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_client_send(client, long_text, fits + 1, PATIENCE_MS));
    CHECK_OK(rustchat_client_send(client, long_text, fits, PATIENCE_MS));
    CHECK_OK(rustchat_client_recv(client, &message, PATIENCE_MS));
    CHECK_NUMBER(fits, rustchat_message_bytes(message).len);
    CHECK_STATUS(RUSTCHAT_EMSGSIZE,
                 rustchat_client_send(client, long_text, sizeof long_text, PATIENCE_MS));
    rustchat_message_release(message);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_what_is_too_long_is_not_sent(void)
{
    check_limit(RUSTCHAT_FRAMING_LINE, 0, 0, 0);
    check_limit(RUSTCHAT_FRAMING_LINE, 100, 100, 0);
    /* Message chat's welcome has the limit, and {"text":"","type":"message"} is around the text. */
    check_limit(RUSTCHAT_FRAMING_U32BE, 100, 0, 28);
    check_limit(RUSTCHAT_FRAMING_U32BE, 65536, 0, 28);
}

static void test_what_the_server_finds_too_long_does_not_end_the_session(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *client;
    rustchat_message *message = NULL;
    options.message_limit = 100;
    server = start_server(&options);
    client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    /* The client does not know of the server's own limit. */
    CHECK_OK(rustchat_client_send(client, long_text, 101, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_client_recv(client, &message, PATIENCE_MS));
    say(client, "short");
    hear(client, "short");
    rustchat_client_free(client);
    stop_server(server);
}

static void test_line_chat_has_a_wall_time_and_our_own(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_message *message = NULL;
    struct timespec before, after;
    uint64_t time, wall;
    clock_gettime(CLOCK_REALTIME, &before);
    say(client, "hi");
    CHECK_OK(rustchat_client_recv(client, &message, PATIENCE_MS));
    clock_gettime(CLOCK_REALTIME, &after);
    time = rustchat_message_timestamp_ns(message) / 1000000000;
    CHECK(time >= (uint64_t)before.tv_sec && time <= (uint64_t)after.tv_sec);
    wall = rustchat_message_wall_time(message);
    CHECK(wall / 10000000000 >= 2025 && wall / 10000000000 < 2200);
    CHECK(wall / 100000000 % 100 >= 1 && wall / 100000000 % 100 <= 12 && wall % 100 < 60);
    rustchat_message_release(message);
    rustchat_client_free(client);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    memset(long_text, 'x', sizeof long_text);
    RUN(test_whom_authorize_keeps_out_recv_tells);
    RUN(test_the_event_of_a_refusal_has_its_status);
    RUN(test_a_stopping_server_says_so);
    RUN(test_a_taken_name_is_told_once);
    RUN(test_what_is_too_long_is_not_sent);
    RUN(test_what_the_server_finds_too_long_does_not_end_the_session);
    RUN(test_line_chat_has_a_wall_time_and_our_own);
    return finish();
}
