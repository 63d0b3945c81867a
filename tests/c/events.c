/* The same events whichever way a program takes them: by polling, by a descriptor in epoll, by callbacks. */

#include <sys/epoll.h>

#include "harness.h"

enum way { POLLING, DESCRIPTOR, CALLBACKS };

struct journal {
    enum way way;
    rustchat_server *server;
    int epoll;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned int count, drops;
    /* Members in the order of their joining: the ids themselves differ from run to run. */
    rustchat_peer_id members[8];
    size_t member_count;
    uint64_t newest_ns;
    char text[4096];
};

static char member_letter(struct journal *journal, rustchat_peer_id id)
{
    size_t index = 0;
    if (id == 0) {
        return '-';
    }
    while (index < journal->member_count && journal->members[index] != id) {
        index++;
    }
    if (index == journal->member_count) {
        CHECK(index < 8);
        journal->members[journal->member_count++] = id;
    }
    return (char)('A' + index);
}

static void record(struct journal *journal, const rustchat_event *event)
{
    size_t used;
    rustchat_bytes said = rustchat_message_bytes(event->message);
    pthread_mutex_lock(&journal->lock);
    used = strlen(journal->text);
    CHECK_NUMBER(0, event->reserved_code);
    CHECK_NUMBER(0, event->question);
    CHECK(event->timestamp_ns + 1000000000 >= journal->newest_ns);
    journal->newest_ns = event->timestamp_ns;
    if (event->message != NULL) {
        CHECK(rustchat_message_sender(event->message) == event->peer);
        CHECK(rustchat_message_seq(event->message) == event->seq);
    }
    snprintf(journal->text + used, sizeof journal->text - used, "%s %c %d %llu '%.*s'; ",
             rustchat_event_name(event->kind), member_letter(journal, event->peer), (int)event->status,
             (unsigned long long)event->seq, (int)said.len, said.len > 0 ? (const char *)said.data : "");
    journal->count++;
    pthread_cond_broadcast(&journal->changed);
    pthread_mutex_unlock(&journal->lock);
}

static void on_event(void *userdata, const rustchat_event *event)
{
    struct journal *journal = userdata;
    CHECK_NUMBER(0, journal->drops);
    record(journal, event);
}

static void on_drop(void *userdata)
{
    struct journal *journal = userdata;
    pthread_mutex_lock(&journal->lock);
    journal->drops++;
    pthread_cond_broadcast(&journal->changed);
    pthread_mutex_unlock(&journal->lock);
}

static int32_t take_batch(struct journal *journal, int64_t timeout_ms)
{
    rustchat_event events[3];
    size_t count = 0;
    int32_t status = rustchat_server_poll(journal->server, events, 3, &count, timeout_ms);
    CHECK((status == RUSTCHAT_OK) == (count > 0));
    for (size_t i = 0; i < count; i++) {
        record(journal, &events[i]);
        rustchat_event_clear(&events[i]);
    }
    return status;
}

static void take_from_epoll(struct journal *journal, unsigned int count)
{
    struct epoll_event ready;
    int32_t status;
    CHECK(epoll_wait(journal->epoll, &ready, 1, (int)PATIENCE_MS) == 1);
    do {
        status = take_batch(journal, 0);
    } while (status == RUSTCHAT_OK);
    CHECK(status == RUSTCHAT_ETIMEDOUT || status == RUSTCHAT_ECLOSED);
    /* Level-triggered: what is empty is not readable, what has ended is. */
    if (strstr(journal->text, "CLOSED -") != NULL) {
        CHECK_NUMBER(1, epoll_wait(journal->epoll, &ready, 1, (int)PATIENCE_MS));
    } else if (journal->count == count) {
        CHECK_NUMBER(0, epoll_wait(journal->epoll, &ready, 1, 0));
    }
}

static void wait_for_callbacks(struct journal *journal, unsigned int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(PATIENCE_MS / 1000);
    pthread_mutex_lock(&journal->lock);
    while (journal->count < count) {
        CHECK(pthread_cond_timedwait(&journal->changed, &journal->lock, &until) == 0);
    }
    pthread_mutex_unlock(&journal->lock);
}

/* Waits until so many events have come. */
static void await(struct journal *journal, unsigned int count)
{
    if (journal->way == CALLBACKS) {
        wait_for_callbacks(journal, count);
        return;
    }
    while (journal->count < count) {
        if (journal->way == POLLING) {
            CHECK_OK(take_batch(journal, PATIENCE_MS));
        } else {
            take_from_epoll(journal, count);
        }
    }
}

