/* A member's side: sending, what the server tells, and the end. */

#include "members.h"

static void test_two_chat_in_lines(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *one = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_client *two = connect_client(server, RUSTCHAT_FRAMING_DEFAULT);
    rustchat_message *message = NULL;
    rustchat_peer_id ids[2];
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    size_t count;
    EVENTUALLY(joined_count(server) == 2);
    say(one, "hello  ");
    hear(two, "hello");
    CHECK_OK(rustchat_client_recv(one, &message, PATIENCE_MS));
    CHECK_BYTES("hello", rustchat_message_bytes(message));
    CHECK_OK(rustchat_server_peers(server, ids, 2, &count));
    CHECK_OK(rustchat_server_peer_info(server, ids[0], &info));
    CHECK_BYTES(info.address, rustchat_message_sender_address(message));
    CHECK_NUMBER(0, rustchat_message_sender(message));
    CHECK_NUMBER(0, rustchat_message_seq(message));
    CHECK(rustchat_message_timestamp_ns(message) > 0);
    rustchat_message_release(message);
    rustchat_client_free(one);
    rustchat_client_free(two);
    stop_server(server);
}

static void test_two_chat_in_messages(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *one = connect_message_client(server), *two = connect_message_client(server);
    rustchat_message *message = NULL;
    say(one, "first\nsecond");
    say(one, "third");
    hear(two, "first\nsecond");
    CHECK_OK(rustchat_client_recv(two, &message, PATIENCE_MS));
    CHECK_BYTES("third", rustchat_message_bytes(message));
    CHECK_NUMBER(2, rustchat_message_seq(message));
    CHECK(rustchat_message_sender(message) != 0);
    rustchat_message_release(message);
    rustchat_client_free(one);
    rustchat_client_free(two);
    stop_server(server);
}

static void test_the_server_greets_and_names(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client, *rival;
    rustchat_event event;
    CHECK_OK(rustchat_server_broadcast(server, "before", 6, 0, NULL));
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.name = "ann";
    client = connect_with(server, &options);
    expect_client_event(client, RUSTCHAT_EVENT_WELCOME, &event);
    CHECK_NUMBER(1, event.seq);
    CHECK(event.peer == newest_peer(server));
    rustchat_event_clear(&event);
    expect_client_event(client, RUSTCHAT_EVENT_NAMED, &event);
    CHECK_BYTES("ann", rustchat_message_sender_name(event.message));
    rustchat_event_clear(&event);
    rival = connect_with(server, &options);
    skip_client_event(rival, RUSTCHAT_EVENT_WELCOME);
    expect_client_event(rival, RUSTCHAT_EVENT_REFUSED, &event);
    CHECK(strstr((const char *)rustchat_message_bytes(event.message).data, "ann") != NULL);
    rustchat_event_clear(&event);
    say(client, "hi");
    expect_client_event(rival, RUSTCHAT_EVENT_MESSAGE, &event);
    CHECK_BYTES("ann", rustchat_message_sender_name(event.message));
    rustchat_event_clear(&event);
    rustchat_client_free(rival);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_names_that_mislead_are_refused(void)
{
    static const char *const misleading[] = {"server", "Server", "\xd1\x95" "erver", "127.0.0.1:60000", "/run/chat.sock"};
    static const char *const alike[] = {"Ann", "ANN", "\xef\xbd\x81nn", "\xd0\xb0nn"};
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client = NULL, *rival;
    rustchat_event event;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.address = address_of(server);
    for (size_t i = 0; i < sizeof misleading / sizeof misleading[0]; i++) {
        options.name = misleading[i];
        CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_connect(&options, &client));
    }
    options.name = "ann";
    client = connect_with(server, &options);
    skip_client_event(client, RUSTCHAT_EVENT_WELCOME);
    skip_client_event(client, RUSTCHAT_EVENT_NAMED);
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        options.name = alike[i];
        rival = connect_with(server, &options);
        skip_client_event(rival, RUSTCHAT_EVENT_WELCOME);
        expect_client_event(rival, RUSTCHAT_EVENT_REFUSED, &event);
        CHECK_NUMBER(1, rustchat_message_from_server(event.message));
        rustchat_event_clear(&event);
        rustchat_client_free(rival);
    }
    rustchat_client_free(client);
    stop_server(server);
}

