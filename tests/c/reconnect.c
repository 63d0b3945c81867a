/* A client that comes back: what it tells, what it says again, and how it ends. */

#include "harness.h"

static rustchat_server *start_at(const char *address, int32_t framing)
{
    rustchat_server_options options = local_server();
    options.address = address;
    options.framing = framing;
    return start_server(&options);
}

static rustchat_client *join_at(const char *address, int32_t framing, int64_t wait_ms)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client = NULL;
    options.address = address;
    options.framing = framing;
    options.reconnect = 1;
    options.reconnect_first_ms = wait_ms;
    options.reconnect_most_ms = wait_ms;
    options.reconnect_factor_percent = 100;
    options.reconnect_jitter_percent = -1;
    CHECK_OK(rustchat_client_connect(&options, &client));
    return client;
}

static const char *new_path(void)
{
    static char path[64];
    static int last;
    snprintf(path, sizeof path, "/tmp/rustchat-back-%d-%d.sock", (int)getpid(), ++last);
    return path;
}

/* The next event of that kind; those before it go by. */
static void await_event(rustchat_client *client, int32_t kind, rustchat_event *event)
{
    for (;;) {
        next_client_event(client, event);
        if (event->kind == kind)
            return;
        CHECK(event->kind != RUSTCHAT_EVENT_CLOSED);
        rustchat_event_clear(event);
    }
}

static void skip_to(rustchat_client *client, int32_t kind)
{
    rustchat_event event;
    await_event(client, kind, &event);
    rustchat_event_clear(&event);
}

static int32_t state_of(rustchat_client *client)
{
    int32_t state = 0;
    CHECK_OK(rustchat_client_state(client, &state));
    return state;
}