static void open_journal(struct journal *journal, enum way way, int32_t framing)
{
    rustchat_server_options options = local_server();
    memset(journal, 0, sizeof *journal);
    journal->way = way;
    pthread_mutex_init(&journal->lock, NULL);
    pthread_cond_init(&journal->changed, NULL);
    options.framing = framing;
    options.userdata = journal;
    options.on_drop = on_drop;
    options.on_event = way == CALLBACKS ? on_event : NULL;
    journal->server = start_server(&options);
    if (way == DESCRIPTOR) {
        struct epoll_event interest;
        int fd = -1, again = -1;
        memset(&interest, 0, sizeof interest);
        interest.events = EPOLLIN;
        CHECK_OK(rustchat_server_poll_fd(journal->server, &fd));
        CHECK_OK(rustchat_server_poll_fd(journal->server, &again));
        CHECK(fd >= 0 && fd == again);
        journal->epoll = epoll_create1(EPOLL_CLOEXEC);
        CHECK(epoll_ctl(journal->epoll, EPOLL_CTL_ADD, fd, &interest) == 0);
    }
}

static void close_journal(struct journal *journal)
{
    CHECK_OK(rustchat_server_join(journal->server, PATIENCE_MS));
    CHECK_NUMBER(journal->way == CALLBACKS, journal->drops);
    rustchat_server_free(journal->server);
    CHECK_NUMBER(1, journal->drops);
    if (journal->way == DESCRIPTOR) {
        close(journal->epoll);
    }
    pthread_cond_destroy(&journal->changed);
    pthread_mutex_destroy(&journal->lock);
}

static void check_wrong_ways(struct journal *journal)
{
    rustchat_event event;
    size_t count = 9;
    int fd = 9;
    if (journal->way != CALLBACKS) {
        return;
    }
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_poll(journal->server, &event, 1, &count, -1));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_poll_fd(journal->server, &fd));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_wake(journal->server));
    CHECK(count == 0 && fd == -1);
}

static const char LINE_STORY[] =
    "LISTENING - 0 0 ''; PEER_JOINED A 0 0 ''; PEER_JOINED B 0 0 ''; MESSAGE A 0 1 'one'; MESSAGE B 0 2 'two'; "
    "MESSAGE A 0 4 'four'; MESSAGE A 0 5 'five'; MESSAGE A 0 6 'six'; MESSAGE A 0 7 'seven'; PEER_LEFT A 0 0 'quit'; "
    "PEER_LEFT B -6 0 'disconnected by the server'; PEER_JOINED C 0 0 ''; PEER_LEFT C 0 0 'closed the connection'; "
    "CLOSED - 0 0 ''; ";

static void tell_line_story(enum way way)
{
    struct journal journal;
    int one, two, three;
    open_journal(&journal, way, RUSTCHAT_FRAMING_LINE);
    check_wrong_ways(&journal);
    one = join_raw(journal.server);
    await(&journal, 2);
    two = join_raw(journal.server);
    await(&journal, 3);
    put_line(one, "one");
    await(&journal, 4);
    put_line(two, "two");
    await(&journal, 5);
    CHECK_OK(rustchat_server_broadcast(journal.server, "three", 5, 0, NULL));
    hear_line(one, "one");
    hear_line(one, "two");
    hear_line(one, "three");
    put_text(one, "four\nfive\n\nsix\r\nseven\nquit\nnot any more\n");
    await(&journal, 10);
    CHECK_OK(rustchat_server_disconnect(journal.server, newest_peer(journal.server), RUSTCHAT_ECLOSED));
    await(&journal, 11);
    three = join_raw(journal.server);
    await(&journal, 12);
    close(three);
    await(&journal, 13);
    CHECK_OK(rustchat_server_close(journal.server));
    await(&journal, 14);
    close_journal(&journal);
    CHECK_TEXT(LINE_STORY, journal.text);
    close(one);
    close(two);
}

static const char MESSAGE_STORY[] =
    "LISTENING - 0 0 ''; PEER_JOINED A 0 0 ''; PEER_JOINED B 0 0 ''; MESSAGE A 0 1 'two\nlines'; MESSAGE B 0 2 'hi'; "
    "PEER_LEFT B 0 0 'closed the connection'; PEER_LEFT A -6 0 'server stopped'; CLOSED - 0 0 ''; ";

