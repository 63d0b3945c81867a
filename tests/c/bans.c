/* Who may not join, and what a server tells of how it gets on. */

#include "harness.h"

static void test_a_banned_address_is_out_and_may_come_back(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    char lines[256];
    uint64_t disconnected = 9;
    size_t len = 0;
    int peer;
    options.events = RUSTCHAT_EVENTS_MEMBERSHIP;
    server = start_server(&options);
    peer = dial(port_of(server));
    EVENTUALLY(members(server) == 1);
    CHECK_OK(rustchat_server_ban(server, RUSTCHAT_BAN_KEY, "ann", NULL, -1, &disconnected));
    CHECK_NUMBER(0, disconnected);
    CHECK_OK(rustchat_server_ban(server, RUSTCHAT_BAN_ADDRESS, "127.0.0.0/8", "floods", 60000, &disconnected));
    CHECK_NUMBER(1, disconnected);
    CHECK_NUMBER(RUSTCHAT_EREFUSED, next_leave(server));
    close(peer);
    CHECK_OK(rustchat_server_bans(server, lines, sizeof lines, &len));
    CHECK(strstr(lines, "\"net\":\"127.0.0.0/8\"") != NULL && strstr(lines, "\"key\":\"ann\"") != NULL);
    CHECK_OK(rustchat_server_unban(server, RUSTCHAT_BAN_ADDRESS, "127.0.0.0/8"));
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_unban(server, RUSTCHAT_BAN_ADDRESS, "127.0.0.0/8"));
    CHECK_OK(rustchat_server_reload_bans(server));
    peer = dial(port_of(server));
    EVENTUALLY(members(server) == 1);
    close(peer);
    rustchat_server_free(server);
}

/* The error with which a client ends that is turned away. */
static void expect_to_be_told(rustchat_server *server, rustchat_client_options *joining)
{
    rustchat_client *client = connect_with(server, joining);
    rustchat_message *message = NULL;
    rustchat_error error;
    int32_t status;
    do {
        status = rustchat_client_recv(client, &message, PATIENCE_MS);
        rustchat_message_release(message);
    } while (status == RUSTCHAT_OK || status == RUSTCHAT_EREFUSED);
    CHECK_STATUS(RUSTCHAT_ECLOSED, status);
    CHECK_OK(rustchat_last_error(&error));
    CHECK(strstr(error.message, "you are banned here: spam") != NULL);
    rustchat_client_free(client);
}

static void test_whoever_is_banned_is_told_why(void)
{
    static const int32_t kinds[] = {RUSTCHAT_BAN_ADDRESS, RUSTCHAT_BAN_KEY, RUSTCHAT_BAN_NAME};
    static const char *const subjects[] = {"127.0.0.0/8", "ann", "mallory"};
    for (int i = 0; i < 6; i++) {
        rustchat_server_options options = local_server();
        rustchat_client_options joining = RUSTCHAT_CLIENT_OPTIONS_INIT;
        rustchat_server *server;
        options.framing = joining.framing = i < 3 ? RUSTCHAT_FRAMING_LINE : RUSTCHAT_FRAMING_U32BE;
        options.secret = joining.secret = bytes_of("a secret of sixteen bytes");
        options.key_id = joining.key_id = "ann";
        options.handshake_timeout_ms = PATIENCE_MS;
        joining.timeout_ms = HANDSHAKE_MS;
        joining.name = i % 3 == 2 ? "Mallory" : NULL;
        server = start_server(&options);
        CHECK_OK(rustchat_server_ban(server, kinds[i % 3], subjects[i % 3], "spam", -1, NULL));
        expect_to_be_told(server, &joining);
        stop_server(server);
    }
}

static void test_a_server_gets_on_and_tells_how_fast(void)
{
    rustchat_server_options options = local_server();
    rustchat_server_times_data times = RUSTCHAT_SERVER_TIMES_INIT;
    rustchat_server *server = start_server(&options);
    uint64_t turns = 0;
    CHECK_OK(rustchat_server_probe(server, PATIENCE_MS));
    CHECK_OK(rustchat_server_times(server, &times));
    for (size_t i = 0; i < sizeof times.turns.buckets / sizeof *times.turns.buckets; i++) {
        turns += times.turns.buckets[i];
    }
    CHECK(turns > 0 && times.turns.nanoseconds > 0);
    CHECK_NUMBER(0, times.latency.nanoseconds);
    CHECK_OK(rustchat_server_close(server));
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_server_probe(server, PATIENCE_MS));
    rustchat_server_free(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_banned_address_is_out_and_may_come_back);
    RUN(test_whoever_is_banned_is_told_why);
    RUN(test_a_server_gets_on_and_tells_how_fast);
    return finish();
}
