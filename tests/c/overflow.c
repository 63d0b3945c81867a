/* A program that does not take its events: each policy loses what it says, and tells of it. */

#include "harness.h"

#define LIMIT 4

struct scene {
    rustchat_server *server;
    int peer;
};

/* A server with one member, whose first events fill half of the queue. */
static struct scene set_up(int32_t policy)
{
    rustchat_server_options options = local_server();
    struct scene scene;
    options.event_limit = LIMIT;
    options.event_overflow = policy;
    options.workers = 1;
    scene.server = start_server(&options);
    scene.peer = join_raw(scene.server);
    return scene;
}

static void tear_down(struct scene scene)
{
    stop_server(scene.server);
    close(scene.peer);
}

/* Says ten things; when they are heard their events are queued, or lost. */
static void say_ten(struct scene scene)
{
    for (int i = 0; i < 10; i++) {
        char text[] = {(char)('0' + i), '\0'};
        put_line(scene.peer, text);
        hear_line(scene.peer, text);
    }
}

static void expect_loss(struct scene scene, uint64_t count)
{
    rustchat_event event;
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    expect_event(scene.server, RUSTCHAT_EVENT_OVERFLOW, &event);
    CHECK_NUMBER(count, event.count);
    CHECK_NUMBER(RUSTCHAT_EOVERFLOW, event.status);
    CHECK(event.message == NULL);
    rustchat_event_clear(&event);
    CHECK_OK(rustchat_server_stats(scene.server, &stats));
    CHECK_NUMBER(count, stats.events_dropped);
}

static void expect_message(struct scene scene, const char *text)
{
    rustchat_event event;
    expect_event(scene.server, RUSTCHAT_EVENT_MESSAGE, &event);
    CHECK_BYTES(text, rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
}

static void expect_nothing(struct scene scene)
{
    rustchat_event event;
    size_t count = 9;
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_poll(scene.server, &event, 1, &count, 0));
}

static void lose_the_oldest(int32_t policy)
{
    struct scene scene = set_up(policy);
    say_ten(scene);
    expect_loss(scene, 8);
    skip_event(scene.server, RUSTCHAT_EVENT_LISTENING);
    skip_event(scene.server, RUSTCHAT_EVENT_PEER_JOINED);
    expect_message(scene, "8");
    expect_message(scene, "9");
    expect_nothing(scene);
    tear_down(scene);
}

static void test_the_oldest_are_lost(void)
{
    lose_the_oldest(RUSTCHAT_OVERFLOW_DROP_OLDEST);
}

static void test_which_is_the_default_without_callbacks(void)
{
    lose_the_oldest(RUSTCHAT_OVERFLOW_DEFAULT);
}

static void test_the_newest_are_lost(void)
{
    struct scene scene = set_up(RUSTCHAT_OVERFLOW_DROP_NEWEST);
    say_ten(scene);
    expect_loss(scene, 8);
    skip_event(scene.server, RUSTCHAT_EVENT_LISTENING);
    skip_event(scene.server, RUSTCHAT_EVENT_PEER_JOINED);
    expect_message(scene, "0");
    expect_message(scene, "1");
    expect_nothing(scene);
    tear_down(scene);
}

static void test_the_sender_is_disconnected(void)
{
    struct scene scene = set_up(RUSTCHAT_OVERFLOW_DISCONNECT);
    rustchat_event event;
    put(scene.peer, "0\n1\n2\n", 6);
    hear_line(scene.peer, "0");
    hear_line(scene.peer, "1");
    hear_line(scene.peer, "2");
    hear_line(scene.peer, "* event queue over its limit");
    expect_end(scene.peer);
    expect_loss(scene, 1);
    skip_event(scene.server, RUSTCHAT_EVENT_LISTENING);
    skip_event(scene.server, RUSTCHAT_EVENT_PEER_JOINED);
    expect_message(scene, "0");
    expect_message(scene, "1");
    expect_event(scene.server, RUSTCHAT_EVENT_PEER_LEFT, &event);
    CHECK_NUMBER(RUSTCHAT_EOVERFLOW, event.status);
    rustchat_event_clear(&event);
    tear_down(scene);
}

static void test_nothing_is_lost_when_the_room_waits(void)
{
    struct scene scene = set_up(RUSTCHAT_OVERFLOW_BLOCK);
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    char text[16];
    for (int i = 0; i < 400; i++) {
        snprintf(text, sizeof text, "%d", i);
        put_line(scene.peer, text);
    }
    skip_event(scene.server, RUSTCHAT_EVENT_LISTENING);
    skip_event(scene.server, RUSTCHAT_EVENT_PEER_JOINED);
    for (int i = 0; i < 400; i++) {
        snprintf(text, sizeof text, "%d", i);
        expect_message(scene, text);
    }
    CHECK_OK(rustchat_server_stats(scene.server, &stats));
    CHECK_NUMBER(0, stats.events_dropped);
    tear_down(scene);
}

static void test_the_end_is_told_even_to_who_never_asked(void)
{
    struct scene scene = set_up(RUSTCHAT_OVERFLOW_DROP_OLDEST);
    rustchat_event events[64];
    size_t count = 0;
    say_ten(scene);
    CHECK_OK(rustchat_server_close(scene.server));
    CHECK_OK(rustchat_server_join(scene.server, PATIENCE_MS));
    CHECK_OK(rustchat_server_poll(scene.server, events, 64, &count, 0));
    CHECK_NUMBER(RUSTCHAT_EVENT_CLOSED, events[count - 1].kind);
    for (size_t i = 0; i < count; i++) {
        rustchat_event_clear(&events[i]);
    }
    rustchat_server_free(scene.server);
    close(scene.peer);
}

int main(void)
{
    watchdog(300);
    RUN(test_the_oldest_are_lost);
    RUN(test_which_is_the_default_without_callbacks);
    RUN(test_the_newest_are_lost);
    RUN(test_the_sender_is_disconnected);
    RUN(test_nothing_is_lost_when_the_room_waits);
    RUN(test_the_end_is_told_even_to_who_never_asked);
    return finish();
}
