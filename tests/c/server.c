/* A server's life: start, address, two at once, close, join, free. */

#include "harness.h"

static void test_it_tells_where_it_listens(void)
{
    rustchat_server *server = start_line_server();
    char expected[64];
    snprintf(expected, sizeof expected, "%s:%u", own_host(), port_of(server));
    CHECK_TEXT(expected, address_of(server));
    stop_server(server);
}

static void test_the_first_event_has_the_address(void)
{
    rustchat_server *server = start_line_server();
    rustchat_event event;
    expect_event(server, RUSTCHAT_EVENT_LISTENING, &event);
    CHECK_BYTES(address_of(server), rustchat_message_sender_address(event.message));
    CHECK(event.status == 0 && event.peer == 0 && event.seq == 0 && event.count == 0 && event.timestamp_ns > 0);
    rustchat_event_clear(&event);
    stop_server(server);
}

static void test_the_address_says_how_much_room_it_needs(void)
{
    rustchat_server *server = start_line_server();
    char buffer[64];
    size_t needed = 0, len = 0;
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_server_address(server, NULL, 0, &needed));
    CHECK_NUMBER(strlen(address_of(server)), needed);
    memset(buffer, 'x', sizeof buffer);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_server_address(server, buffer, needed, &len));
    CHECK_NUMBER(needed, len);
    CHECK(buffer[needed] == 'x');
    CHECK_OK(rustchat_server_address(server, buffer, needed + 1, &len));
    CHECK_NUMBER(needed, strlen(buffer));
    CHECK(buffer[needed + 1] == 'x');
    CHECK_OK(rustchat_server_address(server, buffer, sizeof buffer, NULL));
    stop_server(server);
}

static void test_two_know_nothing_of_each_other(void)
{
    rustchat_server *one = start_line_server(), *two = start_line_server();
    int first = join_raw(one), second = join_raw(two);
    CHECK(port_of(one) != port_of(two));
    put_line(first, "one");
    put_line(second, "two");
    hear_line(first, "one");
    hear_line(second, "two");
    stop_server(one);
    put_line(second, "still here");
    hear_line(second, "still here");
    stop_server(two);
    close(first);
    close(second);
}

static void test_a_taken_address_is_refused(void)
{
    rustchat_server *server = start_line_server(), *other = NULL;
    rustchat_server_options options = local_server();
    rustchat_error error;
    options.address = address_of(server);
    CHECK_STATUS(RUSTCHAT_EADDRINUSE, rustchat_server_start(&options, &other));
    CHECK(other == NULL);
    CHECK_OK(rustchat_last_error(&error));
    CHECK(strstr(error.message, address_of(server)) != NULL);
    stop_server(server);
}

/* Nothing behind the fields of its time is read, as the sanitizer would notice. */
static void test_a_program_of_an_earlier_version_starts_a_server(void)
{
    enum { EARLIER = 272 };
    rustchat_server_options options = local_server();
    rustchat_server_options *earlier = malloc(EARLIER);
    rustchat_server *server = NULL;
    CHECK(earlier != NULL);
    options.struct_size = EARLIER;
    memcpy(earlier, &options, EARLIER);
    CHECK_OK(rustchat_server_start(earlier, &server));
    free(earlier);
    stop_server(server);
}

static void test_an_address_is_free_again_after_the_end(void)
{
    rustchat_server *server = start_line_server();
    rustchat_server_options options = local_server();
    char address[64];
    int peer = join_raw(server);
    snprintf(address, sizeof address, "%s", address_of(server));
    stop_server(server);
    options.address = address;
    server = start_server(&options);
    close(peer);
    stop_server(server);
}

static void test_strangers_need_a_word(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server = NULL;
    options.address = "0.0.0.0:0";
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&options, &server));
    options.allow_anonymous = 1;
    stop_server(start_server(&options));
    options.allow_anonymous = 0;
    options.secret = bytes_of("a secret of some length");
    stop_server(start_server(&options));
}

static void test_a_unix_socket_has_no_port(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    char path[64];
    uint16_t port = 7;
    snprintf(path, sizeof path, "/tmp/rustchat-test-%ld.sock", (long)getpid());
    options.address = path;
    server = start_server(&options);
    CHECK_TEXT(path, address_of(server));
    CHECK_STATUS(RUSTCHAT_ENOTSUP, rustchat_server_port(server, &port));
    CHECK_NUMBER(0, port);
    rustchat_client_free(connect_client(server, RUSTCHAT_FRAMING_LINE));
    stop_server(server);
    CHECK(access(path, F_OK) != 0);
}

static void test_closing_is_told_and_can_be_repeated(void)
{
    rustchat_server *server = start_line_server();
    int peer = join_raw(server);
    rustchat_event events[8];
    size_t count = 0;
    CHECK_OK(rustchat_server_close(server));
    CHECK_OK(rustchat_server_close(server));
    hear_line(peer, "* server stopped");
    expect_end(peer);
    CHECK_OK(rustchat_server_join(server, PATIENCE_MS));
    CHECK_OK(rustchat_server_join(server, 0));
    CHECK_OK(rustchat_server_poll(server, events, 8, &count, PATIENCE_MS));
    CHECK_NUMBER(4, count);
    CHECK_NUMBER(RUSTCHAT_EVENT_PEER_LEFT, events[2].kind);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, events[2].status);
    CHECK_BYTES("server stopped", rustchat_message_bytes(events[2].message));
    CHECK_NUMBER(RUSTCHAT_EVENT_CLOSED, events[3].kind);
    for (size_t i = 0; i < count; i++) {
        rustchat_event_clear(&events[i]);
    }
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_server_poll(server, events, 8, &count, -1));
    CHECK_NUMBER(0, count);
    rustchat_server_free(server);
    close(peer);
}

