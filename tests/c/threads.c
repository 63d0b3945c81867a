/* Ends and wakes from one thread while others are inside: each call comes back, with one of the documented statuses. */

#include <sched.h>

#include "harness.h"

/* Fewer where instruments make each a hundred times as dear. */
static int rounds(int count)
{
    return slowness() > 1 ? count / 40 + 1 : count / 2;
}

static int is_end(int32_t status)
{
    return status == RUSTCHAT_ECLOSED || status == RUSTCHAT_EHANDLE;
}

/* Lets the other thread get somewhere else each time. */
static void vary(int round)
{
    for (int i = 0; i < round % 7; i++) {
        sched_yield();
    }
}

static void *receive_until_closed(void *client)
{
    rustchat_message *message = NULL;
    int32_t status = rustchat_client_recv(client, &message, -1);
    CHECK(is_end(status) && message == NULL);
    return NULL;
}

static void test_a_client_is_closed_while_receiving(void)
{
    rustchat_server *server = start_line_server();
    for (int i = 0; i < rounds(400); i++) {
        rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
        pthread_t one = spawn(receive_until_closed, client), two = spawn(receive_until_closed, client);
        vary(i);
        CHECK_OK(rustchat_client_close(client));
        join(one);
        join(two);
        rustchat_client_free(client);
    }
    stop_server(server);
}

static void test_a_client_is_freed_while_receiving(void)
{
    rustchat_server *server = start_line_server();
    for (int i = 0; i < rounds(400); i++) {
        rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
        pthread_t one = spawn(receive_until_closed, client), two = spawn(receive_until_closed, client);
        vary(i);
        rustchat_client_free(client);
        join(one);
        join(two);
    }
    stop_server(server);
}

static void *poll_until_closed(void *server)
{
    for (;;) {
        rustchat_event events[4];
        size_t count = 0;
        int32_t status = rustchat_server_poll(server, events, 4, &count, -1);
        for (size_t i = 0; i < count; i++) {
            rustchat_event_clear(&events[i]);
        }
        if (status != RUSTCHAT_OK) {
            CHECK(is_end(status));
            return NULL;
        }
    }
}

static void test_a_server_is_freed_while_polled(void)
{
    for (int i = 0; i < rounds(300); i++) {
        rustchat_server *server = start_line_server();
        pthread_t one = spawn(poll_until_closed, server), two = spawn(poll_until_closed, server);
        vary(i);
        rustchat_server_free(server);
        join(one);
        join(two);
    }
}

static void *ask_until_freed(void *server)
{
    int32_t status;
    do {
        rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
        rustchat_peer_id ids[4];
        char address[64];
        size_t count;
        status = rustchat_server_broadcast(server, "x", 1, 0, NULL);
        CHECK(status == RUSTCHAT_OK || is_end(status));
        status = rustchat_server_peers(server, ids, 4, &count);
        CHECK(status == RUSTCHAT_OK || is_end(status));
        status = rustchat_server_stats(server, &stats);
        CHECK(status == RUSTCHAT_OK || is_end(status));
        status = rustchat_server_address(server, address, sizeof address, NULL);
        CHECK(status == RUSTCHAT_OK || is_end(status));
    } while (status == RUSTCHAT_OK);
    return NULL;
}

static void test_a_server_is_freed_while_asked(void)
{
    for (int i = 0; i < rounds(200); i++) {
        rustchat_server *server = start_line_server();
        pthread_t threads[3];
        for (int j = 0; j < 3; j++) {
            threads[j] = spawn(ask_until_freed, server);
        }
        vary(i);
        rustchat_server_free(server);
        for (int j = 0; j < 3; j++) {
            join(threads[j]);
        }
    }
}

static void *free_it(void *server)
{
    rustchat_server_free(server);
    return NULL;
}

static void test_all_free_the_same(void)
{
    for (int i = 0; i < rounds(200); i++) {
        rustchat_server *server = start_line_server();
        pthread_t one = spawn(free_it, server), two = spawn(free_it, server);
        rustchat_server_free(server);
        join(one);
        join(two);
        CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_server_close(server));
    }
}

static void *dial_once(void *argument)
{
    uint16_t port = *(uint16_t *)argument;
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        (void)!send(fd, "hello\n", 6, MSG_NOSIGNAL);
    }
    close(fd);
    return NULL;
}

/* A newcomer whom the closing room does not take any more must not trouble those who are in it. */
static void test_a_server_is_closed_while_peers_join(void)
{
    for (int i = 0; i < rounds(300); i++) {
        rustchat_server *server = start_line_server();
        int member = join_raw(server);
        uint16_t port = port_of(server);
        pthread_t one = spawn(dial_once, &port), two = spawn(dial_once, &port);
        char line[64];
        vary(i);
        CHECK_OK(rustchat_server_close(server));
        CHECK_OK(rustchat_server_join(server, PATIENCE_MS));
        do {
            CHECK(get_line(member, line, sizeof line));
        } while (strcmp(line, "* server stopped") != 0);
        join(one);
        join(two);
        rustchat_server_free(server);
        close(member);
    }
}

