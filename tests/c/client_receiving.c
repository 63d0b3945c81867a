/* A member's side: receiving in each way, and the end of each wait. */

#include "members.h"

static void test_receiving_into_memory_of_ones_own(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *client = connect_message_client(server);
    rustchat_message *message = NULL;
    char buffer[16];
    size_t len = 9;
    say(client, "0123456789");
    say(client, "next");
    memset(buffer, 'x', sizeof buffer);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_client_recv_into(client, NULL, 0, &len, PATIENCE_MS));
    CHECK_NUMBER(10, len);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_client_recv_into(client, buffer, 9, &len, 0));
    CHECK(len == 10 && buffer[0] == 'x');
    CHECK_OK(rustchat_client_recv_into(client, buffer, 10, &len, 0));
    CHECK(len == 10 && memcmp(buffer, "0123456789x", 11) == 0);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_client_recv_into(client, buffer, 2, &len, PATIENCE_MS));
    CHECK_OK(rustchat_client_recv(client, &message, 0));
    CHECK_BYTES("next", rustchat_message_bytes(message));
    CHECK_NUMBER(2, rustchat_message_seq(message));
    CHECK(rustchat_message_sender(message) != 0);
    CHECK(rustchat_message_sender_address(message).len > 0);
    rustchat_message_release(message);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_client_recv_into(client, buffer, 10, &len, 0));
    CHECK_NUMBER(0, len);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_what_did_not_fit_is_polled_next(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *client = connect_message_client(server);
    rustchat_event event;
    size_t len = 9;
    int fd = -1;
    say(client, "too long");
    CHECK_OK(rustchat_client_poll_fd(client, &fd));
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_client_recv_into(client, NULL, 0, &len, PATIENCE_MS));
    CHECK(is_readable(fd, 0));
    say(client, "next");
    expect_client_event(client, RUSTCHAT_EVENT_MESSAGE, &event);
    CHECK_BYTES("too long", rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    hear(client, "next");
    CHECK(!is_readable(fd, 0));
    rustchat_client_free(client);
    stop_server(server);
}

static void test_the_descriptor_tells_when_to_poll(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_event events[4];
    size_t count = 0;
    int fd = -1;
    CHECK_OK(rustchat_client_poll_fd(client, &fd));
    CHECK(!is_readable(fd, 0));
    say(client, "one");
    CHECK(is_readable(fd, (int)PATIENCE_MS));
    CHECK_OK(rustchat_client_poll(client, events, 4, &count, 0));
    CHECK_NUMBER(1, count);
    rustchat_event_clear(&events[0]);
    CHECK(!is_readable(fd, 0));
    CHECK_OK(rustchat_client_wake(client));
    CHECK(is_readable(fd, 0));
    CHECK_STATUS(RUSTCHAT_EINTR, rustchat_client_poll(client, events, 4, &count, -1));
    CHECK(!is_readable(fd, 0));
    CHECK_OK(rustchat_client_close(client));
    CHECK(is_readable(fd, (int)PATIENCE_MS));
    skip_client_event(client, RUSTCHAT_EVENT_CLOSED);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_poll(client, events, 4, &count, PATIENCE_MS));
    CHECK(is_readable(fd, 0));
    rustchat_client_free(client);
    stop_server(server);
}

struct diary {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int drops;
    char text[512];
};

static void write_diary(void *userdata, const rustchat_event *event)
{
    struct diary *diary = userdata;
    rustchat_bytes said = rustchat_message_bytes(event->message);
    pthread_mutex_lock(&diary->lock);
    CHECK_NUMBER(0, diary->drops);
    snprintf(diary->text + strlen(diary->text), sizeof diary->text - strlen(diary->text), "%s %d '%.*s'; ",
             rustchat_event_name(event->kind), (int)event->status, (int)said.len,
             said.len > 0 ? (const char *)said.data : "");
    pthread_cond_signal(&diary->changed);
    pthread_mutex_unlock(&diary->lock);
}

static void close_diary(void *userdata)
{
    struct diary *diary = userdata;
    pthread_mutex_lock(&diary->lock);
    diary->drops++;
    pthread_mutex_unlock(&diary->lock);
}

