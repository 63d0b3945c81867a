/* Several messages a call, and waiting awake or asleep for them. */

#include "harness.h"

#include <time.h>

enum { MOST = 64 };

struct pair {
    rustchat_connection *client, *server;
};

static struct pair make_pair(int32_t framing, int64_t polling_us)
{
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_listener *listener = NULL;
    char address[128];
    struct pair pair = {NULL, NULL};
    listening.address = own_address();
    listening.framing = options.framing = framing;
    listening.polling_us = options.polling_us = polling_us;
    CHECK_OK(rustchat_listener_open(&listening, &listener));
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    options.address = address;
    CHECK_OK(rustchat_connection_open(&options, &pair.client));
    CHECK_OK(rustchat_listener_accept(listener, &pair.server, PATIENCE_MS));
    rustchat_listener_free(listener);
    return pair;
}

static void free_pair(struct pair pair)
{
    rustchat_connection_free(pair.client);
    rustchat_connection_free(pair.server);
}

/* A raw client of a listener, and what was accepted of it. */
static int dial_raw(rustchat_connection **accepted)
{
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_listener *listener = NULL;
    uint16_t port = 0;
    int raw;
    listening.address = own_address();
    CHECK_OK(rustchat_listener_open(&listening, &listener));
    CHECK_OK(rustchat_listener_port(listener, &port));
    raw = dial(port);
    CHECK_OK(rustchat_listener_accept(listener, accepted, PATIENCE_MS));
    rustchat_listener_free(listener);
    return raw;
}

static void send_texts(rustchat_connection *connection, const char *const *texts, size_t count)
{
    rustchat_bytes messages[MOST];
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        messages[i] = bytes_of(texts[i]);
    }
    CHECK_OK(rustchat_connection_send_many(connection, messages, count, &sent, PATIENCE_MS));
    CHECK_NUMBER(count, sent);
}

/* All that is sent at once need not come at once. */
static void expect_texts(rustchat_connection *connection, const char *const *texts, size_t count)
{
    rustchat_bytes messages[MOST];
    char buffer[1024];
    size_t got = 0, all = 0;
    while (all < count) {
        CHECK_OK(rustchat_connection_recv_many(connection, buffer, sizeof buffer, messages, count - all, &got, PATIENCE_MS));
        CHECK(got >= 1 && got <= count - all);
        for (size_t i = 0; i < got; i++) {
            CHECK_BYTES(texts[all + i], messages[i]);
        }
        all += got;
    }
}

static const char *const NUMBERS[] = {"one", "", "three", "4", "fifth and last"};

static void test_every_framing_carries_them(void)
{
    for (int32_t framing = RUSTCHAT_FRAMING_DEFAULT; framing <= RUSTCHAT_FRAMING_MULTIPROCESSING; framing++) {
        struct pair pair = make_pair(framing, 0);
        send_texts(pair.client, NUMBERS, 5);
        expect_texts(pair.server, NUMBERS, 5);
        send_texts(pair.server, NUMBERS, 5);
        expect_texts(pair.client, NUMBERS, 5);
        free_pair(pair);
    }
}

static void *echo_batches(void *connection)
{
    static char buffer[1 << 16];
    static rustchat_bytes messages[MOST];
    size_t count = 0;
    int32_t status;
    while ((status = rustchat_connection_recv_many(connection, buffer, sizeof buffer, messages, MOST, &count, -1)) ==
           RUSTCHAT_OK) {
        CHECK_OK(rustchat_connection_send_many(connection, messages, count, NULL, PATIENCE_MS));
    }
    CHECK_STATUS(RUSTCHAT_ECLOSED, status);
    return NULL;
}

static void *send_numbers(void *connection)
{
    static uint32_t numbers[20000];
    static rustchat_bytes messages[20000];
    for (uint32_t i = 0; i < 20000; i++) {
        numbers[i] = i;
        messages[i].data = &numbers[i];
        messages[i].len = sizeof numbers[i];
    }
    CHECK_OK(rustchat_connection_send_many(connection, messages, 20000, NULL, PATIENCE_MS));
    return NULL;
}

static void test_what_came_can_be_sent_on_as_it_is(void)
{
    struct pair pair = make_pair(0, 0);
    pthread_t echoing = spawn(echo_batches, pair.server);
    pthread_t sending = spawn(send_numbers, pair.client);
    uint32_t next = 0;
    while (next < 20000) {
        rustchat_bytes messages[MOST];
        char buffer[150];
        size_t count = 0;
        CHECK_OK(rustchat_connection_recv_many(pair.client, buffer, sizeof buffer, messages, MOST, &count, PATIENCE_MS));
        for (size_t i = 0; i < count; i++, next++) {
            CHECK(messages[i].len == sizeof next && memcmp(messages[i].data, &next, sizeof next) == 0);
        }
    }
    CHECK(pthread_join(sending, NULL) == 0);
    rustchat_connection_free(pair.client);
    CHECK(pthread_join(echoing, NULL) == 0);
    rustchat_connection_free(pair.server);
}