/* Their last word and their end come together, with or without a reset; who stays notices nothing of it. */
static void test_peers_talk_and_vanish(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    struct linger reset = {1, 0};
    int member;
    char line[64];
    options.events = RUSTCHAT_EVENTS_NONE;
    server = start_server(&options);
    member = join_raw(server);
    for (int i = 0; i < rounds(300); i++) {
        int peers[4];
        for (int j = 0; j < 4; j++) {
            peers[j] = dial(port_of(server));
        }
        for (int j = 0; j < 4; j++) {
            put_text(peers[j], "hello\nquit\n");
        }
        for (int j = 0; j < 4; j++) {
            if (i % 2 == 0) {
                CHECK(setsockopt(peers[j], SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
            }
            close(peers[j]);
        }
        while (is_readable(member, 0)) {
            CHECK(get_line(member, line, sizeof line));
        }
    }
    put_line(member, "still here");
    do {
        CHECK(get_line(member, line, sizeof line));
    } while (strcmp(line, "still here") != 0);
    stop_server(server);
    close(member);
}

struct storm {
    rustchat_server *server;
    int woken, wakers;
};

static void *poll_in_a_storm(void *argument)
{
    struct storm *storm = argument;
    int32_t status;
    do {
        rustchat_event event;
        size_t count = 0;
        status = rustchat_server_poll(storm->server, &event, 1, &count, -1);
        CHECK(status == RUSTCHAT_OK || status == RUSTCHAT_EINTR || status == RUSTCHAT_ECLOSED);
        if (status == RUSTCHAT_OK) {
            rustchat_event_clear(&event);
        } else if (status == RUSTCHAT_EINTR) {
            __atomic_add_fetch(&storm->woken, 1, __ATOMIC_SEQ_CST);
        }
    } while (status != RUSTCHAT_ECLOSED);
    return NULL;
}

static void *wake_a_thousand_times(void *argument)
{
    struct storm *storm = argument;
    for (int i = 0; i < 1000; i++) {
        CHECK_OK(rustchat_server_wake(storm->server));
    }
    __atomic_sub_fetch(&storm->wakers, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void test_a_storm_of_wakes(void)
{
    struct storm storm = {NULL, 0, 3};
    pthread_t polling[2], waking[3];
    storm.server = start_line_server();
    for (int i = 0; i < 2; i++) {
        polling[i] = spawn(poll_in_a_storm, &storm);
    }
    for (int i = 0; i < 3; i++) {
        waking[i] = spawn(wake_a_thousand_times, &storm);
    }
    for (int i = 0; i < 3; i++) {
        join(waking[i]);
    }
    EVENTUALLY(__atomic_load_n(&storm.woken, __ATOMIC_SEQ_CST) > 0);
    CHECK_OK(rustchat_server_close(storm.server));
    for (int i = 0; i < 2; i++) {
        join(polling[i]);
    }
    rustchat_server_free(storm.server);
}

static void *accept_until_closed(void *listener)
{
    rustchat_connection *connection = NULL;
    int32_t status = rustchat_listener_accept(listener, &connection, -1);
    CHECK(is_end(status) && connection == NULL);
    return NULL;
}

static void test_a_listener_is_freed_while_accepting(void)
{
    for (int i = 0; i < rounds(300); i++) {
        rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
        rustchat_listener *listener = NULL;
        pthread_t one, two;
        options.address = own_address();
        options.secret = i % 2 == 0 ? bytes_of("with a thread of its own") : options.secret;
        CHECK_OK(rustchat_listener_open(&options, &listener));
        one = spawn(accept_until_closed, listener);
        two = spawn(accept_until_closed, listener);
        vary(i);
        rustchat_listener_free(listener);
        join(one);
        join(two);
    }
}

static void *receive_whole_messages(void *connection)
{
    for (;;) {
        rustchat_message *message = NULL;
        int32_t status = rustchat_connection_recv(connection, &message, -1);
        if (status != RUSTCHAT_OK) {
            CHECK(is_end(status));
            return NULL;
        }
        CHECK_BYTES("all of it", rustchat_message_bytes(message));
        rustchat_message_release(message);
    }
}

static void *send_until_closed(void *connection)
{
    int32_t status;
    do {
        status = rustchat_connection_send(connection, "all of it", 9, -1);
    } while (status == RUSTCHAT_OK);
    CHECK(is_end(status) || status == RUSTCHAT_ECONNRESET);
    return NULL;
}

static void test_a_connection_is_freed_while_busy(void)
{
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options connecting = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_listener *listener = NULL;
    char address[64];
    listening.address = own_address();
    CHECK_OK(rustchat_listener_open(&listening, &listener));
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    connecting.address = address;
    for (int i = 0; i < rounds(300); i++) {
        rustchat_connection *client = NULL, *server = NULL;
        pthread_t one, two, three;
        CHECK_OK(rustchat_connection_open(&connecting, &client));
        CHECK_OK(rustchat_listener_accept(listener, &server, PATIENCE_MS));
        one = spawn(send_until_closed, client);
        two = spawn(send_until_closed, client);
        three = spawn(receive_whole_messages, server);
        vary(i);
        rustchat_connection_free(client);
        rustchat_connection_free(server);
        join(one);
        join(two);
        join(three);
    }
    rustchat_listener_free(listener);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_client_is_closed_while_receiving);
    RUN(test_a_client_is_freed_while_receiving);
    RUN(test_a_server_is_freed_while_polled);
    RUN(test_a_server_is_freed_while_asked);
    RUN(test_all_free_the_same);
    RUN(test_a_server_is_closed_while_peers_join);
    RUN(test_peers_talk_and_vanish);
    RUN(test_a_storm_of_wakes);
    RUN(test_a_listener_is_freed_while_accepting);
    RUN(test_a_connection_is_freed_while_busy);
    return finish();
}