static void await_text(struct diary *diary, const char *text)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(PATIENCE_MS / 1000);
    pthread_mutex_lock(&diary->lock);
    while (strstr(diary->text, text) == NULL) {
        CHECK(pthread_cond_timedwait(&diary->changed, &diary->lock, &until) == 0);
    }
    pthread_mutex_unlock(&diary->lock);
}

static void test_callbacks_tell_the_same(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    struct diary diary = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, ""};
    rustchat_client *client;
    rustchat_message *message = NULL;
    rustchat_event event;
    size_t count = 9;
    int fd;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.on_event = write_diary;
    options.on_drop = close_diary;
    options.userdata = &diary;
    client = connect_with(server, &options);
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_client_recv(client, &message, -1));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_client_recv_into(client, NULL, 0, &count, -1));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_client_poll(client, &event, 1, &count, -1));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_client_poll_fd(client, &fd));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_client_wake(client));
    say(client, "hello");
    await_text(&diary, "hello");
    CHECK_OK(rustchat_client_close(client));
    CHECK_OK(rustchat_client_join(client, PATIENCE_MS));
    CHECK_TEXT("WELCOME 0 ''; MESSAGE 0 'hello'; CLOSED 0 ''; ", diary.text);
    CHECK_NUMBER(1, diary.drops);
    rustchat_client_free(client);
    CHECK_NUMBER(1, diary.drops);
    stop_server(server);
}

static void test_on_drop_comes_once_without_other_callbacks(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    struct diary diary = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, ""};
    rustchat_client *client;
    options.on_drop = close_diary;
    options.userdata = &diary;
    client = connect_with(server, &options);
    CHECK_OK(rustchat_client_close(client));
    rustchat_client_free(client);
    CHECK_NUMBER(1, diary.drops);
    stop_server(server);
    options.timeout_ms = 2000;
    CHECK(rustchat_client_connect(&options, &client) != RUSTCHAT_OK);
    CHECK(client == NULL);
    CHECK_NUMBER(1, diary.drops);
}

static void *receive_for_ever(void *client)
{
    rustchat_message *message = NULL;
    return (void *)(intptr_t)rustchat_client_recv(client, &message, -1);
}

static void test_waits_end_by_time_wake_and_close(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_message *message = NULL;
    void *status;
    pthread_t waiting;
    int64_t start = now_ms();
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_client_recv(client, &message, 0));
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_client_recv(client, &message, 60));
    CHECK(now_ms() - start >= 60 && message == NULL);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_client_join(client, 0));
    waiting = spawn(receive_for_ever, client);
    CHECK_OK(rustchat_client_wake(client));
    CHECK(pthread_join(waiting, &status) == 0);
    CHECK_NUMBER(RUSTCHAT_EINTR, (intptr_t)status);
    waiting = spawn(receive_for_ever, client);
    CHECK_OK(rustchat_client_close(client));
    CHECK_OK(rustchat_client_close(client));
    CHECK(pthread_join(waiting, &status) == 0);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, (intptr_t)status);
    rustchat_client_free(client);
    stop_server(server);
}

/* What is received and not taken keeps nobody from the end. */
static void test_one_with_a_full_queue_is_closed_and_joined_at_once(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client_stats_data stats = RUSTCHAT_CLIENT_STATS_INIT;
    rustchat_client *client;
    options.event_limit = 10;
    for (int freed = 0; freed < 2; freed++) {
        client = connect_with(server, &options);
        while (joined_count(server) < (uint64_t)freed + 1) {
        }
        for (int i = 0; i < 100; i++) {
            CHECK_OK(rustchat_server_broadcast(server, "x", 1, 0, NULL));
        }
        do {
            CHECK_OK(rustchat_client_stats(client, &stats));
        } while (stats.messages_in <= 10);
        if (!freed) {
            CHECK_OK(rustchat_client_close(client));
            CHECK_OK(rustchat_client_join(client, -1));
        }
        rustchat_client_free(client);
    }
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_receiving_into_memory_of_ones_own);
    RUN(test_what_did_not_fit_is_polled_next);
    RUN(test_the_descriptor_tells_when_to_poll);
    RUN(test_callbacks_tell_the_same);
    RUN(test_on_drop_comes_once_without_other_callbacks);
    RUN(test_waits_end_by_time_wake_and_close);
    RUN(test_one_with_a_full_queue_is_closed_and_joined_at_once);
    return finish();
}