/* Says things until the server has to keep some of them for the only member. */
static void fill_outbox(rustchat_server *server)
{
    char text[8000];
    rustchat_peer_id peer = newest_peer(server);
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    memset(text, 'x', sizeof text);
    do {
        CHECK_OK(rustchat_server_broadcast(server, text, sizeof text, 0, NULL));
        CHECK_OK(rustchat_server_peer_info(server, peer, &info));
    } while (info.outbox_bytes < 100000);
}

static void test_an_earlier_end_takes_effect_and_a_later_one_does_not(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    int peer;
    options.outbox_limit = (size_t)1 << 30;
    server = start_server(&options);
    peer = join_raw(server);
    fill_outbox(server);
    CHECK_OK(rustchat_server_close_within(server, -1));
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_join(server, 50));
    CHECK_OK(rustchat_server_close_within(server, 0));
    CHECK_OK(rustchat_server_close_within(server, -1));
    CHECK_OK(rustchat_server_join(server, PATIENCE_MS));
    rustchat_server_free(server);
    close(peer);
}

static void test_a_closed_one_still_answers(void)
{
    rustchat_server *server = start_line_server();
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_delivery delivery;
    size_t count = 7;
    CHECK_OK(rustchat_server_close(server));
    CHECK_OK(rustchat_server_join(server, PATIENCE_MS));
    CHECK(port_of(server) != 0);
    CHECK_OK(rustchat_server_stats(server, &stats));
    CHECK_OK(rustchat_server_peers(server, NULL, 0, &count));
    CHECK_NUMBER(0, count);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_server_broadcast(server, "x", 1, 0, &delivery));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_disconnect(server, 1, 0));
    rustchat_server_free(server);
}

static void test_joining_has_a_deadline(void)
{
    rustchat_server *server = start_line_server();
    int64_t start = now_ms();
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_join(server, 0));
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_join(server, 60));
    CHECK(now_ms() - start >= 60);
    stop_server(server);
}

static void test_free_alone_ends_it(void)
{
    rustchat_server *server = start_line_server();
    int peer = join_raw(server);
    rustchat_server_free(server);
    hear_line(peer, "* server stopped");
    expect_end(peer);
    rustchat_server_free(server);
    close(peer);
}

static void test_numbers_are_counted(void)
{
    rustchat_server *server = start_line_server();
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    int one = join_raw(server), two = join_raw(server);
    put_line(one, "hello");
    hear_line(one, "hello");
    hear_line(two, "hello");
    /* Bytes are counted at the end of the turn in which they came and went. */
    EVENTUALLY(rustchat_server_stats(server, &stats) == RUSTCHAT_OK && stats.deliveries == 2 && stats.bytes_in == 6 &&
               stats.bytes_out > 2 * 26);
    CHECK_NUMBER(sizeof stats, stats.struct_size);
    CHECK_NUMBER(2, stats.members);
    CHECK_NUMBER(2, stats.accepted);
    CHECK_NUMBER(0, stats.refused);
    CHECK_NUMBER(2, stats.joined);
    CHECK_NUMBER(1, stats.messages);
    CHECK_NUMBER(0, stats.events_dropped);
    close(one);
    close(two);
    EVENTUALLY(rustchat_server_stats(server, &stats) == RUSTCHAT_OK && stats.members == 0);
    stop_server(server);
}

static void test_a_full_house_turns_away(void)
{
    rustchat_server_options options = local_server();
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_server *server;
    int one, two;
    options.member_limit = 1;
    server = start_server(&options);
    one = join_raw(server);
    two = dial(port_of(server));
    hear_line(two, "* error: the server is full (1 members); try again later");
    expect_end(two);
    CHECK_OK(rustchat_server_stats(server, &stats));
    CHECK_NUMBER(1, stats.refused);
    stop_server(server);
    close(one);
    close(two);
}

int main(void)
{
    watchdog(300);
    RUN(test_it_tells_where_it_listens);
    RUN(test_the_first_event_has_the_address);
    RUN(test_the_address_says_how_much_room_it_needs);
    RUN(test_two_know_nothing_of_each_other);
    RUN(test_a_taken_address_is_refused);
    RUN(test_a_program_of_an_earlier_version_starts_a_server);
    RUN(test_an_address_is_free_again_after_the_end);
    RUN(test_strangers_need_a_word);
    RUN(test_a_unix_socket_has_no_port);
    RUN(test_closing_is_told_and_can_be_repeated);
    RUN(test_an_earlier_end_takes_effect_and_a_later_one_does_not);
    RUN(test_a_closed_one_still_answers);
    RUN(test_joining_has_a_deadline);
    RUN(test_free_alone_ends_it);
    RUN(test_numbers_are_counted);
    RUN(test_a_full_house_turns_away);
    return finish();
}