static void tell_message_story(enum way way)
{
    struct journal journal;
    rustchat_client *one, *two;
    open_journal(&journal, way, RUSTCHAT_FRAMING_MULTIPROCESSING);
    one = connect_client(journal.server, RUSTCHAT_FRAMING_MULTIPROCESSING);
    await(&journal, 2);
    two = connect_client(journal.server, RUSTCHAT_FRAMING_MULTIPROCESSING);
    await(&journal, 3);
    say(one, "two\nlines");
    await(&journal, 4);
    say(two, "hi");
    hear(two, "two\nlines");
    hear(two, "hi");
    await(&journal, 5);
    rustchat_client_free(two);
    await(&journal, 6);
    CHECK_OK(rustchat_server_close(journal.server));
    await(&journal, 8);
    close_journal(&journal);
    CHECK_TEXT(MESSAGE_STORY, journal.text);
    rustchat_client_free(one);
}

static void test_a_line_story_by_polling(void)
{
    tell_line_story(POLLING);
}

static void test_a_line_story_by_descriptor(void)
{
    tell_line_story(DESCRIPTOR);
}

static void test_a_line_story_by_callbacks(void)
{
    tell_line_story(CALLBACKS);
}

static void test_a_message_story_by_polling(void)
{
    tell_message_story(POLLING);
}

static void test_a_message_story_by_descriptor(void)
{
    tell_message_story(DESCRIPTOR);
}

static void test_a_message_story_by_callbacks(void)
{
    tell_message_story(CALLBACKS);
}

static void test_only_what_is_wanted_comes(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_event event;
    size_t count = 0;
    int peer;
    options.events = RUSTCHAT_EVENTS_MEMBERSHIP;
    server = start_server(&options);
    peer = join_raw(server);
    put_line(peer, "not an event");
    hear_line(peer, "not an event");
    put_line(peer, "quit");
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    skip_event(server, RUSTCHAT_EVENT_PEER_LEFT);
    stop_server(server);
    options.events = RUSTCHAT_EVENTS_NONE;
    server = start_server(&options);
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_poll(server, &event, 1, &count, 0));
    stop_server(server);
    close(peer);
}

static void test_a_wait_has_an_end(void)
{
    rustchat_server *server = start_line_server();
    rustchat_event event;
    size_t count = 9;
    int64_t start;
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_poll(server, &event, 1, &count, 0));
    CHECK_NUMBER(0, count);
    start = now_ms();
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_poll(server, &event, 1, &count, 60));
    CHECK(now_ms() - start >= 60);
    stop_server(server);
}

static void *poll_for_ever(void *server)
{
    rustchat_event event;
    size_t count = 9;
    int32_t status = rustchat_server_poll(server, &event, 1, &count, -1);
    CHECK_NUMBER(0, count);
    return (void *)(intptr_t)status;
}

static void test_a_wake_ends_one_wait(void)
{
    rustchat_server *server = start_line_server();
    rustchat_event event;
    size_t count = 9;
    void *status = NULL;
    pthread_t waiting;
    int fd = -1;
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    CHECK_OK(rustchat_server_poll_fd(server, &fd));
    CHECK(!is_readable(fd, 0));
    CHECK_OK(rustchat_server_wake(server));
    CHECK(is_readable(fd, 0));
    CHECK_STATUS(RUSTCHAT_EINTR, rustchat_server_poll(server, &event, 1, &count, -1));
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_server_poll(server, &event, 1, &count, 0));
    CHECK(!is_readable(fd, 0));
    waiting = spawn(poll_for_ever, server);
    CHECK_OK(rustchat_server_wake(server));
    CHECK(pthread_join(waiting, &status) == 0);
    CHECK_NUMBER(RUSTCHAT_EINTR, (intptr_t)status);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_line_story_by_polling);
    RUN(test_a_line_story_by_descriptor);
    RUN(test_a_line_story_by_callbacks);
    RUN(test_a_message_story_by_polling);
    RUN(test_a_message_story_by_descriptor);
    RUN(test_a_message_story_by_callbacks);
    RUN(test_only_what_is_wanted_comes);
    RUN(test_a_wait_has_an_end);
    RUN(test_a_wake_ends_one_wait);
    return finish();
}