static void test_room_for_a_part_of_them(void)
{
    rustchat_connection *server = NULL;
    rustchat_bytes messages[4];
    char buffer[8];
    size_t count = 9, len = 0;
    int raw = dial_raw(&server);
    put(raw, "\0\0\0\3one\0\0\0\0\0\0\0\5three\0\0\0\1""4\0\0\0\1""5\0\0\0\1""6", 7 + 4 + 9 + 15);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_recv_many(server, buffer, 2, messages, 4, &count, PATIENCE_MS));
    CHECK(count == 0 && messages[0].data == NULL && messages[0].len == 3);
    /* The third fits in exactly; the places run out later. */
    CHECK_OK(rustchat_connection_recv_many(server, buffer, 7, messages, 4, &count, PATIENCE_MS));
    CHECK(count == 2 && messages[1].len == 0);
    CHECK_BYTES("one", messages[0]);
    CHECK_OK(rustchat_connection_recv_many(server, buffer, 8, messages, 2, &count, PATIENCE_MS));
    CHECK_NUMBER(2, count);
    CHECK_BYTES("three", messages[0]);
    CHECK_BYTES("4", messages[1]);
    /* What another call has set aside comes first. */
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_recv_into(server, NULL, 0, &len, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_recv_many(server, NULL, 0, messages, 4, &count, PATIENCE_MS));
    CHECK(count == 0 && messages[0].data == NULL && messages[0].len == 1);
    CHECK_OK(rustchat_connection_recv_many(server, buffer, 8, messages, 4, &count, PATIENCE_MS));
    CHECK_NUMBER(1, count);
    CHECK_BYTES("5", messages[0]);
    CHECK_OK(rustchat_connection_recv_many(server, buffer, 1, messages, 4, &count, PATIENCE_MS));
    CHECK_BYTES("6", messages[0]);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_connection_recv_many(server, buffer, 8, messages, 4, &count, 0));
    CHECK_NUMBER(0, count);
    close(raw);
    rustchat_connection_free(server);
}

static void test_the_end_and_a_fault_come_behind_what_was_whole(void)
{
    const struct {
        const char *bytes;
        size_t len;
        int32_t status;
    } cases[] = {
        {"\0\0\0\2hi", 6, RUSTCHAT_ECLOSED},
        {"\0\0\0\2hi\0\0\0\2h", 11, RUSTCHAT_ECONNRESET},
        {"\0\0\0\2hi\xff\xff\xff\xff", 10, RUSTCHAT_EMSGSIZE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rustchat_connection *server = NULL;
        rustchat_bytes messages[4];
        char buffer[64];
        size_t count = 0;
        int raw = dial_raw(&server);
        put(raw, cases[i].bytes, cases[i].len);
        CHECK(shutdown(raw, SHUT_WR) == 0);
        CHECK_OK(rustchat_connection_recv_many(server, buffer, sizeof buffer, messages, 4, &count, PATIENCE_MS));
        CHECK_NUMBER(1, count);
        CHECK_BYTES("hi", messages[0]);
        for (int again = 0; again < 2; again++) {
            CHECK_STATUS(cases[i].status, rustchat_connection_recv_many(server, buffer, sizeof buffer, messages, 4, &count,
                                                                        PATIENCE_MS));
            CHECK_NUMBER(0, count);
        }
        close(raw);
        rustchat_connection_free(server);
    }
}

static void test_half_a_message_is_kept(void)
{
    rustchat_connection *server = NULL;
    rustchat_bytes messages[4];
    char buffer[64];
    size_t count = 0;
    int raw = dial_raw(&server);
    put(raw, "\0\0\0\5he", 6);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_connection_recv_many(server, buffer, 64, messages, 4, &count, 30));
    put(raw, "llo", 3);
    CHECK_OK(rustchat_connection_recv_many(server, buffer, 64, messages, 4, &count, PATIENCE_MS));
    CHECK_BYTES("hello", messages[0]);
    close(raw);
    rustchat_connection_free(server);
}