static void come_back(int32_t framing)
{
    const char *path = new_path();
    rustchat_server *server = start_at(path, framing);
    rustchat_client *client = join_at(path, framing, 10);
    rustchat_message *message = NULL;
    rustchat_event event;
    int before = -1, after = -1;
    EVENTUALLY(joined_count(server) == 1);
    CHECK_OK(rustchat_client_poll_fd(client, &before));
    stop_server(server);
    await_event(client, RUSTCHAT_EVENT_DISCONNECTED, &event);
    CHECK_STATUS(RUSTCHAT_ECLOSED, event.status);
    CHECK_BYTES("the server closed the connection: server stopped", rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    CHECK_NUMBER(RUSTCHAT_CLIENT_RECONNECTING, state_of(client));
    say(client, "meanwhile");
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_client_drain(client, 0));
    server = start_at(path, framing);
    CHECK_OK(rustchat_client_drain(client, PATIENCE_MS));
    skip_to(client, RUSTCHAT_EVENT_RECONNECTED);
    CHECK_NUMBER(RUSTCHAT_CLIENT_OPEN, state_of(client));
    CHECK_OK(rustchat_client_recv(client, &message, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_EVENT_GAP, rustchat_message_kind(message));
    rustchat_message_release(message);
    CHECK_OK(rustchat_client_recv(client, &message, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_EVENT_MESSAGE, rustchat_message_kind(message));
    CHECK_BYTES("meanwhile", rustchat_message_bytes(message));
    CHECK_NUMBER(0, rustchat_message_again(message));
    rustchat_message_release(message);
    CHECK_OK(rustchat_client_poll_fd(client, &after));
    CHECK_NUMBER(before, after);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_it_comes_back_in_lines(void)
{
    come_back(RUSTCHAT_FRAMING_LINE);
}

static void test_it_comes_back_in_messages(void)
{
    come_back(RUSTCHAT_FRAMING_U32BE);
}

static void test_it_ends_at_once_while_it_waits(void)
{
    const char *path = new_path();
    rustchat_server *server = start_at(path, RUSTCHAT_FRAMING_U32BE);
    rustchat_client *client = join_at(path, RUSTCHAT_FRAMING_U32BE, 3600000);
    rustchat_event event;
    EVENTUALLY(joined_count(server) == 1);
    stop_server(server);
    skip_to(client, RUSTCHAT_EVENT_DISCONNECTED);
    say(client, "unheard");
    CHECK_OK(rustchat_client_close(client));
    CHECK_OK(rustchat_client_join(client, PATIENCE_MS));
    next_client_event(client, &event);
    CHECK_NUMBER(RUSTCHAT_EVENT_CLOSED, event.kind);
    CHECK_STATUS(RUSTCHAT_ECLOSED, event.status);
    CHECK_BYTES("this end has closed the connection; 1 message was not acknowledged",
                rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    CHECK_NUMBER(RUSTCHAT_CLIENT_CLOSED, state_of(client));
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_drain(client, PATIENCE_MS));
    rustchat_client_free(client);
}

static void test_one_that_waits_is_freed(void)
{
    const char *path = new_path();
    rustchat_server *server = start_at(path, RUSTCHAT_FRAMING_LINE);
    rustchat_client *client = join_at(path, RUSTCHAT_FRAMING_LINE, 3600000);
    EVENTUALLY(joined_count(server) == 1);
    stop_server(server);
    skip_to(client, RUSTCHAT_EVENT_DISCONNECTED);
    rustchat_client_free(client);
}

struct told {
    pthread_mutex_t lock;
    int32_t kinds[16];
    int count;
};

static void note(void *userdata, const rustchat_event *event)
{
    struct told *told = userdata;
    pthread_mutex_lock(&told->lock);
    if (told->count < 16)
        told->kinds[told->count++] = event->kind;
    pthread_mutex_unlock(&told->lock);
}

static int count_of(struct told *told)
{
    int count;
    pthread_mutex_lock(&told->lock);
    count = told->count;
    pthread_mutex_unlock(&told->lock);
    return count;
}

static void test_a_callback_is_told(void)
{
    const char *path = new_path();
    struct told told = {.lock = PTHREAD_MUTEX_INITIALIZER};
    rustchat_server *server = start_at(path, RUSTCHAT_FRAMING_LINE);
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client = NULL;
    options.address = path;
    options.reconnect = 1;
    options.reconnect_first_ms = 10;
    options.reconnect_most_ms = 10;
    options.userdata = &told;
    options.on_event = note;
    CHECK_OK(rustchat_client_connect(&options, &client));
    EVENTUALLY(joined_count(server) == 1);
    stop_server(server);
    EVENTUALLY(count_of(&told) >= 1);
    server = start_at(path, RUSTCHAT_FRAMING_LINE);
    EVENTUALLY(joined_count(server) == 1);
    EVENTUALLY(count_of(&told) >= 4);
    rustchat_client_free(client);
    CHECK_NUMBER(RUSTCHAT_EVENT_FAREWELL, told.kinds[0]);
    CHECK_NUMBER(RUSTCHAT_EVENT_DISCONNECTED, told.kinds[1]);
    CHECK_NUMBER(RUSTCHAT_EVENT_RECONNECTED, told.kinds[2]);
    CHECK_NUMBER(RUSTCHAT_EVENT_GAP, told.kinds[3]);
    stop_server(server);
}

static void test_options_that_cannot_be_are_refused(void)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client = NULL;
    options.reconnect = 2;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&options, &client));
    options.reconnect = 1;
    options.reconnect_first_ms = -1;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&options, &client));
    options.reconnect_first_ms = 20;
    options.reconnect_most_ms = 10;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&options, &client));
    options.reconnect_most_ms = 40;
    options.reconnect_factor_percent = 99;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&options, &client));
    options.reconnect_factor_percent = 100;
    options.reconnect_jitter_percent = 101;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&options, &client));
    options.reconnect_jitter_percent = -2;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&options, &client));
    CHECK(client == NULL);
}

int main(void)
{
    watchdog(240);
    RUN(test_it_comes_back_in_lines);
    RUN(test_it_comes_back_in_messages);
    RUN(test_it_ends_at_once_while_it_waits);
    RUN(test_one_that_waits_is_freed);
    RUN(test_a_callback_is_told);
    RUN(test_options_that_cannot_be_are_refused);
    return finish();
}
