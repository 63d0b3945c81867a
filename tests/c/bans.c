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
    watchdog(60);
    RUN(test_a_banned_address_is_out_and_may_come_back);
    RUN(test_a_server_gets_on_and_tells_how_fast);
    return finish();
}
