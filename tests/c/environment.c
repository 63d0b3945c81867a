/* The library reads no variable of the environment, which the program may be changing at any moment. */

#include "harness.h"

static unsigned int asked;
static char last_name[64];

/* Stands before the C library's for the program and every library in it. */
char *getenv(const char *name)
{
    snprintf(last_name, sizeof last_name, "%s", name);
    asked++;
    return NULL;
}

static void expect_nothing_asked(void)
{
    if (asked > 0) {
        FAIL_AT(__FILE__, __LINE__, "%s was asked for (%u in all)", last_name, asked);
    }
}

static void test_a_chat_asks_for_nothing(int32_t framing)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *client;
    options.framing = framing;
    options.secret = bytes_of("open sesame");
    server = start_server(&options);
    {
        rustchat_client_options connecting = RUSTCHAT_CLIENT_OPTIONS_INIT;
        connecting.framing = framing;
        connecting.secret = bytes_of("open sesame");
        connecting.timeout_ms = HANDSHAKE_MS;
        client = connect_with(server, &connecting);
    }
    EVENTUALLY(joined_count(server) == 1);
    say(client, "hello");
    hear(client, "hello");
    rustchat_client_free(client);
    stop_server(server);
    expect_nothing_asked();
}

static void test_line_chat(void)
{
    test_a_chat_asks_for_nothing(RUSTCHAT_FRAMING_LINE);
}

static void test_message_chat(void)
{
    test_a_chat_asks_for_nothing(RUSTCHAT_FRAMING_U32BE);
}

static void test_connections(void)
{
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options connecting = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_listener *listener = NULL;
    rustchat_connection *near = NULL, *far = NULL;
    char address[64];
    size_t length;
    listening.address = own_address();
    listening.secret = connecting.secret = bytes_of("open sesame");
    CHECK_OK(rustchat_listener_open(&listening, &listener));
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, &length));
    connecting.address = address;
    connecting.timeout_ms = HANDSHAKE_MS;
    CHECK_OK(rustchat_connection_open(&connecting, &near));
    CHECK_OK(rustchat_listener_accept(listener, &far, PATIENCE_MS));
    rustchat_connection_free(near);
    rustchat_connection_free(far);
    rustchat_listener_free(listener);
    expect_nothing_asked();
}

/* The hour of the stamp on a line that is said in a room of this zone, and in the same moment that of UTC. */
static int hours_from_utc(const char *zone)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    char line[128];
    struct tm utc;
    time_t now;
    int peer, hour = 0;
    options.time_zone = zone;
    server = start_server(&options);
    peer = join_raw(server);
    do {
        time(&now);
        put_line(peer, "x");
        CHECK(get_line(peer, line, sizeof line) > 0);
        CHECK(sscanf(line, "%*d/%*d/%*d %d:", &hour) == 1);
        CHECK(get_line(peer, line, sizeof line) > 0);
        gmtime_r(&now, &utc);
    } while (time(NULL) / 3600 != now / 3600);
    close(peer);
    stop_server(server);
    return (hour - utc.tm_hour + 24) % 24;
}

static void test_the_zone_is_what_the_program_says(void)
{
    CHECK_NUMBER(0, hours_from_utc(""));
    CHECK_NUMBER(8, hours_from_utc("<+08>-8"));
    CHECK_NUMBER(19, hours_from_utc("EST5"));
    CHECK_NUMBER(0, hours_from_utc("no such zone"));
    expect_nothing_asked();
}

int main(void)
{
    watchdog(300);
    asked = 0;
    RUN(test_line_chat);
    RUN(test_message_chat);
    RUN(test_connections);
    RUN(test_the_zone_is_what_the_program_says);
    return finish();
}