static void check_is_of_server(rustchat_client *client, const char *text, int32_t expected)
{
    rustchat_message *message = NULL;
    CHECK_OK(rustchat_client_recv(client, &message, PATIENCE_MS));
    CHECK_BYTES(text, rustchat_message_bytes(message));
    CHECK_NUMBER(expected, rustchat_message_from_server(message));
    rustchat_message_release(message);
}

static void test_the_server_is_told_from_its_members(void)
{
    static const int32_t framings[] = {RUSTCHAT_FRAMING_LINE, RUSTCHAT_FRAMING_U32BE};
    for (size_t i = 0; i < 2; i++) {
        rustchat_server_options options = local_server();
        rustchat_server *server;
        rustchat_client *client;
        options.framing = framings[i];
        server = start_server(&options);
        client = connect_client(server, framings[i]);
        EVENTUALLY(joined_count(server) == 1);
        say(client, "by a member");
        check_is_of_server(client, "by a member", 0);
        CHECK_OK(rustchat_server_broadcast(server, "by the server", 13, 0, NULL));
        check_is_of_server(client, "by the server", 1);
        CHECK_OK(rustchat_server_send(server, newest_peer(server), "psst", 4));
        check_is_of_server(client, "psst", 1);
        rustchat_client_free(client);
        stop_server(server);
    }
}

static void test_words_for_one_and_the_farewell(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *client = connect_message_client(server);
    rustchat_event event;
    size_t count;
    int32_t state = 0;
    CHECK_OK(rustchat_server_send(server, newest_peer(server), "psst", 4));
    expect_client_event(client, RUSTCHAT_EVENT_DIRECT, &event);
    CHECK_BYTES("psst", rustchat_message_bytes(event.message));
    CHECK_NUMBER(0, event.seq);
    rustchat_event_clear(&event);
    CHECK_OK(rustchat_server_disconnect(server, newest_peer(server), 0));
    expect_client_event(client, RUSTCHAT_EVENT_FAREWELL, &event);
    CHECK_BYTES("disconnected by the server", rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    expect_client_event(client, RUSTCHAT_EVENT_CLOSED, &event);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, event.status);
    rustchat_event_clear(&event);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_poll(client, &event, 1, &count, -1));
    CHECK_OK(rustchat_client_state(client, &state));
    CHECK_NUMBER(RUSTCHAT_CLIENT_CLOSED, state);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_send(client, "x", 1, PATIENCE_MS));
    rustchat_client_free(client);
    stop_server(server);
}

