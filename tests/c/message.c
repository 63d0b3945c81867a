/* Messages as objects: content, references, and what is no message. */

#include "harness.h"

static rustchat_message *new_message(const void *data, size_t len)
{
    rustchat_message *message = NULL;
    CHECK_OK(rustchat_message_new(data, len, &message));
    CHECK(message != NULL);
    return message;
}

static void test_the_content_is_copied(void)
{
    char text[] = "hello";
    rustchat_message *message = new_message(text, 5);
    memset(text, 'x', 5);
    CHECK_BYTES("hello", rustchat_message_bytes(message));
    rustchat_message_release(message);
}

static void test_bytes_of_any_kind_are_kept(void)
{
    static const unsigned char data[] = {0, 255, 10, 0, 13};
    rustchat_message *message = new_message(data, sizeof data);
    rustchat_bytes bytes = rustchat_message_bytes(message);
    CHECK_NUMBER(sizeof data, bytes.len);
    CHECK(memcmp(data, bytes.data, bytes.len) == 0);
    rustchat_message_release(message);
}

static void test_no_bytes_are_a_message_too(void)
{
    rustchat_message *message = new_message(NULL, 0);
    CHECK_NUMBER(0, rustchat_message_bytes(message).len);
    rustchat_message_release(message);
}

static void test_what_the_program_made_has_no_sender(void)
{
    struct timespec now;
    rustchat_message *message = new_message("x", 1);
    uint64_t stamp = rustchat_message_timestamp_ns(message);
    clock_gettime(CLOCK_REALTIME, &now);
    CHECK_NUMBER(0, rustchat_message_sender(message));
    CHECK_BYTES("", rustchat_message_sender_address(message));
    CHECK_BYTES("", rustchat_message_sender_name(message));
    CHECK_NUMBER(0, rustchat_message_from_server(message));
    CHECK_NUMBER(0, rustchat_message_seq(message));
    CHECK_NUMBER(0, rustchat_message_wall_time(message));
    CHECK(stamp / 1000000000 + 5 > (uint64_t)now.tv_sec && stamp / 1000000000 <= (uint64_t)now.tv_sec);
    rustchat_message_release(message);
}

static void test_the_last_reference_frees(void)
{
    rustchat_message *message = new_message("kept", 4);
    CHECK(rustchat_message_retain(message) == message);
    CHECK(rustchat_message_retain(message) == message);
    rustchat_message_release(message);
    rustchat_message_release(message);
    CHECK_BYTES("kept", rustchat_message_bytes(message));
    rustchat_message_release(message);
}

static void *use_many_times(void *message)
{
    for (int i = 0; i < 2000; i++) {
        CHECK(rustchat_message_retain(message) == message);
        CHECK_BYTES("shared", rustchat_message_bytes(message));
        rustchat_message_release(message);
    }
    rustchat_message_release(message);
    return NULL;
}

static void test_threads_share_one(void)
{
    rustchat_message *message = new_message("shared", 6);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        CHECK(rustchat_message_retain(message) == message);
        threads[i] = spawn(use_many_times, message);
    }
    rustchat_message_release(message);
    for (int i = 0; i < 4; i++) {
        join(threads[i]);
    }
}

static void test_an_event_is_cleared_twice(void)
{
    rustchat_event event, zero;
    memset(&event, 0, sizeof event);
    memset(&zero, 0, sizeof zero);
    event.kind = RUSTCHAT_EVENT_MESSAGE;
    event.count = 7;
    event.message = new_message("said", 4);
    rustchat_event_clear(&event);
    CHECK(memcmp(&event, &zero, sizeof event) == 0);
    rustchat_event_clear(&event);
    rustchat_event_clear(NULL);
}

/* A hundred messages are more than one piece of memory holds; those that are kept outlive their neighbours and the
 * server. */
static void test_messages_of_one_poll_are_released_each_for_itself(void)
{
    enum { SAID = 100 };
    static rustchat_event events[SAID];
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    rustchat_message *kept[SAID] = {NULL};
    char text[12];
    size_t found = 0, count;
    for (int i = 0; i < SAID; i++) {
        snprintf(text, sizeof text, "%d", i);
        say(client, text);
    }
    while (stats.messages < SAID)
        CHECK_OK(rustchat_server_stats(server, &stats));
    while (found < SAID) {
        CHECK_OK(rustchat_server_poll(server, events, SAID, &count, 30000));
        for (size_t i = 0; i < count; i++)
            if (events[i].kind == RUSTCHAT_EVENT_MESSAGE)
                kept[found++] = rustchat_message_retain(events[i].message);
        for (size_t i = 0; i < count; i += 3)
            rustchat_event_clear(&events[i]);
        rustchat_events_clear(events, count);
    }
    rustchat_client_free(client);
    stop_server(server);
    for (int i = SAID - 1; i >= 0; i--) {
        snprintf(text, sizeof text, "%d", i);
        CHECK_BYTES(text, rustchat_message_bytes(kept[i]));
        rustchat_message_release(kept[i]);
    }
}

int main(void)
{
    watchdog(300);
    RUN(test_the_content_is_copied);
    RUN(test_bytes_of_any_kind_are_kept);
    RUN(test_no_bytes_are_a_message_too);
    RUN(test_what_the_program_made_has_no_sender);
    RUN(test_the_last_reference_frees);
    RUN(test_threads_share_one);
    RUN(test_an_event_is_cleared_twice);
    RUN(test_messages_of_one_poll_are_released_each_for_itself);
    return finish();
}