static void test_whoever_failed_to_send_knows_where_to_go_on(void)
{
    static char block[40000];
    struct pair pair = make_pair(0, 0);
    rustchat_bytes messages[5];
    rustchat_message *received = NULL;
    rustchat_error error;
    size_t sent = 9;
    for (size_t i = 0; i < 5; i++) {
        messages[i].data = block;
        messages[i].len = sizeof block;
    }
    messages[3].len = (size_t)INT32_MAX;
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_connection_send_many(pair.client, messages, 5, &sent, PATIENCE_MS));
    CHECK_NUMBER(2, sent);
    messages[3].data = NULL;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_connection_send_many(pair.client, messages, 5, &sent, PATIENCE_MS));
    CHECK_NUMBER(0, sent);
    CHECK_OK(rustchat_last_error(&error));
    CHECK(strstr(error.message, "messages[3]") != NULL);
    messages[2] = bytes_of("goes on");
    CHECK_OK(rustchat_connection_send_many(pair.client, messages + 2, 1, &sent, PATIENCE_MS));
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(rustchat_connection_recv(pair.server, &received, PATIENCE_MS));
        CHECK_NUMBER(sizeof block, rustchat_message_bytes(received).len);
        rustchat_message_release(received);
    }
    CHECK_OK(rustchat_connection_recv(pair.server, &received, PATIENCE_MS));
    CHECK_BYTES("goes on", rustchat_message_bytes(received));
    rustchat_message_release(received);
    free_pair(pair);
}

static void test_a_full_pipe_times_out(void)
{
    static char block[1 << 16];
    struct pair pair = make_pair(0, 0);
    rustchat_bytes messages[MOST];
    int32_t status = RUSTCHAT_OK;
    size_t sent = 0;
    for (size_t i = 0; i < MOST; i++) {
        messages[i].data = block;
        messages[i].len = sizeof block;
    }
    for (int i = 0; i < 100 && status == RUSTCHAT_OK; i++) {
        status = rustchat_connection_send_many(pair.client, messages, MOST, &sent, 30);
    }
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, status);
    CHECK(sent < MOST);
    free_pair(pair);
}

static void *receive_for_ever(void *connection)
{
    rustchat_bytes messages[1];
    size_t count = 0;
    return (void *)(intptr_t)rustchat_connection_recv_many(connection, NULL, 0, messages, 1, &count, -1);
}

static void test_closing_ends_the_wait(void)
{
    struct pair pair = make_pair(0, 0);
    pthread_t receiving = spawn(receive_for_ever, pair.server);
    void *status;
    CHECK_OK(rustchat_connection_close(pair.server));
    CHECK(pthread_join(receiving, &status) == 0);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, (intptr_t)status);
    free_pair(pair);
}

static void *answer_each(void *connection)
{
    char buffer[8];
    size_t len = 0;
    while (rustchat_connection_recv_into(connection, buffer, sizeof buffer, &len, -1) == RUSTCHAT_OK &&
           rustchat_connection_send(connection, buffer, len, -1) == RUSTCHAT_OK) {
    }
    return NULL;
}

static double used_by_this_thread(void)
{
    struct timespec used;
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) == 0);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

/* Milliseconds of processor for a wait of 200 ms in vain, after a dialogue. */
static double cost_of_waiting(int64_t polling_us)
{
    struct pair pair = make_pair(0, polling_us);
    pthread_t answering = spawn(answer_each, pair.server);
    char buffer[8];
    size_t len = 0;
    double used;
    for (int i = 0; i < 20; i++) {
        CHECK_OK(rustchat_connection_send(pair.client, "x", 1, PATIENCE_MS));
        CHECK_OK(rustchat_connection_recv_into(pair.client, buffer, sizeof buffer, &len, PATIENCE_MS));
    }
    used = used_by_this_thread();
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_connection_recv_into(pair.client, buffer, sizeof buffer, &len, 200));
    used = used_by_this_thread() - used;
    rustchat_connection_free(pair.client);
    CHECK(pthread_join(answering, NULL) == 0);
    rustchat_connection_free(pair.server);
    return used;
}

static void test_polling_can_be_turned_up_and_off(void)
{
    double asleep = 0, awake = 0;
    for (int i = 0; i < 20 && !(i > 0 && asleep * 4 < awake); i++) {
        double with = cost_of_waiting(10000000), without = cost_of_waiting(-1);
        awake = with > awake ? with : awake;
        asleep = i == 0 || without < asleep ? without : asleep;
    }
    CHECK(asleep * 4 < awake);
    CHECK(cost_of_waiting(0) >= 0 && cost_of_waiting(20) >= 0);
}

int main(void)
{
    watchdog(300);
    RUN(test_every_framing_carries_them);
    RUN(test_what_came_can_be_sent_on_as_it_is);
    RUN(test_room_for_a_part_of_them);
    RUN(test_the_end_and_a_fault_come_behind_what_was_whole);
    RUN(test_half_a_message_is_kept);
    RUN(test_whoever_failed_to_send_knows_where_to_go_on);
    RUN(test_a_full_pipe_times_out);
    RUN(test_closing_ends_the_wait);
    RUN(test_polling_can_be_turned_up_and_off);
    return finish();
}