static void test_joins_and_leaves_are_announced(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *one, *two;
    rustchat_event event;
    options.framing = RUSTCHAT_FRAMING_U32LE;
    options.announce = 1;
    server = start_server(&options);
    one = connect_client(server, RUSTCHAT_FRAMING_U32LE);
    skip_client_event(one, RUSTCHAT_EVENT_WELCOME);
    two = connect_client(server, RUSTCHAT_FRAMING_U32LE);
    expect_client_event(one, RUSTCHAT_EVENT_PEER_JOINED, &event);
    CHECK_NUMBER(2, event.seq);
    rustchat_event_clear(&event);
    rustchat_client_free(two);
    expect_client_event(one, RUSTCHAT_EVENT_PEER_LEFT, &event);
    CHECK_NUMBER(3, event.seq);
    CHECK_BYTES("closed the connection", rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    rustchat_client_free(one);
    stop_server(server);
}

static void test_what_cannot_be_said_is_refused_here(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_client_stats_data stats = RUSTCHAT_CLIENT_STATS_INIT;
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_send(client, "\xc3(", 2, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_send(client, "a\nb", 3, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_send(client, "a\x1b", 2, PATIENCE_MS));
    CHECK_OK(rustchat_client_send(client, NULL, 0, PATIENCE_MS));
    CHECK_OK(rustchat_client_send(client, " \t ", 3, PATIENCE_MS));
    say(client, "said");
    hear(client, "said");
    CHECK_OK(rustchat_client_stats(client, &stats));
    CHECK_NUMBER(1, stats.messages_out);
    CHECK_NUMBER(1, stats.messages_in);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_a_message_object_is_sent(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_message *message = NULL;
    char address[64];
    size_t len = 0;
    CHECK_OK(rustchat_message_new("an object", 9, &message));
    CHECK_OK(rustchat_client_send_message(client, message, PATIENCE_MS));
    rustchat_message_release(message);
    hear(client, "an object");
    CHECK_OK(rustchat_client_peer_address(client, address, sizeof address, &len));
    CHECK_TEXT(address_of(server), address);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_client_peer_address(client, address, len, NULL));
    rustchat_client_free(client);
    stop_server(server);
}

static void test_the_word_quit_leaves(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_event event;
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    say(client, "quit");
    expect_event(server, RUSTCHAT_EVENT_PEER_LEFT, &event);
    CHECK_NUMBER(0, event.status);
    rustchat_event_clear(&event);
    expect_client_event(client, RUSTCHAT_EVENT_CLOSED, &event);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, event.status);
    rustchat_event_clear(&event);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_a_secret_opens_the_door(void)
{
    rustchat_server_options options = local_server();
    rustchat_client_options joining = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    rustchat_server *server;
    rustchat_client *client = NULL;
    rustchat_event event;
    const int32_t profiles[] = {RUSTCHAT_PROFILE_DEFAULT, RUSTCHAT_PROFILE_TUTORIAL_SHA256,
                                RUSTCHAT_PROFILE_TUTORIAL_MD5, RUSTCHAT_PROFILE_MULTIPROCESSING_SHA256,
                                RUSTCHAT_PROFILE_MULTIPROCESSING_MD5};
    joining.timeout_ms = HANDSHAKE_MS;
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        options.secret = bytes_of("correct horse battery staple");
        options.key_id = i == 0 ? "ops" : NULL;
        options.profile = profiles[i];
        server = start_server(&options);
        skip_event(server, RUSTCHAT_EVENT_LISTENING);
        joining.profile = profiles[i];
        joining.key_id = options.key_id;
        joining.secret = bytes_of("wrong horse");
        joining.address = address_of(server);
        if (i == 0) {
            CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_client_connect(&joining, &client));
            CHECK(client == NULL);
            expect_event(server, RUSTCHAT_EVENT_PEER_AUTH_FAILED, &event);
            CHECK_NUMBER(RUSTCHAT_EAUTH, event.status);
            CHECK(rustchat_message_sender_address(event.message).len > 0);
            rustchat_event_clear(&event);
        }
        joining.secret = options.secret;
        client = connect_with(server, &joining);
        skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
        say(client, "inside");
        hear(client, "inside");
        CHECK_OK(rustchat_server_peer_info(server, newest_peer(server), &info));
        CHECK_TEXT(i == 0 ? "ops" : "", info.key_id);
        rustchat_client_free(client);
        stop_server(server);
    }
}

static void test_nobody_listens(void)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_server *server = start_line_server();
    rustchat_client *client = NULL;
    rustchat_error error;
    char address[64];
    snprintf(address, sizeof address, "%s", address_of(server));
    stop_server(server);
    options.address = address;
    CHECK_STATUS(RUSTCHAT_ECONNREFUSED, rustchat_client_connect(&options, &client));
    CHECK(client == NULL);
    CHECK_OK(rustchat_last_error(&error));
    CHECK_NUMBER(ECONNREFUSED, error.os_code);
    CHECK(strstr(error.message, address) != NULL);
}

static void test_a_bad_name_disturbs_nobody(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_client *client = NULL;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.address = address_of(server);
    options.name = "bell\a";
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_connect(&options, &client));
    options.name = NULL;
    rustchat_client_free(connect_with(server, &options));
    EVENTUALLY(rustchat_server_stats(server, &stats) == RUSTCHAT_OK && stats.joined > 0 && stats.members == 0);
    CHECK_NUMBER(1, stats.accepted);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_two_chat_in_lines);
    RUN(test_two_chat_in_messages);
    RUN(test_the_server_greets_and_names);
    RUN(test_names_that_mislead_are_refused);
    RUN(test_the_server_is_told_from_its_members);
    RUN(test_words_for_one_and_the_farewell);
    RUN(test_joins_and_leaves_are_announced);
    RUN(test_what_cannot_be_said_is_refused_here);
    RUN(test_a_message_object_is_sent);
    RUN(test_the_word_quit_leaves);
    RUN(test_a_secret_opens_the_door);
    RUN(test_nobody_listens);
    RUN(test_a_bad_name_disturbs_nobody);
    return finish();
}
