/* A program that speaks faster than a member reads: it waits, or is told, and memory stays bounded. */

#include "harness.h"

#define LIMIT 65536
#define WORDS 8000

static char words[WORDS];

static rustchat_server *start_hasty(int64_t send_timeout_ms)
{
    rustchat_server_options options = local_server();
    options.outbox_limit = LIMIT;
    options.send_timeout_ms = send_timeout_ms;
    memset(words, 'x', sizeof words);
    return start_server(&options);
}

static uint64_t outbox_of(rustchat_server *server, rustchat_peer_id peer)
{
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    /* A member that was given up has taken its time. */
    return rustchat_server_peer_info(server, peer, &info) == RUSTCHAT_OK ? info.outbox_bytes : UINT64_MAX;
}

static void expect_left_for_overflow(rustchat_server *server)
{
    rustchat_event event;
    expect_event(server, RUSTCHAT_EVENT_PEER_LEFT, &event);
    CHECK_NUMBER(RUSTCHAT_EOVERFLOW, event.status);
    rustchat_event_clear(&event);
}

/* Says as much as goes, and leaves one member behind that is waited for during the next two seconds. */
static void say_all_that_goes(rustchat_server *server, rustchat_peer_id peer)
{
    int32_t status;
    do {
        status = rustchat_server_broadcast(server, words, sizeof words, 0, NULL);
        CHECK(status == RUSTCHAT_OK || status == RUSTCHAT_EOVERFLOW);
    } while (status == RUSTCHAT_OK || outbox_of(server, peer) <= LIMIT / 2);
}

static void test_private_words_to_a_deaf_member_end_it(void)
{
    rustchat_server *server = start_hasty(0);
    int deaf = join_raw(server);
    rustchat_peer_id peer = newest_peer(server);
    int32_t status = RUSTCHAT_OK;
    for (int i = 0; i < 20000 && status == RUSTCHAT_OK; i++) {
        status = rustchat_server_send(server, peer, words, sizeof words);
    }
    CHECK_NUMBER(RUSTCHAT_ENOPEER, status);
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    expect_left_for_overflow(server);
    stop_server(server);
    close(deaf);
}

/* Whether it came to it within the time for which a member is waited for, and before the system took more: otherwise one
 * tries again. */
static int count_what_is_not_said(void)
{
    rustchat_server *server = start_hasty(-1);
    rustchat_delivery to_all = {9, 9}, to_one = {9, 9};
    int32_t status[3];
    int64_t begin = now_ms();
    int in_time, deaf = join_raw(server);
    rustchat_peer_id peer = newest_peer(server);
    int other = join_raw(server);
    say_all_that_goes(server, peer);
    status[0] = rustchat_server_broadcast(server, words, sizeof words, 0, &to_all);
    status[1] = rustchat_server_broadcast(server, words, sizeof words, peer, &to_one);
    status[2] = rustchat_server_send(server, peer, words, sizeof words);
    in_time = now_ms() - begin < 1500 && status[0] != RUSTCHAT_OK && status[1] != RUSTCHAT_OK && status[2] != RUSTCHAT_OK;
    if (in_time) {
        CHECK_NUMBER(RUSTCHAT_EOVERFLOW, status[0]);
        CHECK_NUMBER(RUSTCHAT_EOVERFLOW, status[1]);
        CHECK_NUMBER(RUSTCHAT_EOVERFLOW, status[2]);
        CHECK(to_all.queued == 0 && to_all.dropped == 2);
        CHECK(to_one.queued == 0 && to_one.dropped == 1);
    }
    close(deaf);
    close(other);
    stop_server(server);
    return in_time;
}

/* Who has more to do than to wait is told by a descriptor. */
static void test_a_descriptor_says_when_it_is_worth_to_try_again(void)
{
    rustchat_server *server = start_hasty(-1);
    int slow = join_raw(server);
    struct pollfd ready[2] = {{slow, POLLIN, 0}, {-1, POLLIN, 0}};
    int32_t status;
    CHECK_OK(rustchat_server_speech_fd(server, &ready[1].fd));
    do {
        status = rustchat_server_broadcast(server, words, sizeof words, 0, NULL);
    } while (status == RUSTCHAT_OK);
    while (status != RUSTCHAT_OK) {
        static char heard[65536];
        CHECK_NUMBER(RUSTCHAT_EOVERFLOW, status);
        CHECK(poll(ready, 2, (int)PATIENCE_MS) > 0);
        if (ready[0].revents != 0) {
            CHECK(recv(slow, heard, sizeof heard, 0) > 0);
        }
        if (ready[1].revents != 0) {
            status = rustchat_server_broadcast(server, words, sizeof words, 0, NULL);
        }
    }
    close(slow);
    stop_server(server);
}

static void test_what_is_not_said_is_counted(void)
{
    while (!count_what_is_not_said()) {
    }
}

static void *broadcast(void *server)
{
    int32_t status;
    do {
        status = rustchat_server_broadcast(server, words, sizeof words, 0, NULL);
    } while (status == RUSTCHAT_OK);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, status);
    return NULL;
}

static void test_who_waits_is_woken_by_close(void)
{
    rustchat_server *server = start_hasty(PATIENCE_MS);
    int deaf = join_raw(server);
    rustchat_peer_id peer = newest_peer(server);
    pthread_t thread = spawn(broadcast, server);
    EVENTUALLY(outbox_of(server, peer) > LIMIT / 2);
    CHECK_OK(rustchat_server_close(server));
    join(thread);
    close(deaf);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_private_words_to_a_deaf_member_end_it);
    RUN(test_what_is_not_said_is_counted);
    RUN(test_a_descriptor_says_when_it_is_worth_to_try_again);
    RUN(test_who_waits_is_woken_by_close);
    return finish();
}
